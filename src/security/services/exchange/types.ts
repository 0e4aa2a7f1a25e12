/**
 * Bytes there and back: what the twins `pure.ts` and `native.ts` do. They carry bytes under limits, and know nothing
 * of what those mean.
 *
 * @module
 */

/** Why an answer ends where it does; the native twin sends the place in this list. */
export const ENDS = [
  "quiet",
  "silent",
  "closed",
  "reset",
  "late",
  "full",
  "refused",
  "unreachable",
  "prohibited",
  "timeout",
] as const;

/**
 * `quiet`: something came, then nothing for the quiet time. `silent`: nothing came at all. `closed`, `reset`: the other
 * side ended it. `late`: it kept coming until the time was over. `full`: as much came as may be kept. `refused`,
 * `unreachable`, `prohibited`, `timeout`: there is no connection.
 */
export type End = typeof ENDS[number];

/** What came back. */
export interface Answer {
  readonly end: End;
  /** A copy; never more than the step's `most`. */
  readonly bytes: Uint8Array;
}

/** One step of a conversation. Times are whole milliseconds. */
export interface Step {
  /** What is sent before reading; may be nothing. */
  readonly send: Uint8Array;
  /** For the connection, which the first step makes. */
  readonly connectMs: number;
  /** For the first byte. */
  readonly firstMs: number;
  /** How long nothing has to come after some bytes; 0: what came at once is all. */
  readonly quietMs: number;
  /** For sending and reading together. */
  readonly totalMs: number;
  /** The most bytes that are read. */
  readonly most: number;
}

/** A connection, or one to be. One step at a time. */
export interface Line extends Disposable {
  step(step: Step, signal?: AbortSignal): Promise<Answer>;
  close(): void;
}

/** A datagram and the wait for its answer. */
export interface Datagram {
  readonly address: string;
  readonly port: number;
  /** Whether it leaves from the loopback address, which a permission may name, or from any. */
  readonly loopback: boolean;
  readonly send: Uint8Array;
  readonly waitMs: number;
  readonly most: number;
}

/** One way of carrying bytes. */
export interface Carrier {
  readonly implementation: "native" | "pure";
  /** A connection that its first step makes. `dial` is the address, or the name where only that may be dialled. */
  line(address: string, port: number, dial: string): Line;
  /** Sends one datagram and gives the first that comes back from there. */
  datagram(datagram: Datagram, signal?: AbortSignal): Promise<Answer>;
}
