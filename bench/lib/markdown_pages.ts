/**
 * How much of real pages the main content is. The pages are other people's and not part of the repository: folders are
 * named by `AGENT_READABILITY_PAGES` (`test/test-pages` of mozilla/readability: `source.html` beside `expected.html`)
 * and `AGENT_MANUAL_PAGES` (HTML of manuals, as `python3.11-doc` or `nodejs-doc` of Debian have it).
 */

import { toMarkdown } from "@agent/runtime/text";
import type { Context, Fact } from "./area.ts";

const READABILITY = "AGENT_READABILITY_PAGES";
const MANUALS = "AGENT_MANUAL_PAGES";
/** Elements within a line. */
const WITHIN = "a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u";

/** Precision, recall and F1 in bags of words, mean over the pages; headings of manuals that the main content keeps. */
export function markdownPages(context: Context): Fact[] {
  return [...readability(context), ...manuals(context)];
}

function folder({ may, leaveOut }: Context, variable: string, what: string): string | undefined {
  const path = may({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
  if (path === undefined) leaveOut(`${what}: ${variable} names no folder`);
  else if (!may({ name: "read", path })) leaveOut(`${what}: ${path} may not be read`);
  else return path;
  return undefined;
}

function readability(context: Context): Fact[] {
  const path = folder(context, READABILITY, "main content of Readability's test pages");
  if (path === undefined) return [];
  const names = Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
  const halves = [0, 1].map((half) => names.filter((_, index) => index % 2 === half));
  return halves.flatMap((pages, half) => {
    const sums = [0, 0, 0];
    for (const name of pages) {
      const html = Deno.readTextFileSync(`${path}/${name}/source.html`);
      const wanted = words(textOf(Deno.readTextFileSync(`${path}/${name}/expected.html`)));
      const figures = compared(words(textOfMarkdown(toMarkdown(html))), wanted);
      for (let at = 0; at < 3; at++) sums[at]! += figures[at]! / pages.length;
    }
    const of = half === 0 ? "tuned on" : "held back";
    return ["precision", "recall", "F1"].map((name, at) => ({
      name: `Readability's pages, ${of}: ${name}`,
      value: sums[at]!,
      unit: "",
    }));
  });
}

function manuals(context: Context): Fact[] {
  const path = folder(context, MANUALS, "headings of manuals");
  if (path === undefined) return [];
  let [all, kept] = [0, 0];
  for (const file of htmlFiles(path)) {
    const html = Deno.readTextFileSync(file);
    const wanted = headings(toMarkdown(markedPart(html), { content: "all" }));
    all += wanted;
    kept += Math.min(wanted, headings(toMarkdown(html)));
  }
  return [
    { name: "headings of manuals, in what they mark as main", value: all, unit: "" },
    { name: "headings of manuals, kept of these", value: kept, unit: "" },
  ];
}

/** What a page marks as its main part by element or role; all of it if it marks none. */
function markedPart(html: string): string {
  const start = /<(\w+)\b[^>]*\brole=["']?main\b[^>]*>|<(main)\b[^>]*>/i.exec(html);
  if (start === null) return html;
  let open = 0;
  const tags = new RegExp(`<(/?)${start[1] ?? start[2]}\\b`, "gi");
  tags.lastIndex = start.index;
  for (let tag = tags.exec(html); tag !== null; tag = tags.exec(html)) {
    open += tag[1] === "" ? 1 : -1;
    if (open === 0) return html.slice(start.index, tag.index);
  }
  return html.slice(start.index);
}

function htmlFiles(path: string): string[] {
  return Array.from(Deno.readDirSync(path)).flatMap(({ name, isDirectory, isFile }) =>
    isDirectory
      ? htmlFiles(`${path}/${name}`)
      : isFile && /\.html?$/.test(name)
      ? [`${path}/${name}`]
      : []
  );
}

function headings(markdown: string): number {
  return markdown.replace(/^([> ]*)(`{3,})[^`]*?^\1\2$/gm, "").match(
    /^[> ]*(?:- |\d+\. )*#{1,6} /gm,
  )
    ?.length ?? 0;
}

function textOf(html: string): string {
  return html.replace(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(new RegExp(`</?(?:${WITHIN})(?=[\\s/>])[^>]*>`, "gi"), "").replace(/<[^>]*>/g, " ")
    .replace(/&amp;/g, "&").replace(/&nbsp;/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"').replace(
      /&#x([0-9a-f]+);/gi,
      (_, code) => String.fromCodePoint(parseInt(code, 16)),
    );
}

function textOfMarkdown(markdown: string): string {
  return markdown.replace(/!\[[^\]]*\]\([^)]*\)/g, " ").replace(/\]\([^)]*\)/g, "]")
    .replace(/<br>|\\\n/g, " ").replace(/[*\\`~]/g, "");
}

/** Words; of writing without spaces its letters. */
function words(text: string): string[] {
  return text.toLowerCase().match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}_]+/gu,
  ) ?? [];
}

function compared(got: readonly string[], wanted: readonly string[]): [number, number, number] {
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let both = 0;
  for (const word of got) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    both++;
    left.set(word, count - 1);
  }
  const precision = got.length === 0 ? Number(wanted.length === 0) : both / got.length;
  const recall = wanted.length === 0 ? 1 : both / wanted.length;
  const sum = precision + recall;
  return [precision, recall, sum === 0 ? 0 : 2 * precision * recall / sum];
}
