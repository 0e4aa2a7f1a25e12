/**
 * One exchange with the server, and what it does to what is stored: validation (RFC 9111, 4.3), storing (3), freshening
 * by HEAD (4.3.5), an older response in the place of an error (RFC 5861, 4).
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { type Field, joined, withFields } from "../fields.ts";
import { TransportFault } from "../transport/fault.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import {
  hasValidator,
  initialAge,
  keptFields,
  mayStore,
  policyOf,
  updatedFields,
} from "./policy.ts";
import type { Policy, Times } from "./policy.ts";
import type { Variant } from "./record.ts";
import type { ResponseStore } from "./store.ts";
import { selectionDigest, varyNames } from "./vary.ts";
import { mayServeOnError, type Wish } from "./wish.ts";

/** What an exchange brought. */
export type Outcome =
  /** What is stored is right: a 304, or an error in whose place it stands. */
  | {
    readonly kind: "stored";
    readonly variant: Variant;
    readonly attempts: number;
    failed: boolean;
  }
  /** A response to keep, as soon as its body is here; `variant` has none yet. */
  | { readonly kind: "keep"; readonly response: IncomingResponse; readonly variant: Variant }
  /** A response to pass on. */
  | { readonly kind: "pass"; readonly response: IncomingResponse };

/** What all exchanges share. */
export interface ExchangeContext {
  readonly next: Send;
  readonly store: ResponseStore;
  readonly shared: boolean;
  readonly now: () => number;
}

/** One request with what is stored for it. */
export interface ExchangeOrder {
  readonly request: OutgoingRequest;
  readonly wish: Wish;
  /** The key of the method's entry. */
  readonly key: string;
  /** What is stored for the request. */
  readonly found: Variant | undefined;
  /** Whether the stored response may still be replaced: it was not invalidated meanwhile. */
  readonly current: () => boolean;
}

/** Does an exchange. */
export async function exchange(context: ExchangeContext, order: ExchangeOrder): Promise<Outcome> {
  const { found, request, wish } = order;
  const conditions = found === undefined || wish.reload || request.method === "HEAD"
    ? []
    : conditionsFor(found);
  const sentMs = context.now();
  let response: IncomingResponse;
  try {
    // The body has to come here, where the cache is; a native one would stay there.
    const asked = { ...withFields(request, conditions), hold: undefined };
    response = await context.next(asked);
  } catch (error) {
    if (found !== undefined && isServerError(error) && servesStale(found, order, context)) {
      return { kind: "stored", variant: found, attempts: 0, failed: true };
    }
    throw error;
  }
  const times = { sentMs, receivedMs: context.now() };
  const { status } = response;
  if (status === 304 && conditions.length > 0) {
    await drop(response);
    return await validated(context, order, response, times);
  }
  const failed = status === 500 || status >= 502 && status <= 504;
  if (found !== undefined && failed && servesStale(found, order, context)) {
    await drop(response);
    return { kind: "stored", variant: found, attempts: response.attempts, failed: true };
  }
  return received(context, order, response, times);
}

/** Whether a response may be kept, and what is known of it before its body. */
function received(
  context: ExchangeContext,
  { request, wish }: ExchangeOrder,
  response: IncomingResponse,
  times: Times,
): Outcome {
  const fields = response.headers.entries();
  if (!mayStore(request, response.status, fields, context.shared)) {
    return { kind: "pass", response };
  }
  const variant = variantOf(context, request, response.status, fields, times);
  // What can neither be used nor be validated is kept for those alone who take anything.
  const useful = variant !== undefined &&
    (isUsable(variant.policy) || hasValidator(fields) || wish.force);
  return useful ? { kind: "keep", response, variant } : { kind: "pass", response };
}

function isUsable({ lifetime, whileRevalidate, ifError = 0 }: Policy): boolean {
  return lifetime > 0 || whileRevalidate > 0 || ifError > 0;
}

