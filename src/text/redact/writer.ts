/**
 * Puts replacements in place of matches. The same for both twins, for whole texts and for streams.
 *
 * @module
 */

import { labelOf } from "./rules.ts";
import type { Plan, Replacement } from "./types.ts";
import { openPlaceholder, type RedactionVault } from "./vault.ts";

/** Where `replace` is a function, what it gave must be a string. */
function replaced(value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`options.replace must return a string, got ${typeof value}`);
  }
  return value;
}

/** Writes one text. */
export class Writer {
  readonly #names: readonly string[];
  readonly #replace: Replacement | undefined;
  readonly #vault: RedactionVault | undefined;
  readonly #labels = new Map<string, string>();
  // The end of what was passed on, as far as it may be the beginning of a placeholder.
  #tail = "";

  /** Makes a writer; `vault` is the replacement if it is a vault. */
  constructor(plan: Plan, replace: Replacement | undefined, vault: RedactionVault | undefined) {
    this.#names = plan.names;
    this.#replace = replace;
    this.#vault = vault;
  }

  /** Passes on text that did not match. */
  keep(text: string): string {
    const vault = this.#vault;
    if (vault !== undefined && text !== "") {
      const seen = this.#tail + text;
      vault.reserve(seen);
      this.#tail = seen.slice(seen.length - openPlaceholder(seen));
    }
    return text;
  }

  /** Replaces what a rule found. */
  put(rule: number, value: string): string {
    const name = this.#names[rule]!;
    this.#tail = "";
    if (this.#vault !== undefined) return this.#vault.placeholder(name, value);
    const replace = this.#replace;
    if (typeof replace === "string") return replace;
    let label = this.#labels.get(name);
    if (label === undefined) this.#labels.set(name, label = labelOf(name));
    if (replace === undefined) return `[${label}]`;
    return replaced(
      (replace as (match: { rule: string; label: string; value: string }) => unknown)({
        rule: name,
        label,
        value,
      }),
    );
  }
}
