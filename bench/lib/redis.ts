/**
 * The distributed cache beside its client alone, over a Redis of its own on this machine; and what a Worker pays for
 * another Worker's value, in the process and through Redis. The server starts with the first group that needs it.
 */

import {
  connectCache,
  createCache,
  type DistributedCache,
  type TtlCache,
} from "@agent/runtime/cache";
import type { Context } from "./area.ts";
import type { Group, Row } from "./group.ts";
import { Neighbour } from "./neighbour.ts";
import { ROOT } from "./programs.ts";
import type { Random } from "./random.ts";

/** Reading what another Worker has set. */
export const REDIS_READ = "get of what another Worker has set, by Redis";
/** Reading many at once. */
export const REDIS_MANY = "Redis: getMany, not in the copy";

const TTL = 60_000;
const VALUE = 100;
const KEYS = 1_000;
const PORT = 26_379;
const PROGRAM = "redis-server";
const CLIENT = "node-redis";

/** What is used of the client alone. */
interface Client {
  connect(): Promise<unknown>;
  get(key: string): Promise<string | null>;
  mGet(keys: string[]): Promise<(string | null)[]>;
  set(key: string, value: string, options: { PX: number }): Promise<unknown>;
  flushAll(): Promise<unknown>;
  on(event: "error", listener: () => void): unknown;
}

/** A server of our own, and those who ask it. */
interface Connected {
  client: Client;
  near: DistributedCache<string>;
  /** Holds one entry in its copy: nothing that is read is still there when it is read again. */
  far: DistributedCache<string>;
}

const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(11, "0")}`);
const values = Array.from({ length: 64 }, (_, i) => `${i}`.padStart(VALUE, "x"));
let connected: Connected | undefined;

/** The groups; none where there is no server to start. */
export function redisGroups(context: Context): Group[] {
  if (!installed(context)) {
    context.leaveOut(`Redis (needs ${PROGRAM} and --allow-run=${PROGRAM})`);
    return [];
  }
  return [
    ...(context.twins.includes("native") ? [neighbours()] : []),
    group("get", [
      row("connectCache, in the copy", "other", (i) => near().get(keys[i % KEYS]!)),
      row("connectCache, not in the copy", "other", (i) => far().get(keys[i % KEYS]!)),
      row(CLIENT, "peer", (i) => client().get(keys[i % KEYS]!)),
    ]),
    group("getMany, not in the copy", [
      row("one call", "other", () => far().getMany(keys)),
      row("one call each", "reference", async () => {
        for (const key of keys) await far().get(key);
      }),
      row(`${CLIENT}, mGet`, "peer", () => client().mGet(keys)),
    ], true),
    group("set, over an older value", [
      row("connectCache", "other", (i) => near().set(keys[i % KEYS]!, values[i & 63]!)),
      row(CLIENT, "peer", (i) => client().set(keys[i % KEYS]!, values[i & 63]!, { PX: TTL })),
    ]),
    group("setMany", [
      row("one call", "other", () => near().setMany(keys.map((key, i) => [key, values[i & 63]!]))),
      row("one call each", "reference", async () => {
        for (const [i, key] of keys.entries()) await near().set(key, values[i & 63]!);
      }),
    ], true),
  ];
}

const client = (): Client => connected!.client;
const near = (): DistributedCache<string> => connected!.near;
const far = (): DistributedCache<string> => connected!.far;

function group(operation: string, rows: Row[], slow = false): Group {
  const prepare = async (random: Random, round: number): Promise<void> => {
    if (round > 0) return;
    const { client, near } = await connect();
    const entries = keys.map((key) => [key, random.words(VALUE)] as const);
    await near.setMany(entries);
    for (const [key, value] of entries) await client.set(key, value, { PX: TTL });
    // What was read twice is in the copy.
    await near.getMany(keys);
    await near.getMany(keys);
  };
  return {
    operation: `Redis: ${operation}`,
    size: KEYS,
    unit: "keys",
    rows,
    slow,
    front: true,
    prepare,
  };
}

function row(name: string, role: Row["role"], act: (call: number) => Promise<unknown>): Row {
  return {
    name,
    role,
    async once(call): Promise<number> {
      return await act(call) === null ? 0 : 1;
    },
  };
}

/** Whether there is a server that we may start. */
function installed(context: Context): boolean {
  if (!context.may({ name: "run", command: PROGRAM })) return false;
  if (!context.may({ name: "net", host: `127.0.0.1:${PORT}` })) return false;
  try {
    return new Deno.Command(PROGRAM, { args: ["--version"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Starts a server that ends with this process, and connects to it; once. */
async function connect(): Promise<Connected> {
  if (connected !== undefined) return connected;
  const server = new Deno.Command(PROGRAM, {
    args: ["--port", `${PORT}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  server.unref();
  globalThis.addEventListener("unload", () => server.kill("SIGKILL"));
  const options = {
    redis: `redis://127.0.0.1:${PORT}`,
    ttlMs: TTL,
    timeoutMs: 10_000,
    name: "bench",
  };
  return connected = {
    client: await startClient(),
    near: await connectCache(options),
    far: await connectCache({ ...options, maxEntries: 1 }),
  };
}

async function startClient(): Promise<Client> {
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

/** A value that another Worker has just set: in native memory, or in Redis. */
function neighbours(): Group {
  const name = "bench redis neighbours";
  let neighbour: Neighbour | undefined;
  let cache: TtlCache<string> | undefined;
  return {
    operation: REDIS_READ,
    size: VALUE,
    unit: "bytes",
    per: KEYS,
    fresh: true,
    slow: true,
    rows: [
      {
        name: "process-wide",
        role: "other",
        once: () => keys.reduce((sum, key) => sum + cache!.get(key)!.length, 0),
      },
      row(CLIENT, "peer", async () => {
        for (const key of keys) await client().get(key);
      }),
    ],
    async prepare(random): Promise<void> {
      const { client } = await connect();
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
