/**
 * How much work a list of strings is, in the units of `src/native/crossover.ts`.
 *
 * @module
 */

/** What an item of a list costs beside its characters, in units. */
const ITEM = 64;

/** The characters of all items and what each costs beside them; stops counting at `enough`. */
export function sizeOf(items: readonly { length: number }[], enough = Infinity): number {
  let size = items.length * ITEM;
  for (let i = 0; i < items.length && size < enough; i++) size += items[i]!.length;
  return size;
}
