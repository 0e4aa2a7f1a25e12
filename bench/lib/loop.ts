/**
 * The calls of a row, one after the other. Every row gets an instance of this module of its own, so that V8 sees one
 * function at the call and can inline it, as it does in a program.
 */

/** This module, or an instance of it. */
export type Loop = typeof import("./loop.ts");

/** What is made of all results of the steps; exported, so that no compiler may leave one out. */
export let sink = 0;

/** Calls so many times; what is returned depends on all results, so that no compiler may leave one out. */
export function loop(once: (call: number) => number, calls: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) sum += once(i);
  return sum;
}

/** The same one call after the other, for Deno.bench, which loops itself. */
export function stepper(once: (call: number) => number): () => void {
  let calls = 0;
  return () => {
    sink += once(calls++);
  };
}
