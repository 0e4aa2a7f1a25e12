/**
 * Reversible placeholders. What was taken out of a text lives here and nowhere else, in private fields that neither
 * `JSON.stringify` nor an inspector shows, for as long as the caller keeps the object.
 *
 * @module
 */

import { labelOf } from "./rules.ts";

/** The longest placeholder, in characters, whatever is made of it. */
const LONGEST = 160;
/** What a bracket and an underscore may have become: escaped for Markdown, JSON or HTML, encoded for a URL. */
const OPEN = String.raw`(?:\[|%(?:25)?5[Bb]|&#91;|&lsqb;|&lbrack;|\uff3b)`;
const CLOSE = String.raw`(?:\]|%(?:25)?5[Dd]|&#93;|&rsqb;|&rbrack;|\uff3d)`;
const LINE = String.raw`(?:\\{0,4}_|%(?:25)?5[Ff]|&#95;|&lowbar;)`;
// Backslashes are of the placeholder only where both brackets have them.
const SHAPE = new RegExp(
  String.raw`(\\{1,4})?${OPEN}([A-Za-z][A-Za-z0-9]*(?:${LINE}[A-Za-z0-9]+)*?)${LINE}` +
    String.raw`([1-9][0-9]{0,14})\1${CLOSE}`,
  "g",
);
// The same, with the quotation marks around it.
const MARK = String.raw`(\\{0,15}"|)`;
const QUOTED = new RegExp(`${MARK}(${SHAPE.source.replace("\\1", "\\3")})${MARK}`, "g");
const LINES = new RegExp(LINE, "g");
/** What may become a placeholder, at the end of a text. */
const OPENED =
  `(?:\\\\{0,4}${OPEN}(?:[A-Za-z][\\w\\\\%&#;]*)?|\\\\{1,4}|%(?:2|25|255|5)?|&(?:#|#9|#91|l|ls|lsq|lsqb|lb|lbr|lbra|lbrac|lbrack)?)`;
const OPENING = new RegExp(`${OPENED}$`);
/** The same with quotation marks around it; a whole one, too, while the second may come. */
const OPENING_QUOTED = new RegExp(
  `(?:\\\\{0,15}"(?:${OPENED}|${SHAPE.source}\\\\{0,15})?|\\\\{1,15}|${OPENED})$`,
);

/** A placeholder as it was given, whatever has become of it; "" for what is too long to be one. */
function placeholderOf(written: string, label: string, number: string): string {
  if (written.length > LONGEST) return "";
  return `[${label.replace(LINES, "_").toUpperCase()}_${number}]`;
}

/**
 * Passes on text beside placeholders, so that restoring gives it back as it was: what looks like a placeholder and is none
 * yet is left out of the numbering; what looks like one that was given after `since` cannot mean it, and is taken into the
 * vault like a value. One that was given before is left: it means what it stands for.
 */
export let passOn: (vault: RedactionVault, text: string, since: number) => string;
/** A moment in the life of a vault, for `passOn`. */
export let momentOf: (vault: RedactionVault) => number;
/** The placeholder of a number that stands there without quotation marks, which it gets; restoring takes them away again. */
export let giveNumber: (vault: RedactionVault, rule: string, value: string) => string;

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
    giveNumber = (vault, rule, value) => vault.#give(labelOf(rule), value, true);
  }

  readonly #placeholders = new Map<string, string>();
  readonly #values = new Map<string, { value: string; given: number; bare: boolean }>();
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

  #give(label: string, value: string, bare = false): string {
    const key = `${label}${bare ? "\r" : "\n"}${value}`;
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    let number = this.#last.get(label) ?? 0;
    let placeholder: string;
    do placeholder = `[${label}_${++number}]`; while (this.#taken.has(placeholder));
    this.#last.set(label, number);
    this.#placeholders.set(key, placeholder);
    this.#values.set(placeholder, { value, given: ++this.#given, bare });
    return placeholder;
  }

  /**
   * Leaves out of the numbering the placeholders that a text already contains, so that `restore` will not change what
   * was no placeholder of this vault: for texts that go out without having been redacted.
   */
  reserve(text: string): void {
    if (!mayHave(text)) return;
    for (const [written, , label, number] of text.matchAll(SHAPE)) {
      const placeholder = placeholderOf(written, label!, number!);
      if (!this.#values.has(placeholder)) this.#taken.add(placeholder);
    }
  }

  #passOn(text: string, since: number): string {
    if (!mayHave(text)) return text;
    return text.replace(SHAPE, (written, _: string, label: string, number: string) => {
      const placeholder = placeholderOf(written, label, number);
      const entry = this.#values.get(placeholder);
      if (entry !== undefined) {
        const own = label.replace(LINES, "_").toUpperCase();
        return entry.given <= since ? written : this.#give(own, written);
      }
      this.#taken.add(placeholder);
      return written;
    });
  }

  /**
   * Puts the values back. A placeholder is known in small letters, too, and where Markdown, JSON or HTML has escaped it
   * or a URL has it encoded: `\[email\_1\]`, `%5BEMAIL_1%5D`. The value stands as it was taken out: a number of JSON without
   * the quotation marks that its placeholder has.
   *
   * @param text A text with placeholders, for instance what a model made of a redacted one.
   * @returns The text with every placeholder of this vault replaced by its value; others stay.
   */
  restore(text: string): string {
    return text.replace(
      QUOTED,
      (
        written,
        before: string,
        shape: string,
        _: string,
        label: string,
        number: string,
        after: string,
      ) => {
        const entry = this.#values.get(placeholderOf(shape, label, number));
        if (entry === undefined) return written;
        const bare = entry.bare && before !== "" && after !== "";
        return bare ? entry.value : before + entry.value + after;
      },
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
        const end = whole(text, text.length - open(text, LONGEST + 32, OPENING_QUOTED));
        held = text.slice(end);
        const ready = this.restore(text.slice(0, end));
        if (ready !== "") controller.enqueue(ready);
      },
      flush: (controller) => {
        if (held !== "") controller.enqueue(this.restore(held));
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

/** Whether a text may have a placeholder at all. */
function mayHave(text: string): boolean {
  return /[[%&\uff3b]/.test(text);
}

/** How many characters at the end of a text may become a placeholder. */
export function openPlaceholder(text: string): number {
  return open(text, LONGEST, OPENING);
}

/** A place, or the end of the placeholder that it is within: its second quotation mark may look like the first of another. */
function whole(text: string, place: number): number {
  for (const { index, 0: found } of text.matchAll(QUOTED)) {
    if (index < place && index + found.length > place) return index + found.length;
  }
  return place;
}

function open(text: string, longest: number, opening: RegExp): number {
  const from = Math.max(0, text.length - longest);
  const open = text.slice(from).search(opening);
  return open < 0 ? 0 : text.length - from - open;
}
