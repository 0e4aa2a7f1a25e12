/**
 * What a header cannot say stands in an export's comment, one annotation a line, and is checked:
 *
 *     @nonblocking           the call runs on another thread and gives a promise
 *     @raw                   no call is generated: the function itself is given, for hot paths and own buffers
 *     @signed                a negative number is an answer and no status
 *     @bytes NAME...         these are bytes (without it: text)
 *     @content NAME...       these are text or bytes; of a list, the lengths are in bytes
 *     @packed NAME...        the caller has packed these lists
 *     @flag NAME...          these numbers are booleans
 *     @count NAME...         these numbers may be Infinity: all ones
 *     @result KIND           what is written, and so what the call gives:
 *                              none      nothing
 *                              written   how many bytes; they are read out of RESULT of `src/native/call.ts`
 *                              view      the bytes, good until the next call; a submission hands them to `decode`
 *                              text      UTF-8, as a string
 *                              json      JSON, as what it says (unknown)
 *                              handle    one f64, the number of a handle
 *                              u32s      a Uint32Array
 *                              f64s      a Float64Array
 *                              strings   u32 lengths in UTF-16 units, then UTF-8 with "\n" between: as many strings as
 *                                        the list that the call takes
 *     @expect EXPRESSION     how many bytes that will probably be; `caller` makes it a parameter
 *     @fixed NAME BYTES      a pointer without a length
 */

import { type FunctionItem, HeaderError } from "./header.ts";

/** What a call writes into its buffer, or a completion brings. */
export const RESULTS = [
  "none",
  "written",
  "view",
  "text",
  "json",
  "handle",
  "u32s",
  "f64s",
  "strings",
] as const;

/** One of {@linkcode RESULTS}. */
export type ResultKind = (typeof RESULTS)[number];

const LISTS = ["bytes", "content", "packed", "flag", "count"] as const;
const FLAGS = ["nonblocking", "raw", "signed"] as const;

const KNOWN = [...FLAGS, ...LISTS, "result", "expect", "fixed"].map((word) => `@${word}`);

/** The annotations of one export. */
export interface Annotations {
  /** Its comment without them. */
  readonly doc: readonly string[];
  readonly nonblocking: boolean;
  readonly raw: boolean;
  readonly signed: boolean;
  readonly bytes: ReadonlySet<string>;
  readonly content: ReadonlySet<string>;
  readonly packed: ReadonlySet<string>;
  readonly flag: ReadonlySet<string>;
  readonly count: ReadonlySet<string>;
  /** Bytes of each pointer that is promised a fixed size instead of a length. */
  readonly fixed: ReadonlyMap<string, number>;
  readonly result: ResultKind | undefined;
  readonly expect: string | undefined;
}

/** Takes the annotations out of an export's comment; refuses what it does not know. */
export function annotationsOf(path: string, item: FunctionItem): Annotations {
  const fail = (message: string): never => {
    throw new HeaderError(path, item.line, `"${item.name}" ${message}`);
  };
  const lists = Object.fromEntries(LISTS.map((word) => [word, new Set<string>()])) as Record<
    (typeof LISTS)[number],
    Set<string>
  >;
  const flags = { nonblocking: false, raw: false, signed: false };
  const fixed = new Map<string, number>();
  let result: ResultKind | undefined;
  let expect: string | undefined;
  const names = new Set(item.parameters.map(({ name }) => name));
  const doc: string[] = [];
  // From there on it speaks to who calls it from Rust or C.
  let forRust = false;
  for (const line of item.doc) {
    const text = line.trim();
    forRust ||= text === "# Safety";
    if (!text.startsWith("@")) {
      if (!forRust) doc.push(line);
      continue;
    }
    const [word, ...rest] = text.slice(1).split(/\s+/);
    const size = /^@fixed (\w+) ([1-9]\d*)$/.exec(text);
    const list = LISTS.find((known) => known === word);
    const flag = FLAGS.find((known) => known === word);
    if (size !== null) fixed.set(size[1]!, Number(size[2]));
    else if (flag !== undefined && rest.length === 0) flags[flag] = true;
    else if (list !== undefined && rest.length > 0) {
      for (const name of rest) {
        if (!names.has(name)) fail(`has "@${word} ${name}", but no parameter of that name`);
        lists[list].add(name);
      }
    } else if (word === "result" && rest.length === 1) {
      if (result !== undefined) fail("has two results");
      result = RESULTS.find((known) => known === rest[0]) ??
        fail(`has "@result ${rest[0]}"; known are ${RESULTS.join(", ")}`);
    } else if (word === "expect" && rest.length > 0) expect = rest.join(" ");
    else fail(`has the annotation "${text}", which is none that is known (${KNOWN.join(", ")})`);
  }
  return { doc: withoutDoubleBlanks(doc), ...flags, ...lists, fixed, result, expect };
}

function withoutDoubleBlanks(doc: readonly string[]): string[] {
  const out = doc.filter((line, index) => line !== "" || (index > 0 && doc[index - 1] !== ""));
  while (out.at(-1) === "") out.pop();
  return out;
}
