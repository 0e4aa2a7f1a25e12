/**
 * Text of others, such as documents and names of files, made harmless for a terminal.
 *
 * @module
 */

/** What a terminal acts on, or what hides the order of what is read; tabs and ends of lines are not among it. */
const ACTING =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/g;

/** The text with control characters and marks of direction written as their number, `<1B>`. */
export function harmless(text: string): string {
  return text.replace(ACTING, (character) => {
    const number = character.charCodeAt(0).toString(16).toUpperCase();
    return `<${number.padStart(2, "0")}>`;
  });
}

/** A JSON document with the same characters escaped: it means the same, and is harmless on a terminal. */
export function harmlessJson(json: string): string {
  // JSON has no control characters of its own but ends of lines.
  return json.replace(ACTING, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
