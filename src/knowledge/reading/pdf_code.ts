/**
 * From the pieces of text on the pages of a PDF to HTML: lines, paragraphs, lists, headings by the size of their letters;
 * without what repeats at the edges of the pages and without lists of contents. Runs in the Worker, see `worker_code.ts`:
 * these functions need nothing but one another.
 *
 * @module
 */

import type { ReaderLimits } from "./worker_types.ts";

/** A line of a page; lengths in points, from the bottom left. */
interface Line {
  text: string;
  x: number;
  right: number;
  y: number;
  /** The height of its letters. */
  size: number;
  /** Whether all its letters are equally wide. */
  code: boolean;
}

/** What is being read: an element, its text so far, its last line. */
interface Open {
  tag: string;
  text: string;
  last: Line;
}

/** How large the letters of a document are. */
interface Sizes {
  /** Of the running text. */
  body: number;
  /** Of its headings, largest first. */
  headings: number[];
}

/** The HTML of each page, and the title that the document gives itself. */
export async function pdfPages(
  // deno-lint-ignore no-explicit-any
  pdfjs: any,
  bytes: Uint8Array<ArrayBuffer>,
  limits: ReaderLimits,
): Promise<{ pages: string[]; title: string }> {
  const task = pdfjs.getDocument({
    data: bytes,
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    disableAutoFetch: true,
    verbosity: 0,
  });
  const document = await task.promise;
  try {
    const pages: Line[][] = [];
    let left = limits.characters;
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const lines = await pdfLines(page, left);
      left -= lines.reduce((sum, { text }) => sum + text.length, 0);
      pages.push(lines);
      page.cleanup();
    }
    const all = pages.flat();
    const body = mostOften(all.map(({ size, text }) => [size, text.length]));
    const larger = all.filter((line) => isLarge(line, body)).map(({ size }) => size);
    const headings = [...new Set(larger)].sort((a, b) => b - a);
    const edges = repeatedEdges(pages);
    const html = pages.map((lines) => pageHtml(lines, { body, headings }, edges));
    const { info } = await document.getMetadata().catch(() => ({ info: {} }));
    return { pages: html, title: typeof info?.Title === "string" ? info.Title : "" };
  } finally {
    await task.destroy();
  }
}

/** The lines of a page, in the order in which they were written. */
export async function pdfLines(
  // deno-lint-ignore no-explicit-any
  page: any,
  characters: number,
): Promise<Line[]> {
  const lines: Line[] = [];
  let line: Line | undefined;
  let left = characters;
  const reader = page.streamTextContent().getReader();
  const styles: Record<string, { fontFamily?: string }> = {};
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    Date.now(); // over its time?
    Object.assign(styles, part.value.styles);
    for (const { str, transform, width, height, hasEOL, fontName } of part.value.items) {
      if (transform === undefined) continue;
      left -= str.length;
      if (left < 0) throw new RangeError("LIMIT output");
      const [a, b, , , x, y] = transform;
      if (Math.abs(b) > Math.abs(a)) continue; // turned: a watermark, or the label of a chart
      if (str.trim() !== "") {
        const size = Math.round((Math.hypot(transform[2], transform[3]) || height) * 2) / 2;
        const code = styles[fontName]?.fontFamily === "monospace";
        if (line !== undefined && Math.abs(y - line.y) <= Math.max(size, line.size) * 0.5) {
          const isApart = x - line.right > size * 0.18 && !/\s$/.test(line.text) &&
            !/^\s/.test(str);
          line.text += (isApart ? " " : "") + str;
          line.size = Math.max(line.size, size);
          line.code &&= code;
        } else {
          if (line !== undefined) lines.push(line);
          line = { text: str, x, right: 0, y, size, code };
        }
        line.right = x + width;
      } else if (line !== undefined && str !== "" && !/\s$/.test(line.text)) line.text += " ";
      if (hasEOL && line !== undefined) {
        lines.push(line);
        line = undefined;
      }
    }
  }
  if (line !== undefined) lines.push(line);
  for (const each of lines) each.text = each.code ? each.text.trimEnd() : each.text.trim();
  return lines.filter(({ text }) => text.trim() !== "");
}

