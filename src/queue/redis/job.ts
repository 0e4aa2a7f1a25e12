/**
 * A job of a queue on Redis, as callers and handlers hold it.
 *
 * @module
 */

import { wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { toJson } from "../json.ts";
import type { Job, JsonValue } from "../types.ts";

/** What a job asks its queue for. */
export interface RedisHost {
  resultOf(id: string): Promise<JsonValue>;
  cancel(id: string): Promise<boolean>;
  progressOf(id: string, call: (value: string) => void): () => void;
}

/** What a job in its handler's hands knows beside. */
export interface JobTry {
  readonly attempt: number;
  /** JSON, in the order in which the children were added. */
  readonly childResults: readonly string[];
  /** Takes JSON. */
  report(progress: string): Promise<boolean>;
}

/** The job. */
export class RedisJob<T extends JsonValue, R extends JsonValue> implements Job<T, R> {
  readonly id: string;
  readonly #host: RedisHost;
  readonly #json: () => string;
  readonly #try: JobTry | undefined;
  #data: { readonly value: T } | undefined;

  /** `json` gives its data; asked for once, when the data is first read. */
  constructor(host: RedisHost, id: string, json: () => string, running?: JobTry) {
    this.#host = host;
    this.id = id;
    this.#json = json;
    this.#try = running;
  }

  get data(): T {
    return (this.#data ??= { value: JSON.parse(this.#json()) as T }).value;
  }

  get attempt(): number {
    return this.#try?.attempt ?? 0;
  }

  get childResults(): readonly R[] {
    return (this.#try?.childResults ?? []).map((json) => JSON.parse(json) as R);
  }

  result(): Promise<R> {
    return this.#host.resultOf(this.id) as Promise<R>;
  }

  cancel(): Promise<boolean> {
    return this.#host.cancel(this.id);
  }

  report(value: JsonValue): Promise<boolean> {
    if (this.#try === undefined) {
      return Promise.reject(
        new AgentError("UNSUPPORTED", "Only the handler of a job reports its progress", {
          what: "report outside of a handler",
        }),
      );
    }
    const reported = this.#try.report(toJson(value, "value"));
    // A handler that does not wait for it must not end the program when the server is away.
    reported.catch(() => {});
    return reported;
  }

  onProgress(callback: (value: JsonValue) => void): () => void {
    if (typeof callback !== "function") throw wrongType("callback", "a function", callback);
    return this.#host.progressOf(this.id, (value) => callback(JSON.parse(value) as JsonValue));
  }
}
