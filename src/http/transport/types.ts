/**
 * What the parts of the client hand to each other: a request on its way out, a response on its way in, and the
 * transport, which has the twins. All that decides (redirects, retries, caching, addresses, permissions, caps) stands
 * above the transport, once, in TypeScript; a transport does one exchange with addresses that were checked. Types only.
 *
 * @module
 */

import type { HttpRequestInit } from "../types.ts";

/** Fields of a message in order of arrival; names in lower case. */
export interface HeaderFields {
  /** The values of a field joined by ", ", or null if there is none. */
  get(name: string): string | null;
  /** Every field line, one entry each. */
  entries(): [name: string, value: string][];
}

/** A request on its way out: checked, without fragment and without user info in its URL. */
export interface OutgoingRequest {
  /** An HTTP token, upper case where HTTP defines it so. */
  readonly method: string;
  /** The absolute address, `http:` or `https:`. */
  readonly url: URL;
  /** The field lines; names in lower case, values without CR, LF and NUL. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body; a stream can be sent once only, so such a request is neither retried nor redirected with its body. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  /** Ends the exchange; its reason is what the call rejects with. */
  readonly signal: AbortSignal | undefined;
  /** Whether the response's body is wanted as bytes, all of it at once, and not as a stream. */
  readonly wholeBody: boolean;
  /** What the client keeps of the call that this belongs to; whoever makes another request of this one hands it on. */
  readonly call?: Call | undefined;
  /** How the cache may answer, as fetch has it; only the cache looks at it. Default: `"default"`. */
  readonly cacheMode?: HttpRequestInit["cache"] | undefined;
  /**
   * Whether the body is to stay in native memory, as `held`; `wholeBody` says what is wanted where that cannot be had.
   */
  readonly hold?: boolean | undefined;
}

/** A response on its way in. Its body is decoded: `content-encoding` and `content-length` are gone where it was coded. */
export interface IncomingResponse {
  /** 200 to 599. */
  readonly status: number;
  /** The field lines, made when asked for. */
  readonly headers: HeaderFields;
  /** The address that answered. */
  readonly url: string;
  /**
   * The body, or null where there can be none (HEAD, 204, 304). Bytes where `wholeBody` was set, or where all of it came
   * with the head.
   */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** How many exchanges it took, 0 if it came from a cache. */
  readonly attempts: number;
  /** Whether it came from a cache, also after a revalidation. */
  readonly fromCache: boolean;
  /**
   * Where the body is a stream: lets the program end while that is not over, or no more. It begins by keeping the
   * program alive; whoever hands the body on says when nobody waits for it.
   */
  readonly keepAlive?: (isKept: boolean) => void;
  /** Where the body is a stream: resolves when its exchange is over, be it that the body failed or that all of it came. */
  readonly over?: Promise<void>;
  /** The body where it stayed in native memory; `body` is null then. Whoever takes it closes it. */
  readonly held?: HeldBody;
}

/** A decoded body in native memory. */
export interface HeldBody extends Disposable {
  /** Its length. */
  readonly byteLength: number;
  /** The number by which native code of this isolate finds it: a `Body` of the crate `agent-http`. */
  readonly number: number;
  /** Frees it. */
  close(): void;
}

/** A call of the client from its beginning to its end: what its exchanges have in common. */
export interface Call {
  /** When it must be over, by `performance.now()`. */
  readonly deadline: number;
  /** The time that it was given, milliseconds. */
  readonly timeoutMs: number;
  /** How often a failed exchange is repeated. */
  readonly retries: number;
  /** Whether it may be repeated whatever its method: it has an idempotency key. */
  readonly isRepeatable: boolean;
  /** What happens to a redirect. */
  readonly redirect: "follow" | "manual" | "error";
  /** The decoded body, bytes. */
  readonly maxBodyBytes: number;
  /** The batch that it belongs to, which has caps of its own. */
  readonly batch: Batch | undefined;
  /** Whether a redirect was followed. */
  redirected: boolean;
}

