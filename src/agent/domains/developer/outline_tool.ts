/**
 * A tool that shows how documents are built: their headings.
 *
 * @module
 */

import { formatOfName } from "../../../knowledge/format.ts";
import { toMarkdown } from "../../../text/markdown/mod.ts";
import { blocksOf, headingText } from "../../../text/outline/mod.ts";
import type { Tool } from "../../loop/types.ts";
import { inputOf, whole, words } from "../../tools/input.ts";
import { COUNT, listOf, OBJECT, READS, resultOf, TEXT } from "../../tools/output.ts";
import { nothingLeft, type Source, sourcesOf } from "./sources.ts";

interface Heading {
  readonly level: number;
  readonly title: string;
  /** Left out for HTML, whose headings are read from the page as it is shown. */
  readonly line?: number;
}

/** The headings of documents. */
export function docOutline(folder: string): Tool {
  return {
    name: "doc_outline",
    output: resultOf({
      total: COUNT,
      documents: listOf(
        resultOf({
          file: TEXT,
          headings: listOf(resultOf({ level: COUNT, title: TEXT, "line?": COUNT })),
        }),
      ),
      leftOut: OBJECT,
    }),
    effects: READS,
    description: "Lists the headings of Markdown and HTML documents, with levels and lines.",
    input: inputOf({
      "path?": words("A file or folder inside the permitted folder. Default: all of it."),
      "depth?": whole("The deepest level. Default 6.", 1, 6),
      "limit?": whole("How many headings. Default 300.", 1, 2_000),
    }),
    retry: "safe",
    permissions: [{ name: "read", path: folder }],
    async run(input, { signal }) {
      const { path = ".", depth = 6, limit = 300 } = input as {
        path?: string;
        depth?: number;
        limit?: number;
      };
      const left = nothingLeft();
      const documents: { file: string; headings: Heading[] }[] = [];
      let total = 0;
      const isWanted = (path: string) => /^(?:markdown|html)$/.test(formatOfName(path) ?? "");
      for await (const source of sourcesOf(folder, path, isWanted, left, signal)) {
        const all = headingsOf(source).filter(({ level }) => level <= depth);
        const headings = all.slice(0, Math.max(0, limit - total));
        total += all.length;
        if (headings.length > 0) documents.push({ file: source.path, headings });
      }
      return { total, documents, leftOut: left };
    },
  };
}

function headingsOf({ path, text }: Source): Heading[] {
  const isHtml = formatOfName(path) === "html";
  const markdown = isHtml ? toMarkdown(text, { content: "all" }) : text;
  let [line, counted] = [1, 0];
  return blocksOf(markdown, isHtml ? "html" : "markdown").filter(({ kind }) => kind === "heading")
    .map((block) => {
      for (; counted < block.start; counted++) if (markdown.charCodeAt(counted) === 10) line++;
      const title = headingText(markdown, block).toWellFormed();
      return { level: block.level, title, ...(!isHtml && { line }) };
    });
}
