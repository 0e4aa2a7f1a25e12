/** The same random calls at the same times on both twins: the same is given in the same order, and the same is left. */

import assert from "assertions";
import fc from "fast-check";
import type { Limiter, LimiterOptions, Reservation } from "../../../src/http/limiter/types.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { CASES, checkAsync } from "../../support/arbitraries.ts";
import { testOfBoth, twins } from "../../support/twins.ts";
import { delay } from "../../support/values.ts";
import { type Told, told } from "./support.ts";

const both = twins("http");

type Step =
  | { do: "reserve"; tokens: number; group: string }
  | { do: "try"; tokens: number }
  | { do: "settle"; which: number; actual: number }
  | { do: "release"; which: number }
  | { do: "abort"; which: number }
  | { do: "observe"; fields: Record<string, string>; status: number }
  | { do: "pass"; us: number };

/** What a limiter did, call by call. */
class Run {
  readonly #told: Told;
  readonly log: string[] = [];
  readonly #held: Reservation[] = [];
  readonly #waiting = new Map<number, AbortController>();
  #calls = 0;

  constructor(twin: "pure" | "native", options: LimiterOptions) {
    this.#told = told(twin, options);
  }

  get #limiter(): Limiter {
    return this.#told.limiter;
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case "reserve":
        this.#reserve(step);
        break;
      case "try":
        try {
          const reservation = this.#limiter.tryReserve(step.tokens);
          this.log.push(`try ${reservation !== undefined}`);
          if (reservation !== undefined) this.#held.push(reservation);
        } catch (error) {
          this.log.push(shortOf(error));
        }
        break;
      case "settle":
        await this.#take(step.which)?.settle(step.actual);
        break;
      case "release":
        await this.#take(step.which)?.release();
        break;
      case "abort": {
        const numbers = [...this.#waiting.keys()];
        this.#waiting.get(numbers[step.which % numbers.length]!)?.abort("given up");
        break;
      }
      case "observe": {
        const { fields: headers, status } = step;
        await this.#limiter.observe(new Response(null, { status, headers }));
        break;
      }
      case "pass":
        this.#told.advance(step.us);
    }
    // What the native twin gave comes back over its ring.
    while ((await this.#limiter.stats()).waiting !== this.#waiting.size) await delay(0);
    this.log.push(JSON.stringify(await this.#limiter.stats()));
  }

  close(): void {
    this.#told[Symbol.dispose]();
  }

  #take(which: number): Reservation | undefined {
    return this.#held.length === 0 ? undefined : this.#held.splice(which % this.#held.length, 1)[0];
  }

  #reserve({ tokens, group }: Step & { do: "reserve" }): void {
    const number = this.#calls++;
    const controller = new AbortController();
    const { signal } = controller;
    this.#waiting.set(number, controller);
    this.#limiter.reserve(tokens, { group, signal }).then((reservation) => {
      this.#held.push(reservation);
      this.log.push(`given ${number}`);
    }, (error) => this.log.push(`${number}: ${shortOf(error)}`)).finally(() =>
      this.#waiting.delete(number)
    );
  }
}

function shortOf(error: unknown): string {
  return AgentError.is(error) ? `${error.code} ${error.message}` : String(error);
}

const LIMITS: fc.Arbitrary<LimiterOptions> = fc.record({
  requestsPerMinute: fc.integer({ min: 1, max: 40 }),
  requestsPerSecond: fc.constantFrom(0.4, 1, 2.5, 7, 1_000),
  tokensPerMinute: fc.integer({ min: 1, max: 3_000 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  leaseMs: fc.constantFrom(1_000, 7_000, 600_000),
}, { requiredKeys: [] });

const tokens = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 4_000 }));
const which = fc.nat(1_000);
const number = fc.integer({ min: -1, max: 400 }).map(String);
const seconds = fc.constantFrom("0", "1", "59.97", "20ms", "6m0s", "1h", "-3", "x", "99999999999");

const OBSERVED: fc.Arbitrary<Record<string, string>> = fc.record({
  "x-ratelimit-limit-requests": number,
  "x-ratelimit-remaining-requests": number,
  "x-ratelimit-reset-requests": seconds,
  "anthropic-ratelimit-tokens-limit": number,
  "anthropic-ratelimit-tokens-remaining": number,
  "x-ratelimit-remaining": number,
  "x-ratelimit-reset": seconds,
  "retry-after": fc.constantFrom("0", "1", "2.5", "70", "never"),
}, { requiredKeys: [] });

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      tokens,
      group: fc.constantFrom("", "a", "b", "\0é"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("try" as const), tokens }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("settle" as const), which, actual: tokens }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("observe" as const),
      fields: OBSERVED,
      status: fc.constantFrom(200, 429),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      us: fc.oneof(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 0, max: 90_000_000 }),
        fc.constantFrom(119_999, 120_000, 60_000_000, 60_120_000, 4_000_000_000),
      ),
    }),
  },
);

testOfBoth("limiter", both, "the same calls at the same times give the same", async () => {
  await checkAsync(
    fc.asyncProperty(
      LIMITS,
      fc.array(STEP, { minLength: 1, maxLength: 40 }),
      async (options, steps) => {
        const runs = [new Run("pure", options), new Run("native", options)] as const;
        try {
          for (const step of steps) {
            for (const run of runs) await run.step(step);
            assert.deepEqual(runs[1].log, runs[0].log);
          }
        } finally {
          for (const run of runs) run.close();
          await both.native.idle();
        }
      },
    ),
    CASES / 10,
  );
});
