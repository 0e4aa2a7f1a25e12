/**
 * The base of objects whose truth lives in native memory.
 *
 * `close()` frees it, `using` calls `close()`; a finalizer is a net for those who forget, not the
 * plan.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import type { FfiSymbols } from "./generated/ffi.ts";

interface Held {
  symbols: FfiSymbols;
  handle: number;
}

const forgotten = new FinalizationRegistry<Held>(({ symbols, handle }) => {
  symbols.agent_ffi_handle_close(handle);
});

/** An object that owns one native handle. */
export abstract class NativeHandle implements Disposable {
  readonly #symbols: FfiSymbols;
  readonly #name: string;
  #handle: number;

  /**
   * Takes ownership of a handle.
   *
   * @param symbols The common symbols of the library that made it.
   * @param handle The handle.
   * @param name What the object is called in errors.
   */
  constructor(symbols: FfiSymbols, handle: number, name: string) {
    this.#symbols = symbols;
    this.#handle = handle;
    this.#name = name;
    forgotten.register(this, { symbols, handle }, this);
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return this.#handle === 0;
  }

  /** The handle, for a call. Throws `AgentError` with code `CLOSED` after `close()`. */
  protected get handle(): number {
    if (this.#handle === 0) throw closedError(this.#name);
    return this.#handle;
  }

  /** Frees the native object. Calling it again does nothing. */
  close(): void {
    if (this.#handle === 0) return;
    forgotten.unregister(this);
    this.#symbols.agent_ffi_handle_close(this.#handle);
    this.#handle = 0;
  }

  /** The same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The error of an object that is used after `close()`; both twins throw it. */
export function closedError(object: string): AgentError<"CLOSED"> {
  return new AgentError("CLOSED", `The ${object} is closed; make a new one`, { object });
}
