/**
 * Opens native libraries: the only place with `Deno.dlopen`.
 *
 * A library is opened at its first use, first with a table of one symbol, its ABI number; then the
 * common table; then one table an area at that area's first use. It is never closed: a wait may be
 * outstanding in it, and the library itself is linked so as to stay mapped.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import { faultOf } from "./binary.ts";
import { abiSymbols, AGENT_FFI_ABI_VERSION, type FfiSymbols, ffiSymbols } from "./generated/ffi.ts";
import { callInto, callStatus } from "./call.ts";
import { LIBRARIES, type LibraryName } from "./library.ts";
import { locate } from "./locate.ts";
import { Ring } from "./ring.ts";

/** Where a library stands. */
export type LibraryState =
  | "loaded"
  | "available"
  | "absent"
  | "denied"
  | "incompatible"
  | "disabled";

/** What opening a library came to. */
export type Opened =
  | { library: LoadedLibrary; lookedIn: string[] }
  | { library: undefined; lookedIn: string[]; path?: string; state: LibraryState; reason: string };

/** An open library. */
export class LoadedLibrary {
  /** Its name. */
  readonly name: LibraryName;
  /** Its file. */
  readonly path: string;
  /** Its version, as it says itself. */
  readonly version: string;
  /** The exports that every library has. */
  readonly common: FfiSymbols;
  #ring: Ring | undefined;

  /** Wraps the common table of a library that was just opened, and enters it. */
  constructor(name: LibraryName, path: string, common: FfiSymbols) {
    this.name = name;
    this.path = path;
    this.common = common;
    callStatus(
      "enter",
      (out, capacity) =>
        common.agent_ffi_enter(isolateNumber(), LIBRARIES[name].number, out, capacity),
    );
    this.version = new TextDecoder().decode(
      callInto("version", (out, capacity) => common.agent_ffi_version(out, capacity)),
    );
  }

  /** The isolate's ring on this library, opened at its first use. */
  get ring(): Ring {
    return this.#ring ??= new Ring(this.common);
  }

  /** Opens a further table of the library. */
  table<S extends Deno.ForeignLibraryInterface>(symbols: S): Deno.StaticForeignLibraryInterface<S> {
    return Deno.dlopen(this.path, symbols).symbols;
  }
}

const opened = new Map<LibraryName, Opened>();

/** The outcome of an earlier {@linkcode openLibrary}, if there was one. */
export function alreadyOpened(name: LibraryName): Opened | undefined {
  return opened.get(name);
}

/**
 * Opens a library, or says why not. Remembers the answer.
 *
 * @param name Which one.
 * @param mayAsk Whether a missing permission may be requested; looks again if an earlier attempt
 * failed.
 * @returns The library, or the reason.
 */
export function openLibrary(name: LibraryName, mayAsk = false): Opened {
  const before = opened.get(name);
  if (before !== undefined && (before.library !== undefined || !mayAsk)) return before;
  const result = tryOpen(name, mayAsk);
  opened.set(name, result);
  return result;
}

function tryOpen(name: LibraryName, mayAsk: boolean): Opened {
  const { lookedIn, path, state, reason } = locate(name, mayAsk);
  if (path === undefined || state !== "available") {
    return { library: undefined, lookedIn, path, state, reason: reason ?? state };
  }
  const incompatible = (why: string): Opened => ({
    library: undefined,
    lookedIn,
    path,
    state: "incompatible",
    reason: `${path} cannot be used: ${why}`,
  });
  try {
    const abi = Deno.dlopen(path, abiSymbols).symbols.agent_ffi_abi_version();
    if (abi !== AGENT_FFI_ABI_VERSION) {
      return incompatible(
        `its ABI is ${abi}, this package needs ${AGENT_FFI_ABI_VERSION}; build or install it anew`,
      );
    }
    const common = Deno.dlopen(path, ffiSymbols).symbols;
    return { library: new LoadedLibrary(name, path, common), lookedIn };
  } catch (error) {
    return incompatible(
      faultAfter(path) ?? (error instanceof Error ? error.message : String(error)),
    );
  }
}

/** A file that changed under our hands explains a failed open better than the linker does. */
function faultAfter(path: string): string | undefined {
  try {
    return faultOf(path);
  } catch {
    return undefined;
  }
}

/** The error for a caller that insisted on native code. */
export function nativeRequired(name: LibraryName, state: string, reason: string): AgentError {
  return new AgentError(
    "NATIVE_REQUIRED",
    `Native code was asked for, but library ${name} is ${state}. ${reason}`,
    { library: name, state },
  );
}

const ISOLATE = Symbol.for("agent.ffi.isolate");

/**
 * The number of this isolate. It is kept where every copy of this module in the isolate finds it, so
 * that a second copy does not take the first one's handles for those of a dead isolate.
 */
function isolateNumber(): number {
  const home = globalThis as { [ISOLATE]?: number };
  if (home[ISOLATE] === undefined) {
    const [low, high] = crypto.getRandomValues(new Uint32Array(2));
    Object.defineProperty(home, ISOLATE, { value: (high! % 2 ** 20) * 2 ** 32 + low! + 1 });
  }
  return home[ISOLATE]!;
}
