/**
 * The shapes of the HTTP client. Types only.
 *
 * @module
 */

import type { DistributedCache } from "../cache/distributed/types.ts";
import type { TtlCache } from "../cache/types.ts";
import type { Implementation, Progress } from "../shared/implementation.ts";
import type { PageOptions, PageOutcome } from "./pages/types.ts";

export type { Page, PageOptions, PageOutcome } from "./pages/types.ts";

/** Resolves a name: its addresses, literal. The default asks the system. */
export type Resolver = (name: string) => Promise<readonly string[]>;

/** Options of `createHttpClient`. */
export interface HttpClientOptions {
  /** A proxy, `http:` or `https:`; `"environment"` takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY where they may be read. Default: none. */
  proxy?: string | "environment" | undefined;
  /** Authorities trusted beside the usual ones and those of `DENO_CERT`, PEM. */
  caCerts?: readonly string[] | undefined;
  /** Exchanges under way at once. Default 64. */
  concurrency?: number | undefined;
  /** Exchanges under way at once with one host. Default 64, in `pages()` 6. */
  perHost?: number | undefined;
  /** For all of a request, retries, redirects and body included. Default 60,000. */
  timeoutMs?: number | undefined;
  /**
   * Time limits of parts: finding the host's addresses and connecting (10,000), the response's head (30,000), between two
   * pieces of the body (30,000).
   */
  timeouts?: {
    connectMs?: number | undefined;
    firstByteMs?: number | undefined;
    bodyMs?: number | undefined;
  } | undefined;
  /** How often a failed request that may be repeated is. Default 2. */
  retries?: number | undefined;
  /** Redirects that are followed. Default 10. */
  maxRedirects?: number | undefined;
  /** The decoded body. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /**
   * Keeps answers by RFC 9111: true for a cache of its own (64 MiB), or one with `codec: "bytes"`. One with a name, and
   * one in Redis, keep the rules of shared caches. The client does not close a cache that it was given.
   */
  cache?: TtlCache<Uint8Array> | DistributedCache<Uint8Array> | boolean | undefined;
  /** So many requests a second, at most. */
  rate?: { perSecond: number } | undefined;
  /** Whether loopback, private and link-local addresses may be reached; metadata services never. Default false. */
  allowPrivate?: boolean | undefined;
  /** Records exchanges, and replays them in tests. */
  cassette?: CassetteOptions | undefined;
  /** Fields that every request has. */
  headers?: HeadersInit | undefined;
  /** Resolves names instead of the system. Its addresses are checked the same, and need permissions of their own. */
  resolver?: Resolver | undefined;
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation | undefined;
}

/**
 * Where exchanges are recorded. Secrets are taken out before anything is written, in doubt more than that, and of
 * responses only fields of a list are kept. Equal are requests of the same method, address, chosen fields and body (JSON and forms whatever their order),
 * secrets aside; the n-th of them gets the n-th recording, then the last one again. A miss is an `AgentError` `NOT_FOUND`
 * that shows what differs from the nearest recording.
 */
export interface CassetteOptions {
  /** A JSON file, made with mode 0600. */
  path: string;
  /** `"record"` writes anew, `"replay"` never reaches the network, `"auto"` records what is missing. */
  mode: "record" | "replay" | "auto";
  /** Fields that tell requests apart beside method, URL and body; none with credentials. Default: accept, content-type. */
  matchHeaders?: readonly string[] | undefined;
}

/** What `fetch` takes besides the address. */
export interface HttpRequestInit {
  /** The method. Default GET. */
  method?: string | undefined;
  /** Fields of this request, over the client's of the same names. */
  headers?: HeadersInit | undefined;
  /** The body. A stream is sent once: such a request is not repeated, and fails where a redirect would need it again. */
  body?: BodyInit | null | undefined;
  /** Ends the request; what was begun is closed. */
  signal?: AbortSignal | undefined;
  /** `"follow"` (default), `"manual"` gives the redirect itself, `"error"` throws. */
  redirect?: "follow" | "manual" | "error" | undefined;
  /** Over the client's. */
  timeoutMs?: number | undefined;
  /** Over the client's. */
  retries?: number | undefined;
  /** Over the client's. */
  maxBodyBytes?: number | undefined;
  /** Repeats also what is not idempotent, with an `Idempotency-Key` (made if true). */
  idempotencyKey?: string | true | undefined;
  /** As fetch has it, for the client's cache. */
  cache?:
    | "default"
    | "no-store"
    | "reload"
    | "no-cache"
    | "force-cache"
    | "only-if-cached"
    | undefined;
}

