/**
 * How large the bodies of an origin have been, so that the transport for the next ones can be chosen.
 *
 * @module
 */

import type { IncomingResponse } from "./types.ts";

/** Origins that are remembered; the oldest is forgotten for a new one. */
const MOST_ORIGINS = 256;
/** Of so many exchanges with an origin one is looked at, once there were as many. */
const ONE_IN = 8;
/** How much a body counts against those before it. */
const WEIGHT = 1 / 4;

interface Known {
  exchanges: number;
  bytes: number;
}

/** The sizes by origin. */
export class Sizes {
  readonly #known = new Map<string, Known>();

  /** About how many bytes the last bodies of an origin had; 0 if nothing is known. */
  of(origin: string): number {
    return this.#known.get(origin)?.bytes ?? 0;
  }

  /** Learns from an exchange that was begun; it does not change what that comes to. */
  learn(origin: string, begun: Promise<IncomingResponse>): void {
    let known = this.#known.get(origin);
    if (known === undefined) {
      if (this.#known.size >= MOST_ORIGINS) {
        this.#known.delete(this.#known.keys().next().value!);
      }
      this.#known.set(origin, known = { exchanges: 0, bytes: 0 });
    }
    const number = known.exchanges++;
    if (number >= ONE_IN && number % ONE_IN !== 0) return;
    const of = known;
    begun.then(({ body }) => {
      if (!(body instanceof Uint8Array)) return;
      of.bytes = of.bytes === 0
        ? body.byteLength
        : of.bytes + (body.byteLength - of.bytes) * WEIGHT;
    }, () => {});
  }
}
