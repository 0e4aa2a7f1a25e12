/**
 * What a handler needs before it can be given jobs: those of a pool have a module to be loaded, and a job must not die
 * of one that cannot be.
 *
 * @module
 */

/** Where a handler has a function that says when it can begin. */
export const READY: unique symbol = Symbol("ready");

/** Resolves when a handler can begin, rejects where it never can; undefined if it can at once. */
export function readyOf(handler: unknown): Promise<void> | undefined {
  return (handler as { [READY]?: () => Promise<void> })[READY]?.();
}
