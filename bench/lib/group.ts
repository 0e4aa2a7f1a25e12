/**
 * What an area measures, as data: groups of rows. `deno bench` and the harness of ratios read the same ones.
 *
 * A row is a function that does the operation once. It is declared `async` if, and only if, it is: that is how
 * Deno.bench tells the two kinds apart, and so do we.
 */

import type { Random } from "./random.ts";

/** A twin that can be asked for by name, or what a caller gets who asks for neither. */
export type Twin = "pure" | "native" | "auto";

/** What a row stands for: one of ours, a rival, a yardstick that does less than we do, or none of these. */
export type Role = Twin | "peer" | "reference" | "other";

/** One way of doing what the group is about. */
export interface Row {
  /** What it is called in tables. */
  name: string;
  /** What it stands for. */
  role: Role;
  /** Does it once and returns a number that depends on the result. `call` counts, to take another input each time. */
  once(call: number): number | Promise<number>;
  /** By how much the time is multiplied, where a row does only a part of the work. Not for `deno bench`. */
  scale?: number;
  /** If true, `once` returns the milliseconds that count. Not for `deno bench`. */
  ownClock?: boolean;
}

/** An operation at a size. */
export interface Group {
  /** What is done. */
  operation: string;
  /** To how much of it. */
  size: number;
  /** What the size counts; empty if there are no sizes. */
  unit: string;
  /** The ways of doing it. */
  rows: Row[];
  /** Makes the inputs of a round, the first of which is 0; its time does not count. `async` only if it is. */
  prepare?(random: Random, round: number): void | Promise<void>;
  /** Lets go of what the group holds. */
  finish?(): void | Promise<void>;
  /** Whether every call needs inputs that it has not seen. */
  fresh?: boolean;
  /** Whether a call takes so long that few of them have to do. */
  slow?: boolean;
  /** Operations in one call. Default 1. */
  per?: number;
  /** Whether `deno bench` shows it; the harness measures all groups. */
  front?: boolean;
}

const AsyncFunction = (async () => {}).constructor;

/** Whether a function was declared `async`. */
export function isAsync(candidate: unknown): boolean {
  return candidate instanceof AsyncFunction;
}

/** A row for each twin, named like it. */
export function twinRows(
  twins: readonly Twin[],
  make: (options: { implementation: Twin }) => Row["once"],
): Row[] {
  return twins.map((name) => ({ name, role: name, once: make({ implementation: name }) }));
}

/** Groups of one operation at several sizes, of which `deno bench` shows some. */
export function ladder(
  sizes: readonly number[],
  front: readonly number[],
  make: (size: number) => Group,
): Group[] {
  return sizes.map((size) => ({ ...make(size), front: front.includes(size) }));
}

/** A group's size in words; empty where there is none. */
export function sizeOf({ size, unit }: { size: number; unit: string }): string {
  if (unit === "") return "";
  return `${size.toLocaleString("en-US")} ${size === 1 ? unit.replace(/s$/, "") : unit}`;
}
