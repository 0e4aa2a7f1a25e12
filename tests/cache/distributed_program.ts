/**
 * A program of the tests of distributed caches: another machine, as it were. Its arguments are the URL,
 * the name and what to do; what came of it is its last line.
 */

import { connectCache } from "../../src/cache/mod.ts";

const [redis, name, what] = Deno.args as [string, string, string];

async function run(): Promise<unknown> {
  const cache = await connectCache({ redis, name });
  switch (what) {
    case "load": {
      let loads = 0;
      const values = await Promise.all(
        Array.from({ length: 20 }, () =>
          cache.getOrSet("k", async () => {
            loads++;
            await new Promise((resolve) => setTimeout(resolve, 300));
            return `loaded by ${Deno.pid}`;
          })),
      );
      await cache.close();
      return { loads, values: [...new Set(values)] };
    }
    case "crash":
      return await cache.getOrSet("k", () => {
        // deno-lint-ignore no-console -- tells the test that the load has begun
        console.log("loading");
        return new Promise(() => {});
      }, { loadTimeoutMs: 1_500 });
    case "idle":
      await cache.set("idle", "1");
      // Not closed: the open connection must not keep this program running.
      return await cache.get("idle");
    default:
      await cache.close();
      return "connected";
  }
}

try {
  // deno-lint-ignore no-console -- the result of this program
  console.log(JSON.stringify(await run()));
} catch (error) {
  const { name, code, message, details } = error as Error & { code?: string; details?: unknown };
  // deno-lint-ignore no-console -- the result of this program
  console.log(JSON.stringify({ error: { name, code, message, details } }));
}
