/**
 * How responses are stored: one entry for a method and an address, with a variant for each selection of request fields.
 * Believes nothing that it reads: what is not exactly as it was written is no entry.
 *
 * The entry: "AHC" and a version (4 bytes), the CRC-32 of all that follows, the number of variants (u32). A variant: the
 * lengths of its head and its body (u32 each), both. A head: status and flags (u16 each), when the response came, its
 * age then, its lifetime, how long it may be served stale while it is renewed and in place of an error (f64 each, the
 * last -1 for nothing said), the digest of the selection, the length of the names in `Vary` (u32), these names by ",",
 * and the field lines as "name:value\n" in UTF-8. Little endian.
 *
 * @module
 */

import { nodeZlib } from "../../shared/builtin.ts";
import type { Field } from "../fields.ts";
import type { Policy } from "./policy.ts";
import { DIGEST_BYTES } from "./vary.ts";

const MAGIC = 0x01_43_48_41; // "AHC", version 1
const ENTRY_HEAD_BYTES = 12;
const VARIANT_HEAD_BYTES = 8;
const FIXED_BYTES = 4 + 5 * 8 + DIGEST_BYTES + 4;
const NO_CACHE = 1;
const MUST_REVALIDATE = 2;
const FOR_ALL = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A stored response. */
export interface Variant {
  readonly status: number;
  readonly policy: Policy;
  /** When it came, milliseconds since 1970. */
  readonly receivedMs: number;
  /** How old it was then, in seconds. */
  readonly initialAge: number;
  /** Which requests it is for. */
  readonly digest: Uint8Array;
  readonly vary: readonly string[];
  readonly fields: readonly Field[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Writes an entry. */
export function encodeEntry(variants: readonly Variant[]): Uint8Array<ArrayBuffer> {
  const heads = variants.map(encodeHead);
  let size = ENTRY_HEAD_BYTES;
  variants.forEach(({ body }, i) => size += VARIANT_HEAD_BYTES + heads[i]!.length + body.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(8, variants.length, true);
  let at = ENTRY_HEAD_BYTES;
  variants.forEach(({ body }, i) => {
    const head = heads[i]!;
    view.setUint32(at, head.length, true);
    view.setUint32(at + 4, body.length, true);
    bytes.set(head, at + VARIANT_HEAD_BYTES);
    bytes.set(body, at + VARIANT_HEAD_BYTES + head.length);
    at += VARIANT_HEAD_BYTES + head.length + body.length;
  });
  view.setUint32(4, nodeZlib().crc32(bytes.subarray(8)), true);
  return bytes;
}

function encodeHead(variant: Variant): Uint8Array {
  const { policy } = variant;
  const names = encoder.encode(variant.vary.join(","));
  // A line feed cannot be in a value; if one were, it must not become a line here.
  const lines = variant.fields.map(([name, value]) => `${name}:${value.replaceAll("\n", " ")}\n`);
  const fields = encoder.encode(lines.join(""));
  const head = new Uint8Array(FIXED_BYTES + names.length + fields.length);
  const view = new DataView(head.buffer);
  view.setUint16(0, variant.status, true);
  const flags = (policy.noCache ? NO_CACHE : 0) | (policy.mustRevalidate ? MUST_REVALIDATE : 0) |
    (policy.forAll ? FOR_ALL : 0);
  view.setUint16(2, flags, true);
  view.setFloat64(4, variant.receivedMs, true);
  view.setFloat64(12, variant.initialAge, true);
  view.setFloat64(20, policy.lifetime, true);
  view.setFloat64(28, policy.whileRevalidate, true);
  view.setFloat64(36, policy.ifError ?? -1, true);
  head.set(variant.digest, 44);
  view.setUint32(FIXED_BYTES - 4, names.length, true);
  head.set(names, FIXED_BYTES);
  head.set(fields, FIXED_BYTES + names.length);
  return head;
}

/** Reads an entry; undefined if it is none. Bodies are views of its bytes. */
export function decodeEntry(bytes: Uint8Array | undefined): Variant[] | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length < ENTRY_HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (
    view.getUint32(0, true) !== MAGIC ||
    view.getUint32(4, true) !== nodeZlib().crc32(bytes.subarray(8))
  ) {
    return undefined;
  }
  const variants: Variant[] = [];
  let at = ENTRY_HEAD_BYTES;
  for (let left = view.getUint32(8, true); left > 0; left--) {
    if (at + VARIANT_HEAD_BYTES > bytes.length) return undefined;
    const headEnd = at + VARIANT_HEAD_BYTES + view.getUint32(at, true);
    const end = headEnd + view.getUint32(at + 4, true);
    if (end > bytes.length) return undefined;
    const body = bytes.subarray(headEnd, end) as Uint8Array<ArrayBuffer>;
    const variant = decodeVariant(bytes.subarray(at + VARIANT_HEAD_BYTES, headEnd), body);
    if (variant === undefined) return undefined;
    variants.push(variant);
    at = end;
  }
  return at === bytes.length ? variants : undefined;
}

function decodeVariant(head: Uint8Array, body: Uint8Array<ArrayBuffer>): Variant | undefined {
  if (head.length < FIXED_BYTES) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const namesEnd = FIXED_BYTES + view.getUint32(FIXED_BYTES - 4, true);
  if (namesEnd > head.length) return undefined;
  const flags = view.getUint16(2, true);
  const numbers = [4, 12, 20, 28, 36].map((offset) => view.getFloat64(offset, true));
  const [receivedMs, initialAge, lifetime, whileRevalidate, ifError] = numbers as [
    number,
    number,
    number,
    number,
    number,
  ];
  const status = view.getUint16(0, true);
  if (status < 200 || status > 599 || !numbers.every(Number.isFinite)) return undefined;
  const vary = decoder.decode(head.subarray(FIXED_BYTES, namesEnd));
  return {
    status,
    policy: {
      lifetime,
      whileRevalidate,
      ifError: ifError < 0 ? undefined : ifError,
      noCache: (flags & NO_CACHE) !== 0,
      mustRevalidate: (flags & MUST_REVALIDATE) !== 0,
      forAll: (flags & FOR_ALL) !== 0,
    },
    receivedMs,
    initialAge,
    digest: head.subarray(44, 44 + DIGEST_BYTES),
    vary: vary === "" ? [] : vary.split(","),
    fields: decodeFields(decoder.decode(head.subarray(namesEnd))),
    body,
  };
}

function decodeFields(text: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(":", at);
    const end = text.indexOf("\n", colon);
    if (colon < 0 || end < 0) break;
    fields.push([text.slice(at, colon), text.slice(colon + 1, end)]);
    at = end + 1;
  }
  return fields;
}
