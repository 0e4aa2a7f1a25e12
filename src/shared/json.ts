/**
 * What JSON is made of.
 *
 * @module
 */

/** What `JSON.parse` can return, and so what a cache with `codec: "json"` can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
