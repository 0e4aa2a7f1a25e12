/**
 * A recording: a request as it is compared, and its response as it is kept. Neither has secrets.
 *
 * @module
 */

import { type Field, joined } from "../fields.ts";
import type { OutgoingRequest } from "../transport/types.ts";
import { canonical, type Content, contentOf, typeOf } from "./content.ts";
import { isKeptField } from "./names.ts";
import { scrubText, scrubUrl } from "./scrub.ts";

/** A request as it is compared. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** The fields that tell requests apart, by name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Content;
}

/** A response as it is kept. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: readonly Field[];
  readonly body: Content;
  /** Whether its reader left before the end, so that the rest is not known. */
  readonly truncated?: true;
}

/** A request with its response. */
export interface Recorded {
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

/** A request as it is compared, by the fields that were chosen. */
export function requestOf(request: OutgoingRequest, matched: readonly string[]): RecordedRequest {
  const { method, url, headers, body } = request;
  const type = joined(headers, "content-type") ?? "";
  const fields: Record<string, string> = {};
  for (const name of matched) {
    const value = joined(headers, name);
    if (value !== null) fields[name] = scrubText(name === "content-type" ? typeOf(value) : value);
  }
  return {
    method,
    url: scrubUrl(url),
    headers: fields,
    body: canonical(contentOf(body instanceof Uint8Array ? body : null, type)),
  };
}

/** What two requests that count as equal have in common. */
export function keyOf({ method, url, headers, body }: RecordedRequest): string {
  const fields = Object.keys(headers).sort().map((name) => [name, headers[name]]);
  return JSON.stringify([url, method, fields, body]);
}

/** The fields of a response that are kept. */
export function keptFields(fields: readonly Field[], base: URL): Field[] {
  return fields.filter(([name]) => isKeptField(name)).map(([name, value]) => {
    const isAddress = name === "location" || name === "content-location";
    const url = isAddress ? URL.parse(value, base) : null;
    // One that is relative stays so, if it has nothing to hide.
    if (url === null || scrubUrl(url) === url.href) return [name, scrubText(value)];
    return [name, scrubUrl(url)];
  });
}
