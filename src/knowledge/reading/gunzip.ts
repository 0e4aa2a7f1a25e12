/** Unpacks a gzip file up to a bound. @module */

import { HEAD_BYTES } from "./charset.ts";
import { NotRead } from "./not_read.ts";

/**
 * The content of a gzip file.
 *
 * @param bytes The file.
 * @param maxBytes The most that may come out.
 * @param isWanted Whether the whole is wanted, by its beginning; of what is not only the beginning is given.
 * @throws {NotRead} If more comes out, or it is damaged.
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
  isWanted: (head: Uint8Array) => boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let head: Uint8Array<ArrayBuffer> | undefined;
  let wanted = true;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    for await (const part of stream) {
      size += part.length;
      if (size > maxBytes) {
        throw new NotRead(
          "too-large",
          `It unpacks to more than the bound of ${maxBytes} bytes (maxFileBytes)`,
        );
      }
      if (!wanted) continue;
      parts.push(part);
      if (head !== undefined || size < HEAD_BYTES) continue;
      head = joined(parts, size).slice(0, HEAD_BYTES);
      wanted = isWanted(head);
      if (!wanted) parts = [];
    }
  } catch (error) {
    if (error instanceof NotRead) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotRead("damaged", `It is no whole gzip file: ${why}`);
  }
  return wanted ? joined(parts, size) : head!;
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
