/**
 * Seeded inputs: what is made from random numbers of a seed, so that every run of a bench sees the same inputs, and
 * every round of a run other ones.
 */

import { SeededRandom } from "../../src/shared/random.ts";

const ONSETS = "b br c d dr f g gr h k l m n p pl r s st t tr v w".split(" ");
const NUCLEI = ["a", "e", "i", "o", "u", "ai", "ea", "ou"];
const CODAS = ["", "", "l", "n", "nd", "r", "rt", "s", "st", "x"];
/** Nearly every second word of English prose is one of these. */
const FUNCTION_WORDS =
  "the of and to a in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so what up into"
    .split(" ");

/** A seeded source of numbers, words and texts. */
export class Random extends SeededRandom {
  static #words: string[] | undefined;

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.next();
    return bytes;
  }

  /** A word of a vocabulary of 20,000, the first ones far more often than the last. */
  word(): string {
    const words = Random.#words ??= vocabulary(20_000);
    const share = this.next() / 2 ** 32;
    return words[Math.floor(share * share * words.length)]!;
  }

  /** Words with spaces between them, cut or filled to a length in characters. */
  words(length: number): string {
    if (length === 0) return "";
    const words: string[] = [];
    for (let have = -1; have < length;) {
      const word = this.word();
      words.push(word);
      have += word.length + 1;
    }
    const text = words.join(" ").slice(0, length);
    return text.endsWith(" ") ? `${text.slice(0, -1)}s` : text;
  }

  /** Sentences of 5 to 20 words, at least `length` characters in all. */
  prose(length: number): string {
    const sentences: string[] = [];
    for (let have = 0; have < length;) {
      const words = Array.from(
        { length: 5 + this.below(16) },
        () => this.below(20) < 9 ? this.pick(FUNCTION_WORDS) : this.word(),
      );
      const text = words.join(" ");
      sentences.push(`${text[0]!.toUpperCase()}${text.slice(1)}.`);
      have += text.length + 2;
    }
    return sentences.join(" ");
  }

  /** A short text such as people search in: two or three words, 23 characters on average. */
  phrase(): string {
    return this.words(14 + this.below(19));
  }

  /** The text with a few characters changed, left out, doubled or swapped, as typing does it. */
  misspelt(text: string, faults: number): string {
    let result = text;
    for (let i = 0; i < faults && result.length > 1; i++) {
      const at = this.below(result.length - 1);
      const [head, here, tail] = [result.slice(0, at), result[at]!, result.slice(at + 1)];
      const other = String.fromCharCode(97 + this.below(26));
      result = this.pick([
        head + other + tail,
        head + tail,
        head + here + here + tail,
        head + tail[0] + here + tail.slice(1),
      ]);
    }
    return result;
  }
}

/** Made-up words, the short ones first. The same for every seed. */
function vocabulary(count: number): string[] {
  const random = new Random(1);
  const words = new Set<string>();
  while (words.size < count) {
    const syllables = 1 + random.below(3);
    let word = "";
    for (let i = 0; i < syllables; i++) word += random.pick(ONSETS) + random.pick(NUCLEI);
    words.add(word + random.pick(CODAS));
  }
  return [...words].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}
