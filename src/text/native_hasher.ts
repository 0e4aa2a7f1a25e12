/**
 * A hash in progress that lives in native memory. Twin: in `hash_stream.ts`.
 *
 * @module
 */

import type { NativeArea } from "../ffi/area.ts";
import { callInto } from "../ffi/call.ts";
import { errorFromDetail } from "../ffi/failure.ts";
import type { CoreHasherSymbols } from "../ffi/generated/core_text_hasher.ts";
import { NativeHandle } from "../ffi/handle.ts";
import type { Hasher } from "./types.ts";

/** See `Hasher` in `types.ts`. */
export class NativeHasher extends NativeHandle implements Hasher {
  readonly #symbols: CoreHasherSymbols;

  /** Begins a hash. */
  constructor(area: NativeArea<CoreHasherSymbols>) {
    const { symbols } = area;
    const out = callInto(
      "text_hasher_new",
      (out, capacity) => symbols.agent_core_text_hasher_new(out, capacity),
    );
    super(area.common, new DataView(out.buffer, out.byteOffset).getFloat64(0, true), "hash");
    this.#symbols = symbols;
  }

  update(bytes: Uint8Array): void {
    const status = this.#symbols.agent_core_text_hasher_update(
      this.handle,
      bytes as Uint8Array<ArrayBuffer>,
      bytes.length,
    );
    if (status < 0) throw errorFromDetail("text_hasher_update", status, new Uint8Array(0));
  }

  digits(): string {
    return callInto(
      "text_hasher_finish",
      (out, capacity) => this.#symbols.agent_core_text_hasher_finish(this.handle, out, capacity),
    ).toHex();
  }
}
