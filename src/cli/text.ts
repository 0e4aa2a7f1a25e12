/**
 * The `agent text` commands: each reads arguments, files or standard input, makes one call of the
 * text area, and prints.
 *
 * @module
 */

import type { Ranked } from "../text/mod.ts";
import { METRICS } from "../text/match/options.ts";
import { OPERATIONS } from "../text/transform/operations.ts";
import { oneOf, UsageError } from "./options.ts";
import type { Call, Command } from "./command.ts";
import { byteParts, lineBatches, readBytes, readText } from "./input.ts";
import { displayPath, STDIN } from "./paths.ts";
import { InputBar } from "./progress.ts";
import { markdown } from "./text_markdown.ts";
import { redact } from "./text_redact.ts";
import { count, split } from "./text_tokens.ts";
import { isTerminal } from "./terminal.ts";

const METRIC_OPTION = { value: "NAME", help: `How to compare: ${METRICS.join(", ")}` };
/** Files are hashed in portions of about this many bytes, larger ones part by part, so that memory stays bounded. */
const HASH_PORTION = 32 * 1024 * 1024;

const hash: Command = {
  name: "text hash",
  summary: "Prints the BLAKE3 hash of files or of standard input",
  usage: "[FILE...]",
  options: {},
  positionals: [0, Infinity],
  examples: ["scripts/agent text hash README.md", "echo hello | scripts/agent text hash --json"],
  async run({ options, positionals, output, interruptible }: Call): Promise<number> {
    const { hashMany, hashStream } = await import("../text/mod.ts");
    const files = positionals.length === 0 ? [STDIN] : positionals;
    const signal = interruptible();
    const request = { signal, ...options.implementation() };
    const results: { file: string; hash: string }[] = [];
    {
      using bar = new InputBar("hashing", files, isTerminal(Deno.stderr));
      const reading = { signal, onBytes: (bytes: number): void => bar.add(bytes) };
      // Small files, which are hashed at once over all cores.
      let portion: Uint8Array[] = [];
      let size = 0;
      const hashPortion = async (): Promise<void> => {
        for (const value of await hashMany(portion, request)) {
          results.push({ file: files[results.length] ?? "", hash: value });
        }
        bar.add(size);
        portion = [];
        size = 0;
      };
      for (const file of files) {
        if (isLarge(file)) {
          await hashPortion();
          const value = await hashStream(byteParts(file, output, reading), request);
          results.push({ file, hash: value });
          continue;
        }
        const bytes = await readBytes(file);
        portion.push(bytes);
        size += bytes.length;
        if (size >= HASH_PORTION) await hashPortion();
      }
      await hashPortion();
    }
    if (output.json) output.document(results);
    else {output.write(
        results.map((result) => `${result.hash}  ${displayPath(result.file)}\n`).join(""),
      );}
    return 0;
  },
};

const similarity: Command = {
  name: "text similarity",
  summary: "Prints how alike two texts are, from 0 to 1",
  usage: "A B",
  options: { metric: METRIC_OPTION },
  positionals: [2, 2],
  expects: "The second text",
  details: "One of them may be -, which stands for standard input without its last line end.",
  examples: [
    "scripts/agent text similarity kitten sitting",
    "scripts/agent text similarity --metric jaro-winkler martha marhta --json",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const metric = options.choice("metric", METRICS) ?? "levenshtein";
    const { similarity: compare } = await import("../text/mod.ts");
    let [a = "", b = ""] = positionals;
    if (a === STDIN && b === STDIN) {
      throw new UsageError("Only one of the texts can be standard input", "text similarity");
    }
    if (a === STDIN) a = await readLine(output);
    if (b === STDIN) b = await readLine(output);
    const score = compare(a, b, { metric, ...options.implementation() });
    if (output.json) output.document({ a, b, metric, similarity: score });
    else output.line(String(score));
    return 0;
  },
};

