/**
 * Targets of links and images: cleaned as browsers do, refused where they would run code, resolved against a base by
 * RFC 3986 (section 5.2), and written so that Markdown reads them back. Twin: `link.rs`.
 *
 * @module
 */

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const REFUSED = /^(?:javascript|vbscript|data):$/i;
const PARTS = /^([^:/?#]+:)(\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/;

/** The parts of a base address. */
export interface BaseUrl {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
}

/** Takes an absolute address apart; undefined if it is not one with a host or a path. */
export function baseOf(url: string): BaseUrl | undefined {
  const parts = PARTS.exec(url);
  if (parts === null || parts[2] === undefined) return undefined;
  return { scheme: parts[1]!, authority: parts[2], path: parts[3]!, query: parts[4] ?? "" };
}

/** An attribute's value without what browsers ignore in addresses: line ends, tabs, and control characters around it. */
function cleaned(value: string): string {
  let from = 0;
  let to = value.length;
  while (from < to && value.charCodeAt(from) <= 32) from++;
  while (to > from && value.charCodeAt(to - 1) <= 32) to--;
  const inner = value.slice(from, to);
  return /[\t\n\r]/.test(inner) ? inner.replace(/[\t\n\r]+/g, "") : inner;
}

/** A path without `.` and `..`. */
function withoutDots(path: string): string {
  if (!path.includes("/.")) return path;
  const out: string[] = [];
  const segments = path.split("/");
  for (let at = 1; at < segments.length; at++) {
    const segment = segments[at]!;
    const last = at === segments.length - 1;
    if (segment === ".") {
      if (last) out.push("");
    } else if (segment === "..") {
      out.pop();
      if (last) out.push("");
    } else out.push(segment);
  }
  return `/${out.join("/")}`;
}

function resolve(base: BaseUrl, target: string): string {
  const { scheme, authority, path, query } = base;
  if (target.startsWith("//")) return scheme + target;
  const origin = scheme + authority;
  if (target.startsWith("#")) return origin + path + query + target;
  if (target.startsWith("?")) return origin + path + target;
  const end = target.search(/[?#]/);
  const own = end < 0 ? target : target.slice(0, end);
  const rest = end < 0 ? "" : target.slice(end);
  const whole = own.startsWith("/")
    ? own
    : `${path.slice(0, path.lastIndexOf("/") + 1) || "/"}${own}`;
  return origin + withoutDots(whole) + rest;
}

/**
 * The address that a value stands for.
 *
 * @param value The attribute's value, decoded.
 * @param base What it is relative to; undefined to leave it as it is.
 * @returns The address; "" if it is empty or must not be followed.
 */
export function target(value: string, base: BaseUrl | undefined): string {
  const url = cleaned(value);
  if (url === "") return "";
  const scheme = SCHEME.exec(url);
  if (scheme !== null) return REFUSED.test(scheme[0]) ? "" : url;
  return base === undefined ? url : resolve(base, url);
}

/** Whether parentheses are in pairs, and not nested deeper than readers of Markdown follow. */
function isBalanced(url: string): boolean {
  let depth = 0;
  for (let at = 0; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code === 40) {
      if (++depth > 30) return false;
    } else if (code === 41 && --depth < 0) return false;
  }
  return depth === 0;
}

/** An address as it stands between the parentheses of a link. */
export function destination(url: string): string {
  if (!/[^\w/.:?=#%,;+~-]/.test(url)) return url;
  const escapeParentheses = !isBalanced(url);
  let out = "";
  for (let at = 0; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code <= 32 || code === 127 || code === 60 || code === 62 || code === 92 || code === 96) {
      out += `%${code < 16 ? "0" : ""}${code.toString(16).toUpperCase()}`;
    } else if (
      code === 38
        ? isReference(url, at, url.length, false)
        : escapeParentheses && (code === 40 || code === 41)
    ) {
      out += `\\${url[at]}`;
    } else out += url[at];
  }
  return out;
}

/**
 * Whether an ampersand could be taken for the beginning of a character reference.
 *
 * @param text The text.
 * @param at Where the ampersand is.
 * @param to Where the text ends.
 * @param goesOn Whether something may follow it there.
 */
export function isReference(text: string, at: number, to: number, goesOn: boolean): boolean {
  const most = Math.min(to, at + 34);
  let end = at + 1;
  if (end < most && text.charCodeAt(end) === 35) end++;
  for (; end < most; end++) {
    const code = text.charCodeAt(end);
    if (code === 59) return end > at + 1;
    const lower = code | 32;
    if (!(code >= 48 && code <= 57) && !(lower >= 97 && lower <= 122)) return false;
  }
  return goesOn && end === to;
}

/** Whether an address may stand between angle brackets. */
export function isAutolink(url: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\0- \x7f<>]*$/.test(url);
}

/** A title as it stands behind the address, quotes and the space before included. */
export function linkTitle(title: string): string {
  const text = title.replace(/[\0-\x20\x7f]+/g, " ").replace(/^ | $/g, "");
  if (text === "") return "";
  let out = ' "';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 || code === 92 || (code === 38 && isReference(text, at, text.length, false))) {
      out += "\\";
    }
    out += text[at];
  }
  return `${out}"`;
}

/** The text for a picture, between its brackets. */
export function escapedAlt(alt: string): string {
  return alt.replace(/[\0-\x20\x7f\u00a0]+/g, " ").replace(/^ | $/g, "")
    .replace(/[\\`*_[\]<&~!]/g, "\\$&");
}

/** A picture of one pixel is no picture. */
export function isDot(size: string | undefined): boolean {
  return size !== undefined && /^[ \t\n\f]*[01](?:px)?[ \t\n\f]*$/i.test(size);
}
