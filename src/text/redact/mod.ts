/**
 * Redaction: what must not leave is found by rule, by literal and by pattern, in whole texts and in streams.
 *
 * @module
 */

import { prepared } from "./prepare.ts";
import type { PreparedRedaction, Redaction, RedactOptions } from "./types.ts";

export * from "../../shared/errors.ts";
export { BUILT_IN_RULES, DEFAULT_RULES } from "./rules.ts";
export { RedactionVault } from "./vault.ts";
export type {
  BuiltInRule,
  Literal,
  PreparedRedaction,
  Redaction,
  RedactionMatch,
  RedactionValue,
  RedactOptions,
  Replacement,
} from "./types.ts";

/**
 * Replaces what must not be seen: e-mail addresses, keys, card numbers and the like (`BUILT_IN_RULES`), literals of yours
 * and patterns of yours.
 *
 * Of all matches the leftmost wins, of those that begin there the longest, of those the literal before the pattern before
 * the built-in rule (in the order of `BUILT_IN_RULES`; patterns in theirs); the search goes on behind it, so matches never
 * overlap. Lone surrogates are searched as U+FFFD and stay in the text as they are.
 *
 * The built-in rules and literals look at what a text stands for (see `BUILT_IN_RULES`); literals and patterns also at
 * the text as it is written, and then take whole escapes.
 *
 * What was JSON stays JSON, in a document, a line of many, a line of a log, or a string of JSON: a number (or `true`,
 * `false`, `null`) of which something is to be replaced becomes a string as a whole, and a replacement is escaped as it
 * must be there. A text that is one number alone is no JSON, and literals and patterns that match signs of JSON (`{`, `"`)
 * take them away.
 *
 * Patterns are regular expressions of ECMAScript's syntax without what linear time does not allow: no look-around, no
 * back-references, no lazy repetition (of all matches at a place the longest is taken), no `\p`, sets as without flag
 * `v`, at most 1,000 counted repetitions. They work on code points; `\d`, `\w`, `\b` and `ignoreCase` know ASCII only;
 * of a RegExp the flags i, m and s count (d, g, u and y change nothing). A match has at most 4,096 UTF-16 units; what would be longer is
 * matched as far as that. A pattern that matches where there is nothing is refused.
 *
 * Options with literals or patterns are compiled at their first use and remembered with the object, as long as it holds
 * the same; `prepareRedaction` does it once and for all.
 *
 * @param text The text.
 * @param options What to look for, what to put in its place, which twin.
 * @returns The redacted text, and what was replaced by rule and place.
 * @throws {TypeError} If an argument is of the wrong type, a rule is not known, or a pattern is not of this syntax.
 * @throws {RangeError} If a literal is empty or too long, or there are too many literals or patterns.
 *
 * @example
 * ```ts
 * import { redact } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const { text, matches } = redact("Mail ada@example.org or call +44 20 7946 0958.");
 * assert.equal(text, "Mail [EMAIL] or call [PHONE].");
 * assert.deepEqual(matches[0], { rule: "email", start: 5, end: 20 });
 *
 * const own = redact("Project Blackbird, ticket OPS-1234", {
 *   rules: [],
 *   literals: { project: ["blackbird"] },
 *   patterns: { ticket: /\bOPS-\d+\b/ },
 *   ignoreCase: true,
 *   replace: ({ label }) => `<${label}>`,
 * });
 * assert.equal(own.text, "Project <PROJECT>, ticket <TICKET>");
 * ```
 */
export function redact(text: string, options?: RedactOptions): Redaction {
  return prepared(options).redact(text);
}

/**
 * `redact` for a stream of text, such as what a model says: the output, put together, is `redact` of the whole input,
 * however it was cut, between the halves of a character too.
 *
 * Only what can still become part of a match is withheld; the rest goes out with the chunk that it came with. At most a
 * private key is withheld (65,536 characters); other rules hold less, a pattern up to 4,096 units, a literal its own length,
 * a number of JSON itself.
 * While more than 1,024 characters are withheld, the next look at them comes with a 32nd more (at most 512 characters), so
 * that time stays linear for chunks of any size. With a vault, what may become a placeholder (84 characters) is withheld.
 *
 * @param options As for `redact`.
 * @returns The stream; errors of `replace` and a chunk that is no string error it.
 * @throws {TypeError | RangeError} As `redact`.
 *
 * @example
 * ```ts
 * import { redactor } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const chunks = ReadableStream.from(["The key is sk_li", "ve_4eC39HqLyjWDarjtT1zdp7dc", ", keep it!"]);
 * const output = await Array.fromAsync(chunks.pipeThrough(redactor()));
 * assert.deepEqual(output, ["The key is ", "[API_KEY], keep it!"]);
 * ```
 */
export function redactor(options?: RedactOptions): TransformStream<string, string> {
  return prepared(options).stream();
}

/**
 * Compiles options once for many texts and streams.
 *
 * @param options As for `redact`; later changes to the object are not seen.
 * @returns `redact` and `stream` with these options.
 * @throws {TypeError | RangeError} As `redact`.
 *
 * @example
 * ```ts
 * import { prepareRedaction, RedactionVault } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const vault = new RedactionVault();
 * const rules = prepareRedaction({ rules: ["email"], replace: vault });
 * assert.equal(rules.redact("From a@b.org to c@d.org").text, "From [EMAIL_1] to [EMAIL_2]");
 * assert.equal(rules.redact("c@d.org again").text, "[EMAIL_2] again");
 * assert.equal(vault.restore("Dear [EMAIL_2],"), "Dear c@d.org,");
 * ```
 */
export function prepareRedaction(options?: RedactOptions): PreparedRedaction {
  return prepared(options);
}
