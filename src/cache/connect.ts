/**
 * `connectCache`: a cache in Redis. What it is made of is loaded when it is first called.
 *
 * @module
 */

import { effectiveImplementation } from "../native/settings.ts";
import { checkWord } from "../shared/arguments.ts";
import { timeLimit } from "../shared/deadline.ts";
import type { DistributedCache, DistributedOptions } from "./distributed/types.ts";
import { resolveOptions } from "./options.ts";
import type { CacheCodec, Jsonable, JsonValue } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 1_000;

/**
 * Connects to a Redis or Valkey server and makes a cache of strings in it, with a copy in this isolate.
 *
 * `name` says which cache of the server it is (all who use a name see the same entries; without one it
 * is `default`), and its codec should be the same everywhere: what another codec stored is no entry.
 * `maxEntries`, `maxBytes` and `implementation` are those of the copy, which is this object's alone;
 * the server's memory is bounded by its own `maxmemory`. `shared` changes nothing: it always is.
 *
 * Redis from 6.0 on or Valkey is needed. The user needs the commands `HELLO`, `CLIENT TRACKING`,
 * `PING`, `TIME`, `MGET`, `SCAN`, `UNLINK`, `MULTI`, `EXEC`, `EVAL` and `EVALSHA` with what scripts call,
 * for the keys `agent:cache:*`. Give the database enough memory, or a policy that evicts: an entry
 * may be evicted at any time, and nothing wrong is read for it.
 *
 * Permission: `--allow-net=host:port` for an address, `--allow-net=host` for a name; for a Unix socket
 * `--allow-net=unix:path` and to read and write the path. An idle connection keeps no program running.
 *
 * @param options Where the server is; name, bounds, times, codec and twin.
 * @returns The cache; `await using` closes it.
 * @throws {TypeError | RangeError} If an option is wrong.
 * @throws {AgentError} `UNAVAILABLE` if the server cannot be reached within `timeoutMs` or lets nobody
 * in; `UNSUPPORTED` if it is too old; `PERMISSION` or `NOT_FOUND` if its host may not or cannot be
 * reached; `NATIVE_REQUIRED` if `"native"` cannot be had for the copy.
 *
 * @example
 * ```ts ignore
 * import { connectCache } from "@agent/runtime/cache";
 *
 * await using cache = await connectCache({ redis: "redis://127.0.0.1:6379", ttlMs: 60_000 });
 * await cache.set("greeting", "hello");
 * console.log(await cache.get("greeting"));
 * ```
 */
export function connectCache(
  options: DistributedOptions & { codec?: "text" },
): Promise<DistributedCache<string>>;
/**
 * A distributed cache of bytes. They are copied in and out: nobody can change what is stored.
 *
 * Everything else is as for strings.
 *
 * @example
 * ```ts ignore
 * import { connectCache } from "@agent/runtime/cache";
 *
 * await using cache = await connectCache({ redis: "redis://127.0.0.1:6379", codec: "bytes" });
 * await cache.set("picture", new Uint8Array([1, 2, 3]));
 * ```
 */
export function connectCache(
  options: DistributedOptions & { codec: "bytes" },
): Promise<DistributedCache<Uint8Array>>;
/**
 * A distributed cache of JSON values, which come out deep-frozen.
 *
 * Everything else is as for strings.
 *
 * @typeParam T What the values are; what is read is not checked against it.
 *
 * @example
 * ```ts ignore
 * import { connectCache } from "@agent/runtime/cache";
 *
 * await using users = await connectCache<{ name: string }>({
 *   redis: "redis://127.0.0.1:6379",
 *   codec: "json",
 * });
 * const user = await users.getOrSet("7", () => Promise.resolve({ name: "Ada" }));
 * console.log(user.name);
 * ```
 */
export function connectCache<T extends JsonValue>(
  options: DistributedOptions & { codec: "json" },
): Promise<DistributedCache<T>>;
/** The same for interfaces, which have no index signature. */
export function connectCache<T extends Jsonable<T>>(
  options: DistributedOptions & { codec: "json" },
): Promise<DistributedCache<T>>;
export async function connectCache(
  options: DistributedOptions & { codec?: CacheCodec },
): Promise<DistributedCache<never>> {
  const resolved = resolveOptions(options);
  const timeoutMs = timeLimit(options?.timeoutMs, DEFAULT_TIMEOUT_MS);
  const implementation = effectiveImplementation("cache", options?.implementation);
  const fallback = options?.fallback;
  if (fallback !== undefined) checkWord(fallback, "options.fallback", ["load"]);
  const { parseAddress } = await import("./distributed/address.ts");
  const address = parseAddress(options?.redis);
  if (!resolved.enabled) {
    const { DisabledCache } = await import("./distributed/disabled.ts");
    return new DisabledCache<never>(resolved);
  }
  const { RedisCache } = await import("./distributed/cache.ts");
  return await RedisCache.open<never>({
    options: resolved,
    implementation,
    address,
    timeoutMs,
    fallback: fallback === "load",
  });
}
