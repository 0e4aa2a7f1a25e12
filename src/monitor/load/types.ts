/**
 * Load tests: what may be asked for, and what is told. Types only.
 *
 * @module
 */

import type { CallOptions, Progress } from "../../shared/implementation.ts";
import type { ScanAuthorization } from "../../security/types/scope.ts";

/** How far a load test has come: milliseconds of its time, or requests where those were asked for. */
export interface LoadProgress extends Progress {
  /** Requests that are over, those of the warm-up with them. */
  requests: number;
  /** How many of them failed. */
  failed: number;
}

/** Ceilings that hold unless a program says otherwise, so that no slip of a finger takes a service down. */
export interface LoadLimits {
  /** The most connections. Default 50; at most 10,000. */
  connections?: number;
  /** The longest test with its warm-up, in milliseconds. Default 30,000; at most 24 hours. */
  durationMs?: number;
  /**
   * The most starts a second: of the open model, and of the closed one against targets that are not loopback. Default
   * 1,000; `Infinity` for none.
   */
  rate?: number;
}

/** Options of `loadTest`. */
export interface LoadTestOptions extends Omit<CallOptions, "onProgress"> {
  /**
   * Requests a second, whose starts are fixed whether or not the target keeps up (open model). Left out, each connection
   * sends again as soon as it has its answer (closed model).
   */
  rate?: number | undefined;
  /** Connections. Default 10 in the closed model; in the open one 50, which bounds the requests under way. */
  connections?: number | undefined;
  /** Requests under way at once on each connection of HTTP/2. Default 1, at most 100. */
  streams?: number | undefined;
  /** How long, in milliseconds, without the warm-up. Default 10,000, or the longest there may be where `requests` is given. */
  durationMs?: number | undefined;
  /** Ends after so many requests, without those of the warm-up, if the time is not over before. */
  requests?: number | undefined;
  /** Milliseconds before the figures begin; what starts in them is not counted. Default 0. */
  warmUpMs?: number | undefined;
  /** Which HTTP. Default 1. HTTP/2 is spoken at once where the address begins with `http:`. */
  http?: 1 | 2 | undefined;
  /** Default `GET`, or `POST` if there is a body. */
  method?: string | undefined;
  /** Fields of each request. None is added but `host`, `user-agent`, `accept` and what the body needs. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The body of each request. */
  body?: string | Uint8Array | undefined;
  /** The longest wait for a whole answer, connecting included, in milliseconds. Default 10,000. */
  timeoutMs?: number | undefined;
  /** The largest body of an answer, in bytes; a larger one is an error. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /**
   * The test ends if a larger share of requests than this failed, looked at for each second with at least 20 requests.
   * Default 0.5; 1 never ends it.
   */
  maxErrorShare?: number | undefined;
  /**
   * What has to hold, such as `"p99 < 50 ms"`, `"service.p50 <= 5 ms"`, `"errors < 1 %"`, `"rate >= 100"`. Times are those
   * of responses; `p50`, `p90`, `p95`, `p99`, `p99.9`, `max` and `mean` there are.
   */
  thresholds?: readonly string[] | undefined;
  /** Ceilings to go over. */
  limits?: LoadLimits | undefined;
  /** Needed for everything but loopback and the private networks that this machine is in. */
  authorization?: ScanAuthorization | undefined;
  /** Certificates of authorities (PEM) that are trusted beside the usual ones. TLS is always verified. */
  caCerts?: readonly string[] | undefined;
  /**
   * Ends the test early. Before the load begins the call rejects with the reason; from then on it gives the report of
   * what was measured, with `ended: "aborted"`.
   */
  signal?: AbortSignal | undefined;
  /** Called ten times a second at most, and once at the end. */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Times in milliseconds, to three digits; `NaN` (null in JSON) where none was measured. */
export interface Percentiles {
  /** How many were measured. */
  count: number;
  /** The least, exact. */
  min: number;
  /** The mean, exact. */
  mean: number;
  /** Half are no longer. */
  p50: number;
  /** 90 of 100 are no longer. */
  p90: number;
  /** 95 of 100. */
  p95: number;
  /** 99 of 100. */
  p99: number;
  /** 999 of 1,000. */
  p999: number;
  /** The greatest, exact. */
  max: number;
}

/** A threshold with what came of it. */
export interface LoadThreshold {
  /** As it was written. */
  threshold: string;
  /** What was measured: milliseconds, a share 0..1, or requests a second; null if nothing was. */
  value: number | null;
  /** Whether it holds. What was not measured does not hold. */
  met: boolean;
}

/** What the generator knows of itself: whether it was what limited the test. */
export interface LoadGenerator {
  /** The twin that did it. */
  implementation: "native" | "pure";
  /** Threads that made the load. */
  threads: number;
  /** Share 0..1 of the time for which they computed, averaged over the test; null where the system does not tell. */
  cpu: number | null;
  /** How late requests began though a connection was free: the scheduler's own lag. */
  lag: Percentiles;
  /** Starts of the open model that were due and not made, because every connection was busy. */
  missedStarts: number;
}

/** One interval of a test. */
export interface LoadInterval {
  /** When it begins, in milliseconds since the figures began. */
  atMs: number;
  /** Requests that were over in it. */
  requests: number;
  /** How many of them failed. */
  failed: number;
  /** The mean response time in milliseconds; null if none was measured. */
  meanMs: number | null;
  /** The longest, likewise. */
  maxMs: number | null;
}

/** A point of the distribution of times. */
export interface LoadPoint {
  /** From 0 to 100. */
  percent: number;
  /** So many of 100 had their service within so many milliseconds. */
  serviceMs: number;
  /** The same of responses. */
  responseMs: number;
}

/** What a load test found. Requests of the warm-up are in none of the figures. */
export interface LoadReport {
  /** The address, as it was used. */
  url: string;
  /** The literal address that was put under load. */
  address: string;
  /** The reference of the authorisation that was needed; null if none was. */
  authorization: string | null;
  /** Starts fixed by a rate, or by answers. */
  model: "open" | "closed";
  /** Requests a second that were asked for; null in the closed model. */
  askedRate: number | null;
  /** Connections at most. */
  connections: number;
  /** Which HTTP. */
  http: 1 | 2;
  /** When the figures began, as ISO 8601. */
  startedAt: string;
  /** How long they were taken, in milliseconds. */
  durationMs: number;
  /** How it ended: as asked for, by the signal, or because too many requests failed. */
  ended: "done" | "aborted" | "errors";
  /** Requests that are over. */
  requests: number;
  /** Answers with a status below 400. */
  succeeded: number;
  /** All others. */
  failed: number;
  /** How many requests were under way when the test was ended early. */
  unfinished: number;
  /**
   * Failures by kind: `http-4xx`, `http-5xx`, `refused`, `unreachable`, `connect`, `timeout`, `reset` (before the head was
   * whole), `incomplete` (within the body), `tls`, `protocol`, `too-large`, and, of this machine itself, `descriptors` and
   * `ports`.
   */
  errors: Record<string, number>;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Bytes of bodies that were received. */
  bytes: number;
  /** Requests of the warm-up, which are not counted. */
  warmUpRequests: number;
  /** Requests a second: starts made in the open model, answers in the closed one. */
  achievedRate: number;
  /** Times from the real start of a request to the end of its answer. Answers and timeouts are measured. */
  service: Percentiles;
  /** The same from the intended start: what a client of that rate has to wait. In the closed model both are equal. */
  response: Percentiles;
  /** The distribution of both. */
  distribution: LoadPoint[];
  /** How the test went along. */
  timeline: LoadInterval[];
  /** Each threshold. */
  thresholds: LoadThreshold[];
  /** Whether all thresholds hold. */
  passed: boolean;
  /** Whether the figures say something of the target, and not of the generator. */
  valid: boolean;
  /** Why not. */
  invalidReason?: string;
  /** The generator itself. */
  generator: LoadGenerator;
}
