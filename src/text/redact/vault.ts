/**
 * Reversible placeholders. What was taken out of a text lives here and nowhere else, in private fields that neither
 * `JSON.stringify` nor an inspector shows, for as long as the caller keeps the object.
 *
 * @module
 */

import { labelOf } from "./rules.ts";

/** The longest placeholder, in characters. */
const LONGEST = 84;
const SHAPE = /\[([A-Z][A-Z0-9_]{0,63})_([1-9][0-9]{0,14})\]/g;
const OPENING = /^\[(?:[A-Z][A-Z0-9_]*)?$/;

/**
 * Passes on text beside placeholders, so that restoring gives it back as it was: what looks like a placeholder and is none
 * yet is left out of the numbering; what looks like one that was given after `since` cannot mean it, and is taken into the
 * vault like a value. One that was given before is left: it means what it stands for.
 */
export let passOn: (vault: RedactionVault, text: string, since: number) => string;
/** A moment in the life of a vault, for `passOn`. */
export let momentOf: (vault: RedactionVault) => number;

/**
 * Takes values and gives placeholders such as `[EMAIL_1]`, the same for the same value; and the way back.
 *
 * Restoring what `redact` or `redactor` made of a text gives that text, also where the text itself has what looks like a
 * placeholder. Only placeholders that this vault gave for earlier texts mean their values, so that a text that is redacted
 * already stays as it is.
 */
export class RedactionVault {
  static {
    passOn = (vault, text, since) => vault.#passOn(text, since);
    momentOf = (vault) => vault.#given;
  }

  readonly #placeholders = new Map<string, string>();
  readonly #values = new Map<string, { value: string; given: number }>();
  // How many placeholders were given in all its life.
  #given = 0;
  readonly #last = new Map<string, number>();
  readonly #taken = new Set<string>();

  /** How many different values it holds. */
  get size(): number {
    return this.#values.size;
  }

  /**
   * The placeholder of a value.
   *
   * @param rule The rule that found it; its label is the placeholder's.
   * @param value The value.
   * @returns The placeholder: numbered from 1 by label, the same for the same label and value.
   */
  placeholder(rule: string, value: string): string {
    return this.#give(labelOf(rule), value);
  }

  #give(label: string, value: string): string {
    const key = `${label}\n${value}`;
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    let number = this.#last.get(label) ?? 0;
    let placeholder: string;
    do placeholder = `[${label}_${++number}]`; while (this.#taken.has(placeholder));
    this.#last.set(label, number);
    this.#placeholders.set(key, placeholder);
    this.#values.set(placeholder, { value, given: ++this.#given });
    return placeholder;
  }

  /**
   * Leaves out of the numbering the placeholders that a text already contains, so that `restore` will not change what
   * was no placeholder of this vault: for texts that go out without having been redacted.
   */
  reserve(text: string): void {
    if (!text.includes("[")) return;
    for (const [placeholder] of text.matchAll(SHAPE)) {
      if (!this.#values.has(placeholder)) this.#taken.add(placeholder);
    }
  }

  #passOn(text: string, since: number): string {
    if (!text.includes("[")) return text;
    return text.replace(SHAPE, (placeholder, label: string) => {
      const entry = this.#values.get(placeholder);
      if (entry !== undefined) {
        return entry.given <= since ? placeholder : this.#give(label, placeholder);
      }
      this.#taken.add(placeholder);
      return placeholder;
    });
  }

  /**
   * Puts the values back.
   *
   * @param text A text with placeholders, for instance what a model made of a redacted one.
   * @returns The text with every placeholder of this vault replaced by its value; others stay.
   */
  restore(text: string): string {
    return text.replace(
      SHAPE,
      (placeholder) => this.#values.get(placeholder)?.value ?? placeholder,
    );
  }

  /**
   * `restore` for a stream: the output is that of restoring the whole, however it was cut.
   *
   * @returns A transform stream; it withholds only what may become a placeholder.
   */
  restorer(): TransformStream<string, string> {
    let held = "";
    return new TransformStream({
      transform: (chunk, controller) => {
        const text = held + String(chunk);
        const end = text.length - openPlaceholder(text);
        held = text.slice(end);
        const ready = this.restore(text.slice(0, end));
        if (ready !== "") controller.enqueue(ready);
      },
      flush: (controller) => {
        if (held !== "") controller.enqueue(held);
      },
    });
  }

  /** Forgets everything; placeholders given so far cannot be restored any more. */
  clear(): void {
    this.#placeholders.clear();
    this.#values.clear();
    this.#last.clear();
    this.#taken.clear();
  }
}

/** How many characters at the end of a text may become a placeholder. */
export function openPlaceholder(text: string): number {
  const open = text.lastIndexOf("[");
  if (open < 0 || text.length - open > LONGEST) return 0;
  return OPENING.test(text.slice(open)) ? text.length - open : 0;
}
