/**
 * What the native twins call: an area's symbol table, the library's common symbols and its ring.
 *
 * @module
 */

import type { FfiSymbols } from "./generated/ffi.ts";
import type { LibraryName } from "./library.ts";
import { type LibraryState, nativeRequired, openLibrary } from "./load.ts";
import type { Ring } from "./ring.ts";

/** An area of an open library. */
export interface NativeArea<S> {
  /** The area's own exports. */
  readonly symbols: S;
  /** The exports that every library has. */
  readonly common: FfiSymbols;
  /** The isolate's ring on the library, opened at its first use. */
  readonly ring: Ring;
}

/**
 * One area's door: opened at most once, and the answer remembered, so that asking costs nothing.
 * There is one door an area, under `doors/`.
 */
export class AreaDoor<S> {
  readonly #library: LibraryName;
  readonly #table: Deno.ForeignLibraryInterface;
  #area: NativeArea<S> | undefined | null = null;
  #state: LibraryState = "available";
  #reason = "";

  /** Describes the door; opens nothing. */
  constructor(library: LibraryName, table: Deno.ForeignLibraryInterface) {
    this.#library = library;
    this.#table = table;
  }

  /** The area if it may be used now, without asking anybody; else undefined. */
  get(): NativeArea<S> | undefined {
    return this.#area === null ? this.#open(false) : this.#area;
  }

  /**
   * The area for a caller that insists; may request permissions.
   *
   * @throws {AgentError} `NATIVE_REQUIRED` with the reason.
   */
  require(): NativeArea<S> {
    const area = this.#area ?? this.#open(true);
    if (area === undefined) throw nativeRequired(this.#library, this.#state, this.#reason);
    return area;
  }

  #open(mayAsk: boolean): NativeArea<S> | undefined {
    this.#area = undefined;
    const result = openLibrary(this.#library, mayAsk);
    if (result.library === undefined) {
      this.#state = result.state;
      this.#reason = result.reason;
      return undefined;
    }
    const { library } = result;
    try {
      const symbols = library.table(this.#table) as S;
      this.#area = {
        symbols,
        common: library.common,
        get ring(): Ring {
          return library.ring;
        },
      };
    } catch (error) {
      // The ABI numbers agree, so the file was built from sources that lack an export.
      this.#state = "incompatible";
      this.#reason = `${library.path} cannot be used: ${(error as Error).message}`;
    }
    return this.#area;
  }
}
