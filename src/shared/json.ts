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

/** What JSON can hold of a value within another; `never` of what it cannot. */
export type JsonField<T> = T extends JsonValue ? T
  : T extends bigint | symbol | undefined | ((...given: never[]) => unknown) ? never
  : T extends object ? { [K in keyof T]: JsonField<T[K]> }
  : never;

/**
 * The bound of a type that JSON can hold, as in `T extends Jsonable<T>`: interfaces fulfil it too, which have no index
 * signature. What JSON cannot hold (functions, `bigint`, `undefined`, a `Date`) does not.
 */
export type Jsonable<T> =
  & { [K in keyof T]: JsonField<T[K]> }
  & (string | number | boolean | null | (object & { readonly [Symbol.hasInstance]?: never }));
