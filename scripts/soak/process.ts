/**
 * The process of one area. Arguments: the URL of the module, a folder, a seed, the part of one processor that it may
 * take. The line "sample" on standard input asks for figures, which are said between two steps; the next step waits for
 * "go". The end of the input asks for the end. Answers are lines of JSON.
 */

import process from "node:process";
import { preloadNative } from "@agent/runtime";
import type { Answer } from "./sample.ts";
import { liveHandles, type Open, type TwinName } from "./work.ts";

/** What is kept of the words of errors and losses. */
const KEPT = 5;
/** The longest pause of pacing, so that an expensive step is not followed by silence. */
const MOST_PAUSE_MS = 15_000;

const [module = "", folder = "", firstSeed = "1", shareText = "0.1"] = Deno.args;
const share = Number(shareText);
let seed = Number(firstSeed);
const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
const count = { done: 0, lost: 0, errors: 0 };
const words: string[] = [];
/** The address of the checkout, which words of errors have on every line and the figures are not about. */
const ROOT = new URL("../../", import.meta.url).href;

function note(kind: "lost" | "errors", text: string): void {
  count[kind]++;
  if (words.length < KEPT) words.push(text.replaceAll(ROOT, "").slice(0, 600));
}

/** Needs --v8-flags=--expose-gc. */
function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

function say(answer: Answer): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(answer)}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

function sample(type: "sample" | "end"): void {
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage();
  say({
    type,
    heap: heapUsed + external,
    handles: liveHandles(),
    cpuMs: (user + system) / 1_000,
    ...count,
    words,
  });
}

// What reaches the whole group is the supervisor's: it says when it is over, and its own end does.
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => {});
// A promise that nobody holds is an error of the area, not its end.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  note("errors", `unhandled: ${describe(event.reason)}`);
});

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

const native = preloadNative().every(({ state }) => state === "loaded");
const twins: TwinName[] = native ? ["native", "pure"] : ["pure"];
const open = (await import(module) as { default: Open }).default;
const before = liveHandles();
const work = await open({
  ...{ folder, twins, chance, below: (most) => Math.floor(chance() * most) },
  did: (more = 1) => void (count.done += more),
  lost: (what) => note("lost", what),
}).catch((error) => {
  note("errors", `at its begin: ${describe(error)}`);
  sample("end");
  Deno.exit(1);
});
if (typeof work === "string") {
  say({ type: "missing", why: work });
  Deno.exit(0);
}

const ending = new AbortController();
/** Whether a sample is wanted, which ends a pause; and whether the supervisor still looks at it. */
let wanted = false;
let isLookedAt = false;
/** Ends the pause that there is. */
let wake = (): void => {};
(async () => {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const text of lines) {
    for (const word of text.split("\n")) {
      if (word === "sample") wanted = true;
      else if (word === "go") isLookedAt = false;
    }
    wake();
  }
  ending.abort();
  wake();
})();

/** Waits, but not beyond the end or what the supervisor says. */
async function pause(ms: number): Promise<void> {
  if (ending.signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  wake = resolve;
  const timer = setTimeout(resolve, ms);
  await promise;
  clearTimeout(timer);
}

say({ type: "ready", twins });
while (!ending.signal.aborted) {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  try {
    await work.step();
  } catch (error) {
    note("errors", describe(error));
  }
  const { user, system } = process.cpuUsage(cpu);
  const took = performance.now() - begun;
  const due = Math.max((user + system) / 1_000 / share, work.everyMs ?? 0) - took;
  const until = performance.now() + Math.min(Math.max(due, 1), MOST_PAUSE_MS);
  do {
    // Looked at between two steps, where nothing is under way that a step will free.
    if (wanted) {
      wanted = false;
      isLookedAt = true;
      // What is garbage by now would hide what is not; finalizers come a moment after the collection.
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
      sample("sample");
    }
    await pause(isLookedAt ? MOST_PAUSE_MS : Math.max(until - performance.now(), 1));
  } while (!ending.signal.aborted && (isLookedAt || wanted || performance.now() < until));
}
try {
  await work.close();
} catch (error) {
  note("errors", `at its end: ${describe(error)}`);
}
// What has no end of its own, such as a prepared redaction, is freed by its finalizer, which comes after a collection.
const { keeps: kept = 0 } = work;
let left = liveHandles() - before - kept;
for (let tries = 0; left > 0 && tries < 50; tries++) {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 100));
  left = liveHandles() - before - kept;
}
if (left > 0) note("lost", `${left} native handles were open after everything was closed`);
sample("end");
Deno.exit(0);
