/**
 * The step that follows redirects, as the Fetch standard does it: 301 and 302 turn POST into GET, 303 everything but
 * HEAD, 307 and 308 keep method and body. Each hop is a request of its own and checked as such. What may hold credentials
 * (authorization, cookie, keys of APIs) stays with its origin. A redirect from https: to http: is refused: what was asked for
 * safely is not given openly.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { shownUrl } from "../address/check.ts";
import { type Field, isCredentialField } from "../fields.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";

/** What the step works with. */
export interface RedirectOptions {
  readonly maxRedirects: number;
  /** Refuses an address as it is written. */
  readonly check: (url: URL) => void;
}

const STATUSES: readonly number[] = [301, 302, 303, 307, 308];
/** Fields that are about a body. */
const OF_BODY: readonly string[] = [
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
];
/** Makes the step. */
export function redirectingSend(options: RedirectOptions, next: Send): Send {
  return async (request, begun) => {
    let response = await next(request, begun);
    if (!STATUSES.includes(response.status) || request.call?.redirect === "manual") return response;
    let attempts = response.attempts;
    const seen = new Set<string>([`${request.method} ${request.url.href}`]);
    for (let hops = 1;; hops++) {
      const location = response.headers.get("location");
      if (!STATUSES.includes(response.status) || location === null) break;
      if (response.body instanceof ReadableStream) await response.body.cancel().catch(() => {});
      response.held?.close();
      if (request.call?.redirect === "error") {
        throw failed(request, 'it redirects, and redirect is "error"');
      }
      if (hops > options.maxRedirects) {
        throw failed(request, `it redirects more than ${options.maxRedirects} times`);
      }
      const url = targetOf(location, request.url);
      if (url === undefined) throw failed(request, "it redirects to what is no address");
      options.check(url);
      if (request.url.protocol === "https:" && url.protocol === "http:") {
        throw failed(request, `it redirects to ${shownUrl(url)}, from https: to http:`);
      }
      request = redirected(request, response, url);
      const step = `${request.method} ${url.href}`;
      if (seen.has(step)) throw failed(request, "it redirects in a circle");
      seen.add(step);
      response = await next(request);
      attempts += response.attempts;
    }
    if (request.call !== undefined && seen.size > 1) request.call.redirected = true;
    return attempts === response.attempts ? response : { ...response, attempts };
  };
}

/** Where a location leads. Its bytes are UTF-8, and it has the fragment of what it comes from unless it has its own. */
function targetOf(location: string, base: URL): URL | undefined {
  const bytes = Uint8Array.from(location, (character) => character.charCodeAt(0));
  return URL.parse(new TextDecoder().decode(bytes), base) ?? undefined;
}

function redirected(
  request: OutgoingRequest,
  { status }: IncomingResponse,
  url: URL,
): OutgoingRequest {
  const { method } = request;
  const becomesGet = ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD");
  if (!becomesGet && request.body instanceof ReadableStream) {
    throw failed(request, "it redirects a body that is a stream, which cannot be sent again");
  }
  let headers: readonly Field[] = request.headers;
  if (becomesGet) headers = headers.filter(([name]) => !OF_BODY.includes(name));
  if (url.origin !== request.url.origin) {
    headers = headers.filter(([name]) => !isCredentialField(name));
  }
  url.hash = "";
  return {
    ...request,
    method: becomesGet ? "GET" : method,
    body: becomesGet ? undefined : request.body,
    headers,
    url,
  };
}

function failed({ method, url }: OutgoingRequest, what: string): AgentError<"UNAVAILABLE"> {
  return new AgentError("UNAVAILABLE", `${method} ${shownUrl(url)}: ${what}`, {
    server: url.host,
  });
}
