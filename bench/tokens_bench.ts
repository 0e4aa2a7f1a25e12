/**
 * Tokens: counting, encoding, splitting and starting, on both twins and on gpt-tokenizer. Texts are new each round,
 * because gpt-tokenizer remembers words that it has merged.
 */

import { type Encoding, loadEncoding } from "../src/text/mod.ts";
import { atLeast, atMost, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import { runProgram } from "./programs.ts";
import type { Random } from "./random.ts";

const MEGABYTE = 1_000_000;
const PROSE = "count, prose";
const CODE = "count, source code";
const LETTERS = "count, letters without a space";
const FIRST = "loadEncoding and the first count, as a whole program";
const MANY = "countMany, 2,000 texts of about 2,000 characters";
const LOOP = "native, one after the other";
const PEER = "gpt-tokenizer";

type Wish = "pure" | "native" | "auto";

/** The groups. */
export async function groups(context: Context): Promise<Group[]> {
  const encodings = new Map<Wish, Encoding>();
  for (const implementation of context.twins) {
    encodings.set(implementation, await loadEncoding("o200k_base", { implementation }));
  }
  const peer = await context.peers.countTokens?.();
  const blocks = await sources();
  const prose = (size: number) => (random: Random) => random.prose(size).slice(0, size);
  const counting = (
    operation: string,
    size: number,
    make: (random: Random) => string,
    maxRounds?: number,
  ): Group => measured(operation, size, make, encodings, peer, maxRounds);
  return [
    ...[0, 10, 100, 1_000, 10_000].map((size) => counting(PROSE, size, prose(size))),
    counting(PROSE, MEGABYTE, prose(MEGABYTE), 25),
    counting(CODE, MEGABYTE, (random) => code(blocks, random), 25),
    counting(LETTERS, 20_000, letters, 15),
    encoding(encodings, MEGABYTE),
    splitting(encodings, MEGABYTE),
    many(encodings),
    starting(context),
  ];
}

/** The blocks of our own sources, to be put together in another order each round. */
async function sources(): Promise<string[]> {
  const blocks: string[] = [];
  const visit = async (folder: URL): Promise<void> => {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      if (isDirectory) await visit(new URL(`${name}/`, folder));
      else if (isFile && /\.(ts|rs)$/.test(name)) {
        blocks.push(...(await Deno.readTextFile(new URL(name, folder))).split("\n\n"));
      }
    }
  };
  for (const folder of ["src/", "rust/", "tests/"]) {
    await visit(new URL(`../${folder}`, import.meta.url));
  }
  // gpt-tokenizer refuses texts with what looks like a special token.
  return blocks.filter((block) => !block.includes("<|")).sort();
}

function code(blocks: readonly string[], random: Random): string {
  return random.shuffled(blocks).join("\n\n").slice(0, MEGABYTE);
}

function letters(random: Random): string {
  return Array.from({ length: 20_000 }, () => String.fromCharCode(97 + random.below(26))).join("");
}

/** Rows that all do something with the same text. */
function rowsOf(
  encodings: ReadonlyMap<Wish, Encoding>,
  act: (encoding: Encoding) => number,
): Row[] {
  return [...encodings].map(([name, encoding]) => ({
    name,
    role: name,
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += act(encoding);
      return sum;
    },
  }));
}

function measured(
  operation: string,
  size: number,
  make: (random: Random) => string,
  encodings: ReadonlyMap<Wish, Encoding>,
  peer: ((text: string) => number) | undefined,
  maxRounds?: number,
): Group {
  let text = "";
  const rows = rowsOf(encodings, (encoding) => encoding.count(text));
  if (peer !== undefined) {
    rows.push({
      name: PEER,
      role: "peer",
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) sum += peer(text);
        return sum;
      },
    });
  }
  // One call a sample where the peer would find its own words again.
  const maxCalls = size > 1_000 ? 1 : undefined;
  return {
    operation,
    size,
    unit: "characters",
    rows,
    maxCalls,
    maxRounds,
    prepare(random): void {
      text = make(random);
    },
  };
}

