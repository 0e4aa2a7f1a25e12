/**
 * Which twin probes a port when the caller leaves it open. Alone a probe is faster without the ring;
 * from some dozen at once the ring's batches win. Concurrency is all that matters: a probe has no size.
 *
 * @module
 */

/** Probes under way from which the native twin is faster, on loopback, where the network costs least. */
const NATIVE_FROM = 16;

let underWay = 0;

/** Whether the next probe belongs to the native twin, if that can be had. */
export function nativeIsFaster(): boolean {
  return underWay >= NATIVE_FROM;
}

/** Counts a probe while it runs. */
export async function counted<T>(run: () => Promise<T>): Promise<T> {
  underWay++;
  try {
    return await run();
  } finally {
    underWay--;
  }
}
