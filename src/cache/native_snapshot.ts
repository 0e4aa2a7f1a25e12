/**
 * Pages of a native cache, for snapshots: made and read by native code, through a table of symbols of
 * their own.
 *
 * @module
 */

import { cachefileDoor } from "../ffi/doors/cachefile.ts";
import { errorFromBuffer } from "../ffi/failure.ts";
import type { CoreCachefileSymbols } from "../ffi/generated/core_cachefile.ts";
import { Status } from "../ffi/generated/status.ts";
import { PAGE_BYTES } from "./page.ts";
import type { SnapshotPort } from "./snapshot.ts";
import type { CacheCodec } from "./types.ts";

/** In front of a page: where to go on from, and where the entries end. */
const HEAD_BYTES = 8;
const UNKNOWN = 0xffff_ffff;

/** A native cache as snapshots see it. */
export class NativePages implements SnapshotPort {
  readonly codec: CacheCodec;
  readonly #handle: () => number;
  readonly #clock: (precise: number) => number;
  readonly #symbols: CoreCachefileSymbols;

  /** `handle` gives the handle, or throws if the cache is closed. */
  constructor(codec: CacheCodec, handle: () => number, clock: (precise: number) => number) {
    handle();
    this.codec = codec;
    this.#handle = handle;
    this.#clock = clock;
    this.#symbols = cachefileDoor.require().symbols;
  }

  /** See {@linkcode SnapshotPort.checkOpen}. */
  checkOpen(): void {
    this.#handle();
  }

  /** See {@linkcode SnapshotPort.exportPages}. */
  exportPages(): () => { page: Uint8Array; entries: number } | undefined {
    const origin = this.#clock(1);
    let from = 0;
    let end = UNKNOWN;
    // One of its own: it is being written to the file while others call.
    let buffer = new Uint8Array(HEAD_BYTES + PAGE_BYTES);
    const call = (capacity: number): number =>
      this.#symbols.agent_core_cachefile_export(
        this.#handle(),
        from,
        end,
        origin,
        buffer,
        capacity,
      );
    return () => {
      if (from === end) return undefined;
      let written = call(HEAD_BYTES + PAGE_BYTES);
      while (written === Status.TOO_SMALL) {
        // One entry alone; pages of many do not get longer by it.
        const needed = new DataView(buffer.buffer).getUint32(0, true);
        if (buffer.length < needed) buffer = new Uint8Array(needed);
        written = call(needed);
      }
      if (written < 0) throw errorFromBuffer("cachefile_export", written, buffer);
      const view = new DataView(buffer.buffer);
      from = view.getUint32(0, true);
      end = view.getUint32(4, true);
      const entries = view.getUint32(HEAD_BYTES, true);
      return entries === 0 ? undefined : { page: buffer.subarray(HEAD_BYTES, written), entries };
    };
  }

  /** See {@linkcode SnapshotPort.importPage}. */
  importPage(
    page: Uint8Array,
    elapsedMs: number,
  ): Promise<{ entries: number; expired: number }> {
    const answer = new Uint8Array(256);
    const written = this.#symbols.agent_core_cachefile_import(
      this.#handle(),
      page as Uint8Array<ArrayBuffer>,
      page.length,
      elapsedMs,
      answer,
      answer.length,
    );
    if (written < 0) throw errorFromBuffer("cachefile_import", written, answer);
    const view = new DataView(answer.buffer);
    const [entries, expired] = [view.getUint32(0, true), view.getUint32(4, true)];
    return Promise.resolve({ entries, expired });
  }
}
