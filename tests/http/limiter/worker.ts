/** A Worker of the tests of shared limiters: does as it is told, and answers each message once. */

/// <reference lib="deno.worker" />

import { createLimiter } from "../../../src/http/limiter/mod.ts";
import type { Limiter } from "../../../src/http/limiter/types.ts";
import type { Order } from "./support.ts";

let limiter: Limiter;

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case "open":
      limiter = createLimiter(order.options);
      return [limiter.implementation, limiter.shared];
    case "reserve": {
      const reservation = await limiter.reserve(order.tokens);
      if (order.settle !== undefined) await reservation.settle(order.settle);
      return reservation.tokens;
    }
    case "wait":
      limiter.reserve().catch(() => {});
      return "waiting";
    case "stats":
      return await limiter.stats();
    case "saturate": {
      const times: number[] = [];
      while (Date.now() < order.endAt) {
        try {
          const left = Math.max(1, order.endAt - Date.now());
          const reservation = await limiter.reserve(1, { timeoutMs: left });
          times.push(performance.timeOrigin + performance.now());
          reservation.settle();
        } catch {
          break;
        }
      }
      return times;
    }
  }
}

self.onmessage = async ({ data }: MessageEvent<Order>): Promise<void> => {
  try {
    self.postMessage({ ok: await obey(data) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
