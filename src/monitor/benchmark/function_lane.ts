/**
 * Functions as lanes. Each has a loop of its own, so that V8 sees one function at the call, as it does in a program, and
 * what is measured first does not decide how the second is compiled.
 *
 * Results are kept in a small ring of which the optimiser can foresee no end, so that no call can be left out because
 * nobody looks at what it gives. A number with a fraction is put on the heap for that, some nanoseconds.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
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

/** What all functions of a benchmark have in common. */
export interface FunctionSettings {
  readonly clock: Clock;
  /** The longest that a promise is waited for, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a lane of a function, which is called once to see whether it gives a promise.
 *
 * @param name What it is called.
 * @param call The function.
 * @param settings What all functions have in common.
 * @throws {AgentError} `TIMEOUT` if its promise does not settle in time, now or in a sample; what the function throws, or
 * the signal's reason.
 */
export async function functionLane(
  name: string,
  call: () => unknown,
  { clock, timeoutMs, signal }: FunctionSettings,
): Promise<Lane> {
  // Elements of all kinds from the start: the ring must not change its form while it is measured.
  const kept: unknown[] = Array.from({ length: KEPT }, (_, i) => i % 2 === 0 ? {} : "");
  const first = call();
  const isAsync = isThenable(first);
  const watch = { operation: `A call of ${shown(name)}`, timeoutMs };
  if (isAsync) {
    await watched(watch, signal, async (run) => {
      await first;
      run.calls++;
    });
  }
  const loop = newLoop();
  const sync = (calls: number): Sample => {
    const start = clock.now();
    loop(call, calls, kept);
    return { ms: clock.now() - start };
  };
  const waiting = (calls: number, until: AbortSignal | undefined): Promise<Sample> =>
    watched(watch, until, async (run) => {
      const start = clock.now();
      while (run.calls < calls && !run.isOver) {
        kept[run.calls & (KEPT - 1)] = await call();
        run.calls++;
      }
      return { ms: clock.now() - start };
    });
  return {
    name,
    mostCalls: 1e9,
    sample: isAsync ? waiting : sync,
    facts: () => ({ kind: isAsync ? "async function" : "function" }),
  };
}

/** How far a run has come, and whether nobody waits for it any more. */
interface Run {
  calls: number;
  isOver: boolean;
}

/** A call is looked at so often within its limit. */
const LOOKS = 4;

/**
 * Waits for a run, until the signal fires or one of its calls takes too long. There is one timer for all calls, which sees
 * whether they go on: a timer for each would be measured with it.
 */
async function watched<T>(
  { operation, timeoutMs }: { operation: string; timeoutMs: number },
  signal: AbortSignal | undefined,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const run: Run = { calls: 0, isOver: false };
  const late = new AbortController();
  let [calls, looks] = [0, 0];
  const timer = setInterval(() => {
    if (run.calls !== calls) [calls, looks] = [run.calls, 0];
    else if (++looks >= LOOKS) {
      late.abort(
        new AgentError("TIMEOUT", `${operation} was not finished within ${timeoutMs} ms`, {
          operation,
          timeoutMs,
        }),
      );
    }
  }, timeoutMs / LOOKS);
  const until = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    return await unlessAborted(work(run), until);
  } finally {
    run.isOver = true;
    clearInterval(timer);
  }
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
