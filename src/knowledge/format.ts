/**
 * What a text is: which format its name stands for, and which one it looks like.
 *
 * @module
 */
import { frontMatterEnd } from "../text/outline/mod.ts";
import { baseName } from "./reading/kinds.ts";
import type { InputFormat } from "./types.ts";

const ENDINGS: ReadonlyMap<string, InputFormat> = new Map([
  ...["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "qmd"].map((e) => [e, "markdown"] as const),
  ...["txt", "text", "rst", "adoc", "asciidoc", "org", "log"].map((e) => [e, "text"] as const),
  ...["html", "htm", "xhtml"].map((e) => [e, "html"] as const),
]);

/** Which format a file name stands for; undefined if the content has to tell. */
export function formatOfName(name: string): InputFormat | undefined {
  const base = baseName(name);
  const dot = base.lastIndexOf(".");
  return dot <= 0 ? undefined : ENDINGS.get(base.slice(dot + 1).toLowerCase());
}

/** Which format a text looks like. */
export function sniffFormat(text: string): InputFormat {
  const head = text.slice(0, 20_000);
  const start = head.replace(/^(?:\s|<\?xml[^>]*>|<!--[^]{0,5000}?-->)+/, "").slice(0, 200);
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return "html";
  if (start.startsWith("#!")) return "text";
  let signs = 0;
  if (frontMatterEnd(text) > 0) signs += 2;
  if (hasHeadings(head)) signs += 2;
  if (/^ {0,3}(?:```|~~~)/m.test(head)) signs += 2;
  if (/\[[^\[\]\n]+\]\([^()\s]+\)/.test(head)) signs += 1;
  if (/^ {0,3}[-*] \S/m.test(head)) signs += 1;
  if (/\*\*\S[^*\n]*\*\*|`[^`\n]+`/.test(head)) signs += 1;
  return signs >= 2 ? "markdown" : "text";
}

/** Whether lines that begin with # are headings. Comments are told by their neighbours: they come in blocks. */
function hasHeadings(head: string): boolean {
  const marks = head.trimEnd().split("\n")
    .map((line) => /^ {0,3}(#{1,6})(?:[ \t]|$)/.exec(line)?.[1]);
  const headings =
    marks.filter((mark, at) =>
      mark !== undefined && at < marks.length - 1 && mark !== marks[at - 1] &&
      mark !== marks[at + 1]
    ).length;
  return headings * 2 > marks.filter((mark) => mark !== undefined).length;
}
