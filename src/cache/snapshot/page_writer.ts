/**
 * Makes pages, as page.ts describes and reads them.
 *
 * @module
 */

import { HEAD_BYTES, MAIN, type PageEntry, RECORD_BYTES } from "./page.ts";

const encoder = new TextEncoder();

/** Bytes that grow. */
class Growing {
  bytes = new Uint8Array(4_096);
  view = new DataView(this.bytes.buffer);
  length = 0;

  /** Makes room for more bytes and returns where they go. */
  reserve(more: number): number {
    const needed = this.length + more;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return this.length;
  }

  /** Adds the UTF-8 of a text; how many bytes that are. */
  addText(text: string): number {
    const at = this.reserve(3 * text.length);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(at));
    this.length += written;
    return written;
  }

  addBytes(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    this.length += bytes.length;
  }

  addU16(value: number): void {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
    this.length += 2;
  }
}

/** Makes pages. */
export class PageWriter {
  readonly #records = new Growing();
  readonly #tags = new Growing();
  readonly #text = new Growing();
  readonly #values = new Growing();

  /** How large the page is. */
  get size(): number {
    return HEAD_BYTES + this.#records.length + this.#tags.length + this.#text.length +
      this.#values.length;
  }

  /** How many entries it has. */
  get count(): number {
    return this.#records.length / RECORD_BYTES;
  }

  /** Adds an entry. */
  add(entry: PageEntry): void {
    const { key, value, tags } = entry;
    for (const tag of tags) this.#tags.addU16(this.#text.addText(tag));
    const keyBytes = this.#text.addText(key);
    const valueBytes = typeof value === "string" ? this.#text.addText(value) : value.length;
    if (typeof value !== "string") this.#values.addBytes(value);
    const at = this.#records.reserve(RECORD_BYTES);
    this.#records.length += RECORD_BYTES;
    const { view } = this.#records;
    view.setFloat64(at, entry.leftMs, true);
    view.setFloat64(at + 8, entry.graceMs, true);
    view.setUint32(at + 16, keyBytes, true);
    view.setUint32(at + 20, valueBytes, true);
    view.setUint8(at + 24, entry.reads + (entry.main ? MAIN : 0));
    view.setUint8(at + 25, tags.length);
    // The buffer is used again.
    view.setUint16(at + 26, 0);
    view.setUint32(at + 28, 0);
  }

  /** The page, and begins a new one. */
  take(): Uint8Array<ArrayBuffer> {
    const page = new Uint8Array(this.size);
    const view = new DataView(page.buffer);
    const tags = this.#tags.length / 2;
    [this.count, tags, this.#text.length, this.#values.length]
      .forEach((count, index) => view.setUint32(4 * index, count, true));
    let at = HEAD_BYTES;
    for (const part of [this.#records, this.#tags, this.#text, this.#values]) {
      page.set(part.bytes.subarray(0, part.length), at);
      at += part.length;
      part.length = 0;
    }
    return page;
  }
}
