/**
 * A strict reader of DER (X.690), for bytes of unknown origin: definite lengths that fit, no recursion, nothing thrown
 * but {@linkcode Malformed}, which ends the reading of the whole.
 *
 * @module
 */

/** What is not DER, or not what it should be. */
export class Malformed extends Error {}

/** One value. */
export interface Value {
  readonly tag: number;
  /** Tag and length included. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** Values one after the other. */
export class Values {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** Whether all was read. */
  get isOver(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The tag of the next value; -1 at the end. */
  get tag(): number {
    return this.bytes[this.#at] ?? -1;
  }

  /** The next value, which must have this tag if one is given. */
  next(tag?: number): Value {
    const { bytes } = this;
    const from = this.#at;
    const found = bytes[from];
    let length = bytes[from + 1];
    // Tags of more than one byte are in no certificate.
    if (found === undefined || length === undefined || (found & 31) === 31) throw new Malformed();
    if (tag !== undefined && found !== tag) throw new Malformed();
    let at = from + 2;
    if (length >= 128) {
      const count = length & 127;
      if (count < 1 || count > 3) throw new Malformed();
      length = 0;
      for (let index = 0; index < count; index++) {
        length = length * 256 + (bytes[at + index] ?? NaN);
      }
      at += count;
    }
    if (!(at + length <= bytes.length)) throw new Malformed();
    this.#at = at + length;
    return {
      tag: found,
      whole: bytes.subarray(from, this.#at),
      content: bytes.subarray(at, this.#at),
    };
  }
}

/** An object identifier, as digits and dots. */
export function identifier(content: Uint8Array): string {
  if (content.length === 0 || content.length > 64) throw new Malformed();
  const parts: number[] = [];
  let value = 0;
  content.forEach((byte, index) => {
    value = value * 128 + (byte & 127);
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new Malformed();
    if (byte < 128) {
      if (parts.length === 0) {
        const first = Math.min(2, Math.floor(value / 40));
        parts.push(first, value - first * 40);
      } else parts.push(value);
      value = 0;
    } else if (index === content.length - 1) throw new Malformed();
  });
  return parts.join(".");
}

/** A moment, of UTCTime (23) or GeneralizedTime (24), in milliseconds. */
export function moment({ tag, content }: Value): number {
  const text = new TextDecoder("latin1").decode(content);
  const match = tag === 23
    ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?Z$/.exec(text)
    : tag === 24
    ? /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d{1,9})?Z$/.exec(text)
    : null;
  if (match === null) throw new Malformed();
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) =>
    Number(part ?? 0)
  ) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const full = tag === 24 ? year : year + (year < 50 ? 2000 : 1900);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    throw new Malformed();
  }
  const date = new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime();
}
