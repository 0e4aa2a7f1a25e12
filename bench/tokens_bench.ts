/**
 * Tokens: counting, encoding, splitting and starting, on both twins and on gpt-tokenizer. Long texts are new for each
 * call, because gpt-tokenizer remembers words that it has merged.
 */

import { type Encoding, loadEncoding } from "@agent/runtime/text";
import { type Area, atLeast, atMost, type Context, together } from "./lib/area.ts";
import { type Group, ladder, type Row, type Twin, twinRows } from "./lib/group.ts";
import { NATIVE, ROOT, runProgram } from "./lib/programs.ts";
import type { Random } from "./lib/random.ts";
import { register } from "./lib/register.ts";
import { COUNT_OF_FILE, ENCODE_OF_FILE, tokenizerGroups } from "./lib/tokenizer_json.ts";

const MEGABYTE = 1_000_000;
const PROSE = "count, prose";
const CODE = "count, source code";
const LETTERS = "count, no space";
const SPLIT = "split into 512 tokens, prose";
const FIRST = "loadEncoding and the first count";
const MANY = "countMany, 2,000 characters each";
const TEXTS = 2_000;

type Count = ((text: string) => number) | undefined;
type Encodings = ReadonlyMap<Twin, Encoding>;

/** The area. */
export const area: Area = {
  name: "tokens",
  tools: [
    ["count tokens, prose", PROSE, 10_000],
    ["count tokens, source code", CODE, MEGABYTE],
  ],
  async groups(context) {
    if (!context.may({ name: "read", path: `${ROOT}data` })) {
      context.leaveOut("all of it (needs --allow-read)");
      return [];
    }
    const encodings = new Map<Twin, Encoding>();
    for (const implementation of context.twins) {
      encodings.set(implementation, await loadEncoding("o200k_base", { implementation }));
    }
    const peer = await context.peers.countTokens();
    const blocks: string[] = [];
    const count = (operation: string, size: number, make: (random: Random) => string): Group =>
      counting(encodings, peer, operation, size, make);
    return [
      ...ladder(
        [0, 10, 100, 1_000, 10_000, MEGABYTE],
        [100, 10_000],
        (size) => count(PROSE, size, (random) => random.prose(size).slice(0, size)),
      ),
      count(CODE, MEGABYTE, (random) => {
        if (blocks.length === 0) blocks.push(...sourceBlocks());
        return random.shuffled(blocks).join("\n\n").slice(0, MEGABYTE);
      }),
      ...ladder([2_000, 20_000], [2_000], (size) => count(LETTERS, size, letters(size))),
      ...ladder(
        [10_000, MEGABYTE],
        [10_000],
        (size) =>
          worked(
            encodings,
            "encode, prose",
            size,
            (encoding, text) => encoding.encode(text).length,
          ),
      ),
      ...ladder([10_000, MEGABYTE], [10_000], (size) => splitting(encodings, size)),
      ...(context.may({ name: "write", path: `${ROOT}target/bench` })
        ? await tokenizerGroups(context.twins, context.peers)
        : leftOut(context, "tokenizer.json (needs --allow-write=target/bench)")),
      many(encodings),
      starting(context),
    ];
  },
  bars(figures) {
    const ratio = (operation: string, size: number, row: string): number | undefined =>
      figures.times(operation, size, row);
    return [
      together(
        "Count 1 MB of prose; source code; beside gpt-tokenizer, native",
        atLeast("prose", ratio(PROSE, MEGABYTE, "native"), 3),
        atLeast("code", ratio(CODE, MEGABYTE, "native"), 3),
      ),
      together(
        "Count 20,000 letters without a space, native; pure",
        atLeast("native", ratio(LETTERS, 20_000, "native"), 50),
        atLeast("pure", ratio(LETTERS, 20_000, "pure"), 10),
      ),
      together(
        "Count and encode by a tokenizer.json, 100,000 characters, beside @huggingface/tokenizers, native; pure",
        atLeast("count", ratio(COUNT_OF_FILE, 100_000, "native"), 10),
        atLeast("encode", ratio(ENCODE_OF_FILE, 100_000, "native"), 10),
        atLeast("count, pure", ratio(COUNT_OF_FILE, 100_000, "pure"), 5),
      ),
      atMost(
        "First count after loadEncoding, native",
        figures.milliseconds(FIRST, 0, "native"),
        60,
        " ms",
      ),
      atLeast(
        "countMany beside one after the other, 2 cores, native",
        figures.row(MANY, TEXTS, "native")?.toReference?.value,
        1.5,
      ),
    ];
  },
};

