/**
 * Reading bytes of unknown origin: outside of them there is nothing, and nothing throws.
 *
 * @module
 */

const ENCODER = new TextEncoder();
const LATIN1 = new TextDecoder("latin1");
const UTF8 = new TextDecoder();

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Bytes written as hexadecimal, blanks between as one likes. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s+/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Several pieces as one. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A number of 16 bits, most significant byte first. */
export function be16(value: number): number[] {
  return [value >> 8 & 255, value & 255];
}

/** A number of 32 bits, most significant byte first. */
export function be32(value: number): number[] {
  return [value >>> 24, value >> 16 & 255, value >> 8 & 255, value & 255];
}

/** A number of 32 bits, least significant byte first. */
export function le32(value: number): number[] {
  return be32(value).reverse();
}

/** The byte at a place; -1 outside. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? -1;
}

/** 16 bits, most significant byte first; -1 outside. */
export function u16(bytes: Uint8Array, at: number): number {
  return at >= 0 && at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : -1;
}

/** 24 bits, most significant byte first; -1 outside. */
export function u24(bytes: Uint8Array, at: number): number {
  return at >= 0 && at + 3 <= bytes.length ? bytes[at]! * 65_536 + u16(bytes, at + 1) : -1;
}

/** 32 bits, most significant byte first; -1 outside. */
export function u32(bytes: Uint8Array, at: number): number {
  return at >= 0 && at + 4 <= bytes.length ? u16(bytes, at) * 65_536 + u16(bytes, at + 2) : -1;
}

/** 32 bits, least significant byte first; -1 outside. */
export function u32le(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 4 > bytes.length) return -1;
  return bytes[at]! + bytes[at + 1]! * 256 + bytes[at + 2]! * 65_536 + bytes[at + 3]! * 16_777_216;
}

/** Each byte as one character. */
export function latin1(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  return LATIN1.decode(bytes.subarray(from, to));
}

/** Text; what is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  return UTF8.decode(bytes.subarray(from, to));
}

/** Whether bytes begin with these. */
export function begins(bytes: Uint8Array, with_: Uint8Array | string, at = 0): boolean {
  const start = typeof with_ === "string" ? bytesOf(with_) : with_;
  return at + start.length <= bytes.length &&
    start.every((byte, index) => bytes[at + index] === byte);
}

/** Whether all of it is printable text with blanks and line ends. */
export function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 &&
    bytes.every((byte) => byte >= 32 && byte !== 127 || byte === 9 || byte === 10 || byte === 13);
}

/** The first group of a match, or null. */
export function found(text: string, pattern: RegExp): string | null {
  return pattern.exec(text)?.[1] ?? null;
}
