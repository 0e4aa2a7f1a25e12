/**
 * Tools that read sources: their figures, and what they declare.
 *
 * @module
 */

import type { Tool } from "../../loop/types.ts";
import { inputOf, whole, words } from "../../tools/input.ts";
import { COUNT, listOf, OBJECT, READS, resultOf, TEXT } from "../../tools/output.ts";
import { languageOf } from "./languages.ts";
import { mask } from "./mask.ts";
import { countLines, type LineCounts, type Mark, marksOf } from "./metrics.ts";
import { nothingLeft, sourcesOf } from "./sources.ts";
import { docOf } from "./docs.ts";
import { type Declaration, declarationsOf } from "./symbols.ts";

const MOST_MARKS = 100;
const LONGEST = 10;

const PATH = words("A file or folder inside the permitted folder. Default: all of it.");

function isSource(path: string): boolean {
  return languageOf(path) !== undefined;
}

/** How many files, lines and functions there are, which are the longest, and what is marked as open. */
export function codeMetrics(folder: string): Tool {
  return {
    name: "code_metrics",
    output: resultOf({
      languages: listOf(OBJECT),
      longestFunctions: listOf(OBJECT),
      marks: OBJECT,
      leftOut: OBJECT,
    }),
    effects: READS,
    description:
      "Counts files, lines (code, comment, blank) and functions per language; names the longest functions, and " +
      "the comments that mark something as open.",
    input: inputOf({ "path?": PATH }),
    retry: "safe",
    permissions: [{ name: "read", path: folder }],
    async run(input, { signal }) {
      const { path = "." } = input as { path?: string };
      const left = nothingLeft();
      const languages = new Map<string, { files: number; functions: number | null } & LineCounts>();
      const open: (Mark & { file: string })[] = [];
      let marks = 0;
      let longest: { file: string; name: string; line: number; lines: number }[] = [];
      for await (const source of sourcesOf(folder, path, isSource, left, signal)) {
        const language = languageOf(source.path)!;
        const masked = mask(source.text, language);
        const counts = countLines(source.text, masked);
        const functions = language.family === undefined
          ? null
          : declarationsOf(masked.code, language.family)
            .filter(({ kind }) => kind === "function" || kind === "method");
        const row = languages.get(language.name);
        languages.set(language.name, {
          files: (row?.files ?? 0) + 1,
          lines: (row?.lines ?? 0) + counts.lines,
          code: (row?.code ?? 0) + counts.code,
          comment: (row?.comment ?? 0) + counts.comment,
          blank: (row?.blank ?? 0) + counts.blank,
          functions: functions === null ? null : (row?.functions ?? 0) + functions.length,
        });
        const file = source.path;
        for (const mark of marksOf(source.text, masked)) {
          if (marks++ < MOST_MARKS) open.push({ file, ...mark });
        }
        const lengths = (functions ?? []).map(({ name, line, end }) => ({
          ...{ file, name, line, lines: end - line + 1 },
        }));
        longest = [...longest, ...lengths].sort((a, b) => b.lines - a.lines).slice(0, LONGEST);
      }
      const rows = Array.from(languages, ([language, row]) => ({ language, ...row }));
      return {
        languages: rows.sort((a, b) => b.code - a.code),
        longestFunctions: longest,
        marks: { total: marks, first: open },
        leftOut: left,
      };
    },
  };
}

/** What is declared where. */
export function codeSymbols(folder: string): Tool {
  return {
    name: "code_symbols",
    output: resultOf({
      total: COUNT,
      symbols: listOf(
        resultOf({ file: TEXT, name: TEXT, kind: TEXT, line: COUNT, "doc?": TEXT }),
      ),
      leftOut: OBJECT,
    }),
    effects: READS,
    description:
      "Lists the declarations of sources (functions, methods, classes, types, constants) with their lines and " +
      "what their comments say of them: TypeScript, JavaScript, Python, Rust, Go, C, C++, Java, C#.",
    input: inputOf({
      "path?": PATH,
      "name?": words("Only those whose name contains this, whatever its case."),
      "limit?": whole("How many. Default 200.", 1, 1_000),
    }),
    retry: "safe",
    permissions: [{ name: "read", path: folder }],
    async run(input, { signal }) {
      const { path = ".", name = "", limit = 200 } = input as {
        path?: string;
        name?: string;
        limit?: number;
      };
      const part = name.toLowerCase();
      const left = nothingLeft();
      const symbols: (Declaration & { file: string; doc?: string })[] = [];
      let total = 0;
      const isWanted = (path: string) => languageOf(path)?.family !== undefined;
      for await (const source of sourcesOf(folder, path, isWanted, left, signal)) {
        const language = languageOf(source.path)!;
        const { code } = mask(source.text, language);
        const [rows, masked] = [source.text.split("\n"), code.split("\n")];
        for (const found of declarationsOf(code, language.family!)) {
          if (!found.name.toLowerCase().includes(part)) continue;
          if (total++ >= limit) continue;
          const doc = docOf(rows, masked, found.line, language.family!);
          symbols.push({ file: source.path, ...found, ...(doc !== undefined && { doc }) });
        }
      }
      return { total, symbols, leftOut: left };
    },
  };
}
