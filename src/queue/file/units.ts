/**
 * What is asked of a queue file in one transaction, and what it answers. The store above makes the units, the twins
 * carry them out. Types only.
 *
 * @module
 */

import type { Counts, NewJob, StoredJob, TakenJob } from "../store.ts";

/** One request. */
export type Unit =
  | { readonly kind: "add"; readonly jobs: readonly NewJob[] }
  | { readonly kind: "take"; readonly most: number }
  | {
    readonly kind: "complete";
    readonly id: string;
    readonly token: number;
    readonly result: string;
  }
  | {
    readonly kind: "fail";
    readonly id: string;
    readonly token: number;
    readonly error: string;
    readonly retryAt: number | undefined;
  }
  | { readonly kind: "release"; readonly id: string; readonly token: number }
  | {
    readonly kind: "report";
    readonly id: string;
    readonly token: number;
    readonly progress: string;
  }
  | { readonly kind: "cancel"; readonly id: string }
  | { readonly kind: "get"; readonly id: string }
  | {
    readonly kind: "list";
    readonly state: number;
    readonly offset: number;
    readonly limit: number;
  }
  | { readonly kind: "retry"; readonly ids: readonly string[] | undefined }
  | { readonly kind: "purge"; readonly state: number; readonly before: number }
  | { readonly kind: "pause"; readonly paused: boolean }
  | { readonly kind: "paused" }
  | { readonly kind: "counts" }
  | { readonly kind: "news"; readonly since: number; readonly progress: readonly string[] }
  | { readonly kind: "held" }
  /** Says whether this holder waits for the ends of jobs, so that nobody removes them too soon. */
  | { readonly kind: "wait"; readonly waits: boolean };

/** The word of a request. */
export type UnitKind = Unit["kind"];

/** What came of a `take`. */
export interface Taken {
  readonly jobs: readonly TakenJob[];
  /** When the next delayed job is due; -1 if none is. */
  readonly nextDue: number;
}

/** What others may have done meanwhile. */
export interface News {
  /** Whether something waits and nothing is paused. */
  readonly waiting: boolean;
  /** When the next delayed job is due; -1 if none is. */
  readonly nextDue: number;
  /** How many jobs ever ended. */
  readonly ended: number;
  /** How many jobs this holder still has. */
  readonly held: number;
  /** Those that ended since, where it was asked. */
  readonly settled: readonly StoredJob[];
  /** What was reported last of those that were asked for. */
  readonly progress: readonly (string | undefined)[];
}

/** The answer to each kind of request. */
export interface Answers {
  add: string[];
  take: Taken;
  complete: boolean;
  fail: boolean;
  release: boolean;
  report: boolean;
  cancel: boolean;
  get: StoredJob | undefined;
  list: StoredJob[];
  retry: number;
  purge: number;
  pause: boolean;
  paused: boolean;
  counts: Counts;
  news: News;
  held: [id: string, token: number][];
  wait: boolean;
}

/** The answer to a request, or why it was not done: then nothing of it was. */
export type Answer<U extends Unit = Unit> =
  | { readonly ok: true; readonly value: Answers[U["kind"]] }
  | { readonly ok: false; readonly error: unknown };

/** What came of one transaction, or of one for each request where one alone could not be. */
export interface Outcome {
  /** The answers, in order. */
  readonly answers: readonly Answer[];
  /** Whether something waits that may be taken now. */
  readonly ready: boolean;
}

/** How a queue of a file is used. */
export interface SessionOptions {
  readonly name: string;
  readonly leaseMs: number;
  readonly doneMs: number;
  readonly doneCount: number;
}

/** One queue of an open file, as a twin holds it. */
export interface Session {
  readonly implementation: "native" | "pure";
  /** Carries out requests, in order, in a transaction: what they change survives the end of the process. */
  run(units: readonly Unit[], now: number): Promise<Outcome>;
  /** Makes what was changed before survive a loss of power too. */
  sync(): Promise<void>;
  /**
   * Calls back once when somebody else may have changed the file, or changed it since the last call.
   *
   * @returns What ends the waiting.
   */
  changed(call: () => void): () => void;
  /** Gives back the jobs that are held, and lets go. */
  close(): void | Promise<void>;
}
