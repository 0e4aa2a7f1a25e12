/**
 * What a request wants of the cache, by fetch's modes, by its own `Cache-Control` (RFC 9111, 5.2.1; RFC 5861) and by
 * `Pragma`, and what that means for a stored response.
 *
 * @module
 */

import { type Field, joined, withFields } from "../fields.ts";
import type { OutgoingRequest } from "../transport/types.ts";
import { parseDirectives, seconds } from "./directives.ts";
import type { Variant } from "./record.ts";

/** What a request wants. Seconds. */
export interface Wish {
  /** Neither look nor store. */
  readonly bypass: boolean;
  /** Do not look, but store. */
  readonly reload: boolean;
  /** Validate before use. */
  readonly validate: boolean;
  /** Take what is stored, however old. */
  readonly force: boolean;
  /** Never ask the server. */
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number;
  readonly maxStale: number;
  readonly ifError: number | undefined;
}

/** Fields that make a request one for a part, or a conditional one, which the cache leaves to who sends it. */
const OWN_CONDITIONS = [
  "range",
  "if-none-match",
  "if-modified-since",
  "if-match",
  "if-unmodified-since",
  "if-range",
];

/** What a request wants. */
export function wishOf(request: OutgoingRequest): Wish {
  const { cacheMode = "default", headers } = request;
  const text = joined(headers, "cache-control");
  const directives = parseDirectives(text);
  const pragma = text === null ? parseDirectives(joined(headers, "pragma")) : undefined;
  const stale = directives.get("max-stale")?.[0];
  return {
    bypass: cacheMode === "no-store" || directives.has("no-store") ||
      headers.some(([name]) => OWN_CONDITIONS.includes(name)),
    reload: cacheMode === "reload",
    validate: cacheMode === "no-cache" || directives.has("no-cache") ||
      pragma?.has("no-cache") === true,
    force: cacheMode === "force-cache" || cacheMode === "only-if-cached",
    onlyIfCached: cacheMode === "only-if-cached" || directives.has("only-if-cached"),
    maxAge: seconds(directives, "max-age"),
    minFresh: seconds(directives, "min-fresh") ?? 0,
    maxStale: stale === undefined
      ? -1
      : stale === ""
      ? Infinity
      : seconds(directives, "max-stale")!,
    ifError: seconds(directives, "stale-if-error"),
  };
}

/** The request with what its mode tells caches on the way (as fetch has it). */
export function forCachesOnTheWay(request: OutgoingRequest): OutgoingRequest {
  const { cacheMode, headers } = request;
  const has = (name: string): boolean => headers.some(([each]) => each === name);
  if (cacheMode === "no-cache" && !has("cache-control")) {
    return withFields(request, [["cache-control", "max-age=0"]]);
  }
  if (cacheMode === "no-store" || cacheMode === "reload") {
    const added: Field[] = [];
    if (!has("pragma")) added.push(["pragma", "no-cache"]);
    if (!has("cache-control")) added.push(["cache-control", "no-cache"]);
    return withFields(request, added);
  }
  return request;
}

/** How old a stored response is, in seconds. A clock that was set back makes nothing younger than it came. */
export function ageOf(variant: Variant, nowMs: number): number {
  return variant.initialAge + Math.max(0, nowMs - variant.receivedMs) / 1000;
}

/** What may be done with a stored response: `"serve"` it, serve it and renew it `"behind"`, or `"validate"` it first. */
export type Verdict = "serve" | "behind" | "validate";

/** What may be done with a stored response for a request. */
export function judge(variant: Variant, wish: Wish, nowMs: number): Verdict {
  if (wish.force) return "serve";
  const { policy } = variant;
  const age = ageOf(variant, nowMs);
  if (wish.validate || policy.noCache || wish.maxAge !== undefined && age > wish.maxAge) {
    return "validate";
  }
  const left = policy.lifetime - age;
  if (left > 0 && left >= wish.minFresh) return "serve";
  if (policy.mustRevalidate || wish.minFresh > 0) return "validate";
  if (-left <= wish.maxStale) return "serve";
  if (-left <= policy.whileRevalidate && policy.whileRevalidate > 0) {
    return wish.onlyIfCached ? "serve" : "behind";
  }
  return "validate";
}

/** Whether a stored response may be served in the place of an error (RFC 5861, 4). */
export function mayServeOnError(variant: Variant, wish: Wish, nowMs: number): boolean {
  const { policy } = variant;
  if (policy.noCache || policy.mustRevalidate || wish.validate || wish.reload) return false;
  const allowed = Math.max(policy.ifError ?? -1, wish.ifError ?? -1);
  return allowed >= 0 && ageOf(variant, nowMs) - policy.lifetime <= allowed;
}