function encoding(encodings: ReadonlyMap<Wish, Encoding>, size: number): Group {
  let text = "";
  return {
    operation: "encode, prose",
    size,
    unit: "characters",
    maxCalls: 1,
    maxRounds: 15,
    rows: rowsOf(encodings, (encoding) => encoding.encode(text).length),
    prepare(random): void {
      text = random.prose(size);
    },
  };
}

function splitting(encodings: ReadonlyMap<Wish, Encoding>, size: number): Group {
  let text = "";
  const options = { maxTokens: 512, overlapTokens: 64 };
  return {
    operation: "split, 512 tokens with an overlap of 64, paragraphs of prose",
    size,
    unit: "characters",
    maxCalls: 1,
    maxRounds: 15,
    rows: rowsOf(encodings, (encoding) => encoding.split(text, options).length),
    prepare(random): void {
      const paragraphs: string[] = [];
      for (let have = 0; have < size; have += paragraphs.at(-1)!.length + 2) {
        paragraphs.push(random.prose(200 + random.below(3_000)));
      }
      text = paragraphs.join("\n\n");
    },
  };
}

function many(encodings: ReadonlyMap<Wish, Encoding>): Group {
  let texts: string[] = [];
  const rows: Row[] = [...encodings].map(([name, encoding]) => ({
    name,
    role: name,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += (await encoding.countMany(texts))[0]!;
      return sum;
    },
  }));
  const native = encodings.get("native");
  if (native !== undefined) {
    rows.push({
      name: LOOP,
      role: "reference",
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) for (const text of texts) sum += native.count(text);
        return sum;
      },
    });
  }
  return {
    operation: MANY,
    size: 2_000,
    unit: "texts",
    maxCalls: 1,
    maxRounds: 25,
    rows,
    prepare(random): void {
      texts = Array.from({ length: 2_000 }, () => random.prose(1_000 + random.below(2_000)));
    },
  };
}

/** The time that the program itself measures: Deno's own start does not count. */
function starting(context: Context): Group {
  const row = (twin: "pure" | "native"): Row => ({
    name: twin,
    role: "other",
    ownClock: true,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        const flags = ["--allow-read=.", "--allow-ffi=target/release"];
        sum += Number(await runProgram("programs/first_count.ts", { flags, args: [twin] }));
      }
      return sum;
    },
  });
  return {
    operation: FIRST,
    size: 0,
    unit: "",
    maxCalls: 1,
    maxRounds: 15,
    rows: context.twins.includes("native") ? [row("pure"), row("native")] : [row("pure")],
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const ratio = (operation: string, size: number, row: string): number | undefined =>
    figures.row(operation, size, row)?.toPeer?.value;
  const first = figures.row(FIRST, 0, "native")?.median;
  return [
    atLeast(
      "count on 1 MB of prose that does not repeat, one thread: at least 3 times gpt-tokenizer",
      ratio(PROSE, MEGABYTE, "native"),
      3,
    ),
    atLeast("The same on 1 MB of source code", ratio(CODE, MEGABYTE, "native"), 3),
    atLeast(
      "count on 20,000 letters without a space, native: at least 50 times gpt-tokenizer",
      ratio(LETTERS, 20_000, "native"),
      50,
    ),
    atLeast("The same, pure: at least 10 times", ratio(LETTERS, 20_000, "pure"), 10),
    atMost(
      "The first count after loadEncoding with the file in the disk cache, native: under 60 ms",
      first === undefined ? undefined : first / 1e6,
      60,
      "ms",
    ),
    atLeast(
      "countMany, native, against counting one after the other on 2 cores: at least 1.5 times",
      figures.row(MANY, 2_000, "native")?.toReference?.value,
      1.5,
    ),
  ];
}
