/** What stands for the packages that benches compare with, where groups are made and not measured. */

import type { Peers } from "../../bench/lib/peers.ts";

/** Each of them does nothing, or is not there. */
export const STAND_INS: Peers = {
  lruCache: () => Promise.resolve(class extends Map<string, string> {} as never),
  levenshtein: () => Promise.resolve(() => 0),
  countTokens: () => Promise.resolve(() => 0),
  huggingFace: () => Promise.resolve(undefined),
  turndown: () => Promise.resolve(() => ""),
  page: () => Promise.resolve(() => ""),
  bottleneck: () => Promise.resolve(class {} as never),
  flexibleLimiter: () => Promise.resolve(class {} as never),
  ai: () => Promise.resolve(undefined),
  pQueue: () => Promise.resolve(class {} as never),
  fastq: () => Promise.resolve(() => ({ push: (n: number) => Promise.resolve(n) })),
  miniSearch: () => Promise.resolve(undefined),
  orama: () => Promise.resolve(undefined),
};
