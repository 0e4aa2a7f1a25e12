/**
 * What the twins of load tests are given, and what they give. Types, and the words that both use.
 *
 * @module
 */

import type { LoadProgress } from "./types.ts";

/** Room for the head of an answer, and its fields; the native twin has the same bounds. */
export const MOST_HEAD = 65_536;
/** Fields of a head. */
export const MOST_FIELDS = 256;

/** A load test; permissions, scope and names are settled. */
export interface LoadJob {
  /** The literal address. */
  readonly address: string;
  /** What the pure twin dials: the address, or the name where only that is granted. */
  readonly dial: string;
  /** The port. */
  readonly port: number;
  /** The name that a certificate must have. */
  readonly host: string;
  /** What the request names: host, and port unless it is the usual one. */
  readonly authority: string;
  /** Whether it is HTTPS. */
  readonly tls: boolean;
  /** Authorities to trust beside the usual ones, PEM. */
  readonly caCerts: readonly string[];
  /** Which HTTP. */
  readonly http: 1 | 2;
  /** The method. */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Fields in lower case, without `host`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Starts a second; null in the closed model. */
  readonly rate: number | null;
  /** The most starts a second of the closed model; null for no bound. */
  readonly cap: number | null;
  /** Connections. */
  readonly connections: number;
  /** Requests at once on each. */
  readonly streams: number;
  /** Without the warm-up. */
  readonly durationMs: number;
  /** Before it. */
  readonly warmUpMs: number;
  /** The most requests; null for no bound. */
  readonly requests: number | null;
  /** For a whole answer. */
  readonly timeoutMs: number;
  /** Of one answer. */
  readonly maxBodyBytes: number;
  /** From 0 to 1. */
  readonly maxErrorShare: number;
  /** The width of the time line. */
  readonly intervalMs: number;
}

/** What a twin's call is given beside the job. */
export interface LoadControl {
  /** The caller's. */
  readonly signal?: AbortSignal;
  /** The caller's, paced by the twin; not the last report. */
  readonly report: (progress: LoadProgress) => void;
}

/** Times in nanoseconds. */
export interface RawTimes {
  /** The least. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
  /** All together. */
  readonly sum: number;
  /** The greatest value of a slot, and how many it holds; ascending. */
  readonly slots: readonly (readonly [value: number, count: number])[];
}

/** What a twin measured. */
export interface LoadResult {
  /** How it ended. */
  readonly ended: "done" | "aborted" | "errors";
  /** How long it was measured. */
  readonly elapsedMs: number;
  /** Starts that were due; 0 in the closed model. */
  readonly scheduled: number;
  /** Starts that were made. */
  readonly started: number;
  /** Threads of the generator. */
  readonly threads: number;
  /** Share of their time for which they computed. */
  readonly cpu: number | null;
  /** Requests that are over. */
  readonly requests: number;
  /** Those with a status below 400. */
  readonly succeeded: number;
  /** Of bodies. */
  readonly bytes: number;
  /** Requests of the warm-up. */
  readonly warmUp: number;
  /** By status. */
  readonly statuses: readonly (readonly [status: number, count: number])[];
  /** By kind. */
  readonly errors: readonly (readonly [kind: string, count: number])[];
  /** From the real start. */
  readonly service: RawTimes;
  /** From the intended start. */
  readonly response: RawTimes;
  /** The scheduler's. */
  readonly lag: RawTimes;
  /** Requests, failures, sum and greatest of the responses' nanoseconds, by interval. */
  readonly timeline: readonly (readonly [number, number, number, number])[];
}
