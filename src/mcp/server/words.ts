/**
 * Names and words that come from documents and tools of others, before they are shown in somebody's client.
 *
 * @module
 */

/** Control signs, and those that turn the direction of what follows. */
// deno-lint-ignore no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** One line that a person can be shown: bounded, and without signs that are not seen. */
export function line(text: string, most = 200): string {
  const plain = text.toWellFormed().replace(UNSEEN, " ").trim();
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`.toWellFormed();
}
