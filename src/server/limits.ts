/**
 * The bounds of a server: what is in work for each client and for all.
 *
 * @module
 */

import { wholeNumber } from "../shared/arguments.ts";
import { knownFields } from "../shared/known_fields.ts";
import { HttpFault } from "./faults.ts";
import type { ServerLimits } from "./types.ts";

/** Every bound, set. */
export type Limits = { readonly [K in keyof ServerLimits]-?: NonNullable<ServerLimits[K]> };

const DEFAULTS: Limits = {
  bodyBytes: 1 << 20,
  bodyMs: 30_000,
  questionLength: 32_768,
  requestsPerClient: 64,
  streamsPerClient: 16,
  requests: 512,
  stalledMs: 60_000,
  sessionMs: 12 * 3_600_000,
};

/** The bounds that were given, the others as usual. */
export function readLimits(given: ServerLimits | undefined): Limits {
  if (given === undefined) return DEFAULTS;
  const limits: Record<string, number> = { ...DEFAULTS };
  for (
    const [name, value] of Object.entries(
      knownFields(given, "options.limits", Object.keys(DEFAULTS)),
    )
  ) {
    if (value === undefined) continue;
    limits[name] = wholeNumber(value, `options.limits.${name}`, { least: 1, most: 2 ** 31 - 1 });
  }
  return limits as Limits;
}

/** What one client has in work. */
interface Load {
  requests: number;
  streams: number;
}

/** A place among what is in work; given back once. */
export interface Place {
  /** Turns a request's place into that of a stream, which lasts longer. */
  stream(): void;
  /** Gives it back; a second call does nothing. */
  end(): void;
}

/** Counts what is in work. */
export class Gate {
  readonly #limits: Limits;
  readonly #clients = new Map<string, Load>();
  #all = 0;
  #idle: (() => void) | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How many requests and streams there are. */
  get size(): number {
    return this.#all;
  }

  /** A place for a request. */
  enter(client: string): Place {
    const { requests, requestsPerClient, streamsPerClient } = this.#limits;
    if (this.#all >= requests) {
      throw new HttpFault(503, "busy", `The server works on ${requests} requests already`, 1);
    }
    const load = this.#clients.get(client) ?? { requests: 0, streams: 0 };
    if (load.requests >= requestsPerClient) {
      throw new HttpFault(
        429,
        "too_many_requests",
        `This client has ${requestsPerClient} requests in work already`,
        1,
      );
    }
    this.#clients.set(client, load);
    this.#all++;
    load.requests++;
    let holds: keyof Load | undefined = "requests";
    return {
      stream: () => {
        if (holds !== "requests") return;
        if (load.streams >= streamsPerClient) {
          throw new HttpFault(
            429,
            "too_many_streams",
            `This client has ${streamsPerClient} streams open already`,
            1,
          );
        }
        load.requests--;
        load.streams++;
        holds = "streams";
      },
      end: () => {
        if (holds === undefined) return;
        load[holds]--;
        holds = undefined;
        this.#all--;
        if (load.requests + load.streams === 0) this.#clients.delete(client);
        if (this.#all === 0) this.#idle?.();
      },
    };
  }

  /** Waits until nothing is in work, or for so long. */
  async idle(timeoutMs: number): Promise<void> {
    if (this.#all === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#idle = undefined;
  }
}
