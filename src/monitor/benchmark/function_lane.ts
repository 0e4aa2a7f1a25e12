/**
 * Functions as lanes. Each has a loop of its own, so that V8 sees one function at the call, as it does in a program, and
 * what is measured first does not decide how the second is compiled.
 *
 * Results are kept in a small ring of which the optimiser can foresee no end, so that no call can be left out because
 * nobody looks at what it gives. A number with a fraction is put on the heap for that, some nanoseconds.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Lane, Sample } from "./lane.ts";

/** Calls a function so many times and keeps what it gives. */
type Loop = (call: () => unknown, calls: number, kept: unknown[]) => void;

const KEPT = 16;
let loops = 0;

/**
 * A loop that no other caller has. Functions of one source share what V8 learnt of their calls, however many closures are
 * made; only another source makes another function, and the number in the comment is all that differs.
 */
function newLoop(): Loop {
  return new Function(
    "call",
    "calls",
    "kept",
    `// ${loops++}\nfor (let i = 0; i < calls; i++) kept[i & ${KEPT - 1}] = call();`,
  ) as Loop;
}

/** Makes a lane of a function, which is called once to see whether it gives a promise. */
export async function functionLane(
  name: string,
  call: () => unknown,
  clock: Clock,
): Promise<Lane> {
  // Elements of all kinds from the start: the ring must not change its form while it is measured.
  const kept: unknown[] = Array.from({ length: KEPT }, (_, i) => i % 2 === 0 ? {} : "");
  const first = call();
  const isAsync = isThenable(first);
  if (isAsync) await first;
  const loop = newLoop();
  const sync = (calls: number): Sample => {
    const start = clock.now();
    loop(call, calls, kept);
    return { ms: clock.now() - start };
  };
  const waiting = async (calls: number): Promise<Sample> => {
    const start = clock.now();
    for (let i = 0; i < calls; i++) kept[i & (KEPT - 1)] = await call();
    return { ms: clock.now() - start };
  };
  return {
    name,
    mostCalls: 1e9,
    sample: isAsync ? waiting : sync,
    facts: () => ({ kind: isAsync ? "async function" : "function" }),
  };
}

/** The time of one call of a function that does nothing, in milliseconds: what the loop itself takes. */
export function emptyCallMs(clock: Clock, sampleMs: number): number {
  const loop = newLoop();
  const kept: unknown[] = Array.from({ length: KEPT }, (_, i) => i % 2 === 0 ? {} : "");
  let least = Infinity;
  let calls = 1_000;
  for (let i = 0; i < 20; i++) {
    const start = clock.now();
    loop(nothing, calls, kept);
    const ms = clock.now() - start;
    if (ms > 0) least = Math.min(least, ms / calls);
    if (ms < sampleMs) calls = Math.min(calls * 2, 1_000_000);
  }
  return Number.isFinite(least) ? least : 0;
}

function nothing(): unknown {
  return undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
