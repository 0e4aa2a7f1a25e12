/**
 * What hashing keeps between parts. Types only.
 *
 * @module
 */

/** A hash of bytes that come in parts, on either twin. */
export interface Hasher {
  /** Adds bytes. */
  update(bytes: Uint8Array): void;
  /** The hash of all of them, as hexadecimal digits. */
  digits(): string;
  /** Frees what it holds. */
  close(): void;
}
