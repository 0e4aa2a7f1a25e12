/**
 * What a worker needs of a connection. Types only.
 *
 * @module
 */

/** A whole answer. */
export interface Answer {
  /** The status. */
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
}

/** A connection that is made when it is needed. */
export interface Line {
  /** Makes it, if there is none that can be used; the signal gives up. */
  open(signal: AbortSignal): Promise<void>;
  /** Sends a request and takes the answer to its end; throws a `Fault`. */
  exchange(signal: AbortSignal): Promise<Answer>;
  /** Gives up what is under way. */
  close(): void;
}
