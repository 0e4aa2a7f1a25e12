/** Small `tokenizer.json` files of the kinds that models have, trained here on a few lines, and byte-pair encoding as it is defined. */

/** How a kind cuts: the patterns one behind the other, as the file says them and as ECMAScript does. */
export interface Kind {
  readonly preTokenizer: unknown;
  readonly normalizer: unknown;
  readonly ignoreMerges: boolean;
  readonly expressions: readonly RegExp[];
  readonly form?: "NFC" | "NFKC";
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const tail = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const llama = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}|${tail}`;
const DEEPSEEK = [
  String.raw`\p{N}{1,3}`,
  "[一-龥぀-ゟ゠-ヿ]+",
  String
    .raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_\x60{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
];
const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
const isolated = (Regex: string): unknown => ({
  type: "Split",
  pattern: { Regex },
  behavior: "Isolated",
  invert: false,
});
const sequence = (...pretokenizers: unknown[]): unknown => ({ type: "Sequence", pretokenizers });
/** Unicode's white space instead of ECMAScript's; the two differ at U+0085 and U+FEFF. */
const own = (source: string): RegExp =>
  new RegExp(
    source.replaceAll("[^\\s", "[^\\p{White_Space}").replaceAll("(?!\\S)", "(?!\\P{White_Space})")
      .replaceAll("\\s", "\\p{White_Space}"),
    "gu",
  );

/** The kinds: GPT-2; Llama 3; Qwen; DeepSeek; StarCoder with its digits one by one. */
export const KINDS: Readonly<Record<string, Kind>> = {
  gpt2: {
    preTokenizer: { ...bytes, use_regex: true },
    normalizer: null,
    ignoreMerges: false,
    expressions: [own(GPT2)],
  },
  llama3: {
    preTokenizer: sequence(isolated(llama("\\p{N}{1,3}")), bytes),
    normalizer: null,
    ignoreMerges: true,
    expressions: [own(llama("\\p{N}{1,3}"))],
  },
  qwen: {
    preTokenizer: sequence(isolated(llama("\\p{N}")), bytes),
    normalizer: { type: "NFC" },
    ignoreMerges: false,
    expressions: [own(llama("\\p{N}"))],
    form: "NFC",
  },
  deepseek: {
    preTokenizer: sequence(...DEEPSEEK.map(isolated), bytes),
    normalizer: { type: "Sequence", normalizers: [] },
    ignoreMerges: false,
    expressions: DEEPSEEK.map(own),
  },
  starcoder: {
    preTokenizer: sequence({ type: "Digits", individual_digits: true }, {
      ...bytes,
      use_regex: true,
    }),
    normalizer: { type: "NFKC" },
    ignoreMerges: false,
    expressions: [/\p{N}/gu, own(GPT2)],
    form: "NFKC",
  },
};

/** What all of them are trained on. */
const LESSON =
  "the quick brown fox doesn't jump over the lazy dog, it's there; 1234 12345 the then there\n\n" +
  "function there(then) {\n\treturn then + 123;\n}\n日本語の文章、日本 über größer straße е́ это это " +
  "é á ô e\u0301 한국어 한국 \u{1f600}\u{1f600} 12 12 12\r\n  the    end ... !!!";

const encoder = new TextEncoder();
/** GPT-2's letters for bytes. */
const LETTERS: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
})();

/** A text in the letters of its bytes. */
function inLetters(text: string): string[] {
  return Array.from(encoder.encode(text), (byte) => LETTERS[byte]!);
}

/** The pieces of a text. */
function piecesOf(text: string, kind: Kind): string[] {
  let pieces = [kind.form === undefined ? text : text.normalize(kind.form)];
  for (const expression of kind.expressions) {
    pieces = pieces.flatMap((piece) => {
      const parts: string[] = [];
      let at = 0;
      for (const { 0: match, index } of piece.matchAll(expression)) {
        parts.push(piece.slice(at, index), match);
        at = index + match.length;
      }
      return [...parts, piece.slice(at)].filter((part) => part !== "");
    });
  }
  return pieces;
}

/** A file, and the encoding that it means, step by step as it is defined. */
export interface TinyTokenizer {
  readonly json: string;
  encode(text: string): number[];
}

/** Trains a file of a kind: the most frequent two neighbours are merged, again and again. */
export function trained(kind: Kind, count = 150): TinyTokenizer {
  const vocab = new Map<string, number>();
  // Ids that do not follow the ranks, as in GPT-2.
  LETTERS.toSorted().forEach((letter, index) => vocab.set(letter, index));
  const merges: [string, string][] = [];
  const words = piecesOf(LESSON, kind).map(inLetters);
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const best = Array.from(counts).toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    if (best === undefined) break;
    const [left, right] = best[0].split(" ") as [string, string];
    merges.push([left, right]);
    for (const word of words) merge(word, left, right);
    if (!vocab.has(left + right)) vocab.set(left + right, vocab.size);
  }
  // A token that no merge gives.
  vocab.set("zebra", vocab.size);
  const added = ["<|endoftext|>", "<think>", "<｜end▁of▁text｜>"].map((content, index) => ({
    id: vocab.size + 5 + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: index !== 1,
  }));
  const json = JSON.stringify({
    version: "1.0",
    added_tokens: added,
    normalizer: kind.normalizer,
    pre_tokenizer: kind.preTokenizer,
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      ignore_merges: kind.ignoreMerges,
      vocab: Object.fromEntries(vocab),
      merges,
    },
  });
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  const encodeWord = (word: string[]): number[] => {
    const whole = kind.ignoreMerges ? vocab.get(word.join("")) : undefined;
    if (whole !== undefined) return [whole];
    for (;;) {
      let best = Infinity;
      for (let i = 1; i < word.length; i++) {
        best = Math.min(best, ranks.get(`${word[i - 1]} ${word[i]}`) ?? Infinity);
      }
      if (best === Infinity) return word.map((token) => vocab.get(token)!);
      merge(word, ...merges[best]!);
    }
  };
  return {
    json,
    encode: (text) =>
      text.split(/(<think>)/).flatMap((part, index) =>
        index % 2 === 1
          ? [added[1]!.id]
          : piecesOf(part, kind).flatMap((piece) => encodeWord(inLetters(piece)))
      ),
  };
}

/** Merges two neighbours wherever they are, from the left. */
function merge(word: string[], left: string, right: string): void {
  for (let i = 1; i < word.length; i++) {
    if (word[i - 1] === left && word[i] === right) word.splice(i - 1, 2, left + right);
  }
}
