/**
 * The bounds of a run, and what was used of them.
 *
 * @module
 */

import { checkNumber, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ChatProvider, TokenUsage } from "../../llm/types.ts";
import type { Budget, Finish, Step } from "./types.ts";

const FIELDS: readonly (keyof Budget)[] = [
  ...["steps", "inputTokens", "outputTokens", "usd", "wallMs", "toolCalls", "repeated"] as const,
];
const DEFAULTS = { steps: 20, toolCalls: 100, repeated: 3 } as const;

/** What is over, if something is. */
export type Over = Pick<Finish, "reason" | "detail">;

/** Bounds with the defaults in. */
export type Bounds = { readonly [K in keyof Budget]-?: number };

/**
 * Reads a budget: each bound of the later one over that of the earlier.
 *
 * @throws {TypeError | RangeError} If a bound is none.
 */
export function readBudget(...budgets: readonly (Budget | undefined)[]): Bounds {
  const bounds: Record<string, number> = {
    ...Object.fromEntries(FIELDS.map((name) => [name, Infinity])),
    ...DEFAULTS,
  };
  for (const budget of budgets) {
    if (budget === undefined) continue;
    for (const [name, value] of Object.entries(knownFields(budget, "budget", FIELDS))) {
      if (value === undefined) continue;
      checkNumber(value, `budget.${name}`);
      if (!(value >= 0)) throw wrongValue(`budget.${name}`, "a number from 0 on", value);
      bounds[name] = value;
    }
  }
  return bounds as Bounds;
}

/**
 * Refuses dollars that nobody can count.
 *
 * @throws {AgentError} `UNSUPPORTED`.
 */
export function checkPrices(bounds: Bounds, models: readonly ChatProvider[]): void {
  if (bounds.usd === Infinity) return;
  const unknown = models.filter(({ price }) => price === undefined).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new AgentError(
    "UNSUPPORTED",
    `budget.usd cannot be kept: the price of ${
      unknown.join(", ")
    } is not known; give it as the model's price`,
    { what: "budget.usd" },
  );
}

/** Counts what a run used. */
export class Meter {
  readonly #bounds: Bounds;
  readonly #calls = new Map<string, number>();
  #steps = 0;
  #toolCalls = 0;
  #input = 0;
  #output = 0;
  #usd: number | null = 0;
  /** A turn did not say what it took. */
  #isUncounted = false;

  /** Begins at nothing. */
  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** A model's turn was paid for. */
  turn(usage: TokenUsage | undefined | null, price: ChatProvider["price"]): void {
    this.#steps++;
    this.#isUncounted ||= usage === undefined || usage === null;
    this.#input += usage?.inputTokens ?? 0;
    this.#output += usage?.outputTokens ?? 0;
    if (usage === undefined || usage === null || price === undefined) this.#usd = null;
    else if (this.#usd !== null) {
      const cached = usage.cachedInputTokens ?? 0;
      this.#usd += ((usage.inputTokens - cached) * price.input +
        cached * (price.cachedInput ?? price.input) + usage.outputTokens * price.output) / 1e6;
    }
  }

  /** A call is asked for; what is over with it, if something is. */
  call(name: string, input: string): Over | undefined {
    const { toolCalls, repeated } = this.#bounds;
    if (++this.#toolCalls > toolCalls) {
      return { reason: "calls", detail: `more than ${toolCalls} tool calls` };
    }
    const key = `${name} ${input}`;
    const count = (this.#calls.get(key) ?? 0) + 1;
    this.#calls.set(key, count);
    if (count <= repeated) return undefined;
    return { reason: "repeated", detail: `${name} was called ${count} times with the same input` };
  }

  /** What is over before another turn, if something is. */
  over(): Over | undefined {
    const { steps, inputTokens, outputTokens, usd } = this.#bounds;
    if (this.#input >= inputTokens) return tokens(this.#input, "read", inputTokens);
    if (this.#output >= outputTokens) return tokens(this.#output, "written", outputTokens);
    if (this.#isUncounted && Math.min(inputTokens, outputTokens) < Infinity) {
      return {
        reason: "tokens",
        detail: "a turn did not say what it took, so tokens cannot be counted",
      };
    }
    if (usd !== Infinity && this.#usd !== null && this.#usd >= usd) {
      return { reason: "usd", detail: `$${this.#usd.toFixed(6)} of $${usd} are spent` };
    }
    if (usd !== Infinity && this.#usd === null) {
      return {
        reason: "usd",
        detail: "a turn did not say what it took, so dollars cannot be counted",
      };
    }
    if (this.#steps >= steps) return { reason: "steps", detail: `${steps} turns are done` };
    return undefined;
  }

  /** What was used. */
  usage(): { inputTokens: number; outputTokens: number; usd: number | null } {
    return { inputTokens: this.#input, outputTokens: this.#output, usd: this.#usd };
  }

  /** Takes over what steps before this process used. */
  replay(steps: readonly Step[], priceOf: (provider: string) => ChatProvider["price"]): void {
    for (const { usage, provider } of steps) this.turn(usage, priceOf(provider));
  }
}

function tokens(used: number, verb: string, bound: number): Over {
  return { reason: "tokens", detail: `${used} tokens are ${verb}, the bound is ${bound}` };
}
