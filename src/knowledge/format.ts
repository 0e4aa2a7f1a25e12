/**
 * What a file is: which format its name stands for, which one its text looks like, and its bytes as
 * text.
 *
 * @module
 */
import { frontMatterEnd } from "../text/outline/mod.ts";
import type { DocumentFormat } from "./types.ts";

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
