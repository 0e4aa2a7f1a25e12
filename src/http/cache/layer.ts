/**
 * The cache as a layer: looks, decides, asks the server, shares one exchange among equal requests, invalidates. It holds
 * no rules of its own: `wish.ts` says what may be served, `policy.ts` what may be stored, `exchange.ts` what a response
 * changes.
 *
 * @module
 */

import { shown, wrongType } from "../../shared/arguments.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import { type ExchangeContext, freshen, variantOf } from "./exchange.ts";
import { hasExplicitLifetime, mayStore, type Times } from "./policy.ts";
import type { Variant } from "./record.ts";
import { served, unsatisfiable } from "./serve.ts";
import { Exchanges } from "./sharing.ts";
import { type ByteCache, keyOf, ResponseStore } from "./store.ts";
import { forCachesOnTheWay, judge, type Wish, wishOf } from "./wish.ts";

/** How the layer is made. */
export interface CacheLayerOptions {
  /** Where responses are kept; true for a cache of its own (64 MiB), which ends with the layer. */
  readonly cache: ByteCache | true;
  /** The time in milliseconds since 1970. Default: the system's. */
  readonly now?: (() => number) | undefined;
  /** The largest body that is kept, and the largest sum for one address. Default 8 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/** The layer. */
export interface CacheLayer {
  /** Puts the cache before what sends requests. */
  (next: Send): Send;
  /** Ends what is being renewed behind the callers, and a cache of its own. Idempotent. */
  close(): Promise<void>;
}

const OWN_CACHE_BYTES = 64 * 2 ** 20;
const BODY_BYTES = 8 * 2 ** 20;
/** Methods that change nothing (RFC 9110, 9.2.1), so that nothing stored is invalid after them. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Makes the layer. */
export function cacheLayer(options: CacheLayerOptions): CacheLayer {
  const given = options.cache === true ? undefined : checkedCache(options.cache);
  const most = options.maxBodyBytes ?? BODY_BYTES;
  let own: ByteCache | Promise<ByteCache> | undefined;
  // Loaded when it is needed: caches are much code.
  const open = () => given ?? (own ??= openOwn().then((cache) => own = cache));
  const store = new ResponseStore(open, most);
  const closing = new AbortController();
  const all: Exchanges[] = [];
  const layer = (next: Send): Send => {
    const context = { next, store, shared: given?.shared ?? false, now: options.now ?? Date.now };
    const exchanges = new Exchanges(context, most, closing.signal);
    all.push(exchanges);
    const caching = new Caching(context, exchanges);
    return (request) => caching.send(request);
  };
  return Object.assign(layer, {
    async close(): Promise<void> {
      closing.abort(new DOMException("The client is closed", "AbortError"));
      for (const exchanges of all) await exchanges.settled();
      await (await own)?.close();
    },
  });
}

async function openOwn(): Promise<ByteCache> {
  const { createCache } = await import("../../cache/create.ts");
  return createCache({ codec: "bytes", maxBytes: OWN_CACHE_BYTES });
}

function checkedCache(cache: unknown): ByteCache {
  const { get, set, shared, codec } =
    (typeof cache === "object" && cache !== null ? cache : {}) as Record<string, unknown>;
  if (typeof get !== "function" || typeof set !== "function" || typeof shared !== "boolean") {
    throw wrongType("options.cache", 'true, false or a cache with codec "bytes"', cache);
  }
  if (codec !== "bytes") {
    throw new TypeError(
      `options.cache must be a cache with codec "bytes", got one with codec ${shown(codec)}`,
    );
  }
  return cache as ByteCache;
}

/** The cache before one way to send. */
class Caching {
  readonly #context: ExchangeContext;
  readonly #exchanges: Exchanges;

  constructor(context: ExchangeContext, exchanges: Exchanges) {
    this.#context = context;
    this.#exchanges = exchanges;
  }

  async send(request: OutgoingRequest): Promise<IncomingResponse> {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return await this.#other(request);
    const wish = wishOf(request);
    if (wish.bypass && !wish.onlyIfCached) {
      return await this.#context.next(forCachesOnTheWay(request));
    }
    return method === "GET" ? await this.#get(request, wish) : await this.#head(request, wish);
  }

