/**
 * What an agent keeps: its counts and its domains, over processes where there is a file for them.
 *
 * @module
 */

import { checkString } from "../shared/arguments.ts";
import { checkDomains } from "./domains.ts";
import { Metrics, type MetricsStore } from "./metrics.ts";
import { StateFile } from "./state.ts";
import type { Answer, DomainChange, DomainProfile, DomainUpdate } from "./types.ts";

type Domains = Readonly<Record<string, DomainProfile>>;

/** The counts and the domains of an agent; opened at the first use. */
export class Kept {
  readonly #path: string | undefined;
  #domains: Domains;
  #file: StateFile | undefined;
  #metrics: MetricsStore | undefined;
  #error: unknown;

  /**
   * Opens nothing yet.
   *
   * @param domains Those that there are without the file.
   * @param path The file.
   */
  constructor(domains: Domains, path: string | undefined) {
    this.#domains = domains;
    this.#path = path;
  }

  /** The counts. */
  get metrics(): MetricsStore {
    return this.#opened();
  }

  /** The domains. */
  get domains(): Domains {
    this.#opened();
    return this.#domains;
  }

  /** Why nothing is kept over processes though it should be. */
  get error(): unknown {
    this.#opened();
    return this.#error;
  }

  /** Counts an answer. One that cannot be counted is one too. */
  count(answer: Answer, durationMs: number): void {
    try {
      this.#opened().count(answer, durationMs);
    } catch (error) {
      this.#error = error;
    }
  }

  /**
   * Changes a domain, or adds one.
   *
   * @throws {TypeError | RangeError} If something of it is wrong.
   * @throws {AgentError} If it cannot be kept.
   */
  update(name: string, { description, vocabulary, weight }: DomainChange): DomainUpdate {
    checkString(name, "name");
    const before = Object.hasOwn(this.domains, name) ? this.domains[name] : undefined;
    const after = {
      ...before,
      ...(description !== undefined && { description }),
      ...(vocabulary !== undefined && { vocabulary }),
      ...(weight !== undefined && { weight }),
    } as DomainProfile;
    checkDomains({ [name]: after });
    if (this.#error !== undefined) throw this.#error;
    const said = {
      ...{ description: after.description, vocabulary: [...after.vocabulary] },
      weight: after.weight ?? 0.5,
    };
    this.#file?.setDomain(name, said);
    this.#domains = { ...this.#domains, [name]: after };
    return { domain: name, ...said };
  }

  /** Closes the file. */
  close(): void {
    this.#metrics?.close();
  }

  #opened(): MetricsStore {
    if (this.#metrics !== undefined) return this.#metrics;
    const domains = { ...this.#domains };
    try {
      this.#file = this.#path === undefined ? undefined : StateFile.open(this.#path);
      for (const [name, said] of Object.entries(this.#file?.domains() ?? {})) {
        domains[name] = { ...domains[name], ...said };
      }
    } catch (error) {
      // Questions are answered without it; who changes something is told.
      this.#error = error;
    }
    this.#domains = domains;
    return this.#metrics = this.#file ?? new Metrics();
  }
}
