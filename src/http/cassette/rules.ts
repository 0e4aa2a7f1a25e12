/**
 * What is put in a secret's place, and the rules of redaction as a cassette uses them.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";
import { BUILT_IN_RULES, prepareRedaction } from "../../text/redact/mod.ts";
import type { PreparedRedaction, RedactionValue } from "../../text/redact/mod.ts";

/** What stands where a name says that a value is secret. */
export const HIDDEN = "[REDACTED]";

/**
 * Rules that find what is long and random: ids of calls too, which have to stay apart. Two bytes of a digest do that and
 * say nothing of what has more than eighty bits.
 */
const NUMBERED: readonly string[] = ["high-entropy", "hex-token"];

/** Rules that find what a name or sign promises, as this folder does itself. */
const PROMISED: readonly string[] = ["url-credentials", "authorization", "assigned-secret"];

let rules: PreparedRedaction | undefined;

/** A text without what the rules of redaction find; they are compiled when they are first needed. */
export function redacted(text: string): string {
  rules ??= prepareRedaction({
    rules: BUILT_IN_RULES,
    replace: ({ rule, label, value }: RedactionValue) =>
      NUMBERED.includes(rule)
        ? `[${label}:${nodeCrypto().hash("sha256", value).slice(0, 4)}]`
        : PROMISED.includes(rule)
        ? HIDDEN
        : `[${label}]`,
    implementation: "pure",
  });
  return rules.redact(text).text;
}

/** A part of a text that is to be hidden: where it begins, and behind its end. */
export type Span = readonly [start: number, end: number];

/** A text with something else in the place of some of its parts, which may overlap. */
export function hidden(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let out = "";
  let done = 0;
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
    if (end <= start || end <= done) continue;
    // What overlaps is one.
    out += start < done ? "" : text.slice(done, start) + HIDDEN;
    done = end;
  }
  return out + text.slice(done);
}
