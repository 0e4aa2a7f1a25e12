/**
 * The Worker behind `Neighbour`: sets values where the other isolate reads them, and answers messages.
 */

import { createCache, type TtlCache } from "@agent/runtime/cache";
import type { Message } from "../neighbour.ts";

const self = globalThis as unknown as {
  onmessage: (event: MessageEvent<Message>) => void;
  postMessage(answer: string): void;
};
const own = new Map<string, string>();
let cache: TtlCache<string> | undefined;

self.onmessage = ({ data }): void => {
  if ("key" in data) return self.postMessage(own.get(data.key) ?? "");
  if ("name" in data) {
    cache = createCache(data);
  } else {
    cache?.setMany(data.entries);
    for (const [key, value] of data.entries) own.set(key, value);
  }
  self.postMessage("");
};