/** What is stored of a response, without its body; undefined if it matches no other request. */
export function variantOf(
  { shared }: ExchangeContext,
  request: OutgoingRequest,
  status: number,
  fields: readonly Field[],
  times: Times,
  body: Uint8Array<ArrayBuffer> = new Uint8Array(0),
): Variant | undefined {
  const vary = varyNames(joined(fields, "vary"));
  if (vary === undefined) return undefined;
  const policy = policyOf(status, fields, shared, times);
  return {
    status,
    policy,
    receivedMs: times.receivedMs,
    initialAge: initialAge(fields, times),
    digest: selectionDigest(request.headers, vary, policy.forAll),
    vary,
    fields: keptFields(fields, shared, times.receivedMs),
    body,
  };
}

/** A 304: the stored response with its fields, or, if it is about another one, the whole response. */
async function validated(
  context: ExchangeContext,
  order: ExchangeOrder,
  response: IncomingResponse,
  times: Times,
): Promise<Outcome> {
  const { key, request } = order;
  const found = order.found!;
  const fresh = response.headers.entries();
  const etag = joined(fresh, "etag");
  if (etag !== null && !etag.startsWith("W/") && etag !== joined(found.fields, "etag")) {
    const whole = await exchange(context, { ...order, found: undefined });
    return whole;
  }
  const fields = updatedFields(found.fields, fresh, context.shared, times.receivedMs);
  const variant = variantOf(context, request, found.status, fields, times, found.body);
  if (variant === undefined) {
    // It varies by everything from now on: this answer is right, and the last one.
    return {
      kind: "stored",
      variant: { ...found, fields },
      attempts: response.attempts,
      failed: false,
    };
  }
  const storable = mayStore(request, found.status, fields, context.shared);
  if (storable && order.current()) await context.store.put(key, variant, times.receivedMs);
  return { kind: "stored", variant, attempts: response.attempts, failed: false };
}

/**
 * What the response to a HEAD says of the stored response to a GET (4.3.5): if both are of the same body the stored
 * one gets its fields, otherwise it has to go.
 */
export async function freshen(
  context: ExchangeContext,
  order: ExchangeOrder,
  response: IncomingResponse,
  times: Times,
): Promise<void> {
  const { found, key, request } = order;
  if (found === undefined || response.status !== found.status || !order.current()) return;
  const fresh = response.headers.entries();
  const same = ["etag", "last-modified", "content-length"].every((name) => {
    const value = joined(fresh, name);
    return value === null || value === joined(found.fields, name);
  });
  if (!same) return await context.store.remove(key);
  const fields = updatedFields(found.fields, fresh, context.shared, times.receivedMs);
  const variant = variantOf(context, request, found.status, fields, times, found.body);
  if (variant === undefined || !mayStore(request, found.status, fields, context.shared)) return;
  await context.store.put(key, variant, times.receivedMs);
}

function conditionsFor({ fields }: Variant): Field[] {
  const conditions: Field[] = [];
  const etag = joined(fields, "etag");
  if (etag !== null) conditions.push(["if-none-match", etag]);
  const modified = joined(fields, "last-modified");
  if (modified !== null) conditions.push(["if-modified-since", modified]);
  return conditions;
}

function servesStale(found: Variant, { wish }: ExchangeOrder, { now }: ExchangeContext): boolean {
  return mayServeOnError(found, wish, now());
}

/** Whether an exchange failed as it does when a server is away; a wrong certificate and a refusal of ours are none. */
function isServerError(error: unknown): boolean {
  if (error instanceof TransportFault) {
    return error.kind !== "tls" && !error.kind.endsWith("-too-large");
  }
  if (!AgentError.is(error) || !["UNAVAILABLE", "TIMEOUT", "IO"].includes(error.code)) return false;
  return !(error.cause instanceof TransportFault) || isServerError(error.cause);
}

/** Passes over a body, so that its connection is free. */
async function drop({ body }: IncomingResponse): Promise<void> {
  if (body instanceof ReadableStream) await body.cancel().catch(() => {});
}
