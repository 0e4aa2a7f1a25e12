/** The ways of getting one address many times that are compared. Each reads every body and gives the sum of lengths. */

import type { HttpClient } from "@agent/runtime/http";

/** By `fetchMany`. */
export async function fetchMany(client: HttpClient, url: string, count: number): Promise<number> {
  let sum = 0;
  for await (const outcome of client.fetchMany(times(url, count))) {
    if (!outcome.ok) throw outcome.error;
    sum += (await outcome.response.bytes()).length;
  }
  return sum;
}

function* times(url: string, count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield url;
}

/** By Deno's `fetch`, so many at once over kept connections. */
export function pooledFetch(atOnce: number): (url: string, count: number) => Promise<number> {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: atOnce });
  return async (url, count) => {
    let left = count;
    let sum = 0;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const { byteLength } = await (await fetch(url, { client })).arrayBuffer();
        sum += byteLength;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return sum;
  };
}
