/**
 * Counts and times of questions, for `status` and `get_metrics`.
 *
 * @module
 */
import type { AgentMetrics, Answer } from "./types.ts";

/** The times of so many questions are kept. */
export const KEPT_TIMES = 1_000;

/** What an agent counts. Counters only; nothing of a question is kept. */
export interface MetricsStore {
  /** Counts an answer that took so many milliseconds. */
  count(answer: Answer, durationMs: number): void;
  /** Starts again at zero. */
  reset(): void;
  /** The counts so far. */
  read(): AgentMetrics;
  /** Lets go of what it holds. */
  close(): void;
}

/** What came of a question. */
export type MetricWord = "answered" | "abstained" | "cached" | "failed";

/** Under which word an answer is counted. */
export function wordOf(answer: Answer): MetricWord {
  if (answer.error !== undefined) return "failed";
  if (answer.cached) return "cached";
  return answer.sources.length === 0 ? "abstained" : "answered";
}

/** The figures of counts and times. */
export function metricsOf(
  count: (name: "questions" | MetricWord) => number,
  byDomain: Record<string, number>,
  times: readonly number[],
): AgentMetrics {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  return {
    questions: count("questions"),
    answered: count("answered"),
    abstained: count("abstained"),
    cached: count("cached"),
    failed: count("failed"),
    byDomain,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  };
}

/** Counts of this process. */
export class Metrics implements MetricsStore {
  readonly #counts = new Map<string, number>();
  readonly #byDomain = new Map<string, number>();
  #times: number[] = [];

  count(answer: Answer, durationMs: number): void {
    for (const name of ["questions", wordOf(answer)]) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
    this.#byDomain.set(answer.domain, (this.#byDomain.get(answer.domain) ?? 0) + 1);
    this.#times.push(durationMs);
    if (this.#times.length > KEPT_TIMES) this.#times.shift();
  }

  reset(): void {
    this.#counts.clear();
    this.#byDomain.clear();
    this.#times = [];
  }

  read(): AgentMetrics {
    const byDomain = Object.fromEntries(this.#byDomain);
    return metricsOf((name) => this.#counts.get(name) ?? 0, byDomain, this.#times);
  }

  close(): void {}
}
