/**
 * A Worker that reserves as much as it can get, and says when it got it.
 */

import { createLimiter } from "@agent/runtime/http";
import type { ShareOrder } from "../limiter_share.ts";

/** So many wait at once. */
const AT_ONCE = 16;

const self = globalThis as unknown as {
  onmessage: (event: MessageEvent<ShareOrder>) => void;
  postMessage(times: number[]): void;
};

self.onmessage = async ({ data: { name, limit, forMs } }): Promise<void> => {
  const limiter = createLimiter({ name, requestsPerSecond: limit });
  const times: number[] = [];
  const end = performance.now() + forMs;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() < end) {
      const reservation = await limiter.reserve();
      times.push(performance.timeOrigin + performance.now());
      reservation.settle();
    }
  }));
  limiter.close();
  self.postMessage(times);
};
