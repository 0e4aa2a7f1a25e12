/**
 * Reads a certificate (RFC 5280) without trusting anything in it. A broken one is null, whatever is broken.
 *
 * @module
 */

import { harmless, word } from "../banner.ts";
import { latin1, u16 } from "../bytes.ts";
import { identifier, Malformed, moment, type Value, Values } from "./der.ts";
import { digest } from "./keys.ts";
import { CURVES, KEYS, RDNS, SIGNATURES } from "./names.ts";
import { isSignedBy } from "./signature.ts";
import type { CertificateReport } from "./types.ts";

/** The most bytes of a certificate that is read. */
export const MOST_CERTIFICATE_BYTES = 64 * 1024;

const MOST_NAMES = 100;
const MOST_PARTS = 30;

/** A certificate, with what checking it needs. */
export interface Certificate {
  readonly report: CertificateReport;
  /** What is signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** The signature's algorithm, whole. */
  readonly algorithm: Uint8Array;
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly isAuthority: boolean;
  /** How many authorities may stand between it and the end; Infinity without a word. */
  readonly pathLength: number;
}

/** Reads a certificate; null if it is none. */
export function readCertificate(der: Uint8Array, now: number = Date.now()): Certificate | null {
  if (der.length > MOST_CERTIFICATE_BYTES) return null;
  try {
    return read(der, now);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function read(der: Uint8Array, now: number): Certificate {
  const outer = new Values(der);
  const parts = new Values(outer.next(0x30).content);
  const signed = parts.next(0x30);
  const algorithm = parts.next(0x30);
  const signature = bits(parts.next(3));
  const fields = new Values(signed.content);
  if (fields.tag === 0xa0) fields.next();
  const serial = fields.next(2).content;
  fields.next(0x30);
  const issuer = fields.next(0x30);
  const validity = new Values(fields.next(0x30).content);
  const notBefore = moment(validity.next());
  const notAfter = moment(validity.next());
  const subject = fields.next(0x30);
  const key = fields.next(0x30);
  const extensions = {
    dnsNames: [] as string[],
    addresses: [] as string[],
    others: [] as string[],
    isAuthority: false,
    pathLength: Infinity,
  };
  while (!fields.isOver) {
    const field = fields.next();
    if (field.tag === 0xa3) {
      readExtensions(new Values(field.content).next(0x30).content, extensions);
    }
  }
  const { dnsNames, addresses, others, isAuthority, pathLength } = extensions;
  const oid = identifier(new Values(algorithm.content).next(6).content);
  const bare = {
    signed: signed.whole,
    signature,
    algorithm: algorithm.whole,
    subject: subject.whole,
    issuer: issuer.whole,
    publicKey: key.whole,
  };
  const report: CertificateReport = {
    subject: distinguishedName(subject.content),
    issuer: distinguishedName(issuer.content),
    names: [...dnsNames, ...addresses, ...others].slice(0, MOST_NAMES),
    serial: serial.subarray(serial.length > 1 && serial[0] === 0 ? 1 : 0).subarray(0, 64).toHex(),
    key: keyName(key.content),
    signatureAlgorithm: SIGNATURES[oid]?.name ?? oid,
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    expiryDays: Math.floor((notAfter - now) / 86_400_000),
    selfSigned: same(subject.whole, issuer.whole) && isSignedBy(bare, key.whole),
    authority: isAuthority,
    sha256: digest("sha256", der).toHex(),
  };
  return { ...bare, report, notBefore, notAfter, dnsNames, addresses, isAuthority, pathLength };
}

/** Whether bytes are the same. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function bits({ content }: Value): Uint8Array {
  if (content[0] !== 0) throw new Malformed();
  return content.subarray(1);
}

function textOf({ tag, content }: Value): string {
  const short = content.subarray(0, 1024);
  if (tag === 30) return new TextDecoder("utf-16be").decode(short);
  return tag === 12 ? new TextDecoder().decode(short) : latin1(short);
}

/** A name as text, its parts in the order in which they stand. */
function distinguishedName(content: Uint8Array): string {
  const shown: string[] = [];
  const sets = new Values(content);
  while (!sets.isOver && shown.length < MOST_PARTS) {
    const set = new Values(sets.next(0x31).content);
    while (!set.isOver && shown.length < MOST_PARTS) {
      const pair = new Values(set.next(0x30).content);
      const oid = identifier(pair.next(6).content);
      shown.push(`${RDNS[oid] ?? oid}=${word(textOf(pair.next())) ?? ""}`);
    }
  }
  return shown.join(", ");
}

function keyName(content: Uint8Array): string {
  const parts = new Values(content);
  const algorithm = new Values(parts.next(0x30).content);
  const oid = identifier(algorithm.next(6).content);
  const name = KEYS[oid] ?? oid;
  if (name === "RSA") {
    const modulus = new Values(new Values(bits(parts.next(3))).next(0x30).content).next(2).content;
    const first = modulus[0] === 0 ? 1 : 0;
    const count = (modulus.length - first) * 8 - Math.clz32(modulus[first] ?? 0) + 24;
    return `RSA ${Math.max(0, count)}`;
  }
  if (name !== "EC" || algorithm.tag !== 6) return name;
  const curve = identifier(algorithm.next(6).content);
  return `EC ${CURVES[curve] ?? curve}`;
}

function readExtensions(
  content: Uint8Array,
  into: {
    dnsNames: string[];
    addresses: string[];
    others: string[];
    isAuthority: boolean;
    pathLength: number;
  },
): void {
  const list = new Values(content);
  while (!list.isOver) {
    const extension = new Values(list.next(0x30).content);
    const oid = identifier(extension.next(6).content);
    if (extension.tag === 1) extension.next();
    const value = extension.next(4).content;
    if (oid === "2.5.29.19") {
      const constraints = new Values(new Values(value).next(0x30).content);
      if (constraints.tag === 1) into.isAuthority = constraints.next(1).content[0] === 0xff;
      if (constraints.tag === 2) into.pathLength = constraints.next(2).content[0] ?? 0;
    } else if (oid === "2.5.29.17") {
      const names = new Values(new Values(value).next(0x30).content);
      while (
        !names.isOver &&
        into.dnsNames.length + into.addresses.length + into.others.length < MOST_NAMES
      ) {
        const { tag, content } = names.next();
        if (tag === 0x87) into.addresses.push(addressOf(content));
        else if (tag === 0x82 || tag === 0x81 || tag === 0x86) {
          const name = harmless(latin1(content, 0, 256)).trim();
          if (name !== "") (tag === 0x82 ? into.dnsNames : into.others).push(name);
        }
      }
    }
  }
}

function addressOf(content: Uint8Array): string {
  if (content.length === 4) return content.join(".");
  if (content.length !== 16) throw new Malformed();
  const groups = Array.from({ length: 8 }, (_, index) => u16(content, index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
