/**
 * The Web Locks of this process. The system lets go of a lock however the Worker ends that holds it, which is the one
 * sign that Deno gives of it. Deno's types do not have them yet.
 *
 * @module
 */

/** What of `LockManager` is used. */
export interface Locks {
  /** Calls back once the lock is had, which is held until the promise of the call settles. */
  request(
    name: string,
    options: { signal?: AbortSignal },
    call: () => unknown,
  ): Promise<unknown>;
}

/** The locks; undefined where this Deno has none. */
export function webLocks(): Locks | undefined {
  return (navigator as { locks?: Locks }).locks;
}
