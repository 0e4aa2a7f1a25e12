/**
 * Keeps the bodies that nobody needs any more from piling up. V8 looks after its young objects when they have used up
 * their space; a body is a small object whose bytes lie elsewhere, so that some 64 MiB of bytes gather before it looks.
 * What counts are the bytes of all young buffers: some are held here that nobody touches, which take addresses and no
 * memory, so that less is missing and V8 looks sooner.
 *
 * They are held, and not let go of at once, because what grew outside of the heap since V8 looked through its old
 * objects too has it do that again, which takes ten times as long: what is always there has not grown. They are
 * renewed one after the other, since buffers that were there at two looks are young no more.
 *
 * @module
 */

/** What V8 puts up with in young buffers. */
const MOST_YOUNG_BYTES = 64 * 1024 * 1024;
/** Bytes of bodies between two looks: less costs time, more costs memory. */
const BETWEEN_BYTES = 16 * 1024 * 1024;
/** How many buffers are held. All of them are renewed in the time between two looks. */
const HELD = 4;
const HELD_BYTES = (MOST_YOUNG_BYTES - BETWEEN_BYTES) / HELD;

let given = 0;
const held: ArrayBuffer[] = [];

/** So many bytes of a body were given out, which may be garbage soon. */
export function gaveOut(bytes: number): void {
  given += bytes;
  if (given < BETWEEN_BYTES / HELD) return;
  given = 0;
  if (held.length === HELD) letGo(held.shift()!);
  try {
    // Of a plain buffer of this size the system might make one of memory that was used before, which would be cleared;
    // one that can be resized has pages of its own.
    held.push(new ArrayBuffer(HELD_BYTES, { maxByteLength: HELD_BYTES }));
  } catch {
    // Where there are not even addresses, V8 has just looked.
  }
}

/** No bodies are given out for now. */
export function gaveAll(): void {
  for (const buffer of held.splice(0)) letGo(buffer);
}

/** Gives the addresses back at once. */
function letGo(buffer: ArrayBuffer): void {
  buffer.transferToFixedLength(0);
}
