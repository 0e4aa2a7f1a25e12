/**
 * Jobs as callers and handlers hold them: data, results and signals are made when they are first asked for.
 *
 * @module
 */

import { wrongType } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import { toJson } from "./json.ts";
import type { LiveJob, Outcome, StoredJob, TakenJob } from "./store.ts";
import type { Job, JobRecord, JsonValue, RepeatOptions } from "./types.ts";

/** What a job asks its queue for. */
export interface JobHost {
  /** The result of a job, which is given itself where it is in this isolate's memory. */
  resultOf(job: string | LiveJob): Promise<JsonValue>;
  cancel(id: string): Promise<boolean>;
  /** A job was finished here, with this result. */
  completed(id: string, result: string): void;
  completing(id: string, result: string, isKept: Promise<boolean>): void;
  reportOf(id: string, token: number, progress: string): Promise<boolean>;
  progressOf(id: string, call: (value: string) => void): () => void;
}

const NOTHING: readonly never[] = [] as never[];

/** Where an added job's id and data are. */
export type JobSource = LiveJob | { readonly id: string; readonly data: string };

/** What `console.log` asks an object for, with what writes its parts. */
const INSPECT = Symbol.for("Deno.customInspect");
type Inspect = (value: unknown, options: unknown) => string;

/** What `add` gives. */
export class AddedJob<T extends JsonValue, R extends JsonValue> implements Job<T, R> {
  readonly #host: JobHost;
  readonly #source: JobSource;
  #data: T | undefined = undefined;
  /** Its result, where it was finished here: it then is not lost when the store lets go of it. */
  #result: string | undefined = undefined;
  #offered: string | undefined = undefined;
  #isKept: Promise<boolean> | undefined = undefined;

  constructor(host: JobHost, source: JobSource) {
    this.#host = host;
    this.#source = source;
  }

  get id(): string {
    return this.#source.id;
  }

  get data(): T {
    return this.#data ??= JSON.parse(this.#source.data) as T;
  }

  get attempt(): number {
    return 0;
  }

  /** As `console.log` shows it, by every store alike: its state is the store's to say. */
  [INSPECT](inspect: Inspect, options: unknown): string {
    const { id, data } = this;
    return `Job ${inspect({ id, data }, options)}`;
  }

  get childResults(): readonly R[] {
    return NOTHING;
  }

