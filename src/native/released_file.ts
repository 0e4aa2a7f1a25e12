/**
 * Compares a library that came as a package with what the release packed.
 *
 * @module
 */

import { nodeCrypto } from "../shared/builtin.ts";
import type { ReleasedFile } from "./released.ts";

/**
 * Says in what a file differs from the one that was packed. Reads all of it, which takes some 10 ms for 10 MB.
 *
 * @param path The file, which may be read.
 * @param packed What the release says of it.
 * @returns The difference, or undefined if there is none.
 */
export function faultOfReleased(
  path: string,
  packed: ReleasedFile | undefined,
): string | undefined {
  if (packed === undefined) return "the release has no such library for this platform";
  let bytes: Uint8Array;
  try {
    // Reading what is no file, such as a pipe, may not end.
    if (!Deno.statSync(path).isFile) return "it is not a file";
    bytes = Deno.readFileSync(path);
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
  if (bytes.length !== packed.bytes) {
    return `it has ${bytes.length} bytes, ${packed.bytes} were packed: it is truncated or replaced`;
  }
  const sha256 = nodeCrypto().createHash("sha256").update(bytes).digest("hex");
  return sha256 === packed.sha256 ? undefined : "its checksum is another than that of the release";
}
