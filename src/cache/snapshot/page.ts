/**
 * A page: some entries of a cache as one run of bytes, which is what a snapshot file is made of. Both
 * twins write and read the same pages.
 *
 * Numbers are little endian. First four counts (u32): records, tags, bytes of text, bytes of values. Then
 * the records of 32 bytes: the milliseconds that the entry had left (f64, `Infinity` for ever), its
 * grace (f64), the bytes of its key and of its value (u32), how often it was read (u8, 0 to 3, and 4
 * more if it is in the main queue), how many tags it has (u8), and six bytes that are 0. Then the
 * length of each tag (u16). Then the text: for each record its tags, its key and, if values are text,
 * its value. Then, if they are not, the values. Twin: rust/areas/cache/src/page.rs.
 *
 * @module
 */

import type { Stored } from "../codec.ts";
import { MAX_TAG_BYTES, MAX_TAGS } from "../tags.ts";
import type { CacheCodec } from "../types.ts";

/** A page is closed when it has so many bytes. */
export const PAGE_BYTES: number = 64 * 1024;
/** What is before the records, and each of them. */
export const HEAD_BYTES = 16;
export const RECORD_BYTES = 32;
/** The greatest number of how often an entry was read. */
const MAX_HEAT = 7;
/** Of the number of how often an entry was read: that it is in the main queue. */
export const MAIN = 4;

/** One entry of a page. */
export interface PageEntry {
  readonly key: string;
  readonly value: Stored;
  readonly tags: readonly string[];
  /** Milliseconds that were left when the snapshot was begun. */
  readonly leftMs: number;
  readonly graceMs: number;
  readonly reads: number;
  readonly main: boolean;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The parts of a page whose sizes fit. */
interface Parts {
  readonly view: DataView;
  readonly count: number;
  /** Where tag lengths, text and values begin, and where they end. */
  readonly tags: number;
  readonly text: number;
  readonly values: number;
  readonly end: number;
}

/** A page cannot be one: says why. */
export class BadPage extends Error {}

function parts(page: Uint8Array): Parts {
  if (page.length < HEAD_BYTES) throw new BadPage("a page has no head");
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const count = view.getUint32(0, true);
  const tags = HEAD_BYTES + count * RECORD_BYTES;
  const text = tags + view.getUint32(4, true) * 2;
  const values = text + view.getUint32(8, true);
  const end = values + view.getUint32(12, true);
  if (end !== page.length) throw new BadPage("the parts of a page are not as long as it says");
  return { view, count, tags, text, values, end };
}

/** A page with more than one entry is not longer than this. */
const MAX_SHARED_BYTES = 1 << 20;

/**
 * Checks everything about a page that somebody else wrote.
 *
 * @returns How many entries it has.
 * @throws {BadPage} If it is none, or not of a cache with this codec.
 */
export function checkPage(page: Uint8Array, codec: CacheCodec): number {
  const { view, count, tags, text, values, end } = parts(page);
  if (count > 1 && page.length > MAX_SHARED_BYTES) throw new BadPage("a page is too long");
  try {
    decoder.decode(page.subarray(text, values));
  } catch {
    throw new BadPage("a page has text that is not UTF-8");
  }
  let tagAt = tags;
  let textAt = text;
  let valueAt = values;
  /** Goes on by a piece of text, which must not begin in the middle of a character. */
  const step = (length: number): number => {
    const from = textAt;
    textAt += length;
    if (textAt > values) throw new BadPage("an entry is longer than its page");
    if (length > 0 && ((page[from] as number) & 0xc0) === 0x80) {
      throw new BadPage("an entry begins within a character");
    }
    return from;
  };
  for (let i = 0, at = HEAD_BYTES; i < count; i++, at += RECORD_BYTES) {
    const left = view.getFloat64(at, true);
    const grace = view.getFloat64(at + 8, true);
    const heat = view.getUint8(at + 24);
    const tagCount = view.getUint8(at + 25);
    const rest = view.getUint16(at + 26) + view.getUint32(at + 28);
    if (!(left > 0) || !(grace >= 0) || heat > MAX_HEAT || tagCount > MAX_TAGS || rest !== 0) {
      throw new BadPage("an entry has impossible numbers");
    }
    if (tagAt + 2 * tagCount > text) throw new BadPage("an entry has more tags than its page");
    const seen = tagCount > 1 ? new Set<string>() : undefined;
    for (let tag = 0; tag < tagCount; tag++, tagAt += 2) {
      const length = view.getUint16(tagAt, true);
      if (length === 0 || length > MAX_TAG_BYTES) {
        throw new BadPage("a tag has no possible length");
      }
      const from = step(length);
      if (seen !== undefined) seen.add(decodeIn(page, from, textAt));
    }
    if (seen !== undefined && seen.size !== tagCount) throw new BadPage("an entry has a tag twice");
    step(view.getUint32(at + 16, true));
    const valueBytes = view.getUint32(at + 20, true);
    if (codec === "bytes") valueAt += valueBytes;
    else checkText(page, step(valueBytes), textAt, codec);
  }
  // Every piece began with a character, so what is left over could only be a whole one.
  if (tagAt !== text || textAt !== values || valueAt !== end) {
    throw new BadPage("a page has more than its entries");
  }
  return count;
}

function checkText(page: Uint8Array, from: number, to: number, codec: CacheCodec): void {
  if (codec !== "json") return;
  try {
    JSON.parse(decodeIn(page, from, to));
  } catch {
    throw new BadPage("a value is not JSON");
  }
}

function decodeIn(page: Uint8Array, from: number, to: number): string {
  try {
    return decoder.decode(page.subarray(from, to));
  } catch {
    throw new BadPage("an entry ends within a character");
  }
}

/** The entries of a page that was checked. Values that are bytes are copies. */
export function* readPage(page: Uint8Array, codec: CacheCodec): Generator<PageEntry> {
  const { view, count, tags, text, values } = parts(page);
  let tagAt = tags;
  let textAt = text;
  let valueAt = values;
  const next = (length: number): string => decodeIn(page, textAt, textAt += length);
  for (let i = 0, at = HEAD_BYTES; i < count; i++, at += RECORD_BYTES) {
    const heat = view.getUint8(at + 24);
    const names: string[] = [];
    for (let tag = view.getUint8(at + 25); tag > 0; tag--, tagAt += 2) {
      names.push(next(view.getUint16(tagAt, true)));
    }
    const key = next(view.getUint32(at + 16, true));
    const valueBytes = view.getUint32(at + 20, true);
    const value = codec === "bytes" ? page.slice(valueAt, valueAt += valueBytes) : next(valueBytes);
    yield {
      key,
      value,
      tags: names,
      leftMs: view.getFloat64(at, true),
      graceMs: view.getFloat64(at + 8, true),
      reads: heat % MAIN,
      main: heat >= MAIN,
    };
  }
}
