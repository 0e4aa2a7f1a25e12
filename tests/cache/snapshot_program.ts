/**
 * A program of the tests of snapshots, for what a test cannot do to itself: run out of room, be killed,
 * or have few permissions. Arguments: the twin, the file, and what to do.
 */

import { createCache } from "../../src/cache/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";

const [twin, path, what] = Deno.args as ["pure" | "native", string, string];
const cache = createCache({ implementation: twin, maxEntries: 100_000 });

function fill(generation: number, entries: number): void {
  cache.clear();
  for (let i = 0; i < entries; i++) cache.set(`generation ${i}`, `${generation}`);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function attempt(name: "snapshot" | "restore"): Promise<void> {
  try {
    say(`${name}: ${(await cache[name](path)).entries}`);
  } catch (error) {
    if (!AgentError.is(error, "PERMISSION")) throw error;
    say(`${name}: PERMISSION ${error.details.permission}`);
  }
}

if (what === "forever") {
  for (let generation = 1;; generation++) {
    fill(generation, 5_000 * (1 + generation % 4));
    await cache.snapshot(path);
    say("written");
  }
} else if (what === "once") {
  fill(1, 3);
  await attempt("snapshot");
  await attempt("restore");
} else {
  fill(1, 50_000);
  try {
    await cache.snapshot(path);
    say("written");
  } catch (error) {
    say(AgentError.is(error) ? `refused: ${error.code}` : `${error}`);
  }
}
