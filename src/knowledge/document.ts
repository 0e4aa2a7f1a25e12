/**
 * From a caller's text to a document ready to be stored: its title, chunks and a digest of the
 * content; of a page its main content.
 *
 * @module
 */
import { checkString, checkWord, fieldsOf, wrongType } from "../shared/arguments.ts";
import { type Chunk, chunksOf } from "./chunk.ts";
import { formatOfName, sniffFormat } from "./format.ts";
import { blocksOf, frontMatterEnd, headingText } from "../text/outline/mod.ts";
import type { DocumentFormat, DocumentInput } from "./types.ts";

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
  /** Its chunks, which cover the text. */
  chunks: Chunk[];
  /** A digest of what it was made from. */
  hash: string;
}

/** Grows when the same bytes would give other chunks, so that stored documents are read again. */
const PREPARATION = 2;

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
  if (format !== undefined) checkWord(format, `${at}.format`, ["text", "markdown", "html"]);
  return input;
}

/** Makes a document ready to be stored; of a page its main content. Loads the HTML reader if it is needed. */
export async function prepareDocument(
  input: DocumentInput,
  digest?: string,
): Promise<PreparedDocument> {
  const named = input.format ?? formatOfName(input.document);
  const format = named === undefined || named === "sniff" ? sniffFormat(input.text) : named;
  const hash = digest ?? await digestOf(
    new TextEncoder().encode(JSON.stringify([input.title ?? null, format, input.text])),
  );
  let text = clean(input.text);
  let title = input.title === undefined ? "" : clean(input.title).trim();
  if (format === "html") {
    const [{ toMarkdown }, { pageTitle }] = await Promise.all([
      import("../text/markdown/mod.ts"),
      import("../text/markdown/title.ts"),
    ]);
    title ||= pageTitle(text);
    text = toMarkdown(text);
  }
  title ||= titleOf(text, format);
  const chunks = chunksOf(text, format);
  return { name: input.document, title: title === "" ? null : title, format, text, chunks, hash };
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

function titleOf(text: string, format: DocumentFormat): string {
  const head = text.slice(0, 20_000);
  if (format === "markdown") {
    const end = frontMatterEnd(head);
    const named = end < 0 ? null : /^title:[ \t]*(.+)$/m.exec(head.slice(0, end));
    if (named !== null) return named[1]!.trim().replace(/^(["'])(.*)\1$/, "$2").slice(0, 200);
  }
  const headings = blocksOf(head, format).filter((block) => block.kind === "heading");
  const top = headings.find((block) => block.level === 1) ?? headings[0];
  return top === undefined ? "" : headingText(head, top);
}