  result(): Promise<R> {
    const source = this.#source;
    if (this.#result !== undefined) return Promise.resolve(JSON.parse(this.#result) as R);
    const result = this.#host.resultOf("wait" in source ? source : source.id) as Promise<R>;
    // A store may let go of it before it has answered who finished it here.
    return "wait" in source ? result : result.catch(async (error) => {
      if (!AgentError.is(error, "NOT_FOUND") || !await this.#isKept) throw error;
      return JSON.parse(this.#offered!) as R;
    });
  }

  /** Its handler here came to this; whether the store takes it is to be seen. */
  offer(result: string, isKept: Promise<boolean>): void {
    this.#offered = result;
    this.#isKept = isKept;
  }

  /** Keeps its result. */
  keep(result: string): void {
    this.#result = result;
  }

  cancel(): Promise<boolean> {
    return this.#host.cancel(this.id);
  }

  report(_value: JsonValue): Promise<boolean> {
    return Promise.reject(
      new AgentError("UNSUPPORTED", "Only the handler of a job reports its progress", {
        what: "report outside of a handler",
      }),
    );
  }

  onProgress(callback: (value: JsonValue) => void): () => void {
    return onProgress(this.#host, this.id, callback);
  }
}

/** What a handler gets. */
export class RunningJob<T extends JsonValue, R extends JsonValue> implements Job<T, R> {
  readonly attempt: number;
  readonly token: number;
  readonly taken: TakenJob;
  readonly controller: AbortController = new AbortController();
  /** Whether what its handler does counts no more. */
  over = false;
  /** Ends its time limit. */
  timer: (() => void) | undefined = undefined;
  readonly #host: JobHost;
  #data: T | undefined;

  constructor(host: JobHost, taken: TakenJob) {
    this.#host = host;
    this.attempt = taken.attempt;
    this.token = taken.token;
    this.taken = taken;
  }

  get id(): string {
    return this.taken.id;
  }

  get data(): T {
    return this.#data ??= JSON.parse(this.taken.data) as T;
  }

  /** As `console.log` shows it. */
  [INSPECT](inspect: Inspect, options: unknown): string {
    const { id, attempt, data } = this;
    return `Job ${inspect({ id, state: "running", attempt, data }, options)}`;
  }

  get childResults(): readonly R[] {
    return this.taken.childResults.map(([, result]) => JSON.parse(result) as R);
  }

  result(): Promise<R> {
    return this.#host.resultOf(this.id) as Promise<R>;
  }

  cancel(): Promise<boolean> {
    return this.#host.cancel(this.id);
  }

  report(value: JsonValue): Promise<boolean> {
    const progress = toJson(value, "value");
    if (this.over) return Promise.resolve(false);
    const reported = this.#host.reportOf(this.id, this.token, progress);
    // A handler that does not wait for it must not end the program when the store fails.
    reported.catch(() => {});
    return reported;
  }

  onProgress(callback: (value: JsonValue) => void): () => void {
    return onProgress(this.#host, this.id, callback);
  }
}

function onProgress(host: JobHost, id: string, callback: (value: JsonValue) => void): () => void {
  if (typeof callback !== "function") throw wrongType("callback", "a function", callback);
  return host.progressOf(id, (value) => {
    try {
      callback(JSON.parse(value) as JsonValue);
    } catch (thrown) {
      // As of every listener: whoever looks on must not harm the job, nor others who do.
      reportError(thrown);
    }
  });
}

/** Why a job that ended has no result. */
export function errorOf(id: string, job: Outcome | undefined): AgentError {
  switch (job?.state) {
    case "dead": {
      const { attempts, error = "" } = job;
      const tries = attempts === 0 ? "" : ` after ${attempts} ${attempts === 1 ? "try" : "tries"}`;
      return new AgentError("JOB_FAILED", `Job ${id} failed${tries}: ${error}`, {
        job: id,
        attempts,
        error,
      });
    }
    case "cancelled":
      return new AgentError("CANCELLED", `Job ${id} was cancelled`, { what: `job ${id}` });
    default:
      return new AgentError(
        "NOT_FOUND",
        `There is no job ${id} (any more); how long those that ended are kept, options.retention says`,
        { what: `job ${id}` },
      );
  }
}

/** A job as callers see it. */
export function recordOf(job: StoredJob): JobRecord {
  const { id, state, attempts, addedAt, runAt, priority, error, finishedAt } = job;
  const record: JobRecord = {
    id,
    state,
    data: JSON.parse(job.data) as JsonValue,
    attempts,
    addedAt,
    runAt,
    priority,
  };
  if (job.result !== undefined) record.result = JSON.parse(job.result) as JsonValue;
  if (error !== undefined) record.error = error;
  if (job.progress !== undefined) record.progress = JSON.parse(job.progress) as JsonValue;
  if (finishedAt !== undefined) record.finishedAt = finishedAt;
  if (job.group !== "") record.group = job.group;
  if (job.repeat !== "") {
    const { key, rule } = JSON.parse(job.repeat) as { key: string; rule: RepeatOptions };
    record.key = key;
    record.repeat = rule;
  } else if (job.key !== "") record.key = job.key;
  return record;
}

/** What is kept of what a handler threw: its message alone, and not a book of it. Whatever was thrown has one. */
export function messageOf(thrown: unknown): string {
  const message = textOf(() => thrown instanceof Error ? thrown.message : thrown) ||
    textOf(() => thrown instanceof Error ? thrown.name : "") || "unknown error";
  // SQLite reads a text up to its first NUL.
  return (message.length > 4_000 ? `${message.slice(0, 4_000)}...` : message).toWellFormed()
    .replaceAll("\0", "\ufffd");
}

/** A value as text; "" if even asking for it throws. */
function textOf(value: () => unknown): string {
  try {
    return String(value());
  } catch {
    return "";
  }
}
