/**
 * The loops around a store's methods. Every contender gets an instance of this module of its own, so that V8 sees one
 * kind of store at each call, as it does in a program that uses one cache.
 */

/** What all stores can do. */
export interface Store {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
  delete(key: string): boolean;
}

/** This module, or an instance of it. */
export type Loops = typeof import("./cache_loops.ts");

/** An instance of this module for one contender. */
export async function loopsFor(contender: string): Promise<Loops> {
  return await import(`${import.meta.url.split("?")[0]}?${encodeURIComponent(contender)}`);
}

let at = 0;

/** Reads entries that are there. */
export function read(store: Store, keys: readonly string[], calls: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) {
    if (++at >= keys.length) at = 0;
    sum += store.get(keys[at]!)!.length;
  }
  return sum;
}

/** Reads entries that are not there. */
export function miss(store: Store, keys: readonly string[], calls: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) {
    if (++at >= keys.length) at = 0;
    if (store.get(keys[at]!) === undefined) sum++;
  }
  return sum;
}

/** Sets entries; there are at least 256 values. */
export function write(
  store: Store,
  keys: readonly string[],
  calls: number,
  values: readonly string[],
): number {
  for (let i = 0; i < calls; i++) {
    if (++at >= keys.length) at = 0;
    store.set(keys[at]!, values[i & 255]!);
  }
  return at;
}

/** Removes entries and sets them again. */
export function replace(
  store: Store,
  keys: readonly string[],
  calls: number,
  values: readonly string[],
): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) {
    if (++at >= keys.length) at = 0;
    if (store.delete(keys[at]!)) sum++;
    store.set(keys[at]!, values[i & 255]!);
  }
  return sum;
}
