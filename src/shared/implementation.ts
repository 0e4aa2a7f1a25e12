/**
 * The words in which every capability with twins lets its caller choose, and the options that
 * long work shares. Types only.
 *
 * @module
 */

/** Which twin does the work: the faster one that is allowed, the Rust one, or the TypeScript one. */
export type Implementation = "auto" | "native" | "pure";

/** How far a long operation has come. */
export interface Progress {
  /** Items finished so far. */
  done: number;
  /** Items in all. */
  total: number;
}

/** Options of every operation that has twins. */
export interface CallOptions {
  /** Which twin does the work; `"native"` throws instead of falling back. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /** Ends the work early; the call then rejects (or throws) with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called as items finish, at most some ten times a second, and once at the end. */
  onProgress?: ((progress: Progress) => void) | undefined;
}
