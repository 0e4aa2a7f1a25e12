/**
 * Opens native libraries: the only place with `Deno.dlopen`.
 *
 * A library is opened at its first use, first with a table of one symbol, its ABI number; then the digest of its
 * headers is compared with that of the headers from which the calls were generated. Every further symbol is resolved
 * by itself at its first use. A library is never closed: a wait may be outstanding in it, and it is linked so as to
 * stay mapped.
 *
 * @module
 */

import type { LibraryName } from "../areas.ts";
import { AgentError } from "../shared/errors.ts";
import { announce } from "../shared/live.ts";
import { errorFromBuffer } from "./failure.ts";
import { AGENT_FFI_ABI_VERSION } from "./generated/ffi.ts";
import { DIGESTS, type FfiSymbols, SYMBOLS, type Symbols } from "./generated/symbols.ts";
import { LIBRARIES } from "./libraries.ts";
import { faultOf } from "./library_file.ts";
import { locate } from "./locate.ts";
import { onForgotten } from "./package_folder.ts";
import { isGranted } from "./permissions.ts";
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
  | {
    library: undefined;
    lookedIn: string[];
    path?: string | undefined;
    state: LibraryState;
    reason: string;
  };

/** An open library. */
export class LoadedLibrary<L extends LibraryName = LibraryName> {
  /** Its name. */
  readonly name: L;
  /** Its file. */
  readonly path: string;
  /** Its version, as it says itself. */
  readonly version: string;
  readonly #resolved: Record<string, unknown> = {};
  #complete = false;
  #ring: Ring | undefined;

  /** Wraps a library that fits, and enters it. */
  constructor(name: L, path: string) {
    this.name = name;
    this.path = path;
    const { agent_ffi_enter, agent_ffi_version } = SYMBOLS[name];
    const { symbols } = Deno.dlopen(path, { agent_ffi_enter, agent_ffi_version });
    const out = new Uint8Array(4096);
    const status = symbols.agent_ffi_enter(isolateNumber(), LIBRARIES[name], out, out.length);
    if (status < 0) throw errorFromBuffer("enter", status, out);
    const length = symbols.agent_ffi_version(out, out.length);
    this.version = new TextDecoder().decode(out.subarray(0, length));
  }

  /** The isolate's ring on this library, opened at its first use. */
  get ring(): Ring {
    if (this.#ring === undefined) {
      this.#ring = new Ring(this);
      announce("ring", this.#ring, ({ inFlight, waiting }) => ({ inFlight, waiting }), this.name);
    }
    return this.#ring;
  }

  /** One of its exports, resolved when it is first asked for. */
  symbol<N extends keyof Symbols<L> & string>(name: N): Symbols<L>[N] {
    return this.#resolve(name) as Symbols<L>[N];
  }

  /** One of the exports that every library has. */
  common<N extends keyof FfiSymbols>(name: N): FfiSymbols[N] {
    return this.#resolve(name) as FfiSymbols[N];
  }

  #resolve(name: string): unknown {
    return this.#resolved[name] ??= this.#open(name);
  }

  #open(name: string): unknown {
    this.#checkAllowed();
    const table: Deno.ForeignLibraryInterface = SYMBOLS[this.name];
    return Deno.dlopen(this.path, { [name]: table[name]! }).symbols[name];
  }

  /** Refuses to open more once the permission was given up, which would make Deno ask a person. */
  #checkAllowed(): void {
    if (isGranted({ name: "ffi", path: this.path })) return;
    const reason = `Opening ${this.path} is not allowed any more`;
    opened.set(this.name, { library: undefined, lookedIn: [], state: "denied", reason });
    throw nativeRequired(this.name, "denied", reason);
  }

  /** All of its exports, resolved at once. */
  get symbols(): Symbols<L> {
    if (!this.#complete) {
      this.#checkAllowed();
      Object.assign(this.#resolved, Deno.dlopen(this.path, SYMBOLS[this.name]).symbols);
      this.#complete = true;
    }
    return this.#resolved as Symbols<L>;
  }
}

const opened = new Map<LibraryName, Opened>();
onForgotten(() => {
  for (const [name, { library }] of opened) if (library === undefined) opened.delete(name);
});

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
  const { lookedIn, path, state, reason, version } = locate(name, mayAsk);
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
    const { agent_ffi_abi_version } = SYMBOLS[name];
    const abi = Deno.dlopen(path, { agent_ffi_abi_version }).symbols.agent_ffi_abi_version();
    if (abi !== AGENT_FFI_ABI_VERSION) {
      return incompatible(
        `its ABI is ${abi}, this package needs ${AGENT_FFI_ABI_VERSION}; build or install it anew`,
      );
    }
    const { symbol, value } = DIGESTS[name];
    const digest = Deno.dlopen(path, { digest: { name: symbol, parameters: [], result: "u32" } });
    if (digest.symbols.digest() !== value) {
      return incompatible("it was built from other sources; build or install it anew");
    }
    const library = new LoadedLibrary(name, path);
    if (version !== undefined && library.version !== version) {
      return incompatible(`it is of version ${library.version}, this package is ${version}`);
    }
    return { library, lookedIn };
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

/** Whether a library may be used now, without asking anybody; it is open then. */
export function isUsable(name: LibraryName): boolean {
  return openLibrary(name).library !== undefined;
}

/**
 * A library for a caller that insists; may request permissions.
 *
 * @throws {AgentError} `NATIVE_REQUIRED` with the reason.
 */
export function requireLibrary<L extends LibraryName>(name: L): LoadedLibrary<L> {
  const result = openLibrary(name, true);
  if ("reason" in result) throw nativeRequired(name, result.state, result.reason);
  return result.library as LoadedLibrary<L>;
}

/**
 * What generated calls take their symbols from.
 *
 * @param name The library.
 * @returns Gives the function of a symbol.
 */
export function symbolsOf<L extends LibraryName>(
  name: L,
): <N extends keyof Symbols<L> & string>(symbol: N) => Symbols<L>[N] {
  return (symbol) => requireLibrary(name).symbol(symbol);
}

/** The ring on a library that is open. */
export function ringOf(name: LibraryName): Ring {
  return requireLibrary(name).ring;
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
