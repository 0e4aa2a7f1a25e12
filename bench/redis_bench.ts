/**
 * The distributed cache beside its client alone, over a Redis of its own on this machine; and what a Worker pays for
 * another Worker's value, in the process and through Redis.
 */

import {
  connectCache,
  createCache,
  type DistributedCache,
  type TtlCache,
} from "../src/cache/mod.ts";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import { Neighbour } from "./cache_neighbour.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";
import { fromFileUrl } from "./paths.ts";

const TTL = 60_000;
const VALUE = 100;
const KEYS = 1_000;
const PORT = 26_379;
const URL_OF_SERVER = `redis://127.0.0.1:${PORT}`;
const CLIENT = "node-redis";
const SHARED = "process-wide cache";
const READ = "read of a value that another Worker has set";
const ONE = "one call";
const EACH = "one call each";

/** What is used of the client alone. */
interface Client {
  connect(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  mGet(keys: string[]): Promise<(string | null)[]>;
  set(key: string, value: string, options: { PX: number }): Promise<unknown>;
  flushAll(): Promise<unknown>;
  on(event: "error", listener: () => void): unknown;
}

/** The groups; none where there is no server to start. */
export async function groups(context: Context): Promise<Group[]> {
  const client = await startServer();
  if (client === undefined) {
    context.note("redis-server is not installed: nothing to measure");
    return [];
  }
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(11, "0")}`);
  const options = { redis: URL_OF_SERVER, ttlMs: TTL, timeoutMs: 10_000 };
  const near = await connectCache({ ...options, name: "bench" });
  // Nothing that is read is still in the copy when it is read again.
  const far = await connectCache({ ...options, name: "bench", maxEntries: 1 });
  const fill = async (random: Random): Promise<void> => {
    const entries = keys.map((key) => [key, random.words(VALUE)] as const);
    await near.setMany(entries);
    for (const [key, value] of entries) await client.set(key, value, { PX: TTL });
    await near.getMany(keys);
    await near.getMany(keys);
  };
  return [
    ...(context.twins.includes("native") ? [neighbours(client, keys)] : []),
    {
      operation: "get",
      size: KEYS,
      unit: "keys",
      rows: [
        reading("connectCache, in the copy", "other", keys, (key) => near.get(key)),
        reading("connectCache, not in the copy", "other", keys, (key) => far.get(key)),
        reading(CLIENT, "peer", keys, (key) => client.get(key)),
      ],
      prepare: fill,
    },
    {
      operation: "getMany, not in the copy",
      size: KEYS,
      unit: "keys",
      maxCalls: 20,
      rows: [
        many(ONE, "other", () => far.getMany(keys)),
        each(EACH, "reference", far, keys),
        many(`${CLIENT}, mGet`, "peer", () => client.mGet(keys)),
      ],
      prepare: (random, round) => round === 0 ? fill(random) : undefined,
    },
    {
      operation: "set, over an older value",
      size: KEYS,
      unit: "keys",
      rows: [
        writing("connectCache", "other", keys, (key, value) => near.set(key, value)),
        writing(CLIENT, "peer", keys, (key, value) => client.set(key, value, { PX: TTL })),
      ],
      prepare: (random, round) => round === 0 ? fill(random) : undefined,
    },
    {
      operation: "setMany",
      size: KEYS,
      unit: "keys",
      maxCalls: 20,
      rows: [
        many(ONE, "other", () => near.setMany(keys.map((key) => [key, "x".repeat(VALUE)]))),
        {
          name: EACH,
          role: "reference",
          async run(calls): Promise<void> {
            for (let i = 0; i < calls; i++) {
              for (const key of keys) await near.set(key, "x".repeat(VALUE));
            }
          },
        },
      ],
    },
  ];
}

/** Starts a server that ends with this process, and connects the client alone. */
async function startServer(): Promise<Client | undefined> {
  let server: Deno.ChildProcess;
  try {
    server = new Deno.Command("redis-server", {
      args: ["--port", `${PORT}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      cwd: fromFileUrl(new URL("../", import.meta.url)),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  globalThis.addEventListener("unload", () => server.kill("SIGKILL"));
  const { createClient } = await import("@redis/client");
  for (let tries = 0;; tries++) {
    const client = createClient({
      RESP: 3,
      maintNotifications: "disabled",
      disableClientInfo: true,
      socket: { host: "127.0.0.1", port: PORT, reconnectStrategy: false },
    }) as unknown as Client;
    client.on("error", () => {});
    try {
      await client.connect();
      await client.flushAll();
      return client;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function reading(
  name: string,
  role: Row["role"],
  keys: readonly string[],
  read: (key: string) => Promise<string | null | undefined>,
): Row {
  return {
    name,
    role,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += (await read(keys[i % KEYS]!))!.length;
      return sum;
    },
  };
}

function writing(
  name: string,
  role: Row["role"],
  keys: readonly string[],
  write: (key: string, value: string) => Promise<unknown>,
): Row {
  const values = Array.from({ length: 64 }, (_, i) => `${i}`.padStart(VALUE, "x"));
  return {
    name,
    role,
    async run(calls): Promise<void> {
      for (let i = 0; i < calls; i++) await write(keys[i % KEYS]!, values[i & 63]!);
    },
  };
}

function many(name: string, role: Row["role"], call: () => Promise<unknown>): Row {
  return {
    name,
    role,
    async run(calls): Promise<void> {
      for (let i = 0; i < calls; i++) await call();
    },
  };
}

function each(
  name: string,
  role: Row["role"],
  cache: DistributedCache<string>,
  keys: readonly string[],
): Row {
  return {
    name,
    role,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) for (const key of keys) sum += (await cache.get(key))!.length;
      return sum;
    },
  };
}

/** A value that another Worker has just set: in native memory, or in Redis. */
function neighbours(client: Client, keys: readonly string[]): Group {
  const name = "bench redis neighbours";
  let neighbour: Neighbour | undefined;
  let cache: TtlCache<string> | undefined;
  return {
    operation: READ,
    size: VALUE,
    unit: "bytes",
    maxCalls: KEYS,
    rows: [
      {
        name: SHARED,
        role: "native",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += cache!.get(keys[i]!)!.length;
          return sum;
        },
      },
      reading(CLIENT, "peer", keys, (key) => client.get(key)),
    ],
    async prepare(random: Random): Promise<void> {
      cache ??= createCache({ name, ttlMs: TTL });
      neighbour ??= await Neighbour.start(name, TTL);
      const entries = keys.map((key) => [key, random.words(VALUE)] as [string, string]);
      await neighbour.fill(entries);
      for (const [key, value] of entries) await client.set(key, value, { PX: TTL });
    },
    finish(): void {
      neighbour?.stop();
      cache?.close();
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  return [
    atLeast(
      "Read of another Worker's value in a process-wide cache: at least 50 times as fast as through Redis",
      figures.row(READ, VALUE, SHARED)?.toPeer?.value,
      50,
    ),
    atLeast(
      "getMany of 1,000 through Redis: at least 3 times as fast as single calls",
      figures.row("getMany, not in the copy", KEYS, ONE)?.toReference?.value,
      3,
    ),
  ];
}
