/**
 * Which requests a stored response is for: the fields that its `Vary` names, and always those that carry credentials,
 * so that what one caller was answered is not another one's. A digest stands for their values: the values, which may be
 * secret, are stored nowhere.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";
import { type Field, isCredentialField, joined } from "../fields.ts";

/** Fields whose values mean the same whatever their case. */
const CASELESS = new Set(["accept-language", "accept-encoding", "accept-charset"]);
/** Fields that are lists, so that spaces around commas mean nothing. */
const LISTS = new Set([...CASELESS, "accept", "cache-control", "prefer"]);

/** The length of a digest. */
export const DIGEST_BYTES = 16;

/** The names that `Vary` gives, sorted, each once; undefined if it has a "*", which matches nothing. */
export function varyNames(vary: string | null): string[] | undefined {
  if (vary === null) return [];
  const names = vary.split(",").map((name) => name.trim().toLowerCase()).filter((name) =>
    name !== ""
  );
  return names.includes("*") ? undefined : [...new Set(names)].sort();
}

/**
 * What a request says in some fields and in those that carry credentials.
 *
 * @param forAll Whether the response may be given to whoever authorizes himself (RFC 9111, 3.5): `Authorization` then
 * tells nobody apart.
 */
export function selectionDigest(
  headers: readonly Field[],
  names: readonly string[],
  forAll: boolean,
): Uint8Array {
  const hash = nodeCrypto().createHash("sha256");
  for (const name of names) add(hash, name, joined(headers, name));
  const credentials = new Set(headers.map(([name]) => name).filter(isCredentialField));
  for (const name of [...credentials].sort()) {
    if (forAll && name === "authorization") continue;
    add(hash, name, joined(headers, name));
  }
  return new Uint8Array(hash.digest().subarray(0, DIGEST_BYTES));
}

/** What a request says in all of its fields, as text. */
export function wholeDigest(headers: readonly Field[]): string {
  const hash = nodeCrypto().createHash("sha256");
  for (const [name, value] of headers) add(hash, name, value);
  return hash.digest("base64url");
}

function add(hash: { update(text: string): unknown }, name: string, value: string | null): void {
  // Neither name nor value can have a NUL or a line feed: a field that is missing is none that is empty.
  hash.update(value === null ? `${name}\n` : `${name}\0${normal(name, value)}\n`);
}

function normal(name: string, value: string): string {
  const text = CASELESS.has(name) ? value.toLowerCase() : value;
  return LISTS.has(name) ? text.split(",").map((item) => item.trim()).join(",") : text.trim();
}

/** Whether two digests are the same. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < DIGEST_BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}
