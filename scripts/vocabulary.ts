/**
 * Makes the vocabulary files in `data/` and their list in `src/text/tokens/vocabularies.ts` from the
 * rank data in npm's `tiktoken` package. The ranks are checked against the SHA-256 that OpenAI's
 * `tiktoken` publishes for its own files; the format is described in `data/README.md`.
 *
 *     deno run --no-prompt --allow-read --allow-env --allow-write=data,src/text/tokens scripts/vocabulary.ts
 */

/** What is made: one file an entry. A further vocabulary is a further entry. */
const VOCABULARIES = [
  {
    name: "cl100k_base",
    family: 1,
    digits: 3,
    ranksSha256: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    specials: {
      "<|endoftext|>": 100257,
      "<|fim_prefix|>": 100258,
      "<|fim_middle|>": 100259,
      "<|fim_suffix|>": 100260,
      "<|endofprompt|>": 100276,
    },
  },
  {
    name: "o200k_base",
    family: 2,
    digits: 3,
    ranksSha256: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    specials: { "<|endoftext|>": 199999, "<|endofprompt|>": 200018 },
  },
];

const CODE_POINTS = 0x110000;
const encoder = new TextEncoder();

/** Bytes that grow. */
class Writer {
  #bytes = new Uint8Array(1 << 20);
  #length = 0;

  put(...bytes: number[]): void {
    for (const byte of bytes) {
      if (this.#length === this.#bytes.length) {
        const grown = new Uint8Array(2 * this.#length);
        grown.set(this.#bytes);
        this.#bytes = grown;
      }
      this.#bytes[this.#length++] = byte;
    }
  }

  number(value: number): void {
    for (; value > 127; value >>>= 7) this.put(value & 127 | 128);
    this.put(value);
  }

  block(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.put(...bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** The rank data of a vocabulary in npm's `tiktoken`. */
async function rankData(name: string): Promise<string> {
  const specifier = `npm:tiktoken@1.0.22/encoders/${name}.json`;
  const { default: data } = await import(specifier, { with: { type: "json" } });
  return data.bpe_ranks;
}

/** Lines "! first token token ...": base64 tokens whose ranks count up from `first`. */
function readRanks(text: string): Uint8Array[] {
  const tokens: Uint8Array[] = [];
  for (const line of text.split("\n")) {
    const [mark, first, ...rest] = line.split(" ");
    if (mark !== "!") continue;
    rest.forEach((token, index) => tokens[Number(first) + index] = Uint8Array.fromBase64(token));
  }
  return tokens;
}

/** The ranks as OpenAI's own file has them: a line "base64 rank" for each token. */
function publishedForm(tokens: Uint8Array[]): string {
  return tokens.map((token, rank) => `${token.toBase64()} ${rank}\n`).join("");
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Classes of characters; see the table in `data/README.md`. */
function writeClasses(writer: Writer): void {
  const classes = [
    [/^\p{White_Space}$/u, 6],
    [/^[\p{Lu}\p{Lt}]$/u, 1],
    [/^\p{Ll}$/u, 2],
    [/^\p{L}$/u, 3],
    [/^\p{M}$/u, 4],
    [/^\p{N}$/u, 5],
  ] as const;
  const classOf = (code: number): number => {
    const text = String.fromCodePoint(code);
    return classes.find(([expression]) => expression.test(text))?.[1] ?? 0;
  };
  let start = 0;
  let current = classOf(0);
  for (let code = 1; code <= CODE_POINTS; code++) {
    const next = code < CODE_POINTS ? classOf(code) : -1;
    if (next === current) continue;
    writer.number((code - start) * 8 + current);
    start = code;
    current = next;
  }
}

const key = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/**
 * The two tokens whose merge gives a token: what byte-pair encoding comes to just before the last step
 * on the token's own bytes. Undefined for single bytes and for tokens that merging never reaches.
 */
function lastPair(
  token: Uint8Array,
  rank: number,
  ranks: ReadonlyMap<string, number>,
): [number, number] | undefined {
  const parts = Array.from(token, (byte) => String.fromCharCode(byte));
  while (parts.length > 2) {
    let best = rank;
    let at = -1;
    for (let index = 0; index + 1 < parts.length; index++) {
      const merged = ranks.get(parts[index]! + parts[index + 1]!) ?? Infinity;
      if (merged < best) {
        best = merged;
        at = index;
      }
    }
    if (at < 0) return undefined;
    parts.splice(at, 2, parts[at]! + parts[at + 1]!);
  }
  return parts.length === 2 ? [ranks.get(parts[0]!)!, ranks.get(parts[1]!)!] : undefined;
}

function writeTokens(writer: Writer, tokens: Uint8Array[]): number {
  const ranks = new Map(tokens.map((token, rank) => [key(token), rank]));
  if (ranks.size !== tokens.length) throw new Error("Two tokens are equal");
  let literal = 0;
  writer.number(tokens.length);
  tokens.forEach((token, rank) => {
    const pair = lastPair(token, rank, ranks);
    if (pair === undefined) {
      literal++;
      writer.number(0);
      writer.block(token);
    } else {
      writer.number(pair[0] + 1);
      writer.number(pair[1]);
    }
  });
  return literal;
}

const root = new URL("../", import.meta.url);
const entries: string[] = [];
for (const { name, family, digits, ranksSha256, specials } of VOCABULARIES) {
  const tokens = readRanks(await rankData(name));
  const found = await sha256(encoder.encode(publishedForm(tokens)));
  if (found !== ranksSha256) {
    throw new Error(`The ranks of ${name} have SHA-256 ${found}, not ${ranksSha256}`);
  }
  const writer = new Writer();
  writer.put(...encoder.encode("AGENTVOC"), 1);
  writer.block(encoder.encode(name));
  writer.put(family, digits);
  writer.number(Object.keys(specials).length);
  for (const [text, id] of Object.entries(specials)) {
    writer.number(id);
    writer.block(encoder.encode(text));
  }
  writeClasses(writer);
  const literal = writeTokens(writer, tokens);
  const file = writer.done();
  await Deno.writeFile(new URL(`data/${name}.voc`, root), file);
  const lines = Object.entries(specials).map(([text, id]) =>
    `      ${JSON.stringify(text)}: ${id},\n`
  );
  entries.push(
    `  ${name}: {\n    bytes: ${file.length},\n    sha256: "${await sha256(file)}",\n` +
      `    tokens: ${tokens.length},\n    specials: {\n${lines.join("")}    },\n  },\n`,
  );
  // A program for developers: what it prints is its result.
  // deno-lint-ignore no-console
  console.log(`${name}: ${tokens.length} tokens, ${literal} of them literal, ${file.length} bytes`);
}

await Deno.writeTextFile(
  new URL("src/text/tokens/vocabularies.ts", root),
  `/** The vocabularies in \`data/\`. Generated by \`scripts/vocabulary.ts\`. @module */

/** What is known about a vocabulary before its file is read. */
export interface VocabularyFacts {
  /** Size of its file. */
  readonly bytes: number;
  /** SHA-256 of its file, lowercase hex. */
  readonly sha256: string;
  /** How many ordinary tokens it has; their ids count from 0. */
  readonly tokens: number;
  /** Its special tokens: text to id. */
  readonly specials: Readonly<Record<string, number>>;
}

/** A vocabulary that comes with the package. */
export type EncodingName = ${VOCABULARIES.map(({ name }) => JSON.stringify(name)).join(" | ")};

/** The vocabularies by name; the file of each is \`data/<name>.voc\`. */
export const VOCABULARIES: Readonly<Record<EncodingName, VocabularyFacts>> = {
${entries.join("")}};
`,
);