const rank: Command = {
  name: "text rank",
  summary: "Prints the lines most like a query, best first",
  usage: "QUERY [FILE]",
  options: {
    metric: METRIC_OPTION,
    limit: { value: "N", help: "The most lines to print (10)" },
    cutoff: { value: "SCORE", help: "The lowest score to print, 0 to 1" },
  },
  positionals: [1, 2],
  expects: "The query",
  examples: [
    'scripts/agent text rank "colour" words.txt --limit 3',
    "printf 'apple\\nmaple\\n' | scripts/agent text rank aple --cutoff 0.5",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const metric = options.choice("metric", METRICS) ?? "levenshtein";
    const limit = options.number("limit", 1, 1_000_000, "whole") ?? 10;
    const cutoff = options.number("cutoff", 0, 1, "any");
    const [query = "", file = STDIN] = positionals;
    const { rank: order } = await import("../text/mod.ts");
    const request = {
      metric,
      limit,
      ...(cutoff === undefined ? {} : { cutoff }),
      ...options.implementation(),
    };
    let results: Ranked[] = [];
    let seen = 0;
    for await (const choices of lineBatches(file, output)) {
      const before = seen;
      seen += choices.length;
      const more = order(query, choices, request)
        .map(({ index, choice, score }) => ({ index: before + index, choice, score }));
      results = [...results, ...more].sort((a, b) => b.score - a.score).slice(0, limit);
    }
    if (output.json) {
      output.document(results.map((result) => ({ ...result, line: result.index + 1 })));
    } else {
      output.write(
        results.map(({ index, choice, score }) => `${score.toFixed(4)}  ${index + 1}  ${choice}\n`)
          .join(""),
      );
    }
    return 0;
  },
};

const keywords: Command = {
  name: "text keywords",
  summary: "Prints the words that files or standard input are about",
  usage: "[FILE...]",
  options: {
    limit: { value: "N", help: "The most words for each file (10)" },
    "min-length": { value: "N", help: "The shortest word, in characters (3)" },
  },
  positionals: [0, Infinity],
  examples: [
    "scripts/agent text keywords README.md --limit 5",
    "scripts/agent text keywords --json < notes.txt",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const limit = options.number("limit", 1, 1024, "whole") ?? 10;
    const minLength = options.number("min-length", 1, 1000, "whole") ?? 3;
    const { keywords: extract } = await import("../text/mod.ts");
    const files = positionals.length === 0 ? [STDIN] : positionals;
    const results = [];
    for (const file of files) {
      const text = await readText(file, output);
      results.push({
        file,
        keywords: extract(text, { limit, minLength, ...options.implementation() }),
      });
    }
    if (output.json) {
      output.document(results);
      return 0;
    }
    for (const { file, keywords: found } of results) {
      if (files.length > 1) output.line(output.bold(displayPath(file)));
      output.write(
        found.map(({ keyword, score }) => `${score.toFixed(4)}  ${keyword}\n`).join(""),
      );
    }
    return 0;
  },
};

const transform: Command = {
  name: "text transform",
  summary: "Changes each line of a file or of standard input",
  usage: "OPERATION [FILE]",
  options: {},
  positionals: [1, 2],
  expects: "The operation",
  details: `OPERATION is one of ${OPERATIONS.join(", ")}.`,
  examples: [
    "scripts/agent text transform uppercase README.md",
    "echo ' hi ' | scripts/agent text transform trim",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const [word = "", file = STDIN] = positionals;
    const operation = oneOf(word, OPERATIONS, "The operation", "text transform");
    const { transform: change } = await import("../text/mod.ts");
    const results: string[][] = [];
    for await (const lines of lineBatches(file, output)) {
      const changed = change(lines, operation, options.implementation());
      if (output.json) results.push(changed);
      else output.write(changed.map((line) => `${line}\n`).join(""));
    }
    if (output.json) output.document({ operation, lines: results.flat() });
    return 0;
  },
};

/** Standard input as one text. */
async function readLine(output: Call["output"]): Promise<string> {
  return (await readText(STDIN, output)).replace(/\r?\n$/, "");
}

/** Whether something is read part by part: standard input, a large file, and what has no size, such as a pipe. */
function isLarge(file: string): boolean {
  if (file === STDIN) return true;
  try {
    const { isFile, size } = Deno.statSync(file);
    return !isFile || size > HASH_PORTION;
  } catch {
    // Reading it says what is wrong.
    return false;
  }
}

/** The commands of the group, in the order in which the help lists them. */
export const textCommands: readonly Command[] = [
  hash,
  similarity,
  rank,
  keywords,
  transform,
  count,
  split,
  redact,
  markdown,
];
