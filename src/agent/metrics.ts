/**
 * Counts and times of questions, for `status` and `get_metrics`.
 *
 * @module
 */
import type { AgentMetrics, Answer } from "./types.ts";

const KEPT_TIMES = 1_000;

/** What an agent counts. Counters only; nothing of a question is kept. */
export class Metrics {
  #counts = { questions: 0, answered: 0, abstained: 0, cached: 0, failed: 0 };
  #byDomain = new Map<string, number>();
  #times: number[] = [];

  /** Counts an answer that took so many milliseconds. */
  count(answer: Answer, durationMs: number): void {
    this.#counts.questions++;
    if (answer.error !== undefined) this.#counts.failed++;
    else if (answer.cached) this.#counts.cached++;
    else if (answer.sources.length === 0) this.#counts.abstained++;
    else this.#counts.answered++;
    this.#byDomain.set(answer.domain, (this.#byDomain.get(answer.domain) ?? 0) + 1);
    this.#times.push(durationMs);
    if (this.#times.length > KEPT_TIMES) this.#times.shift();
  }

  /** Starts again at zero. */
  reset(): void {
    this.#counts = { questions: 0, answered: 0, abstained: 0, cached: 0, failed: 0 };
    this.#byDomain.clear();
    this.#times = [];
  }

  /** The counts so far. */
  read(): AgentMetrics {
    const times = [...this.#times].sort((a, b) => a - b);
    const at = (share: number) =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null;
    return {
      ...this.#counts,
      byDomain: Object.fromEntries(this.#byDomain),
      p50Ms: at(0.5),
      p95Ms: at(0.95),
    };
  }
}
