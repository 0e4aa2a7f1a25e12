/**
 * Reads a tar archive that a hostile box may have written: ustar, pax and GNU's long names, entry by entry, with bounds.
 *
 * Our own reader and no library: those at hand read kinds that they do not know as files, replace what is no UTF-8 in
 * names, and pass over records that are malformed, so that two readers see two archives. Here whatever is not plain is an
 * error. What a path or a link may be is not decided here but in `take.ts`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { refused } from "./paths.ts";

/** Bounds of what is read. */
export interface ReadLimits {
  /** Bytes of all files together; what a hard link stands for is a file too. */
  readonly maxBytes: number;
  /** Entries, those that only describe others included. */
  readonly maxEntries: number;
}

/** An entry, its name not checked yet. */
export interface TarEntry {
  /** As it stands in the archive. */
  readonly path: string;
  /** What it is. */
  readonly kind: "file" | "directory" | "symlink" | "hardlink";
  /** What a link holds; "" for others. */
  readonly target: string;
  /** The bits of its permissions. */
  readonly mode: number;
  /** When it was modified, in whole seconds since 1970. */
  readonly modified: number;
  /** What a file holds; empty for others. */
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** What may describe an entry: names, and the attributes that an engine adds. */
const MOST_META = 1 << 20;
/** A tar fills its last record with zeros; records are of 10 KiB, and seldom larger. */
const MOST_END = 1 << 22;
const KINDS: Readonly<Record<string, TarEntry["kind"]>> = {
  "0": "file",
  "\0": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};
const NAMED: Readonly<Record<string, string>> = {
  "3": "is a device",
  "4": "is a device",
  "6": "is a named pipe",
  "S": "is a sparse file",
};

/** What an extended header says about the next entry. */
interface Described {
  path?: string;
  target?: string;
  size?: number;
  modified?: number;
}

/** Bytes in the sizes that are asked for, out of pieces of any size. */
class Source {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * So many bytes that are there already, as a copy, without waiting, and passes over those behind them; undefined if more
   * must come first.
   */
  ready(size: number, padding = 0): Uint8Array | undefined {
    if (this.#rest.length < size + padding) return undefined;
    const bytes = this.#rest.slice(0, size);
    this.#rest = this.#rest.subarray(size + padding);
    return bytes;
  }

  /** So many bytes, as a copy; undefined if there are fewer. */
  async take(size: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done) return undefined;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, size - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }

  /** What is left; undefined at the end. */
  async piece(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    if (rest.length > 0) return rest;
    const { done, value } = await this.#pieces.next();
    return done ? undefined : value;
  }

