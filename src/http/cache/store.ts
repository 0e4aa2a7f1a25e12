/**
 * Entries in one of our caches, in process or in Redis. A cache that is away, full or closed is a cache without the
 * entry: it never makes a request fail.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";
import type { DistributedCache } from "../../cache/distributed/types.ts";
import type { TtlCache } from "../../cache/types.ts";
import { AgentError } from "../../shared/errors.ts";
import type { OutgoingRequest } from "../transport/types.ts";
import { decodeEntry, encodeEntry, type Variant } from "./record.ts";
import { sameDigest, selectionDigest } from "./vary.ts";
import { ageOf } from "./wish.ts";

/** A cache that responses can be kept in. */
export type ByteCache = TtlCache<Uint8Array> | DistributedCache<Uint8Array>;

/** The most variants of one address; the oldest go first. */
const MOST_VARIANTS = 8;
/** How long a response is kept after it became stale: with a validator it can be renewed, without one it seldom helps. */
const KEPT_STALE_S = 86_400;
const KEPT_VALIDATOR_S = 30 * 86_400;

/**
 * The key of an entry. A digest, because addresses may be long and may hold secrets, and keys are seen by who looks into
 * Redis or a snapshot.
 */
export function keyOf(method: string, url: URL): string {
  return `http:${method}:${nodeCrypto().hash("sha256", url.href, "base64url")}`;
}

/** Responses by key. */
export class ResponseStore {
  readonly #open: () => ByteCache | Promise<ByteCache>;
  readonly #mostBytes: number;
  /** Counts changes by key while someone works on it, so that what began before an invalidation is not stored after. */
  readonly #epochs = new Map<string, { users: number; epoch: number }>();

  /** Keeps entries of at most so many bytes of bodies, in the cache that `open` gives. */
  constructor(open: () => ByteCache | Promise<ByteCache>, mostBytes: number) {
    this.#open = open;
    this.#mostBytes = mostBytes;
  }

  /** Begins work that may store; `end` says that it is over, `current` whether the key was invalidated meanwhile. */
  begin(key: string): { current(): boolean; end(): void } {
    const entry = this.#epochs.get(key) ?? { users: 0, epoch: 0 };
    this.#epochs.set(key, entry);
    entry.users++;
    const { epoch } = entry;
    let ended = false;
    return {
      current: () => entry.epoch === epoch,
      end: () => {
        if (ended) return;
        ended = true;
        if (--entry.users === 0) this.#epochs.delete(key);
      },
    };
  }

  /** The variants of a key, newest first. */
  async variants(key: string): Promise<Variant[]> {
    try {
      const opened = this.#open();
      const found = (opened instanceof Promise ? await opened : opened).get(key);
      const bytes = found instanceof Promise ? await found : found;
      return decodeEntry(bytes) ?? [];
    } catch (error) {
      if (AgentError.is(error)) return [];
      throw error;
    }
  }

  /** The variant for a request. */
  async find(key: string, request: OutgoingRequest): Promise<Variant | undefined> {
    return (await this.variants(key)).find((variant) => isFor(variant, request));
  }

  /** Stores a variant, in the place of the one for the same requests. */
  async put(key: string, variant: Variant, nowMs: number): Promise<void> {
    const kept = [variant];
    let size = variant.body.length;
    for (const old of await this.variants(key)) {
      size += old.body.length;
      if (kept.length === MOST_VARIANTS || size > this.#mostBytes) break;
      const same = sameDigest(old.digest, variant.digest) &&
        old.vary.join() === variant.vary.join();
      if (!same) kept.push(old);
    }
    const seconds = Math.max(...kept.map((each) => keptFor(each, nowMs)));
    const options = { ttlMs: Math.ceil(seconds * 1000) };
    // Where all of them are too heavy for the cache, the new one alone may not be.
    if (await this.#set(key, encodeEntry(kept), options) || kept.length === 1) return;
    await this.#set(key, encodeEntry([variant]), options);
  }

  /** Removes all variants of a key. */
  async remove(key: string): Promise<void> {
    const entry = this.#epochs.get(key);
    if (entry !== undefined) entry.epoch++;
    await quiet(async () => await (await this.#open()).delete(key));
  }

  async #set(key: string, bytes: Uint8Array, options: { ttlMs: number }): Promise<boolean> {
    return await quiet(async () => await (await this.#open()).set(key, bytes, options));
  }
}

/** Does something to the cache; false if it refused. */
async function quiet(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (AgentError.is(error)) return false;
    throw error;
  }
}

/** Whether a variant is for a request. */
export function isFor(variant: Variant, request: OutgoingRequest): boolean {
  const digest = selectionDigest(request.headers, variant.vary, variant.policy.forAll);
  return sameDigest(digest, variant.digest);
}

/** How many seconds from now a variant may still be of use. */
function keptFor(variant: Variant, nowMs: number): number {
  const { policy, fields } = variant;
  const validator = fields.some(([name]) => name === "etag" || name === "last-modified");
  const stale = validator ? KEPT_VALIDATOR_S : KEPT_STALE_S;
  const left = Math.max(0, policy.lifetime - ageOf(variant, nowMs));
  return left + Math.max(stale, policy.whileRevalidate, policy.ifError ?? 0);
}
