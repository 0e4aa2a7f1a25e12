/**
 * Which encoding a page is in, in the order of the HTML standard (section 13.2.3.2): a byte order mark, what the server
 * declared, what the page declares in its first 1,024 bytes; then UTF-8 if it is that, else windows-1252. Twin:
 * `rust/areas/pages/src/charset.rs`.
 *
 * @module
 */

/** What the HTML standard looks at for a declaration. */
const PRESCAN = 1024;
/** Labels of encodings that are unsafe, so that the Encoding standard replaces all of their content. */
const REPLACED =
  /^(?:csiso2022kr|hz-gb-2312|iso-2022-cn|iso-2022-cn-ext|iso-2022-kr|replacement)$/i;
const XML_ENCODING = /^[\0-\x20]*=[\0-\x20]*(?:"([^"\0-\x20]*)"|'([^'\0-\x20]*)')/;
const SPACES = /^[\t\n\f\r ]+|[\t\n\f\r ]+$/g;

/** An encoding that was found, and how many bytes its byte order mark has. */
export interface FoundCharset {
  /** Its name in lower case, or `"replacement"`. */
  name: string;
  /** Bytes before the text. */
  skip: number;
}

const names = new Map<string, string | undefined>();

/** The name of the encoding that a label stands for; undefined if none does. */
export function encodingOf(label: string): string | undefined {
  if (label.length > 64) return undefined;
  const known = names.get(label);
  if (known !== undefined || names.has(label)) return known;
  const name = lookUp(label);
  // Labels come from strangers: no more of them are remembered than there are.
  if (names.size < 512) names.set(label, name);
  return name;
}

function lookUp(label: string): string | undefined {
  const trimmed = label.replace(SPACES, "");
  if (REPLACED.test(trimmed)) return "replacement";
  try {
    return new TextDecoder(trimmed).encoding;
  } catch {
    return undefined;
  }
}

/**
 * Finds the encoding of a body.
 *
 * @param body The bytes.
 * @param label The label that the server declared, or "".
 * @param isMarkup Whether the body can declare one itself.
 */
export function findCharset(body: Uint8Array, label: string, isMarkup: boolean): FoundCharset {
  const [a, b, c] = body;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: "utf-8", skip: 3 };
  if (a === 0xfe && b === 0xff) return { name: "utf-16be", skip: 2 };
  if (a === 0xff && b === 0xfe) return { name: "utf-16le", skip: 2 };
  const name = encodingOf(label) ??
    (isMarkup ? new Prescan(body.subarray(0, PRESCAN)).find() : undefined) ??
    (isUtf8(body) ? "utf-8" : "windows-1252");
  return { name, skip: 0 };
}

function isUtf8(body: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 12 || byte === 13;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 122;
}

/** An attribute; lower case. */
interface Attribute {
  name: string;
  value: string;
}

