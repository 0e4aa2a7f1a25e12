/** One answer, read by every protocol. @module */

import type { Protocol, Reading } from "./protocol.ts";

const RANK = { certain: 0, likely: 1, guess: 2 } as const;

/** What a reader recognised, and whose it was. */
export interface Recognised {
  readonly protocol: Protocol;
  readonly reading: Reading;
}

/** The surest reading of an answer, of equally sure ones the first. */
export function recognise(
  protocols: readonly Protocol[],
  answer: Uint8Array,
  asked: string,
): Recognised | null {
  if (answer.length === 0) return null;
  let best: Recognised | null = null;
  for (const protocol of protocols) {
    const reading = protocol.read(answer, asked);
    if (reading === null) continue;
    if (best === null || RANK[reading.confidence] < RANK[best.reading.confidence]) {
      best = { protocol, reading };
    }
    if (reading.confidence === "certain") break;
  }
  return best;
}
