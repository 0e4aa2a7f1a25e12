/**
 * Order by a 32-bit key, in linear time whatever the keys are; equal keys stay in the order of their places.
 *
 * @module
 */

const counts = new Uint32Array(4 * 256);

/**
 * Sorts.
 *
 * @param keys The keys, taken as unsigned.
 * @param count How many of them.
 * @returns The places of the keys in ascending order.
 */
export function orderBy(keys: Int32Array, count: number): Uint32Array {
  counts.fill(0);
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    counts[key & 255]!++;
    counts[256 + (key >>> 8 & 255)]!++;
    counts[512 + (key >>> 16 & 255)]!++;
    counts[768 + (key >>> 24)]!++;
  }
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let next = new Uint32Array(count);
  for (let digit = 0; digit < 4; digit++) {
    const base = 256 * digit;
    const shift = 8 * digit;
    let sum = 0;
    let only = false;
    for (let i = base; i < base + 256; i++) {
      const here = counts[i]!;
      only ||= here === count;
      counts[i] = sum;
      sum += here;
    }
    if (only) continue;
    for (let i = 0; i < count; i++) {
      const place = order[i]!;
      next[counts[base + (keys[place]! >>> shift & 255)]!++] = place;
    }
    [order, next] = [next, order];
  }
  return order;
}
