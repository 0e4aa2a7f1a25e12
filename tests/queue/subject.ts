/**
 * What the queue's conformance suite is given: a store to make queues on. Each test has a place of its own; queues
 * that are made on one place see the same jobs.
 */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import type { JsonValue, Queue, QueueOptions } from "../../src/queue/mod.ts";
import { testNeeding } from "../support/needs.ts";

/** What a store may be unable to do. */
export type Feature =
  | "priorities"
  | "groups"
  | "flows"
  | "tolerant flows"
  | "cancelling a running job"
  | "cancelling a flow"
  | "cancelling a child"
  | "keys of flows"
  | "retrying a flow"
  | "repeats"
  | "changing a repeat"
  | "retry of some"
  | "cancelled jobs are kept"
  | "results after retention"
  | "forgetting results";

/** A store, as the suite sees it. */
export interface Subject {
  /** What it is called in the names of tests. */
  readonly name: string;
  /** Why it cannot be tested here; undefined if it can. */
  readonly missing: string | undefined;
  /**
   * What it cannot do, and why. The suite then tests that the attempt is refused with `UNSUPPORTED` instead; where
   * nothing can be refused, the reason begins with "nothing to refuse".
   */
  readonly lacks?: Partial<Record<Feature, string>>;
  /** How long its timing may be off, in milliseconds; tests wait that much longer. Default 0. */
  readonly slackMs?: number;
  /** Makes a queue on a place. */
  make<T extends JsonValue, R extends JsonValue>(
    place: string,
    options?: QueueOptions,
  ): Queue<T, R>;
  /** Called after each test: removes the place, and waits until nothing is under way. */
  finish?(place: string): Promise<void>;
}

/** What a test gets. */
export interface Bench {
  /** Makes a queue on the test's place. */
  make<T extends JsonValue = JsonValue, R extends JsonValue = JsonValue>(
    options?: QueueOptions,
  ): Queue<T, R>;
}

let places = 0;

/** Makes the function that registers tests of a subject. */
export function testsOf(subject: Subject) {
  return (
    name: string,
    needs: Feature | undefined,
    body: (bench: Bench) => Promise<void>,
    attempt?: (bench: Bench) => Promise<unknown>,
  ): void => {
    const lacking = needs && subject.lacks?.[needs];
    if (lacking !== undefined && (lacking.startsWith("nothing to refuse") || !attempt)) return;
    const title = `queue (${subject.name}): ${name}`;
    testNeeding(
      [subject.missing],
      lacking ? `${title} is refused: ${lacking}` : title,
      async () => {
        const place = `place-${Deno.pid}-${++places}`;
        const bench: Bench = { make: (options) => subject.make(place, options) };
        try {
          if (lacking === undefined) await body(bench);
          else {
            await assert.rejects(
              async () => await attempt!(bench),
              (error) => AgentError.is(error, "UNSUPPORTED"),
            );
          }
        } finally {
          await subject.finish?.(place);
        }
      },
    );
  };
}

/** Whether an error is ours with a code. */
export const coded = (code: AgentError["code"]) => (error: unknown): boolean =>
  AgentError.is(error, code);

/** Something that happens later, and the means to make it happen. */
export function gate<T = void>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}