/** Calls with caps of their own, beside those of the client. */
export interface Batch {
  readonly concurrency: number;
  readonly perHost: number;
  /** Exchanges under way. */
  active: number;
  /** Exchanges under way by host. */
  readonly byHost: Map<string, number>;
  /** Calls that wait and do nothing meanwhile. */
  waiting: number;
  /** Called when a call begins or ends to wait. */
  changed(): void;
  /** What was found out about hosts, by origin: asked once in a while for all of the batch. */
  readonly hosts: Map<string, KnownWay>;
}

/**
 * A step of the way: takes a request, gives a response, by way of the next step or by itself. `begun` is the request's
 * first exchange where that is under way already, in a slot of its own: it stands for what the transport would do.
 */
export type Send = (
  request: OutgoingRequest,
  begun?: Promise<IncomingResponse>,
) => Promise<IncomingResponse>;

/** Bounds of one exchange. Milliseconds and bytes; a body is counted after decoding. */
export interface ExchangeLimits {
  /** From the wish for a connection until it can carry a request, TLS included. */
  readonly connectTimeoutMs: number;
  /** From the request's last byte until the response's head is there. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of the body. */
  readonly bodyTimeoutMs: number;
  /** For all of the exchange, the body included. */
  readonly totalTimeoutMs: number;
  /** The decoded body. */
  readonly maxBodyBytes: number;
  /** The response's head. */
  readonly maxHeaderBytes: number;
}

/** A proxy, and its addresses that were checked. */
export interface ProxyTarget {
  /** `http:` or `https:`, with its port. */
  readonly url: URL;
  /** Where it may be dialled. */
  readonly addresses: readonly string[];
  /** The value of `proxy-authorization`, if it wants one. */
  readonly authorization?: string | undefined;
}

/** A way that a batch knows. */
export interface KnownWay {
  readonly way: Promise<Way>;
  /** What it came to, once it has. */
  found: Way | undefined;
  /** Until when it is used, by `performance.now()`. */
  readonly until: number;
  /** The host that it leads to, with its port where that is not the scheme's own. */
  readonly host: string;
}

/** Where a request goes: addresses that were checked, or a proxy. */
export interface Way {
  /** The addresses that the connection may go to, in order; literal, checked. Empty where a proxy is used. */
  readonly addresses: readonly string[];
  /** The proxy that the caller named. */
  readonly proxy: ProxyTarget | undefined;
}

/** One exchange: a request with where it may go. */
export interface Exchange extends OutgoingRequest, Way {
  /** Its bounds. */
  readonly limits: ExchangeLimits;
}

/** What went wrong in an exchange; the client makes the error from it, the same for both twins. */
export type FaultKind =
  | "connect"
  | "connect-timeout"
  | "tls"
  | "reset"
  | "protocol"
  | "head-too-large"
  | "first-byte-timeout"
  | "body-timeout"
  | "total-timeout"
  | "body-too-large"
  | "body-incomplete"
  | "encoding";

/** What a transport is made with; it holds for all of its exchanges. */
export interface TransportOptions {
  /** Authorities trusted beside the usual ones, PEM. */
  readonly caCerts: readonly string[];
  /** How many connections may be kept idle for one origin. */
  readonly idlePerHost: number;
  /** How long one is kept idle, milliseconds. */
  readonly idleTimeoutMs: number;
}

/** Does exchanges. The twins are `transport/pure/` and `transport/native/`. */
export interface Transport {
  /** Which twin it is. */
  readonly implementation: "native" | "pure";
  /**
   * Does one exchange. It follows no redirect, repeats nothing and keeps no cookies. Rejects with a `TransportFault`
   * (see `fault.ts`), or with the signal's reason. A stream of a body errors with the same.
   */
  exchange(exchange: Exchange): Promise<IncomingResponse>;
  /** Closes its connections and ends what is under way. */
  close(): void;
}
