/**
 * The base of objects whose truth lives in native memory.
 *
 * `close()` frees it, `using` calls `close()`; a finalizer is a net for those who forget, not the
 * plan.
 *
 * @module
 */

import { closedError } from "../shared/closed.ts";
import type { LibraryName } from "../areas.ts";
import { requireLibrary } from "./load.ts";

interface Held {
  library: LibraryName;
  handle: number;
}

const forgotten = new FinalizationRegistry<Held>(({ library, handle }) => {
  closeHandle(library, handle);
});

/** Frees what a handle stands for. */
export function closeHandle(library: LibraryName, handle: number): void {
  requireLibrary(library).common("agent_ffi_handle_close")(handle);
}

/** An object that owns one native handle. */
export abstract class NativeHandle implements Disposable {
  readonly #library: LibraryName;
  readonly #name: string;
  #handle: number;

  /**
   * Takes ownership of a handle.
   *
   * @param library The library that made it.
   * @param handle The handle.
   * @param name What the object is called in errors.
   */
  constructor(library: LibraryName, handle: number, name: string) {
    this.#library = library;
    this.#name = name;
    this.#handle = handle;
    forgotten.register(this, { library, handle }, this);
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
    closeHandle(this.#library, this.#handle);
    this.#handle = 0;
  }

  /** The same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
