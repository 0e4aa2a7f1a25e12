/**
 * Fields of a message as a list: what is asked of them and done with them, for requests, and for responses that come from
 * a cache, a cassette or a test. Those that a caller gives are read by `client/read_fields.ts`.
 *
 * @module
 */

import type { HeaderFields, OutgoingRequest } from "./transport/types.ts";

/** A field line; its name in lower case. */
export type Field = readonly [name: string, value: string];

/** A list of field lines. */
export class FieldList implements HeaderFields {
  readonly #fields: readonly Field[];

  /** Keeps the list itself; the names must be in lower case. */
  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** The values of a field joined by ", ", or null if there is none. */
  get(name: string): string | null {
    return joined(this.#fields, name.toLowerCase());
  }

  /** Every field line, one entry each. */
  entries(): [name: string, value: string][] {
    return this.#fields.map(([name, value]) => [name, value]);
  }
}

const CREDENTIALS =
  /^(?:proxy-)?authorization$|^cookie2?$|(?:^|[-_])(?:auth|token|secret|password|session|signature|credentials?)(?:[-_]|$)|(?:^|[-_])(?:api[-_]?)?key$/;

/**
 * Whether a field of a request, named in lower case, says who asks: those of HTTP, and those that APIs take keys, tokens
 * and sessions in, by the words of their names. The key of an idempotent request is none.
 */
export function isCredentialField(name: string): boolean {
  return CREDENTIALS.test(name) && !name.endsWith("idempotency-key");
}

/** The values of a field, named in lower case, joined by ", "; null if there is none. */
export function joined(fields: readonly Field[], name: string): string | null {
  let found: string | null = null;
  for (const [each, value] of fields) {
    if (each === name) found = found === null ? value : `${found}, ${value}`;
  }
  return found;
}

/**
 * Two lists as one: the second's fields in the place of those of their names.
 *
 * @param base The usual ones.
 * @param own Those of the case.
 */
export function mergedFields(base: readonly Field[], own: readonly Field[]): readonly Field[] {
  if (own.length === 0) return base;
  const names = new Set(own.map(([name]) => name));
  return [...base.filter(([name]) => !names.has(name)), ...own];
}

/** A request with fields in the place of those of their names. */
export function withFields(request: OutgoingRequest, fields: readonly Field[]): OutgoingRequest {
  return { ...request, headers: mergedFields(request.headers, fields) };
}
