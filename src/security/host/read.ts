/**
 * Files, links and folders for the pure twin, with bounds and with one word for why not. Deno refuses `/proc` and `/sys`
 * to all but programs that may do everything; that is an error here, never a gap in a result.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { Missing } from "./raw.ts";

/** Something that was read, or why not. */
export type Read<T> = { readonly value: T } | { readonly error: Missing };

/** A file of at most `most` bytes. */
export function readBytes(path: string, most: number): Read<Uint8Array<ArrayBuffer>> {
  return attempt(path, () => {
    using file = Deno.openSync(path);
    let bytes = new Uint8Array(Math.min(4096, most));
    let length = 0;
    for (;;) {
      if (length === bytes.length) {
        if (length === most) break;
        const larger = new Uint8Array(Math.min(most, length * 4));
        larger.set(bytes);
        bytes = larger;
      }
      const count = file.readSync(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
    return bytes.subarray(0, length);
  });
}

/** Where a link leads, as it is written. */
export function readLink(path: string): Read<string> {
  return attempt(path, () => Deno.readLinkSync(path));
}

/** The facts of the file that a path leads to. */
export function readFacts(path: string): Read<Deno.FileInfo> {
  return attempt(path, () => Deno.statSync(path));
}

/** The names in a folder. */
export function readNames(path: string): Read<string[]> {
  return attempt(path, () => Array.from(Deno.readDirSync(path), ({ name }) => name));
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function decoded(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

/** The error of a pure twin that Deno lets not read. */
export function needsEverything(path: string): AgentError<"PERMISSION"> {
  return new AgentError(
    "PERMISSION",
    `Deno lets only programs with --allow-all read ${path}; the native library needs --allow-ffi, --allow-read and --allow-sys`,
    { permission: "all", target: path },
  );
}

function attempt<T>(path: string, body: () => T): Read<T> {
  try {
    return { value: body() };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw needsEverything(path);
    if (error instanceof Deno.errors.PermissionDenied) return { error: "denied" };
    if (error instanceof Deno.errors.NotFound) return { error: "absent" };
    return { error: (error as { code?: string }).code === "ESRCH" ? "absent" : "failed" };
  }
}
