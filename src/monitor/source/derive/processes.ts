/**
 * The table of processes.
 *
 * @module
 */

import type { ProcessesFigures, ProcessFigures } from "../../types.ts";
import { COLUMN, type Missing, missingOf, type RawProcesses } from "../raw.ts";
import { TICKS } from "./cpu.ts";
import type { Rates } from "./numbers.ts";

/** What else is needed to tell what the numbers mean. */
export interface ProcessSurroundings {
  /** Seconds between the two looks at processes; null without an earlier one. */
  readonly seconds: number | null;
  /** Bytes of a page. */
  readonly pageSize: number;
  /** When the machine started, in seconds since 1970. */
  readonly bootTimeSeconds: number | null;
}

const STATES = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** The names, with what a terminal would act on replaced. */
export function namesOf(names: string): string[] {
  const found = names.split("\0");
  // deno-lint-ignore no-control-regex
  if (!/[\x01-\x1f\x7f-\uffff]/.test(names)) return found;
  return found.map((name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?"));
}

/** Makes the figures, in one walk over both tables: each is in the order of the numbers. */
export function processFigures(
  before: RawProcesses | null,
  now: RawProcesses,
  surroundings: ProcessSurroundings,
  unavailable: Record<string, string>,
): Omit<ProcessesFigures, "created"> {
  const { seconds, pageSize, bootTimeSeconds } = surroundings;
  const { count, numbers } = now;
  const names = namesOf(now.names);
  const booted = bootTimeSeconds === null ? null : bootTimeSeconds * 1000;
  const list = new Array<ProcessFigures>(count);
  const why = new Reasons();
  let [running, blocked, threads, at, born] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const of = (column: number): number => numbers[column * count + i]!;
    const pid = of(COLUMN.pid);
    const start = of(COLUMN.start);
    const ticks = of(COLUMN.ticks);
    const state = of(COLUMN.state);
    const own = of(COLUMN.threads);
    const [uid, descriptors] = [of(COLUMN.uid), of(COLUMN.descriptors)];
    const [read, written] = [of(COLUMN.read), of(COLUMN.written)];
    threads += own;
    if (state === 0x52) running++;
    else if (state === 0x44) blocked++;
    const figures: ProcessFigures = {
      pid,
      parent: of(COLUMN.parent),
      name: names[i]!,
      state: STATES[state]!,
      uid: uid < 0 ? null : uid,
      cpu: null,
      cpuSeconds: ticks / TICKS,
      rss: of(COLUMN.rss) * pageSize,
      virtual: of(COLUMN.virtual),
      threads: own,
      descriptors: descriptors < 0 ? null : descriptors,
      readBytes: null,
      writtenBytes: null,
      startedAt: booted === null ? null : booted + start * (1000 / TICKS),
    };
    list[i] = figures;
    if (uid < 0) why.add("uid", uid);
    if (descriptors < 0) why.add("descriptors", descriptors);
    if (read < 0) why.add("readBytes", read);
    if (written < 0) why.add("writtenBytes", written);
    if (before === null || seconds === null) continue;
    while (at < before.count && before.numbers[at]! < pid) at++;
    const old = (column: number): number => before.numbers[column * before.count + at]!;
    // The number alone may be another's by now; with the start it is not.
    if (at >= before.count || old(COLUMN.pid) !== pid || old(COLUMN.start) !== start) {
      born++;
      continue;
    }
    figures.cpu = Math.max(0, ticks - old(COLUMN.ticks)) / TICKS / seconds;
    figures.readBytes = rate(old(COLUMN.read), read, seconds);
    figures.writtenBytes = rate(old(COLUMN.written), written, seconds);
  }
  why.write(count, unavailable);
  if (born > 0) {
    const reason = `of ${born} of ${count}: it began in the window`;
    for (const key of ["cpu", "readBytes", "writtenBytes"]) {
      unavailable[`processes.list[].${key}`] ??= reason;
    }
  }
  const { denied, broken } = now;
  if (denied + broken > 0) {
    unavailable["processes.list"] = `${
      denied + broken
    } processes are not in it: the system does not let this program read them`;
  }
  return { count, running, blocked, threads, list };
}

function rate(before: number, now: number, seconds: number): number | null {
  return before < 0 || now < 0 ? null : Math.max(0, now - before) / seconds;
}

const WHY: Readonly<Record<Missing, string>> = {
  denied: "they belong to a user into whose processes this program may not look",
  absent: "the system does not tell it, or they ended meanwhile",
  failed: "the system failed to give it",
};

/** Why a figure is null in how many processes: one sentence for all, since there may be thousands. */
class Reasons {
  readonly #counts = new Map<string, { count: number; worst: Missing }>();

  add(key: string, place: number): void {
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { count: 1, worst: missingOf(place) });
    else {
      entry.count++;
      if (missingOf(place) === "denied") entry.worst = "denied";
    }
  }

  write(all: number, unavailable: Record<string, string>): void {
    for (const [key, { count, worst }] of this.#counts) {
      unavailable[`processes.list[].${key}`] = `of ${count} of ${all}: ${WHY[worst]}`;
    }
  }
}

/** Processes begun a second, on the whole machine. */
export function createdRate(
  before: number | null | undefined,
  now: number | null,
  rates: Rates,
): number | null {
  return rates.of(before, now, "processes.created");
}
