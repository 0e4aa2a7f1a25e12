/**
 * Runs through a queue: whichever worker is there takes them on, and where one dies another goes on from the journal.
 *
 * Queue and journal are two stores. A job is handed out at least once; the session that it names is in the journal from the
 * first turn on, so whoever gets it later goes on with that and begins nothing anew.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import { knownFields } from "../shared/known_fields.ts";
import type { Job, JobOptions, ProcessOptions, Queue, QueueWorker } from "../queue/types.ts";
import type { Agent, Budget, Finish, RunResult } from "./types.ts";

/** A run as it waits in a queue: JSON. */
export type QueuedRun = {
  /** The session that it has, a new one. */
  session: string;
  /** The task in words. */
  input: string;
  /** The domain; picked by the words if left out. */
  domain?: string;
  /** Bounds over those of the agent that runs it. */
  budget?: { [K in keyof Budget]?: number };
};

/** What came of it: JSON. The whole of it is in the session. */
export type QueuedResult = {
  /** The session, by which `resume` goes on. */
  session: string;
  /** The model's last words. */
  text: string;
  /** Why it ended, never `"failed"` or `"cancelled"`: those are tried again, or the job's end. */
  finish: { reason: Finish["reason"]; detail?: string; pending?: PendingCall[] };
  /** How many turns it took. */
  steps: number;
  /** What they took. */
  usage: { inputTokens: number; outputTokens: number; usd: number | null };
};

/** A call that waits for somebody's word. */
export type PendingCall = {
  /** By which `resume` is told. */
  id: string;
  /** The tool. */
  name: string;
  /** What the model wrote. */
  arguments: string;
};

/** Options of {@linkcode enqueueRun}. */
export interface EnqueueOptions
  extends Omit<JobOptions, "key" | "repeat">, Omit<QueuedRun, "session" | "input"> {
  /** The session's name, a new one; while a run with it is in the queue, adding it again gives that. Default: a random one. */
  session?: string | undefined;
}

/** A failed try is followed by so many, where nobody says otherwise. */
const RETRIES = 5;

/**
 * Puts a run into a queue.
 *
 * @param queue The queue, in a file or on Redis where it is to outlast the process.
 * @param input The task in words.
 * @param options Session, domain, bounds; priority, delay, retries (default 5) and the like of the job.
 * @returns The job; its `result()` is what came of the run.
 * @throws {TypeError} If the input is no text.
 */
export function enqueueRun(
  queue: Queue<QueuedRun, QueuedResult>,
  input: string,
  options?: EnqueueOptions,
): Promise<Job<QueuedRun, QueuedResult>>;
export async function enqueueRun(
  queue: Queue<QueuedRun, QueuedResult>,
  input: string,
  options: EnqueueOptions = {},
): Promise<Job<QueuedRun, QueuedResult>> {
  if (typeof input !== "string" || input.trim() === "") {
    throw wrongType("input", "a task in words", input);
  }
  const { session = crypto.randomUUID(), domain, budget, retries = RETRIES, ...job } = options;
  const run: QueuedRun = {
    ...{ session, input },
    ...(domain !== undefined && { domain }),
    ...(budget !== undefined && { budget }),
  };
  return await queue.add(run, { ...job, retries, key: session });
}

/**
 * Takes runs from a queue and does them, until it is closed. A run that another worker began is gone on with: no finished turn is
 * paid for again, and no tool that may have run runs twice unless it is `retry: "safe"`. A model that fails is tried again after a
 * pause, from where it was.
 *
 * @param queue The queue.
 * @param agent Who does them. All workers need the same `sessions`, and tools of the same names.
 * @param options How many at once, and who is told of a store that fails.
 * @returns The worker.
 *
 * @example
 * ```ts
 * import { createAgent, enqueueRun, processRuns } from "@agent/runtime/agent";
 * import type { QueuedResult, QueuedRun } from "@agent/runtime/agent";
 * import { createQueue } from "@agent/runtime/queue";
 * import { scriptedProvider } from "@agent/runtime/testing";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   // In each worker:
 *   const store = { file: `${folder}/runs.sqlite` };
 *   await using queue = createQueue<QueuedRun, QueuedResult>({ store });
 *   const model = scriptedProvider(["It is done."]);
 *   await using agent = createAgent({ model, sessions: { path: `${folder}/sessions.db` } });
 *   await using _worker = processRuns(queue, agent);
 *
 *   // Anywhere:
 *   const job = await enqueueRun(queue, "Tidy up.", { budget: { steps: 10 } });
 *   const { text, finish } = await job.result();
 *   assert.deepEqual([text, finish.reason], ["It is done.", "done"]);
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function processRuns(
  queue: Queue<QueuedRun, QueuedResult>,
  agent: Agent,
  options?: ProcessOptions,
): QueueWorker;
export function processRuns(
  queue: Queue<QueuedRun, QueuedResult>,
  agent: Agent,
  options: ProcessOptions = {},
): QueueWorker {
  return queue.process(async ({ data }, signal) => {
    const result = await goOn(agent, readRun(data), signal);
    // Taken away from this worker: what stands in the journal is another's to go on with.
    signal.throwIfAborted();
    const { finish: { reason, detail, pending }, text, steps, usage } = result;
    if (reason === "failed") {
      throw new AgentError("UNAVAILABLE", `The run "${data.session}" failed: ${detail}`, {
        server: "model",
      });
    }
    return {
      ...{ session: data.session, text, steps: steps.length, usage: { ...usage } },
      finish: {
        reason,
        ...(detail !== undefined && { detail }),
        ...(pending && { pending: pending.map((call) => ({ ...call })) }),
      },
    };
  }, options);
}

async function goOn(agent: Agent, run: QueuedRun, signal: AbortSignal): Promise<RunResult> {
  const { session, input, domain, budget } = run;
  const options = { domain, budget, signal };
  let result: RunResult;
  try {
    result = await agent.resume(session, {}, options);
  } catch (error) {
    if (!AgentError.is(error, "NOT_FOUND")) throw error;
    return await agent.run(input, { ...options, session });
  }
  if (result.messages.find(({ role }) => role === "user")?.content !== input) {
    throw new AgentError(
      "UNSUPPORTED",
      `The session "${session}" has another task; a run in a queue needs a new session`,
      { what: "session" },
    );
  }
  return result;
}

/** What stands in a queue may have been put there by anybody. */
function readRun(data: QueuedRun): QueuedRun {
  const run = knownFields(data, "job", ["session", "input", "domain", "budget"]);
  for (const name of ["session", "input"] as const) {
    if (typeof run[name] !== "string") throw wrongType(`job.${name}`, "a text", run[name]);
  }
  if (run["domain"] !== undefined && typeof run["domain"] !== "string") {
    throw wrongType("job.domain", "a name", run["domain"]);
  }
  return run as QueuedRun;
}
