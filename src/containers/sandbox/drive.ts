/**
 * Goes with a process from its start to its end: feeds it, keeps what it writes, and has it killed when its time is over
 * or the caller gives up. A process that writes without end is read without end, so that it is never the pipe that holds
 * it, and what is over the bound is dropped.
 *
 * @module
 */

import type { Attached } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { Capture } from "./capture.ts";
import type { Output } from "./types.ts";

/** How to go with it. */
export interface DriveOptions {
  /** What it reads; undefined if nothing. */
  readonly stdin: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** Bytes kept of each stream. */
  readonly maxOutputBytes: number;
  readonly onOutput: ((output: Output) => void | Promise<void>) | undefined;
  readonly signal: AbortSignal | undefined;
  /** Kills the process; must not wait for its end. */
  kill(): Promise<void>;
  /** Whether it has ended, asked when its streams broke off: an engine may cut what a process did not read. */
  isOver?(): Promise<boolean>;
}

/** How it went. */
export interface Driven {
  readonly capture: Capture;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** Whether its streams were cut, so that some of what it wrote may be missing. */
  readonly isCut: boolean;
}

/** How long the output of a process that was killed may take to end. */
const GRACE_MS = 5_000;

/**
 * Goes with a process to its end.
 *
 * @throws The signal's reason if it fired, what `onOutput` threw, or what went wrong with the engine; the process was
 * killed then.
 */
export async function drive(process: Attached, options: DriveOptions): Promise<Driven> {
  const { stdin, timeoutMs, maxOutputBytes, onOutput, signal } = options;
  const started = performance.now();
  const capture = new Capture(maxOutputBytes);
  const stop = new Stop(options.kill, process);
  const giveUp = (): void => stop.now({ error: signal!.reason });
  const timer = setTimeout(() => stop.now("timeout"), timeoutMs);
  if (signal?.aborted) giveUp();
  else signal?.addEventListener("abort", giveUp, { once: true });
  const feeding = feed(process, stdin);
  let isCut = false;
  try {
    for await (const frame of process.frames) {
      const part = capture.add(frame);
      if (part.length === 0 || onOutput === undefined || stop.why !== undefined) continue;
      try {
        const told = onOutput({ stream: frame.stream, bytes: part.slice() });
        if (told !== undefined) await Promise.race([told, stop.happened]);
      } catch (error) {
        stop.now({ error });
      }
    }
  } catch (error) {
    if (stop.why === undefined) {
      const isOver = await options.isOver?.().catch(() => false) === true;
      // That it does not run is no end of a program whose start was not answered: it may never have run, and said nothing.
      isCut = isOver && error instanceof EngineError && error.brokeOff;
      if (!isCut) stop.now({ error }, !isOver);
    }
  } finally {
    clearTimeout(timer);
    stop.over();
    signal?.removeEventListener("abort", giveUp);
    process.close();
    await feeding;
  }
  const durationMs = performance.now() - started;
  await stop.killed;
  if (typeof stop.why === "object") throw stop.why.error;
  return { capture, timedOut: stop.why === "timeout", durationMs, isCut };
}

/** Writes stdin and ends it; a process that does not read it to its end is its own affair. */
async function feed(process: Attached, stdin: Uint8Array | undefined): Promise<void> {
  if (stdin === undefined) return;
  try {
    if (stdin.length > 0) await process.write(stdin);
    await process.closeWrite();
  } catch {
    // It has ended or closed its stdin; how it ended says its exit code.
  }
}

/** Why a process was killed; the first reason counts. */
class Stop {
  why: "timeout" | { error: unknown } | undefined;
  /** Resolves when it is decided. */
  readonly happened: Promise<void>;
  /** Resolves when the kill was asked for, or rejects if it cannot be; at once if there was none. */
  killed: Promise<void> = Promise.resolve();
  readonly #kill: () => Promise<void>;
  readonly #process: Attached;
  #decide!: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(kill: () => Promise<void>, process: Attached) {
    this.#kill = kill;
    this.#process = process;
    this.happened = new Promise((resolve) => this.#decide = resolve);
  }

  /** Decides it, and kills unless nothing runs. */
  now(why: "timeout" | { error: unknown }, kills = true): void {
    if (this.why !== undefined) return;
    this.why = why;
    this.#decide();
    if (!kills) return;
    // What cannot be killed is not waited for.
    this.#timer = setTimeout(() => this.#process.close(), GRACE_MS);
    this.killed = this.#kill().catch(() => this.#process.close());
  }

  /** Its output has ended. */
  over(): void {
    clearTimeout(this.#timer);
  }
}
