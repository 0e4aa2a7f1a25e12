/**
 * Unicode's normal forms as the `tokenizers` package has them, and where the places of the result lie in the text.
 *
 * @module
 */

import type { Form } from "./plan.ts";

/**
 * That package's tables are those of Unicode 9: what later versions gave a decomposition, a composition or a combining
 * class is left as it is, and nothing passes over it. Found by comparing all code points with `tokenizers` 0.23.3.
 */
const LATER =
  "[\\u07fd\\u0897-\\u089f\\u08ca-\\u08d3\\u09fe\\u0c3c\\u0d3b\\u0d3c\\u0eba\\u1715\\u1abf-\\u1ace" +
  "\\u1df6-\\u1dfa\\u32ff\\ua7f2-\\ua7f4\\ua82c\\uab69\\u{105c9}\\u{105d2}\\u{105da}\\u{105e4}\\u{10781}-\\u{10785}" +
  "\\u{10787}-\\u{107b0}\\u{107b2}-\\u{107ba}\\u{10d24}-\\u{10d27}\\u{10d69}-\\u{10d6d}\\u{10eab}\\u{10eac}" +
  "\\u{10efd}-\\u{10eff}\\u{10f46}-\\u{10f50}\\u{10f82}-\\u{10f85}\\u{11070}\\u{1133b}\\u{11382}-\\u{11385}" +
  "\\u{1138b}\\u{1138e}\\u{11390}\\u{11391}\\u{113b8}\\u{113bb}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113c9}" +
  "\\u{113ce}-\\u{113d0}\\u{1145e}\\u{11839}\\u{1183a}\\u{11930}\\u{11935}\\u{11938}\\u{1193d}\\u{1193e}\\u{11943}" +
  "\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}\\u{11d42}\\u{11d44}\\u{11d45}\\u{11d97}\\u{11f41}\\u{11f42}" +
  "\\u{1611e}-\\u{16129}\\u{1612f}\\u{16d63}\\u{16d67}-\\u{16d6a}\\u{16ff0}\\u{16ff1}\\u{1ccd6}-\\u{1ccf9}" +
  "\\u{1e030}-\\u{1e06d}\\u{1e08f}\\u{1e130}-\\u{1e136}\\u{1e2ae}\\u{1e2ec}-\\u{1e2ef}\\u{1e4ec}-\\u{1e4ef}" +
  "\\u{1e5ee}\\u{1e5ef}\\u{1f16c}\\u{1fbf0}-\\u{1fbf9}]";
/** What may go together with the character before it: marks, Hangul's vowels and finals, halfwidth signs. */
const JOINING = "[\\p{M}\\u1160-\\u11ff\\ud7b0-\\ud7ff\\uff9e\\uff9f\\uffa0-\\uffdc]";

let later: RegExp | undefined;
let units: RegExp | undefined;

/** A stretch that came out otherwise: where it was, and where it is in the result. UTF-16 units. */
export interface Change {
  from: number;
  end: number;
  newFrom: number;
  newEnd: number;
}

/** A text in its forms. */
export function normalised(text: string, forms: readonly Form[]): string {
  for (const form of forms) text = inForm(text, form);
  return text;
}

function inForm(text: string, form: Form): string {
  const plain = text.normalize(form);
  if (plain === text) return text;
  later ??= new RegExp(`(${LATER}+)`, "u");
  if (!later.test(text)) return plain;
  return text.split(later).map((part, index) => index % 2 === 1 ? part : part.normalize(form))
    .join("");
}

/** The stretches that change, in order: each from a character that stands for itself to the next one. */
export function changesOf(text: string, forms: readonly Form[], result: string): Change[] {
  units ??= new RegExp(`[^](?:${JOINING})*`, "gu");
  const changes: Change[] = [];
  let at = 0;
  for (const { 0: unit, index } of text.matchAll(units)) {
    const own = normalised(unit, forms);
    if (own !== unit) {
      changes.push({ from: index, end: index + unit.length, newFrom: at, newEnd: at + own.length });
    }
    if (!result.startsWith(own, at)) return whole(text, result);
    at += own.length;
  }
  return at === result.length ? changes : whole(text, result);
}

/** Where the parts do not add up, all of it is one change. */
function whole(text: string, result: string): Change[] {
  return [{ from: 0, end: text.length, newFrom: 0, newEnd: result.length }];
}
