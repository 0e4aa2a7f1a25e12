/** Unpacks a gzip file up to a bound. @module */

import { NotRead } from "./not_read.ts";

/**
 * The content of a gzip file.
 *
 * @param bytes The file.
 * @param maxBytes The most that may come out.
 * @throws {NotRead} If more comes out, or it is damaged.
 */
export async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
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
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof NotRead) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new NotRead("damaged", `It is no whole gzip file: ${why}`);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
