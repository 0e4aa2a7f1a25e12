/**
 * The `agent text` commands about tokens of language models: both read part by part, so that a stream may be larger than
 * memory.
 *
 * @module
 */

import type { Chunk, EncodingName } from "../text/mod.ts";
import type { Call, Command } from "./command.ts";
import { textParts } from "./input.ts";
import { displayPath, STDIN } from "./paths.ts";
import { InputBar } from "./progress.ts";
import { isTerminal } from "./terminal.ts";

const ENCODINGS: readonly EncodingName[] = ["o200k_base", "cl100k_base"];
const ENCODING_OPTION = {
  value: "NAME",
  help: "Whose tokens: o200k_base (GPT-4o and later, the default) or cl100k_base (GPT-4, GPT-3.5)",
};
/** The most tokens of a chunk that can be asked for. */
const MOST_TOKENS = 10_000_000;

/** `agent text count`. */
export const count: Command = {
  name: "text count",
  summary: "Counts the tokens of files or of standard input",
  usage: "[FILE...]",
  options: { encoding: ENCODING_OPTION },
  positionals: [0, Infinity],
  details: "The count is exact. Memory stays bounded whatever the size; only a run of more than\n" +
    "33,554,432 characters without the end of a word or line is refused.",
  examples: [
    "scripts/agent text count README.md docs/*.md",
    "scripts/agent text count --encoding cl100k_base --json < notes.txt",
  ],
  async run({ options, positionals, output, interruptible }: Call): Promise<number> {
    const name = options.choice("encoding", ENCODINGS) ?? "o200k_base";
    const files = positionals.length === 0 ? [STDIN] : positionals;
    const signal = interruptible();
    const { loadEncoding } = await import("../text/mod.ts");
    using encoding = await loadEncoding(name, { signal, ...options.implementation() });
    const results: { file: string; tokens: number }[] = [];
    {
      using bar = new InputBar("counting", files, isTerminal(Deno.stderr));
      const reading = { signal, onBytes: (bytes: number): void => bar.add(bytes) };
      for (const file of files) {
        const parts = textParts(file, output, reading);
        results.push({ file, tokens: await encoding.countStream(parts, { signal }) });
      }
    }
    const total = results.reduce((sum, { tokens }) => sum + tokens, 0);
    if (output.json) {
      output.document({ encoding: name, files: results, total });
      return 0;
    }
    const rows = results.map(({ file, tokens }) => [tokens, displayPath(file)] as const);
    if (rows.length > 1) rows.push([total, "total"]);
    const width = String(total).length;
    output.write(
      rows.map(([tokens, file]) => `${String(tokens).padStart(width)}  ${file}\n`).join(""),
    );
    return 0;
  },
};

/** `agent text split`. */
export const split: Command = {
  name: "text split",
  summary: "Splits a file or standard input into chunks of at most so many tokens",
  usage: "[FILE] --max-tokens N",
  options: {
    "max-tokens": { value: "N", help: "The most tokens of a chunk" },
    overlap: { value: "N", help: "The most tokens that a chunk repeats of the one before (0)" },
    encoding: ENCODING_OPTION,
  },
  positionals: [0, 1],
  details:
    "Chunks end at headings, paragraphs, sentences or words, whichever fits. Each is one line of\n" +
    "JSON with text, start, end (UTF-16 offsets in the whole text) and tokens, printed as soon as it\n" +
    "is certain, so that a stream may be larger than memory. --json gathers all of them first.",
  examples: [
    "scripts/agent text split README.md --max-tokens 200 --overlap 20",
    "scripts/agent text split --max-tokens 512 --json < book.md",
  ],
  async run({ options, positionals, output, interruptible }: Call): Promise<number> {
    const name = options.choice("encoding", ENCODINGS) ?? "o200k_base";
    options.required("max-tokens", "the most tokens of a chunk");
    const maxTokens = options.number("max-tokens", 1, MOST_TOKENS, "whole") ?? 1;
    const overlapTokens = options.number("overlap", 0, maxTokens - 1, "whole") ?? 0;
    const [file = STDIN] = positionals;
    const signal = interruptible();
    const { loadEncoding } = await import("../text/mod.ts");
    using encoding = await loadEncoding(name, { signal, ...options.implementation() });
    const chunks: Chunk[] = [];
    {
      // Beside the chunks on a terminal a bar would only be in the way.
      const terminal = isTerminal(Deno.stderr) && (output.json || !isTerminal(Deno.stdout));
      using bar = new InputBar("splitting", [file], terminal);
      const reading = { signal, onBytes: (bytes: number): void => bar.add(bytes) };
      const reader = ReadableStream.from(textParts(file, output, reading))
        .pipeThrough(encoding.splitter({ maxTokens, overlapTokens }))
        .getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (output.json) chunks.push(value);
        else output.line(JSON.stringify(value));
      }
    }
    if (output.json) {
      output.document({ encoding: name, file, maxTokens, overlapTokens, chunks });
    }
    return 0;
  },
};
