/**
 * A `tokenizer.json` of the size that models have, made of the vocabulary that is here: the tokens, the merges and the
 * pattern of cl100k_base, as a file of Llama 3's kind says them. And the peer that reads such files.
 */

import { type Encoding, loadEncoding } from "@agent/runtime/text";
import { readVocabulary } from "../../src/text/tokens/file.ts";
import { type Group, type Twin, twinRows } from "./group.ts";
import type { Peers } from "./peers.ts";
import { ROOT } from "./programs.ts";
import type { Random } from "./random.ts";

const FILE = `${ROOT}target/bench/tokenizer.json`;
/** What the groups do. */
export const COUNT_OF_FILE = "count by a tokenizer.json, prose";
export const ENCODE_OF_FILE = "encode by a tokenizer.json, prose";
const SIZES = [10_000, 100_000];

const PATTERN = String
  .raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** GPT-2's letters for bytes. */
function lettersOfBytes(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}

/** The file's text. */
export function tokenizerJson(vocabulary: Uint8Array): string {
  const { arena, starts, lefts, rights } = readVocabulary(vocabulary);
  const letters = lettersOfBytes();
  const tokens = Array.from(
    lefts,
    (_, id) =>
      Array.from(arena.subarray(starts[id]!, starts[id + 1]!), (b) => letters[b]!).join(""),
  );
  const merges: [string, string][] = [];
  for (const [id, left] of lefts.entries()) {
    if (left >= 0) merges.push([tokens[left]!, tokens[rights[id]!]!]);
  }
  const bytes = { add_prefix_space: false, trim_offsets: true, use_regex: false };
  return JSON.stringify({
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: PATTERN }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", ...bytes },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", ...bytes },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      ignore_merges: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  });
}

/** Counting and encoding on the twins and on the peer, by one file. */
export async function tokenizerGroups(twins: readonly Twin[], peers: Peers): Promise<Group[]> {
  const json = tokenizerJson(await Deno.readFile(`${ROOT}data/cl100k_base.voc`));
  await Deno.mkdir(`${ROOT}target/bench`, { recursive: true });
  await Deno.writeTextFile(FILE, json);
  const encodings = new Map<Twin, Encoding>();
  for (const implementation of twins) {
    encodings.set(implementation, await loadEncoding(FILE, { implementation }));
  }
  const Peer = await peers.huggingFace();
  const peer = Peer === undefined ? undefined : new Peer(JSON.parse(json), {});
  const probe = "The quick brown fox: 12345 naïve cafés, 日本語!\n\n  Done.";
  const [own] = encodings.values();
  if (peer !== undefined && own !== undefined) {
    const theirs = peer.encode(probe, { add_special_tokens: false }).ids;
    if (String(theirs) !== String(own.encode(probe))) {
      throw new Error("The peer reads it otherwise");
    }
  }
  const group = (
    operation: string,
    size: number,
    ours: (encoding: Encoding, text: string) => number,
  ): Group => {
    let text = "";
    return {
      operation,
      size,
      unit: "characters",
      fresh: true,
      rows: [
        ...twinRows(twins, ({ implementation }) => {
          const encoding = encodings.get(implementation)!;
          return () => ours(encoding, text);
        }),
        ...(peer === undefined ? [] : [{
          name: "@huggingface/tokenizers",
          role: "peer" as const,
          once: () => peer.encode(text, { add_special_tokens: false }).ids.length,
        }]),
      ],
      prepare(random: Random): void {
        text = random.prose(size);
      },
    };
  };
  return SIZES.flatMap((size) => [
    group(COUNT_OF_FILE, size, (encoding, text) => encoding.count(text)),
    group(ENCODE_OF_FILE, size, (encoding, text) => encoding.encode(text).length),
  ]);
}