/** The HTML of a page. */
export function pageHtml(all: readonly Line[], sizes: Sizes, edges: ReadonlySet<string>): string {
  const isContent = (line: Line): boolean =>
    !edges.has(edgeOf(line)) && !/(?:\.\s?){4,}\s*[\divxlc]+$/i.test(line.text);
  const lines = all.filter(isContent);
  const gap = mostOften(lines.slice(1).map((line, at) => [Math.round(lines[at]!.y - line.y), 1]));
  const right = lines.reduce((most, line) => Math.max(most, line.right), 0);
  const parts: Open[] = [];
  for (const [at, line] of lines.entries()) {
    const mark = /^[•‣◦▪●∙·*–-]\s+(?=\S)/.exec(line.text)?.[0] ?? "";
    const tag = tagOf(line, lines[at + 1], mark, sizes);
    const text = tag === "li" ? line.text.slice(mark.length) : line.text;
    const open = parts.at(-1);
    if (open !== undefined && goesOn(open, line, tag, gap, right)) {
      open.text = tag === "pre" ? `${open.text}\n${text}` : joinedLines(open.text, text);
      open.last = line;
    } else parts.push({ tag, text, last: line });
  }
  let html = "";
  for (const [at, { tag, text }] of parts.entries()) {
    if (tag === "li" && parts[at - 1]?.tag !== "li") html += "<ul>";
    const shown = text.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
    html += `<${tag}>${shown}</${tag}>\n`;
    if (tag === "li" && parts[at + 1]?.tag !== "li") html += "</ul>\n";
  }
  return html;
}

/** What a line is. */
export function tagOf(line: Line, next: Line | undefined, mark: string, sizes: Sizes): string {
  if (isLarge(line, sizes.body)) return `h${Math.min(sizes.headings.indexOf(line.size) + 1, 6)}`;
  // A line of capitals of the usual size, as manual pages have.
  const isShouted = !line.code && /^\p{Lu}[\p{Lu}\d ,/&()'-]{2,58}$/u.test(line.text) &&
    next !== undefined && !/^[\p{Lu}\d\W]+$/u.test(next.text);
  if (isShouted) return `h${Math.min(sizes.headings.length + 1, 6)}`;
  return line.code ? "pre" : mark === "" ? "p" : "li";
}

/** Whether a line is a heading by its size. */
export function isLarge({ size, text, code }: Line, body: number): boolean {
  return !code && size > body * 1.12 && text.length <= 150 && /\p{L}{2}/u.test(text);
}

/** Whether a line belongs to what is open. */
export function goesOn(open: Open, line: Line, tag: string, gap: number, right: number): boolean {
  const { last } = open;
  const down = last.y - line.y;
  if (tag.startsWith("h")) return open.tag === tag && down < line.size * 2;
  if (tag === "li" || (open.tag !== tag && !(open.tag === "li" && tag === "p"))) return false;
  if (tag === "pre") return true;
  const isOver = /[.!?:]["'”’)]*$/.test(open.text);
  // A new column goes on with the paragraph unless that was at its end.
  if (down < 0) return !isOver;
  if (down > Math.max(gap, line.size) * 1.35) return false;
  if (open.tag === "li") return line.x > last.x - 1;
  // A sentence that ends well before the edge ends a paragraph, and so does an indent behind one.
  return !isOver || (line.x <= last.x + line.size * 0.9 && last.right > right * 0.85);
}

/** A text and the line after it, without a hyphen that was put in there. */
export function joinedLines(text: string, next: string): string {
  return /\p{Ll}-$/u.test(text) && /^\p{Ll}/u.test(next)
    ? text.slice(0, -1) + next
    : `${text} ${next}`;
}

/** The value above 0 with the most weight; 0 for none. */
export function mostOften(values: readonly (readonly [number, number])[]): number {
  const weights = new Map<number, number>();
  for (const [value, weight] of values) {
    if (value > 0) weights.set(value, (weights.get(value) ?? 0) + weight);
  }
  let best = 0;
  for (const [value, weight] of weights) {
    if (weight > (weights.get(best) ?? 0)) best = value;
  }
  return best;
}

/** What a line is at an edge, whatever number it has. */
export function edgeOf({ text, y }: Line): string {
  return `${Math.round(y)} ${text.replace(/[\divxlc]+/g, "#").trim()}`;
}

/** Lines that stand at the same place of an edge of three pages or more: running heads, feet, page numbers. */
export function repeatedEdges(pages: readonly (readonly Line[])[]): Set<string> {
  const counts = new Map<string, number>();
  for (const lines of pages) {
    const byHeight = [...lines].sort((a, b) => a.y - b.y);
    const atEdges = new Set([...byHeight.slice(0, 2), ...byHeight.slice(-2)].map(edgeOf));
    for (const edge of atEdges) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= 3).map(([edge]) => edge));
}

/** All of them, as they are called: those of the Worker. */
export const PDF_FUNCTIONS: readonly ((...given: never[]) => unknown)[] = [
  pdfPages,
  pdfLines,
  pageHtml,
  tagOf,
  isLarge,
  goesOn,
  joinedLines,
  mostOften,
  edgeOf,
  repeatedEdges,
];
