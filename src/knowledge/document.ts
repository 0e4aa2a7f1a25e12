/**
 * From a caller's text to a document ready to be stored: its title, chunks and a digest of the
 * content; of a page its main content.
 *
 * @module
 */
import { checkString, checkWord, fieldsOf, wrongType } from "../shared/arguments.ts";
import { type Chunk, chunksOf } from "./chunk.ts";
import { formatOfName, sniffFormat } from "./format.ts";
import { indexedLanguage, type Language } from "./languages.ts";
import type { Anchor } from "./reading/anchors.ts";
import { kindOfName } from "./reading/kinds.ts";
import { type Block, blocksOf, frontMatterEnd, headingText } from "../text/outline/mod.ts";
import type { DocumentFormat, DocumentInput, InputFormat } from "./types.ts";

/** A document ready to be stored. */
export interface PreparedDocument {
  /** Its unique name. */
  name: string;
  /** Its title, or null. */
  title: string | null;
  /** How it was read. */
  format: DocumentFormat;
  /** Its text, well-formed and without NUL. */
  text: string;
  /** Its language. */
  language: Language;
  /** Its chunks, which cover the text. */
  chunks: Chunk[];
  /** What leads to places in it, in order. */
  anchors: Anchor[];
  /** A digest of what it was made from. */
  hash: string;
}

/** Grows when the same bytes would give other chunks, so that stored documents are read again. */
const PREPARATION = 4;

/** Refuses what is no document; `index` is its place in what was given. */
export function checkDocument(input: DocumentInput, index: number): DocumentInput {
  const at = `documents[${index}]`;
  const { document, text, title, format } = fieldsOf(input ?? null, at);
  const isName = typeof document === "string" && document !== "" && !document.includes("\0") &&
    document.isWellFormed();
  if (!isName) {
    throw wrongType(`${at}.document`, "a name without NUL and lone surrogates", document);
  }
  checkString(text, `${at}.text`);
  if (title !== undefined) checkString(title, `${at}.title`);
  if (format !== undefined) checkWord(format, `${at}.format`, ["text", "code", "markdown", "html"]);
  return input;
}

/** Makes a document ready to be stored; of a page its main content. Loads the HTML reader if it is needed. */
export async function prepareDocument(
  input: DocumentInput,
  digest?: string,
): Promise<PreparedDocument> {
  const format = input.format ?? inputFormat(input.document, input.text);
  const hash = digest ?? await digestOf(
    new TextEncoder().encode(JSON.stringify([input.title ?? null, format, input.text])),
  );
  const given = clean(input.text);
  const { text, title, anchors } = format === "html"
    ? await readPage(given)
    : { text: given, title: "", anchors: undefined };
  const blocks = blocksOf(text, format);
  const name = clean(input.title ?? "").trim() || title || titleOf(text, format, blocks);
  return {
    name: input.document,
    title: name === "" ? null : name,
    format,
    text,
    language: await indexedLanguage(text),
    chunks: chunksOf(text, format, blocks),
    anchors: anchors?.(blocks) ?? [],
    hash,
  };
}

/**
 * Makes the pages of a PDF or Word document ready to be stored.
 *
 * @param name Its name.
 * @param format What it was.
 * @param read HTML, a piece a page, and what it calls itself.
 * @param hash The digest of its bytes.
 */
export async function preparePages(
  name: string,
  format: "pdf" | "docx",
  read: { readonly pages: readonly string[]; readonly title: string },
  hash: string,
): Promise<PreparedDocument> {
  const { toMarkdown } = await import("../text/markdown/mod.ts");
  const parts: string[] = [];
  const anchors: Anchor[] = [];
  let start = 0;
  for (const [at, page] of read.pages.entries()) {
    const part = clean(toMarkdown(page, { content: "all" }));
    if (part === "") continue;
    if (format === "pdf") anchors.push({ start, anchor: `page=${at + 1}` });
    parts.push(part);
    start += part.length + PAGE_BREAK.length;
  }
  const text = parts.join(PAGE_BREAK);
  const blocks = blocksOf(text, format);
  const title = clean(read.title).replace(/\s+/g, " ").trim() || titleOf(text, format, blocks);
  return {
    name,
    title: title === "" ? null : title,
    format,
    text,
    language: await indexedLanguage(text),
    chunks: chunksOf(text, format, blocks),
    anchors,
    hash,
  };
}

/** What stands between the pages of a document. */
const PAGE_BREAK = "\n\n";

/** How a text is read that does not say it itself. */
export function inputFormat(name: string, text: string): InputFormat {
  const named = formatOfName(name);
  if (named !== undefined) return named;
  return kindOfName(name) === "code" ? "code" : sniffFormat(text);
}

async function readPage(html: string): Promise<
  { text: string; title: string; anchors: (blocks: readonly Block[]) => Anchor[] }
> {
  const [{ toMarkdown }, { pageTitle }, { anchorsOf }] = await Promise.all([
    import("../text/markdown/mod.ts"),
    import("../text/markdown/title.ts"),
    import("./reading/anchors.ts"),
  ]);
  const text = toMarkdown(html);
  return {
    text,
    title: pageTitle(html),
    anchors: (blocks) => anchorsOf(html, text, blocks),
  };
}

/** A digest of bytes that changes with the way documents are prepared. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sha = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${PREPARATION}:${Array.from(sha, (b) => b.toString(16).padStart(2, "0")).join("")}`;
}

/** Whether a document of this digest was prepared as it would be now. */
export function isCurrent(digest: string): boolean {
  return digest.startsWith(`${PREPARATION}:`);
}

/** SQLite cannot hold these: each becomes U+FFFD, which is as long, so no offset moves. */
function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

function titleOf(text: string, format: DocumentFormat, blocks: readonly Block[]): string {
  if (format === "markdown") {
    const head = text.slice(0, TITLE_HEAD);
    const end = frontMatterEnd(head);
    const named = end < 0 ? null : /^title:[ \t]*(.+)$/m.exec(head.slice(0, end));
    if (named !== null) return named[1]!.trim().replace(/^(["'])(.*)\1$/, "$2").slice(0, 200);
  }
  const manual = format === "text" ? manualPage(text) : undefined;
  if (manual !== undefined) return manual;
  const headings = blocks.filter(({ kind, end }) => kind === "heading" && end <= TITLE_HEAD);
  const top = headings.find(({ level }) => level === 1) ?? headings[0];
  return top === undefined ? "" : headingText(text, top);
}

/** What a manual page is called: its first line has it at both ends, in capitals often, and its first section as it is. */
function manualPage(text: string): string | undefined {
  const head = text.slice(0, 1_000);
  const [, name, section] = /^\s*(\S+)\((\d\w*)\)[ \t][^\n]*[ \t]\1\(\2\)[ \t]*\n/.exec(head) ?? [];
  if (name === undefined) return undefined;
  const first = /^NAME\s*\n\s+([^\s,]+)/m.exec(head)?.[1];
  return `${first?.toLowerCase() === name.toLowerCase() ? first : name}(${section})`;
}

/** A title is looked for in so many units. */
const TITLE_HEAD = 20_000;
