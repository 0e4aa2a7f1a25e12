/**
 * The snapshot file around its pages: what it begins with, what each block and the end say. Nothing
 * here knows what a page holds.
 *
 * The file: magic (8 bytes), version and codec (u32), when it was begun (f64, milliseconds since 1970),
 * the SHA-256 of those 24 bytes. Then blocks: kind and length (u32), the SHA-256 of those 8 bytes and
 * the content, the content. A block of kind 1 is a page, the last one is of kind 2: how many entries
 * there are (f64), how many pages (f64), the SHA-256 of all digests before. Little endian.
 *
 * @module
 */

import type { Hash } from "node:crypto";
import { nodeCrypto } from "../../shared/builtin.ts";
import { CODECS } from "../codec.ts";
import type { CacheCodec, SnapshotRefusal } from "../types.ts";

const MAGIC = new Uint8Array([0x89, 0x41, 0x47, 0x43, 0x0d, 0x0a, 0x1a, 0x0a]);
const VERSION = 1;
const DIGEST_BYTES = 32;
const HEAD_BYTES = 24;
const BLOCK_HEAD_BYTES = 8;
const PAGE = 1;
const END = 2;
const END_BYTES = 16 + DIGEST_BYTES;
/** The longest page: one entry of the greatest weight, with room for its tags and its record. */
const MAX_PAGE_BYTES = 2 ** 30 + 2 ** 17;

/** A file that is no snapshot for this cache. */
export class Refusal extends Error {
  /** Says which kind of refusal it is, and what is wrong. */
  constructor(readonly code: SnapshotRefusal, message: string) {
    super(message);
  }
}

/** The refusal of a file that is not as it was written. */
export function damaged(path: string, what: string): Refusal {
  return new Refusal("CORRUPT", `${path} is damaged: ${what}; nothing of it was restored`);
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = nodeCrypto().createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index]);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Writes a snapshot. */
export class SnapshotWriter {
  readonly #file: Deno.FsFile;
  readonly #digests: Hash = nodeCrypto().createHash("sha256");
  #entries = 0;
  #pages = 0;
  /** How many bytes were written. */
  bytes = 0;

  /** Writes into an empty file. */
  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Writes what comes first. */
  async begin(codec: CacheCodec, beganMs: number): Promise<void> {
    const head = new Uint8Array(HEAD_BYTES);
    const view = new DataView(head.buffer);
    head.set(MAGIC);
    view.setUint32(8, VERSION, true);
    view.setUint32(12, CODECS.indexOf(codec), true);
    view.setFloat64(16, beganMs, true);
    const digest = sha256(head);
    this.#digests.update(digest);
    await this.#write(head, digest);
  }

  /** Writes a page. */
  async page(content: Uint8Array, entries: number): Promise<void> {
    this.#entries += entries;
    this.#pages++;
    this.#digests.update(await this.#block(PAGE, content));
  }

