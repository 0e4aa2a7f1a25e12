/**
 * From bytes or a caller's text to a document ready to be stored: decoding, format, title, chunks
 * and a digest of the content.
 *
 * @module
 */
import { type Chunk, chunksOf } from "./chunk.ts";
import { blocksOf, frontMatterEnd, headingText } from "./structure.ts";
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
const PREPARATION = 1;

const ENDINGS: ReadonlyMap<string, DocumentFormat> = new Map([
  ...["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "qmd"].map((e) => [e, "markdown"] as const),
  ...["txt", "text", "rst", "adoc", "asciidoc", "org", "log"].map((e) => [e, "text"] as const),
  ...["html", "htm", "xhtml"].map((e) => [e, "html"] as const),
]);
/** Files that are documents whatever follows the dot, such as `README.Debian`. */
const KNOWN_NAMES =
  /^(readme|changelog|changes|news|copying|copyright|licen[cs]e|authors|install|todo|faq|notice|contributing)\b/i;

/** Which format a file name stands for: "sniff" to look at the content, undefined for none. */
export function formatOfName(name: string): DocumentFormat | "sniff" | undefined {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  if (dot <= 0) return "sniff";
  const format = ENDINGS.get(base.slice(dot + 1).toLowerCase());
  return format ??
    (KNOWN_NAMES.test(base) && !/\.(gz|xz|bz2|zst|zip|pdf|png)$/i.test(base) ? "sniff" : undefined);
}

/** Which format a text looks like. */
export function sniffFormat(text: string): DocumentFormat {
  const head = text.slice(0, 20_000);
  const start = head.replace(/^(?:\s|<\?xml[^>]*>|<!--[^]{0,5000}?-->)+/, "").slice(0, 200);
  if (/^<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return "html";
  let signs = 0;
  if (frontMatterEnd(text) > 0) signs += 2;
  if (/^ {0,3}#{1,6}[ \t]+\S/m.test(head)) signs += 2;
  if (/^ {0,3}(?:```|~~~)/m.test(head)) signs += 2;
  if (/\[[^\[\]\n]+\]\([^()\s]+\)/.test(head)) signs += 1;
  if (/^ {0,3}[-*] \S/m.test(head)) signs += 1;
  if (/\*\*\S[^*\n]*\*\*|`[^`\n]+`/.test(head)) signs += 1;
  return signs >= 2 ? "markdown" : "text";
}

/** Decodes a file's bytes, or returns undefined if they are no text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  const head = bytes.subarray(0, 8_000);
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return undefined;
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  }
  if (controls * 50 > head.length) return undefined;
  const utf8 = new TextDecoder().decode(bytes);
  const wrong = utf8.split("\ufffd", 1_000).length - 1;
  if (wrong === 0) return utf8;
  // A broken byte in UTF-8 or another encoding? UTF-8 if most of what is beyond ASCII is sound.
  // deno-lint-ignore no-control-regex
  const beyond = utf8.slice(0, 1_000_000).replace(/[\x00-\x7f\ufffd]+/g, "").length;
  if (beyond >= wrong * 4) return utf8;
  let high = 0;
  for (const byte of head) if (byte > 127) high++;
  return high * 10 > head.length * 3 ? undefined : new TextDecoder("windows-1252").decode(bytes);
}

/** Makes a document ready to be stored; loads the HTML reader if it is needed. */
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
    const { extractHtml } = await import("./html.ts");
    const page = extractHtml(text);
    text = page.text;
    title ||= page.title;
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