  /** Ends the reading of what is below. */
  async end(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/**
 * Reads an archive.
 *
 * @param pieces The archive; read to its end, or returned if the reading ends early.
 * @param limits Bounds.
 * @returns The entries in their order.
 * @throws {AgentError} `CORRUPT` for what is no archive or ends early; `UNSUPPORTED` for kinds of entries that are not
 * taken; `TOO_LARGE` over a bound.
 */
export async function* readTar(
  pieces: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<TarEntry> {
  const source = new Source(pieces);
  try {
    let described: Described = {};
    let total = 0;
    for (let count = 0;; count++) {
      const header = source.ready(BLOCK) ?? await need(source, BLOCK, "a header");
      if (isZero(header)) return await finish(source);
      if (count >= limits.maxEntries) throw tooLarge("entries", count + 1, limits.maxEntries);
      const { type, name, target, mode, modified, size } = parse(header);
      if (type === "x" || type === "g" || type === "L" || type === "K") {
        if (size > MOST_META) throw tooLarge("bytes that describe an entry", size, MOST_META);
        const meta = await body(source, size);
        if (type === "x") Object.assign(described, records(meta));
        else if (type === "L") described.path = longName(meta);
        else if (type === "K") described.target = longName(meta);
        else if (Object.keys(records(meta)).some((key) => key !== "modified")) {
          throw refused("pax_global_header", "describes all entries at once");
        }
        continue;
      }
      const path = described.path ?? name;
      const kind = KINDS[type];
      if (kind === undefined) {
        throw refused(path, NAMED[type] ?? `is of the unknown kind ${code(type)}`);
      }
      const length = described.size ?? size;
      if (kind !== "file" && length !== 0) {
        throw corrupt(`a ${kind} has ${length} bytes of its own`);
      }
      if (kind === "file" && path.endsWith("/")) throw corrupt("a file is named as a folder");
      total += length;
      if (total > limits.maxBytes) throw tooLarge("bytes", total, limits.maxBytes);
      yield {
        path,
        kind,
        target: described.target ?? target,
        mode: mode & 0o7777,
        modified: described.modified ?? modified,
        bytes: source.ready(length, paddingOf(length)) ??
          await body(source, length),
      };
      described = {};
    }
  } finally {
    await source.end();
  }
}

/** The second block of zeros, and nothing but zeros behind it, which do not go on for ever. */
async function finish(source: Source): Promise<void> {
  const second = await need(source, BLOCK, "the end");
  let size = 0;
  for (let piece: Uint8Array | undefined = second; piece; piece = await source.piece()) {
    size += piece.length;
    if (size > MOST_END) throw tooLarge("bytes of zeros behind its end", size, MOST_END);
    if (!isZero(piece)) throw corrupt("something stands behind its end");
  }
}

/** The contents of an entry, without what fills the last block. */
async function body(source: Source, size: number): Promise<Uint8Array> {
  const bytes = await need(source, size, "an entry");
  await need(source, paddingOf(size), "an entry");
  return bytes;
}

function paddingOf(size: number): number {
  return (BLOCK - size % BLOCK) % BLOCK;
}

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}

async function need(source: Source, size: number, what: string): Promise<Uint8Array> {
  return await source.take(size) ?? fail(`it ends within ${what}`);
}

function fail(why: string): never {
  throw corrupt(why);
}

function parse(block: Uint8Array) {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at]!;
  for (let at = 156; at < BLOCK; at++) sum += block[at]!;
  if (number(block, 148, 8) !== sum) throw corrupt("a header's checksum is wrong");
  const magic = latin(block.subarray(257, 265));
  const isUstar = magic === "ustar\x0000";
  if (!isUstar && magic !== "ustar  \0") throw corrupt("a header is not one of ustar");
  const prefix = isUstar ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    type: latin(block.subarray(156, 157)),
    name: prefix === "" ? name : `${prefix}/${name}`,
    target: text(block, 157, 100),
    mode: number(block, 100, 8),
    modified: number(block, 136, 12),
    size: number(block, 124, 12),
  };
}

/** A number in octal digits, or GNU's in binary. */
function number(block: Uint8Array, at: number, size: number): number {
  const field = block.subarray(at, at + size);
  const first = field[0]!;
  if (first & 0x80) {
    const value = field.subarray(1).reduce((all, byte) => all * 256 + byte, first & 0x7f);
    if (Number.isSafeInteger(value)) return value;
    throw corrupt("a number is negative or too large");
  }
  // Spaces, octal digits, and nothing but spaces and NULs behind them.
  let value = 0;
  let index = 0;
  while (index < size && field[index] === 0x20) index++;
  for (; index < size && (field[index]! & 0xf8) === 0x30; index++) {
    value = value * 8 + (field[index]! & 7);
  }
  for (; index < size; index++) {
    if (field[index] !== 0x20 && field[index] !== 0) fail("a number is not in octal digits");
  }
  return value;
}

/** The text of a field up to its first NUL. */
function text(block: Uint8Array, at: number, size: number): string {
  const field = block.subarray(at, at + size);
  const end = field.indexOf(0);
  return utf8(end < 0 ? field : field.subarray(0, end));
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  try {
    return decoder.decode(bytes);
  } catch {
    throw refused(latin(bytes.subarray(0, 64)), "has a name that is not UTF-8");
  }
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** GNU's long name: with one NUL at its end, which some leave out. */
function longName(meta: Uint8Array): string {
  return utf8(meta.at(-1) === 0 ? meta.subarray(0, -1) : meta);
}

/** The records of an extended header: `LENGTH KEY=VALUE\n`, the length that of the whole record. */
function records(meta: Uint8Array): Described {
  const found: Described = {};
  for (let at = 0; at < meta.length;) {
    const space = meta.indexOf(0x20, at);
    const digits = space < 0 ? "" : latin(meta.subarray(at, Math.min(space, at + 8)));
    const end = at + Number(digits);
    const equals = meta.indexOf(0x3d, space);
    const isRecord = /^[1-9]\d*$/.test(digits) && end <= meta.length && meta[end - 1] === 0x0a &&
      equals > space + 1 && equals < end;
    if (!isRecord) throw corrupt("an extended header has a malformed record");
    const key = latin(meta.subarray(space + 1, Math.min(equals, space + 64)));
    const value = meta.subarray(equals + 1, end - 1);
    if (key === "path") found.path = utf8(value);
    else if (key === "linkpath") found.target = utf8(value);
    else if (key === "size") found.size = decimal(value, /^\d{1,15}$/);
    else if (key === "mtime") found.modified = Math.floor(decimal(value, /^-?\d{1,13}(\.\d*)?$/));
    else if (key.startsWith("GNU.sparse.")) throw refused(found.path ?? "", "is a sparse file");
    at = end;
  }
  return found;
}

function decimal(bytes: Uint8Array, form: RegExp): number {
  const digits = latin(bytes.subarray(0, 64));
  return form.test(digits) ? Number(digits) : fail("an extended header has a malformed number");
}

function code(type: string): string {
  return `0x${type.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function corrupt(why: string): AgentError<"CORRUPT"> {
  return new AgentError("CORRUPT", `The archive is not taken: ${why}`, { path: "archive" });
}

/** The error of an archive that is over a bound. */
export function tooLarge(what: string, size: number, limit: number): AgentError<"TOO_LARGE"> {
  return new AgentError(
    "TOO_LARGE",
    `The archive has ${size} ${what} or more; ${limit} are allowed`,
    { what, size, limit },
  );
}
