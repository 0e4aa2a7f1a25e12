/**
 * How many bytes keys, tags and values are.
 *
 * @module
 */

/** What a value is stored as before it becomes bytes. */
export type Stored = string | Uint8Array;

const encoder = new TextEncoder();
/** Strings up to this length are measured by encoding them into a buffer for it; longer ones in parts. */
const MEASURED = 4_096;
/** Shorter ones are looked through: below this a loop is faster than a call. */
const SHORT = 24;
let measure: Uint8Array<ArrayBuffer> | undefined;

/** UTF-8 bytes of a well-formed string, or bytes of a byte value. */
export function byteLength(stored: Stored): number {
  if (typeof stored !== "string") return stored.byteLength;
  const { length } = stored;
  if (length < SHORT) {
    let at = 0;
    while (at < length && stored.charCodeAt(at) < 128) at++;
    if (at === length) return length;
  }
  measure ??= new Uint8Array(3 * MEASURED);
  if (length <= MEASURED) return encoder.encodeInto(stored, measure).written;
  let bytes = 0;
  for (let at = 0; at < length;) {
    const { read, written } = encoder.encodeInto(stored.slice(at, at + MEASURED), measure);
    // A pair cut in half: its first half waits for the next part.
    const cut = (stored.charCodeAt(at + read - 1) & 0xfc00) === 0xd800;
    bytes += cut ? written - 3 : written;
    at += cut ? read - 1 : read;
  }
  return bytes;
}
