/**
 * Load tests on Deno's own sockets; defines what the twin in `../native.ts` must do:
 *
 * 1. The connections are made, then the clock starts. In the open model starts are fixed by the rate, and a free
 *    connection takes the next one; in the closed one each connection sends again as soon as it has its answer.
 * 2. What began in the warm-up is not counted. What is scheduled when the time is over and could not begin is missed;
 *    what is under way is waited for.
 * 3. It ends early when the caller gives up, or when too many requests of a window fail; what was measured is kept.
 *
 * One event loop does everything: timers come a millisecond or two late, which the report says as the generator's lag.
 *
 * @module
 */

import type { LoadControl, LoadJob, LoadResult } from "../job.ts";
import { Fault, OF_CONNECTING } from "./fault.ts";
import { Line1 } from "./http1.ts";
import type { Answer, Line } from "./line.ts";
import { Schedule } from "./schedule.ts";
import { hasFailed, Tally } from "./tally.ts";

/** After a connection that could not be made, so that a target that is gone is not dialled without end. */
const PAUSE_MS = 20;
const TICK_MS = 10;
const TELL_EVERY_MS = 100;
/** For so long after the end a start that was due may still be taken by somebody who is free. */
const SLACK_MS = 100;
/** Failures are looked at over at least so long and so many requests. */
const WINDOW_MS = 1_000;
const WINDOW_REQUESTS = 20;

/** Runs a job to its end; if the signal fires, to what was measured until then. */
export async function run(job: LoadJob, control: LoadControl): Promise<LoadResult> {
  const { lines, close } = await linesOf(job);
  try {
    return await new Run(job, control, lines).result();
  } finally {
    close();
  }
}

async function linesOf(job: LoadJob): Promise<{ lines: Line[]; close: () => void }> {
  if (job.http === 1) {
    const lines = Array.from({ length: job.connections }, () => new Line1(job));
    return { lines, close: () => lines.forEach((line) => line.close()) };
  }
  const { Connection2, Line2 } = await import("./http2.ts");
  const connections = Array.from({ length: job.connections }, () => new Connection2(job));
  const lines = connections.flatMap((connection) =>
    Array.from({ length: job.streams }, () => new Line2(job, connection))
  );
  return { lines, close: () => connections.forEach((connection) => connection.close()) };
}

class Run {
  readonly #job: LoadJob;
  readonly #control: LoadControl;
  readonly #lines: readonly Line[];
  readonly #tally: Tally;
  readonly #kill = new AbortController();
  #schedule!: Schedule;
  #warmUp = 0;
  #requests = 0;
  #failed = 0;
  #ended: LoadResult["ended"] = "done";
  #stoppedAt: number | undefined;

  constructor(job: LoadJob, control: LoadControl, lines: readonly Line[]) {
    this.#job = job;
    this.#control = control;
    this.#lines = lines;
    this.#tally = new Tally(job.intervalMs);
  }