  async #get(request: OutgoingRequest, wish: Wish): Promise<IncomingResponse> {
    const { now, store } = this.#context;
    const key = keyOf("GET", request.url);
    const found = wish.reload ? undefined : await store.find(key, request);
    const asking = { key, request: forCachesOnTheWay(request), wish, found };
    const verdict = found === undefined ? "validate" : judge(found, wish, now());
    if (found !== undefined && verdict !== "validate") {
      if (verdict === "behind") this.#exchanges.renew(asking);
      return served(found, request, 0, now());
    }
    if (wish.onlyIfCached) return unsatisfiable(request);
    return await this.#exchanges.ask(asking);
  }

  /** A HEAD is answered from what is stored of a GET, or of another HEAD; its response freshens the former. */
  async #head(request: OutgoingRequest, wish: Wish): Promise<IncomingResponse> {
    const { store, next, now } = this.#context;
    const keys = [keyOf("GET", request.url), keyOf("HEAD", request.url)] as const;
    const found: (Variant | undefined)[] = [];
    for (const key of wish.reload ? [] : keys) {
      const variant = await store.find(key, request);
      if (variant !== undefined && judge(variant, wish, now()) !== "validate") {
        return served(variant, request, 0, now());
      }
      found.push(variant);
    }
    if (wish.onlyIfCached) return unsatisfiable(request);
    const work = store.begin(keys[0]);
    try {
      const sentMs = now();
      const response = await next(forCachesOnTheWay(request));
      const times = { sentMs, receivedMs: now() };
      if (found[0] !== undefined) {
        const order = { request, wish, key: keys[0], found: found[0], current: work.current };
        await freshen(this.#context, order, response, times);
      } else if (work.current()) {
        const variant = this.#storable(request, response, times);
        if (variant !== undefined && variant.policy.lifetime > 0) {
          await store.put(keys[1], variant, times.receivedMs);
        }
      }
      return response;
    } finally {
      work.end();
    }
  }

  /** A method that is not answered from the cache; it may make invalid what is stored (4.4). */
  async #other(request: OutgoingRequest): Promise<IncomingResponse> {
    const { next, store, now } = this.#context;
    const sentMs = now();
    const response = await next(request);
    const { status } = response;
    if (SAFE.has(request.method) || status < 200 || status >= 400) return response;
    for (const url of changedBy(request, response)) {
      for (const method of ["GET", "HEAD"]) await store.remove(keyOf(method, url));
    }
    if (request.method !== "POST" || status !== 200) return response;
    return await this.#keepPosted(request, response, { sentMs, receivedMs: now() });
  }

  /** What answers a POST is what a GET would get, if it says so (RFC 9110, 9.3.3). */
  async #keepPosted(
    request: OutgoingRequest,
    response: IncomingResponse,
    times: Times,
  ): Promise<IncomingResponse> {
    const { store } = this.#context;
    const location = response.headers.get("content-location");
    const own = location !== null && URL.parse(location, request.url)?.href === request.url.href;
    const variant = own && hasExplicitLifetime(response.headers.entries())
      ? this.#storable(request, response, times)
      : undefined;
    if (variant === undefined) return response;
    const key = keyOf("GET", request.url);
    const { current, end: over } = store.begin(key);
    const plan = { key, flight: undefined, current, over, release: () => {}, signal: undefined };
    return await this.#exchanges.deliver(response, variant, plan);
  }

  #storable(
    request: OutgoingRequest,
    response: IncomingResponse,
    times: Times,
  ): Variant | undefined {
    const fields = response.headers.entries();
    if (!mayStore(request, response.status, fields, this.#context.shared)) return undefined;
    return variantOf(this.#context, request, response.status, fields, times);
  }
}

/** The addresses whose stored responses a successful unsafe request made invalid: never those of another origin. */
function changedBy(request: OutgoingRequest, response: IncomingResponse): Iterable<URL> {
  const changed = new Map([[request.url.href, request.url]]);
  for (const name of ["location", "content-location"]) {
    const value = response.headers.get(name);
    const url = value === null ? null : URL.parse(value, request.url);
    if (url === null || url.origin !== request.url.origin) continue;
    url.hash = "";
    changed.set(url.href, url);
  }
  return changed.values();
}
