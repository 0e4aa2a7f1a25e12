/**
 * The first two messages of TLS: what a client offers, and what the server takes of it (RFC 8446, RFC 5246).
 *
 * @module
 */

import { be16, bytesOf, concat, latin1, u16, u24, u8 } from "../bytes.ts";
import { ALL_SUITES } from "./suites.ts";

/** The number of a version on the wire. */
export const TLS10 = 0x0301;
/** TLS 1.2. */
export const TLS12 = 0x0303;
/** TLS 1.3. */
export const TLS13 = 0x0304;

/** A public key for the exchange, by the number of its group. */
export interface Share {
  readonly group: number;
  readonly key: Uint8Array;
}

/** What a client offers. */
export interface Offer {
  /** The versions, by number; the newest first. */
  readonly versions: readonly number[];
  /** The server's name; null where there is none but an address. */
  readonly name: string | null;
  readonly suites: readonly number[];
  readonly shares: readonly Share[];
  readonly protocols: readonly string[];
  readonly random: Uint8Array;
}

/** X25519, secp256r1, secp384r1. */
export const GROUPS: readonly number[] = [29, 23, 24];

/** Signatures that a client says it can check: with RSA, ECDSA and EdDSA, the old ones too. */
const SIGNATURES = [
  0x0403,
  0x0503,
  0x0603,
  0x0807,
  0x0804,
  0x0805,
  0x0806,
  0x0401,
  0x0501,
  0x0601,
  0x0203,
  0x0201,
];

function vector(width: 1 | 2, ...content: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const bytes = concat(...content);
  return concat(width === 1 ? [bytes.length] : be16(bytes.length), bytes);
}

function extension(
  number: number,
  ...content: readonly (Uint8Array | readonly number[])[]
): Uint8Array {
  return concat(be16(number), vector(2, ...content));
}

/** The ClientHello, as a message of the handshake. */
export function clientHello(offer: Offer): Uint8Array {
  const newest = offer.versions[0]!;
  const extensions: Uint8Array[] = [];
  if (
    offer.name !== null && /^[a-z0-9._-]{1,253}$/i.test(offer.name) && !/^[0-9.]+$/.test(offer.name)
  ) {
    extensions.push(extension(0, vector(2, [0], vector(2, bytesOf(offer.name)))));
  }
  extensions.push(
    extension(10, vector(2, ...GROUPS.map(be16))),
    extension(11, [1, 0]),
    extension(0xff01, [0]),
  );
  if (newest >= TLS12) extensions.push(extension(13, vector(2, ...SIGNATURES.map(be16))));
  if (offer.protocols.length > 0) {
    const names = offer.protocols.map((name) => vector(1, bytesOf(name)));
    extensions.push(extension(16, vector(2, ...names)));
  }
  if (newest >= TLS13) {
    extensions.push(
      extension(43, vector(1, ...offer.versions.map(be16))),
      extension(
        51,
        vector(2, ...offer.shares.map(({ group, key }) => concat(be16(group), vector(2, key)))),
      ),
    );
  }
  return message(
    1,
    concat(
      be16(Math.min(newest, TLS12)),
      offer.random,
      [0],
      vector(2, ...offer.suites.map(be16)),
      [1, 0],
      vector(2, ...extensions),
    ),
  );
}

/** A message of the handshake. */
export function message(type: number, body: Uint8Array): Uint8Array {
  return concat([type, body.length >> 16 & 255], be16(body.length & 0xffff), body);
}

/** A record in the clear. */
export function record(type: number, body: Uint8Array, version: number = TLS10): Uint8Array {
  return concat([type], be16(version), be16(body.length), body);
}

/** The ClientHello of a question whether TLS is spoken at all: everything is offered. */
export function anyHello(): Uint8Array {
  const random = crypto.getRandomValues(new Uint8Array(32));
  return record(
    22,
    clientHello({
      versions: [TLS12],
      name: null,
      suites: ALL_SUITES,
      shares: [],
      protocols: [],
      random,
    }),
  );
}

/** What a server took. */
export interface Taken {
  readonly version: number;
  readonly suite: number;
  readonly random: Uint8Array;
  readonly share: Share | null;
  readonly protocol: string | null;
  /** Whether it asks for another hello. */
  readonly isRetry: boolean;
}

/** The random number that makes of a ServerHello a request for another ClientHello. */
const RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/** Reads the body of a ServerHello; null if it is none. */
export function readServerHello(body: Uint8Array): Taken | null {
  const session = u8(body, 34);
  const at = 35 + session;
  let version = u16(body, 0);
  const suite = u16(body, at);
  if (session < 0 || session > 32 || suite < 0 || version < 0x0300 || version > TLS12) return null;
  let share: Share | null = null;
  let protocol: string | null = null;
  for (const { number, start, end } of extensionsIn(body, at + 3)) {
    if (number === 43) version = u16(body, start);
    else if (number === 51) {
      const length = u16(body, start + 2);
      const key = length < 0
        ? new Uint8Array(0)
        : body.slice(start + 4, Math.min(end, start + 4 + length));
      share = { group: u16(body, start), key };
    } else if (number === 16) protocol = protocolIn(body, start, end);
  }
  const random = body.slice(2, 34);
  return { version, suite, random, share, protocol, isRetry: random.toHex() === RETRY };
}

/** The one protocol of an ALPN extension. */
export function protocolIn(body: Uint8Array, start: number, end: number): string {
  return latin1(body, start + 3, Math.min(end, start + 3 + Math.max(0, u8(body, start + 2))));
}

/** An extension's number, and where its content is. */
export interface Extension {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The extensions of a list that begins there with its length; what does not fit ends it. */
export function extensionsIn(body: Uint8Array, at: number): Extension[] {
  const found: Extension[] = [];
  const end = Math.min(body.length, at + 2 + Math.max(0, u16(body, at)));
  for (let next = at + 2; next + 4 <= end;) {
    const start = next + 4;
    const length = u16(body, next + 2);
    if (length < 0 || start + length > end) break;
    found.push({ number: u16(body, next), start, end: start + length });
    next = start + length;
  }
  return found;
}

/** The certificates of a Certificate message; with `is13` each has extensions. `isWhole` says that nothing was left. */
export function certificatesIn(
  body: Uint8Array,
  is13: boolean,
  most: number,
): { chain: Uint8Array[]; isWhole: boolean } {
  const chain: Uint8Array[] = [];
  let at = is13 ? 1 + Math.max(0, u8(body, 0)) : 0;
  const end = at + 3 + u24(body, at);
  at += 3;
  while (at < end && chain.length < most) {
    const length = u24(body, at);
    if (length < 0 || at + 3 + length > Math.min(end, body.length)) {
      return { chain, isWhole: false };
    }
    chain.push(body.slice(at + 3, at + 3 + length));
    at += 3 + length;
    if (is13) at += 2 + Math.max(0, u16(body, at));
  }
  return { chain, isWhole: at === end && end === body.length };
}
