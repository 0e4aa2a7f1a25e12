/**
 * A text in bytes, one a unit, which loops read several times as fast as a string. The Rust twin has UTF-8 for it.
 *
 * @module
 */

/** What stands for a unit beyond ASCII. */
const OTHER = 128;
/** What stands for `ñ`, which a mark is at. */
export const ENYE = 129;
/** So many zeros are behind the text, for who looks a little ahead. */
const PAD = 8;
/** Buffers for short texts are used again: for the text itself and for its readings, the last of which come seldom. */
const SHORT = 4096;
const READINGS = 4;

/** A text's units: ASCII as it is, `ENYE`, and one code for all others; zeros behind the end. */
export type Codes = Uint8Array;

let encoder: TextEncoder | undefined;
const short: Uint8Array<ArrayBuffer>[] = [];

/**
 * The codes of a text.
 *
 * @param text Well-formed text.
 * @param reading Which reading it is of the text that is searched: what was given for it before may be overwritten.
 */
export function codesOf(text: string, reading: number): Codes {
  const n = text.length;
  const size = n + PAD;
  const codes = size <= SHORT && reading < READINGS
    ? short[reading] ??= new Uint8Array(SHORT)
    : new Uint8Array(size);
  encoder ??= new TextEncoder();
  const { read, written } = encoder.encodeInto(text, codes);
  if (read !== n || written !== n) {
    decode(codes, written, codes, 0);
    // What had no room.
    if (read < n) {
      const bytes = new Uint8Array(3 * (n - read));
      decode(bytes, encoder.encodeInto(text.slice(read), bytes).written, codes, read);
    }
  }
  codes.fill(0, n, size);
  return codes;
}

/** Writes the codes of so many bytes of UTF-8 from a place on, which may be where these are. */
function decode(bytes: Uint8Array, length: number, codes: Codes, at: number): void {
  let n = at;
  for (let p = 0; p < length;) {
    const byte = bytes[p]!;
    if (byte < 0x80) {
      codes[n++] = byte;
      p++;
    } else if (byte < 0xe0) {
      codes[n++] = byte === 0xc3 && bytes[p + 1] === 0xb1 ? ENYE : OTHER;
      p += 2;
    } else {
      codes[n++] = OTHER;
      p += 3;
      // Two units.
      if (byte >= 0xf0) {
        codes[n++] = OTHER;
        p++;
      }
    }
  }
}

/** Whether what begins at a place is `what`. */
export function startsWith(codes: Codes, p: number, what: string): boolean {
  for (let k = 0; k < what.length; k++) {
    if (codes[p + k] !== what.charCodeAt(k)) return false;
  }
  return true;
}
