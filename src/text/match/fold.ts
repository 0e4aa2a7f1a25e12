/**
 * Strings as they are compared where case, accents or punctuation are to be ignored. Both twins compare what comes out of
 * here, so that they agree whatever Unicode each knows.
 *
 * @module
 */

import { checkWord, wrongType } from "../../shared/arguments.ts";
import type { Ignored } from "./types.ts";

const WORDS: readonly Ignored[] = ["case", "accents", "punctuation"];
/** Letters with a stroke and the like, which have no decomposition. */
const STROKES: Readonly<Record<string, string>> = {
  "ø": "o",
  "Ø": "O",
  "ł": "l",
  "Ł": "L",
  "đ": "d",
  "Đ": "D",
  "ð": "d",
  "Ð": "D",
  "ħ": "h",
  "Ħ": "H",
  "ŧ": "t",
  "Ŧ": "T",
  "ƀ": "b",
  "ɨ": "i",
  "ı": "i",
  "æ": "ae",
  "Æ": "AE",
  "œ": "oe",
  "Œ": "OE",
};

// Made at first use: reading them alone takes a program milliseconds at its start.
let expressions: Record<"wide" | "accents" | "strokes" | "punctuation", RegExp> | undefined;

function made(): Record<"wide" | "accents" | "strokes" | "punctuation", RegExp> {
  return expressions ??= {
    wide: /[^\0-\x7f]/u,
    // Marks of no script of their own, and the points of Hebrew; not the voicing marks of Kana, which make other letters.
    accents:
      /[[[\p{Mn}&&\p{Script=Inherited}]--[\u3099\u309a]]\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+/gv,
    strokes: new RegExp(`[${Object.keys(STROKES).join("")}]`, "gu"),
    punctuation: /\p{P}+/gu,
  };
}

/** The checked words of an option, each once; undefined if nothing is ignored. */
export function ignoredOf(ignore: unknown): readonly Ignored[] | undefined {
  if (ignore === undefined) return undefined;
  if (!Array.isArray(ignore)) throw wrongType("options.ignore", "an array", ignore);
  ignore.forEach((word, index) => checkWord(word, `options.ignore[${index}]`, WORDS));
  const words = WORDS.filter((word) => ignore.includes(word));
  return words.length === 0 ? undefined : words;
}

/** A string without what is ignored. */
export function folded(text: string, ignore: readonly Ignored[]): string {
  const { wide, accents, strokes, punctuation } = made();
  const isWide = wide.test(text);
  if (ignore.includes("case")) text = isWide ? caseFolded(text) : text.toLowerCase();
  if (isWide && ignore.includes("accents")) {
    text = text.normalize("NFD").replace(accents, "").replace(strokes, (letter) => STROKES[letter]!)
      .normalize("NFC");
  }
  if (ignore.includes("punctuation")) {
    const words = text.replace(punctuation, "");
    // What stood alone between blanks leaves one of them.
    if (words !== text) text = words.replace(/\s+/g, " ").trim();
  }
  return text;
}

/** Strings without what is ignored; holes stay. */
export function foldedAll<T extends string | undefined>(
  texts: readonly T[],
  ignore: readonly Ignored[],
): T[] {
  return texts.map((text) => text === undefined ? text : folded(text, ignore) as T);
}

/** What folding makes of single characters. */
const known = new Map<string, string>();

/** Unicode's full case folding: what differs by case alone becomes equal, also where lengths differ (ß, ẞ and ss). */
function caseFolded(text: string): string {
  let result = "";
  for (const character of text.toWellFormed()) {
    if (character <= "\x7f") {
      result += character.toLowerCase();
      continue;
    }
    let own = known.get(character);
    if (own === undefined) known.set(character, own = foldedCharacter(character));
    result += own;
  }
  return result;
}

function foldedCharacter(character: string): string {
  // Dotless i has the capital of another letter, and is one of its own.
  if (character === "ı") return character;
  // Lower case tells a sigma at the end of a word from another one: here it stands alone.
  return Array.from(character.toLowerCase().toUpperCase(), (one) => one.toLowerCase()).join("");
}
