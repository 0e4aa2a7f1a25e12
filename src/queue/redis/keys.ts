/** Keys of BullMQ. @module */

/** The id at the end of a job's key. */
export function idOfKey(key: string): string {
  return key.slice(key.lastIndexOf(":") + 1);
}