  async result(): Promise<LoadResult> {
    const { signal } = this.#control;
    const abort = (): void => this.#end("aborted");
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    const cpu = process.cpuUsage();
    const begun = performance.now();
    // What goes wrong here comes again at the first request, and is counted there.
    await Promise.all(
      this.#lines.map((line) => this.#within(line, (giveUp) => line.open(giveUp)).catch(() => {})),
    );
    const schedule = this.#schedule = new Schedule(this.#job);
    let isOver = false;
    // Given up while connections were made.
    if (this.#kill.signal.aborted) schedule.stop();
    const workers = Promise.all(this.#lines.map((line) => this.#work(line)))
      .finally(() => isOver = true);
    const conducting = this.#conduct(() => isOver);
    await workers;
    await conducting;
    signal?.removeEventListener("abort", abort);
    const stoppedAt = this.#stoppedAt ?? performance.now();
    const used = process.cpuUsage(cpu);
    const openEnd = Math.min(stoppedAt, schedule.end);
    const { rate } = this.#job;
    const until = rate !== null
      ? openEnd - schedule.measuredFrom
      : this.#ended === "done"
      ? this.#tally.last
      : stoppedAt - schedule.measuredFrom;
    return {
      ...this.#tally.counts(),
      ended: this.#ended,
      elapsedMs: Math.max(0, until),
      scheduled: schedule.scheduled(openEnd),
      started: schedule.started(),
      threads: 1,
      cpu: (used.user + used.system) / 1_000 / (performance.now() - begun),
      warmUp: this.#warmUp,
    };
  }

  #end(how: "aborted" | "errors"): void {
    if (this.#kill.signal.aborted) return;
    this.#ended = how;
    this.#stoppedAt ??= performance.now();
    this.#schedule?.stop();
    this.#kill.abort();
    for (const line of this.#lines) line.close();
  }

  async #work(line: Line): Promise<void> {
    const schedule = this.#schedule;
    let freeSince = performance.now();
    for (;;) {
      const start = await schedule.next();
      if (start === undefined) return;
      const started = performance.now();
      const outcome = await this.#outcome(line);
      if (this.#kill.signal.aborted) return;
      const at = performance.now();
      this.#requests++;
      if (hasFailed(outcome)) this.#failed++;
      if (start.isWarmUp) this.#warmUp++;
      else {
        this.#tally.record({
          service: at - started,
          // Nothing but the answer before fixes a start of the closed model.
          response: at - (this.#job.rate === null ? started : start.intended),
          lag: started - Math.max(start.intended, freeSince),
          at: at - schedule.measuredFrom,
          outcome,
        });
      }
      if (
        this.#job.rate === null && typeof outcome === "string" && OF_CONNECTING.includes(outcome)
      ) {
        await sleep(PAUSE_MS);
      }
      freeSince = performance.now();
    }
  }

  async #outcome(line: Line): Promise<Answer | string> {
    try {
      return await this.#within(line, (giveUp) => line.exchange(giveUp));
    } catch (error) {
      if (error instanceof Fault) return error.kind;
      throw error;
    }
  }

  /** What work on a line gives before the time for it is over; after that the line is closed. */
  async #within<T>(line: Line, work: (giveUp: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#kill.signal.aborted) throw new Fault("timeout");
    const giveUp = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      giveUp.abort();
      line.close();
    }, this.#job.timeoutMs);
    const kill = (): void => giveUp.abort();
    this.#kill.signal.addEventListener("abort", kill);
    try {
      return await work(giveUp.signal);
    } catch (error) {
      throw isLate ? new Fault("timeout") : error;
    } finally {
      clearTimeout(timer);
      this.#kill.signal.removeEventListener("abort", kill);
    }
  }

  /** Lets starts go, looks at failures, and tells how far it is. */
  async #conduct(isOver: () => boolean): Promise<void> {
    const schedule = this.#schedule;
    const { rate } = this.#job;
    let [since, requests, failed] = [performance.now(), 0, 0];
    let told = since;
    while (!isOver()) {
      const now = performance.now();
      const next = schedule.release(now);
      const fresh = this.#requests - requests;
      if (now - since >= WINDOW_MS && fresh >= WINDOW_REQUESTS) {
        if (this.#failed - failed > fresh * this.#job.maxErrorShare) return this.#end("errors");
        [since, requests, failed] = [now, this.#requests, this.#failed];
      }
      if (now - told >= TELL_EVERY_MS) {
        told = now;
        this.#tell(now);
      }
      const isLate = now >= schedule.end + (rate === null ? 0 : SLACK_MS);
      if (this.#stoppedAt === undefined && (isLate || schedule.isExhausted())) {
        schedule.stop();
        this.#stoppedAt = now;
      }
      const until = Math.min(next ?? Infinity, now + TICK_MS);
      await sleep(Math.max(0, until - performance.now()));
    }
  }

  #tell(now: number): void {
    const { requests, warmUpMs, durationMs } = this.#job;
    const total = requests ?? Math.floor(warmUpMs + durationMs);
    const done = requests === null
      ? Math.max(0, Math.floor(total - Math.max(0, this.#schedule.end - now)))
      : Math.min(this.#schedule.started(), requests);
    this.#control.report({ done, total, requests: this.#requests, failed: this.#failed });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