/** An event of a stream. */
export interface ServerSentEvent {
  /** Its type: `"message"` unless the server says another. */
  event: string;
  /** Its data; lines are joined by "\n". */
  data: string;
  /** The last id that the server gave, "" if it gave none: what `Last-Event-ID` says on reconnecting. */
  id: string;
}

/** How events are parsed. */
export interface EventParseOptions {
  /** The longest line and the longest event, in UTF-16 units. Default 8,388,608. */
  maxEventLength?: number | undefined;
}

/** How events of an address are read. */
export interface EventsInit extends HttpRequestInit, EventParseOptions {
  /**
   * How often a stream that ended or broke is opened again in a row, without an event between: true is 10, false 0.
   * Default: true for GET, false for other methods, which might do again what they did.
   */
  reconnect?: boolean | number | undefined;
  /** The id to go on from. */
  lastEventId?: string | undefined;
}

/** How lines are read. */
export interface LineOptions {
  /** The longest line in UTF-16 units, without its end. Default 8,388,608. */
  maxLineLength?: number | undefined;
}

/** A response, with what it took. */
export interface HttpResponse extends Response {
  /** Exchanges with servers that it took; 0 from a cache. */
  readonly attempts: number;
  /** Whether it came from the cache. */
  readonly fromCache: boolean;
  /** From the call to the response's head; in `fetchMany` to its last byte. */
  readonly durationMs: number;
}

/** A request of `fetchMany`. */
export type HttpRequest = string | URL | ({ url: string | URL } & HttpRequestInit);

/** What came of a request of `fetchMany`. */
export type HttpOutcome =
  // `index` is the place in the list.
  | { index: number; ok: true; response: HttpResponse }
  | { index: number; ok: false; error: unknown };

/** Options of `fetchMany`. */
export interface FetchManyOptions {
  /** Ends all of it; the iterator throws its reason. */
  signal?: AbortSignal | undefined;
  /** Called as requests finish, some ten times a second at most; `total` grows with what was taken of the list. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Over the client's. */
  concurrency?: number | undefined;
  /** Over the client's. */
  perHost?: number | undefined;
}

/** A client. */
export interface HttpClient extends AsyncDisposable {
  /** Which twin does its batches. */
  readonly implementation: "native" | "pure";
  /** One request; the response's body streams. */
  fetch(url: string | URL, init?: HttpRequestInit): Promise<HttpResponse>;
  /** Many requests; results as they finish, each failure on its own. `requests` may be endless. */
  fetchMany(
    requests: Iterable<HttpRequest> | AsyncIterable<HttpRequest>,
    options?: FetchManyOptions,
  ): AsyncIterable<HttpOutcome>;
  /**
   * Pages as Markdown with their tokens, as they finish, each failure on its own. robots.txt is honoured by default; see
   * `pages` in `mod.ts`.
   */
  pages(
    urls: Iterable<string | URL> | AsyncIterable<string | URL>,
    options?: PageOptions,
  ): AsyncIterable<PageOutcome>;
  /**
   * The events of an address, which is opened again with the last id when its stream ends or breaks. Status 204 ends
   * them. 429 and 503 are tried again after `Retry-After`; any other status but 200, and what is no event stream, is an
   * error. `timeoutMs` and `maxBodyBytes` of the client do not bound the stream, those of `init` do each connection.
   */
  events(url: string | URL, init?: EventsInit): AsyncIterable<ServerSentEvent>;
  /** Closes its connections. */
  close(): Promise<void>;
}