function leftOut(context: Context, what: string): Group[] {
  context.leaveOut(what);
  return [];
}

/** The blocks of our own sources, to be put together in another order each round. */
function sourceBlocks(): string[] {
  const blocks: string[] = [];
  const visit = (folder: URL): void => {
    for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
      if (isDirectory) visit(new URL(`${name}/`, folder));
      else if (isFile && /\.(ts|rs)$/.test(name)) {
        blocks.push(...Deno.readTextFileSync(new URL(name, folder)).split("\n\n"));
      }
    }
  };
  for (const folder of ["src/", "rust/", "tests/"]) visit(new URL(`../${folder}`, import.meta.url));
  // gpt-tokenizer refuses texts with what looks like a special token.
  return blocks.filter((block) => !block.includes("<|")).sort();
}

function letters(size: number): (random: Random) => string {
  return (random) =>
    Array.from({ length: size }, () => String.fromCharCode(97 + random.below(26))).join("");
}

/** A group in which every row does something with the same text. */
function worked(
  encodings: Encodings,
  operation: string,
  size: number,
  act: (encoding: Encoding, text: string) => number,
  make: (random: Random) => string = (random) => random.prose(size),
  peers: (text: () => string) => Row[] = () => [],
): Group {
  let text = "";
  return {
    operation,
    size,
    unit: "characters",
    rows: [
      ...twinRows([...encodings.keys()], ({ implementation }) => {
        const encoding = encodings.get(implementation)!;
        return () => act(encoding, text);
      }),
      ...peers(() => text),
    ],
    fresh: size > 1_000,
    slow: size > 10_000,
    prepare(random): void {
      text = make(random);
    },
  };
}

function counting(
  encodings: Encodings,
  peer: Count,
  operation: string,
  size: number,
  make: (random: Random) => string,
): Group {
  const rows = (text: () => string): Row[] =>
    peer === undefined ? [] : [{ name: "gpt-tokenizer", role: "peer", once: () => peer(text()) }];
  return worked(encodings, operation, size, (one, text) => one.count(text), make, rows);
}

function splitting(encodings: Encodings, size: number): Group {
  const options = { maxTokens: 512, overlapTokens: 64 };
  const paragraphs = (random: Random): string => {
    const made: string[] = [];
    for (let have = 0; have < size; have += made.at(-1)!.length + 2) {
      made.push(random.prose(200 + random.below(3_000)));
    }
    return made.join("\n\n");
  };
  const split = (one: Encoding, text: string): number => one.split(text, options).length;
  return worked(encodings, SPLIT, size, split, paragraphs);
}

function many(encodings: Encodings): Group {
  let texts: string[] = [];
  const native = encodings.get("native");
  const loop: Row = {
    name: "native, one after the other",
    role: "reference",
    once: () => texts.reduce((sum, text) => sum + native!.count(text), 0),
  };
  return {
    operation: MANY,
    size: TEXTS,
    unit: "texts",
    slow: true,
    front: true,
    rows: [
      ...twinRows(
        [...encodings.keys()],
        ({ implementation }) => async () =>
          (await encodings.get(implementation)!.countMany(texts))[0]!,
      ),
      ...(native === undefined ? [] : [loop]),
    ],
    prepare(random): void {
      texts = Array.from({ length: TEXTS }, () => random.prose(1_000 + random.below(2_000)));
    },
  };
}

/** The time that the program itself measures: Deno's own start does not count. */
function starting({ twins }: Context): Group {
  return {
    operation: FIRST,
    size: 0,
    unit: "",
    slow: true,
    rows: twins.filter((twin) => twin !== "auto").map((twin) => ({
      name: twin,
      role: "other",
      ownClock: true,
      once: async () =>
        Number(await runProgram("programs/first_count.ts", { flags: NATIVE, args: [twin] })),
    })),
  };
}

await register(area, import.meta.url);
