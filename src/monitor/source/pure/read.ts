/**
 * Files and folders with bounds, and one word for why not. Deno refuses `/proc` and `/sys` to all but programs that may do
 * everything, which is here the word "denied".
 *
 * @module
 */

import type { Missing } from "../raw.ts";

/** Something that was read, or why not. */
export type Read<T> = { readonly value: T } | { readonly error: Missing };

/** A file of at most `most` bytes. Good until the next call. */
export function readFile(path: string, most: number): Read<Uint8Array> {
  return attempt(() => {
    using file = Deno.openSync(path);
    return rest(file, most);
  });
}

let buffer = new Uint8Array(16 * 1024);

/** What an open file has from its place on. Good until the next call. */
export function rest(file: Deno.FsFile, most: number): Uint8Array {
  let length = 0;
  while (length < most) {
    if (length === buffer.length) {
      const larger = new Uint8Array(length * 4);
      larger.set(buffer);
      buffer = larger;
    }
    const count = file.readSync(buffer.subarray(length, Math.min(buffer.length, most)));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

/** The names in a folder. */
export function readNames(path: string): Read<string[]> {
  return attempt(() => Array.from(Deno.readDirSync(path), ({ name }) => name));
}

/** What a body gives, or the word for its error. */
export function attempt<T>(body: () => T): Read<T> {
  try {
    return { value: body() };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return { error: "denied" };
    if (error instanceof Deno.errors.PermissionDenied) return { error: "denied" };
    if (error instanceof Deno.errors.NotFound) return { error: "absent" };
    return { error: (error as { code?: string }).code === "ESRCH" ? "absent" : "failed" };
  }
}