  /** Writes what comes last. Returns how many entries the file has. */
  async end(): Promise<number> {
    const content = new Uint8Array(END_BYTES);
    const view = new DataView(content.buffer);
    view.setFloat64(0, this.#entries, true);
    view.setFloat64(8, this.#pages, true);
    content.set(this.#digests.digest(), 16);
    await this.#block(END, content);
    return this.#entries;
  }

  async #block(kind: number, content: Uint8Array): Promise<Uint8Array> {
    const head = new Uint8Array(BLOCK_HEAD_BYTES);
    const view = new DataView(head.buffer);
    view.setUint32(0, kind, true);
    view.setUint32(4, content.length, true);
    const digest = sha256(head, content);
    await this.#write(head, digest, content);
    return digest;
  }

  async #write(first: Uint8Array, second: Uint8Array, content?: Uint8Array): Promise<void> {
    const small = new Uint8Array(first.length + second.length);
    small.set(first);
    small.set(second, first.length);
    await writeAll(this.#file, small);
    if (content !== undefined) await writeAll(this.#file, content);
    this.bytes += small.length + (content?.length ?? 0);
  }
}

/** Reads a snapshot, block by block, as often as is wanted. Believes nothing. */
export class SnapshotReader {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #size: number;
  #at = 0;
  #page = new Uint8Array(0);
  /** What the last block says. */
  #end: Uint8Array<ArrayBuffer> | undefined;

  /** Reads a file of so many bytes. */
  constructor(file: Deno.FsFile, path: string, size: number) {
    this.#file = file;
    this.#path = path;
    this.#size = size;
  }

  /**
   * Checks what comes first.
   *
   * @returns When the snapshot was begun, and the digest.
   */
  async begin(codec: CacheCodec): Promise<{ beganMs: number; digest: Uint8Array }> {
    const path = this.#path;
    await this.#file.seek(0, Deno.SeekMode.Start);
    this.#at = 0;
    const start = new Uint8Array(Math.min(MAGIC.length, this.#size));
    await this.#read(start);
    if (this.#size < MAGIC.length || !equal(start, MAGIC)) {
      throw new Refusal("FOREIGN", `${path} is not a snapshot of a cache; nothing was restored`);
    }
    const head = new Uint8Array(HEAD_BYTES + DIGEST_BYTES);
    head.set(MAGIC);
    await this.#read(head.subarray(MAGIC.length));
    const view = new DataView(head.buffer);
    const version = view.getUint32(8, true);
    if (version > VERSION) {
      throw new Refusal(
        "VERSION",
        `${path} is a snapshot of version ${version}, this program reads up to ${VERSION}: ` +
          "use the newer program, or make a new snapshot",
      );
    }
    const digest = head.slice(HEAD_BYTES);
    if (!equal(digest, sha256(head.subarray(0, HEAD_BYTES)))) {
      throw damaged(path, "its beginning has changed");
    }
    const found = CODECS[view.getUint32(12, true)];
    const beganMs = view.getFloat64(16, true);
    if (version !== VERSION || found === undefined || !Number.isFinite(beganMs)) {
      throw damaged(path, "its beginning says what cannot be");
    }
    if (found !== codec) {
      throw new Refusal(
        "CODEC",
        `${path} is a snapshot of a cache with codec "${found}", this one has "${codec}": ` +
          "restore it into a cache of its codec",
      );
    }
    return { beganMs, digest };
  }

  /** The next page, which is good until the next call, with its digest; undefined after the last one. */
  async page(): Promise<{ page: Uint8Array; digest: Uint8Array } | undefined> {
    const { kind, content, digest } = await this.#block();
    if (kind === PAGE) return { page: content, digest };
    this.#end = content.slice();
    return undefined;
  }

  /** Checks the end, after the last page: what it says of everything before. */
  checkEnd(entries: number, pages: number, digests: Hash): void {
    const content = this.#end as Uint8Array<ArrayBuffer>;
    const view = new DataView(content.buffer);
    if (view.getFloat64(0, true) !== entries || view.getFloat64(8, true) !== pages) {
      throw damaged(this.#path, "it has not as many entries as it says");
    }
    if (!equal(content.subarray(16), digests.digest())) {
      throw damaged(this.#path, "its parts do not belong together");
    }
    if (this.#at !== this.#size) throw damaged(this.#path, "it goes on after its end");
  }

  async #block(): Promise<{ kind: number; content: Uint8Array; digest: Uint8Array }> {
    const head = new Uint8Array(BLOCK_HEAD_BYTES + DIGEST_BYTES);
    await this.#read(head);
    const view = new DataView(head.buffer);
    const kind = view.getUint32(0, true);
    const length = view.getUint32(4, true);
    const possible = kind === PAGE
      ? length <= MAX_PAGE_BYTES
      : kind === END && length === END_BYTES;
    // Before there is memory for it.
    if (!possible || length > this.#size - this.#at) {
      throw damaged(this.#path, "a block cannot be as long as it says, or the end is missing");
    }
    if (this.#page.length < length) this.#page = new Uint8Array(length);
    const content = this.#page.subarray(0, length);
    await this.#read(content);
    const digest = head.subarray(BLOCK_HEAD_BYTES);
    if (!equal(digest, sha256(head.subarray(0, BLOCK_HEAD_BYTES), content))) {
      throw damaged(this.#path, "a block has changed");
    }
    return { kind, content, digest };
  }

  async #read(target: Uint8Array): Promise<void> {
    for (let at = 0; at < target.length;) {
      const read = await this.#file.read(target.subarray(at));
      if (read === null) throw damaged(this.#path, "its end is missing");
      at += read;
    }
    this.#at += target.length;
  }
}
