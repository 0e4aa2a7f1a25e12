/**
 * Keeps the bodies that nobody needs any more from piling up. V8 looks after its young objects when they have used up
 * their space; a body is a small object whose bytes lie elsewhere, so that some 64 MiB of bytes gather before it looks.
 * What makes it look is the size of all young buffers: one that makes up what is missing, and is let go of at once, has
 * it do so at the next buffer. Nobody touches that one, so that it takes addresses and no memory. It is no larger than
 * that, since more would make V8 look through its old objects too, which takes ten times as long.
 *
 * @module
 */

/** Bytes of bodies that are given out between two looks: fewer cost time, more cost memory. */
const BETWEEN_BYTES = 16 * 1024 * 1024;
/** What V8 puts up with in young buffers. */
const MOST_YOUNG_BYTES = 64 * 1024 * 1024;

let given = 0;

/** So many bytes of a body were given out, which may be garbage soon. */
export function gaveOut(bytes: number): void {
  given += bytes;
  if (given < BETWEEN_BYTES) return;
  const missing = Math.max(0, MOST_YOUNG_BYTES - given);
  given = 0;
  try {
    new ArrayBuffer(missing);
  } catch {
    // Where there are not even addresses, V8 has just looked.
  }
}
