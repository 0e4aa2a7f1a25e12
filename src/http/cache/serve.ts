/** Responses that the cache gives: stored ones, and the one that says that there is none. @module */

import { FieldList, joined } from "../fields.ts";
import type { IncomingResponse, OutgoingRequest } from "../transport/types.ts";
import { errorOf } from "../client/faults.ts";
import { TransportFault } from "../transport/fault.ts";
import { streamOf } from "./recording.ts";
import type { Variant } from "./record.ts";
import { ageOf } from "./wish.ts";

/** A stored response, with its age; its body is the caller's own copy. */
export function served(
  variant: Variant,
  request: OutgoingRequest,
  attempts: number,
  nowMs: number,
): IncomingResponse {
  const { status } = variant;
  const fields = variant.fields.filter(([name]) => name !== "age");
  checkLength(variant, request);
  const none = request.method === "HEAD" || status === 204 || status === 205;
  const body = none ? null : variant.body.slice();
  return {
    status,
    headers: new FieldList([...fields, ["age", String(Math.floor(ageOf(variant, nowMs)))]]),
    url: request.url.href,
    body: body === null || request.wholeBody ? body : streamOf(body),
    attempts,
    fromCache: true,
  };
}

/** A stored body is no way round the bound that a call has. */
function checkLength({ body }: Variant, request: OutgoingRequest): void {
  const { call } = request;
  if (call === undefined || body.length <= call.maxBodyBytes || request.method === "HEAD") return;
  const { timeoutMs, maxBodyBytes } = call;
  throw errorOf(new TransportFault("body-too-large", "The stored body is too large"), request, {
    ...{ connectTimeoutMs: timeoutMs, firstByteTimeoutMs: timeoutMs, bodyTimeoutMs: timeoutMs },
    ...{ totalTimeoutMs: timeoutMs, maxHeaderBytes: 0, maxBodyBytes },
  });
}

/** The answer to who wants what is stored only, where nothing is (RFC 9111, 5.2.1.7). */
export function unsatisfiable(request: OutgoingRequest): IncomingResponse {
  const body = new Uint8Array(0);
  return {
    status: 504,
    headers: new FieldList([]),
    url: request.url.href,
    body: request.method === "HEAD" ? null : request.wholeBody ? body : streamOf(body),
    attempts: 0,
    fromCache: false,
  };
}

/** A response with another body. */
export function withBody(
  response: IncomingResponse,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): IncomingResponse {
  const { status, headers, url, attempts, fromCache } = response;
  return { status, headers, url, body, attempts, fromCache };
}

/** Whether a body is as long as its response said, if it did. */
export function isWhole(response: IncomingResponse, bytes: Uint8Array): boolean {
  const said = joined(response.headers.entries(), "content-length");
  return said === null || !/^\d+$/.test(said) || Number(said) === bytes.length;
}
