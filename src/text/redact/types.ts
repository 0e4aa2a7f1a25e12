/**
 * What the redactor takes and gives. Types only; behaviour is described at the functions in `mod.ts` and at the rules in
 * `rules.ts`, and defined by the pure twin and `tests/redact/conformance.ts`.
 *
 * @module
 */

import type { Implementation } from "../../shared/implementation.ts";
import type { BuiltInRule } from "./rules.ts";
import type { TableState } from "./scan/table.ts";
import type { RedactionVault } from "./vault.ts";

export type { BuiltInRule } from "./rules.ts";

/** Where something was found, in UTF-16 units of the input: `text.slice(start, end)` is what was replaced. */
export interface RedactionMatch {
  /** The rule that found it: a built-in rule, `"literal"`, `"pattern"`, or a name of the caller's. */
  rule: string;
  /** Where it begins. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
}

/** What a replacement function is given. */
export interface RedactionValue {
  /** The rule that found it. */
  rule: string;
  /** The rule's label: its name in capitals with `_` for `-`, such as `CREDIT_CARD`. */
  label: string;
  /** What is to be replaced, exactly as it stands in the input. */
  value: string;
}

/** Says what stands in place of a match. Keep it free of what it is given. */
export type Replacement = string | ((match: RedactionValue) => string) | RedactionVault;

/** A string to look for, or one with what it asks for. */
export type Literal = string | {
  /** The string. */
  readonly text: string;
  /** Whether no letter or digit may stand beside a letter or digit at its edges. Default false. */
  readonly wholeWord?: boolean;
  /** Whether the case of letters is ignored, those of other scripts than ASCII's included. Default false. */
  readonly ignoreCase?: boolean;
};

/** What to look for, and what to put in its place. */
export interface RedactOptions {
  /** The built-in rules to use; `[]` for none. Default: `DEFAULT_RULES`, all but `hex-token`. */
  rules?: readonly BuiltInRule[] | undefined;
  /**
   * Exact strings, thousands if need be: a list (rule `"literal"`), or lists by rule name. At most 16,384 UTF-16 units
   * each and 4,194,304 in all; none may be empty. They are found as they are written and as an escape writes them.
   */
  literals?: readonly Literal[] | Readonly<Record<string, readonly Literal[]>> | undefined;
  /** Whether literals that are strings and patterns ignore the case of ASCII letters. Default false. */
  ignoreCase?: boolean | undefined;
  /**
   * What stays although something found it: a string is the whole of what was found, as it is written or as it reads; a
   * RegExp (of the same syntax as `patterns`) matches somewhere in it.
   */
  allow?: readonly (string | RegExp)[] | undefined;
  /**
   * Regular expressions: a list (rule `"pattern"`), or one or more by rule name. The syntax is the part of ECMAScript's
   * that linear time allows; see `redact`.
   */
  patterns?:
    | readonly (string | RegExp)[]
    | Readonly<Record<string, string | RegExp | readonly (string | RegExp)[]>>
    | undefined;
  /**
   * What stands in place of a match: a text, a function, or a vault that numbers placeholders and can restore them.
   * Default: the rule's label in brackets, such as `[EMAIL]`. In a string of JSON it is escaped, in place of a number of
   * JSON it gets quotation marks.
   */
  replace?: Replacement | undefined;
  /** Which twin does the work; `"native"` throws instead of falling back. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /** Looked at before the start; a stream also ends with its reason when it is aborted. */
  signal?: AbortSignal | undefined;
}

/** What `redact` gives. */
export interface Redaction {
  /** The text with every match replaced. */
  text: string;
  /** What was replaced, in order; matches never overlap. */
  matches: RedactionMatch[];
}

/** Rules that were prepared once; stateless, so that one serves any number of texts and streams. */
export interface PreparedRedaction {
  /** `redact` with these rules. */
  redact(text: string): Redaction;
  /** `redactor` with these rules. */
  stream(): TransformStream<string, string>;
}

/** What an engine found in a stretch of text. */
export interface Scan {
  /** Three numbers a match: rule id, start, end. */
  readonly found: Uint32Array | readonly number[];
  /** How many of the numbers are meant. */
  readonly count: number;
  /** Up to here everything is decided; what follows needs more text. */
  readonly hold: number;
  /** From here on the text is context of what follows. */
  readonly keep: number;
  /** The table that `hold` is in. */
  readonly table: TableState;
}

/** The searching half of a twin. */
export interface Engine {
  /**
   * Finds all matches.
   *
   * @param text Well-formed text; up to `from` it is context only.
   * @param from Where to begin.
   * @param last Whether the text ends here.
   * @param since From where on headings of tables are looked for; `from` where that is not given.
   * @param table The table that this place is in.
   */
  scan(text: string, from: number, last: boolean, since?: number, table?: TableState): Scan;
}

/** A compiled set of options: what both twins search for. */
export interface Plan {
  /** Bit set of built-in rules, by their place in `BUILT_IN_RULES`. */
  readonly rules: number;
  /** Distinct literals, well-formed, group by group. */
  readonly literals: readonly string[];
  /** How many literals are exact, in any case of ASCII, in any case of letters; then of whole words the same. */
  readonly groups: readonly number[];
  /** The patterns as a program (see `pattern/compile.ts`); undefined without patterns. */
  readonly program: Uint32Array<ArrayBuffer> | undefined;
  /** How many patterns there are. */
  readonly patterns: number;
  /** The name of each rule id: literals, then patterns, then the built-in rules. */
  readonly names: readonly string[];
  /** Whether something found is to stay. */
  readonly isAllowed: ((value: string) => boolean) | undefined;
}
