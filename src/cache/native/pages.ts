/**
 * Pages of a native cache, for snapshots: made and read by native code.
 *
 * @module
 */

import { errorFromBuffer } from "../../native/failure.ts";
import { cacheClock, cacheExportFunction, cacheImport } from "../../native/generated/cache.ts";
import { Status } from "../../native/generated/status_codes.ts";
import { PAGE_BYTES } from "../snapshot/page.ts";
import { Snapshots } from "../snapshot/snapshots.ts";
import type { CacheCodec } from "../types.ts";

/** In front of a page: where to go on from, and where the entries end. */
const HEAD_BYTES = 8;
const UNKNOWN = 0xffff_ffff;

/** The snapshots of a native cache; `handle` gives its handle, or throws if it is closed. */
export function nativeSnapshots(
  codec: CacheCodec,
  handle: () => number,
  enabled: boolean,
): Snapshots {
  handle();
  const exportPage = cacheExportFunction();
  return new Snapshots({
    codec,
    checkOpen: handle,

    exportPages() {
      const origin = cacheClock(1);
      let from = 0;
      let end = UNKNOWN;
      // One of its own: it is being written to the file while others call.
      let buffer = new Uint8Array(HEAD_BYTES + PAGE_BYTES);
      return () => {
        if (from === end) return undefined;
        let written = exportPage(handle(), from, end, origin, buffer, HEAD_BYTES + PAGE_BYTES);
        while (written === Status.TOO_SMALL) {
          // One entry alone; pages of many do not get longer by it.
          const needed = new DataView(buffer.buffer).getUint32(0, true);
          if (buffer.length < needed) buffer = new Uint8Array(needed);
          written = exportPage(handle(), from, end, origin, buffer, needed);
        }
        if (written < 0) throw errorFromBuffer("cacheExport", written, buffer);
        const view = new DataView(buffer.buffer);
        from = view.getUint32(0, true);
        end = view.getUint32(4, true);
        const entries = view.getUint32(HEAD_BYTES, true);
        return entries === 0 ? undefined : { page: buffer.subarray(HEAD_BYTES, written), entries };
      };
    },

    // deno-lint-ignore require-await -- rejects as the other twin's does
    async importPage(page, elapsedMs) {
      if (!enabled) return { entries: 0, expired: 0 };
      const [entries = 0, expired = 0] = cacheImport(handle(), page, elapsedMs);
      return { entries, expired };
    },
  });
}
