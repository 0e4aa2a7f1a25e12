/**
 * Strings as they are compared where case, accents or punctuation are to be ignored. Both twins compare what comes out of
 * here, so that they agree whatever Unicode each knows.
 *
 * @module
 */

import { checkWord, wrongType } from "../../shared/arguments.ts";
import type { Ignored } from "./types.ts";

const WORDS: readonly Ignored[] = ["case", "accents", "punctuation"];
/** Letters with a stroke, a bar or a dot beside them, which have no decomposition, and the letters without. */
const STROKED =
  "ø Ø ł Ł đ Đ ð Ð ħ Ħ ŧ Ŧ ƀ Ƀ ȼ Ȼ ɇ Ɇ ǥ Ǥ ɨ Ɨ ı ɉ Ɉ ꝁ Ꝁ ƚ Ƚ ɫ Ɫ ŀ Ŀ ɵ Ɵ ᵽ Ᵽ ꝗ Ꝗ ɍ Ɍ ⱦ Ⱦ ʉ Ʉ ɏ Ɏ ƶ Ƶ ⱥ Ⱥ æ Æ œ Œ";
const BARE =
  "o O l L d D d D h H t T b B c C e E g G i I i j J k K l L l L l L o O p P q Q r R t T u U y Y z Z a A ae AE oe OE";

// Made at first use: reading them alone takes a program milliseconds at its start.
let expressions: Record<"wide" | "accents" | "strokes" | "punctuation", RegExp> | undefined;
const bare = new Map<string, string>();

function made(): Record<"wide" | "accents" | "strokes" | "punctuation", RegExp> {
  if (expressions === undefined) {
    const letters = BARE.split(" ");
    STROKED.split(" ").forEach((letter, index) => bare.set(letter, letters[index]!));
  }
  return expressions ??= {
    wide: /[^\0-\x7f]/u,
    // Marks of no script of their own, and the points of Hebrew; not the voicing marks of Kana, which make other letters.
    accents:
      /[[[\p{Mn}&&\p{Script=Inherited}]--[\u3099\u309a]]\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]+/gv,
    strokes: new RegExp(`[${Array.from(bare.keys()).join("")}]`, "gu"),
    // With the signs that are typed or set for an apostrophe.
    punctuation: /[\p{P}`\u00b4\u02b9\u02bb\u02bc]+/gu,
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
    text = text.normalize("NFD").replace(accents, "").replace(
      strokes,
      (letter) => bare.get(letter)!,
    )
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
