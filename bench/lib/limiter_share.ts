/**
 * How much of a limit eight Workers use together who all want more than there is, and whether it is ever more than
 * there is: a limit a second, since a minute's would take many minutes, and all windows work alike.
 */

import { createLimiter } from "@agent/runtime/http";
import type { Fact } from "./area.ts";

const WORKERS = 8;
const LIMIT = 2_000;
const WINDOWS = 9;

/** What was used of the limit, of its windows all together. */
export const USED = `share of the limit that ${WORKERS} Workers use together`;
/** How long the reservations of one window and one more took, at the least. */
export const SHORTEST = "the shortest time in which one more than the limit was reserved";

/** What a Worker is told. */
export interface ShareOrder {
  name: string;
  limit: number;
  forMs: number;
}

/** Measures it; takes ten seconds. */
export async function shareFacts(): Promise<Fact[]> {
  const order = {
    name: `bench ${crypto.randomUUID()}`,
    limit: LIMIT,
    forMs: 1_000 * (WINDOWS + 1),
  };
  // Held until all have opened theirs.
  using _held = createLimiter({ name: order.name, requestsPerSecond: LIMIT });
  const times = (await Promise.all(Array.from({ length: WORKERS }, () => timesOf(order)))).flat()
    .sort((a, b) => a - b);
  const spanMs = times[LIMIT * WINDOWS]! - times[0]!;
  let shortest = Infinity;
  for (let i = LIMIT; i < times.length; i++) {
    shortest = Math.min(shortest, times[i]! - times[i - LIMIT]!);
  }
  return [
    { name: USED, value: 100 * WINDOWS * 1_000 / spanMs, unit: "%" },
    { name: SHORTEST, value: shortest, unit: "ms of 1,000" },
  ];
}

async function timesOf(order: ShareOrder): Promise<number[]> {
  const worker = new Worker(new URL("./programs/limiter_worker.ts", import.meta.url), {
    type: "module",
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<number[]>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(order);
    });
  } finally {
    worker.terminate();
  }
}