/** "Prescan a byte stream to determine its encoding". */
class Prescan {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Whether the bytes ended in the middle of a tag, so that nothing in it counts. */
  #ended = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The encoding that the page declares. */
  find(): string | undefined {
    const bytes = this.#bytes;
    const length = bytes.length;
    if (this.#starts("<\0?\0x\0", 0)) return "utf-16le";
    if (this.#starts("\0<\0?\0x", 0)) return "utf-16be";
    for (; this.#at < length; this.#at++) {
      if (bytes[this.#at] !== 60) continue;
      const next = bytes[this.#at + 1];
      if (this.#starts("<!--", this.#at)) {
        // The dashes of the end may be those of the beginning.
        const end = this.#find("-->", this.#at + 2);
        if (end < 0) break;
        this.#at = end + 2;
      } else if (
        this.#starts("<meta", this.#at) &&
        (isSpace(bytes[this.#at + 5]) || bytes[this.#at + 5] === 47)
      ) {
        this.#at += 5;
        const name = this.#meta();
        if (name !== undefined) return name;
      } else if (isLetter(next) || (next === 47 && isLetter(bytes[this.#at + 2]))) {
        while (
          this.#at < length && !isSpace(bytes[this.#at]) && bytes[this.#at] !== 62
        ) this.#at++;
        while (this.#attribute() !== undefined);
      } else if (next === 33 || next === 47 || next === 63) {
        const end = this.#find(">", this.#at + 1);
        if (end < 0) break;
        this.#at = end;
      }
    }
    return this.#xml();
  }

  /** Whether an ASCII text is at a place, in whatever case. */
  #starts(text: string, at: number): boolean {
    for (let index = 0; index < text.length; index++) {
      const byte = this.#bytes[at + index];
      const wanted = text.charCodeAt(index);
      if (byte !== wanted && !(isLetter(byte) && (byte! | 32) === wanted)) return false;
    }
    return true;
  }

  #find(text: string, from: number): number {
    for (let at = from; at + text.length <= this.#bytes.length; at++) {
      if (this.#starts(text, at)) return at;
    }
    return -1;
  }

  #meta(): string | undefined {
    const seen = new Set<string>();
    let gotPragma = false;
    let needPragma: boolean | undefined;
    let charset: string | undefined;
    for (let found = this.#attribute(); found !== undefined; found = this.#attribute()) {
      const { name, value } = found;
      if (seen.has(name)) continue;
      seen.add(name);
      if (name === "http-equiv") {
        if (value === "content-type") gotPragma = true;
      } else if (name === "content") {
        const named = charset === undefined ? encodingOf(charsetInContent(value)) : undefined;
        if (named !== undefined) {
          charset = named;
          needPragma = true;
        }
      } else if (name === "charset") {
        charset = encodingOf(value);
        needPragma = false;
      }
    }
    if (this.#ended || needPragma === undefined || (needPragma && !gotPragma)) return undefined;
    return charset === undefined ? undefined : declared(charset);
  }

  /** "Get an attribute". */
  #attribute(): Attribute | undefined {
    const bytes = this.#bytes;
    const length = bytes.length;
    while (this.#at < length && (isSpace(bytes[this.#at]) || bytes[this.#at] === 47)) this.#at++;
    if (this.#at >= length) return this.#end();
    if (bytes[this.#at] === 62) return undefined;
    const from = this.#at;
    while (this.#at < length) {
      const byte = bytes[this.#at];
      if ((byte === 61 && this.#at > from) || byte === 47 || byte === 62 || isSpace(byte)) break;
      this.#at++;
    }
    const name = this.#text(from, this.#at);
    while (this.#at < length && isSpace(bytes[this.#at])) this.#at++;
    if (this.#at >= length) return this.#end();
    if (bytes[this.#at] !== 61) return { name, value: "" };
    this.#at++;
    while (this.#at < length && isSpace(bytes[this.#at])) this.#at++;
    const quote = bytes[this.#at];
    if (quote === 34 || quote === 39) {
      const start = ++this.#at;
      while (this.#at < length && bytes[this.#at] !== quote) this.#at++;
      if (this.#at >= length) return this.#end();
      const value = this.#text(start, this.#at);
      this.#at++;
      return { name, value };
    }
    const start = this.#at;
    while (this.#at < length && bytes[this.#at] !== 62 && !isSpace(bytes[this.#at])) this.#at++;
    return this.#at < length ? { name, value: this.#text(start, this.#at) } : this.#end();
  }

  #end(): undefined {
    this.#ended = true;
  }

  /** Bytes as text in lower case; what is not ASCII is in no label. */
  #text(from: number, to: number): string {
    return String.fromCharCode(...this.#bytes.subarray(from, to)).replace(
      /[A-Z]+/g,
      (capitals) => capitals.toLowerCase(),
    );
  }

  /** "Get an XML encoding". */
  #xml(): string | undefined {
    const bytes = this.#bytes;
    if (String.fromCharCode(...bytes.subarray(0, 5)) !== "<?xml") return undefined;
    const end = bytes.indexOf(62, 5);
    if (end < 0) return undefined;
    const text = String.fromCharCode(...bytes.subarray(0, end));
    const from = text.indexOf("encoding");
    const value = from < 0 ? null : XML_ENCODING.exec(text.slice(from + 8));
    const name = value === null ? undefined : encodingOf(value[1] ?? value[2]!);
    return name?.startsWith("utf-16") ? "utf-8" : name;
  }
}

/** A declaration that could be read is not in UTF-16; and nobody means x-user-defined. */
function declared(name: string): string {
  if (name.startsWith("utf-16")) return "utf-8";
  return name === "x-user-defined" ? "windows-1252" : name;
}

/** "Extracting a character encoding from a meta element": the label, "" if there is none. The text is in lower case. */
function charsetInContent(content: string): string {
  for (let at = content.indexOf("charset"); at >= 0; at = content.indexOf("charset", at)) {
    at += 7;
    let equals = at;
    while (isSpace(content.charCodeAt(equals))) equals++;
    if (content[equals] !== "=") continue;
    let from = equals + 1;
    while (isSpace(content.charCodeAt(from))) from++;
    const quote = content[from];
    if (quote === '"' || quote === "'") {
      const to = content.indexOf(quote, from + 1);
      return to < 0 ? "" : content.slice(from + 1, to);
    }
    let to = from;
    while (to < content.length && !isSpace(content.charCodeAt(to)) && content[to] !== ";") to++;
    return content.slice(from, to);
  }
  return "";
}
