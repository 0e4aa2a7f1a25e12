/**
 * One exchange with a container engine: bytes out, bytes in. Only this has twins (`pure.ts` and `native.ts`); what the
 * bytes mean (JSON, frames, errors, policy) is in TypeScript above it, once. Types only.
 *
 * @module
 */

import type { AllowedHost } from "../../shared/access.ts";
import type { EngineHost } from "../host.ts";

/** A request to an engine. */
export interface EngineRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** With version and query: `/v1.41/containers/json?all=1`. Percent-encoded ASCII. */
  readonly path: string;
  /** Names in lower case; values without control characters. `host` and the body's length are added. */
  readonly headers?: readonly (readonly [string, string])[] | undefined;
  /** Bytes go with their length, an iterable in chunks. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Ends the exchange, body included; its reason is what the call rejects with. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the head of the answer is there; no limit if left out. */
  readonly timeoutMs?: number | undefined;
}

/** An answer of any status. */
export interface EngineResponse {
  readonly status: number;
  /** A field's value, or null where there is none. */
  header(name: string): string | null;
  /** Must be read to its end or returned, which ends the exchange. Pieces are the reader's own. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What follows an upgrade: raw bytes both ways. */
export interface EngineStream {
  /** Ends with the other side's end. Can be gone through once. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are with the system. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends our side only. */
  closeWrite(): Promise<void>;
  /** Ends both sides. */
  close(): void;
}

/** Does exchanges with one engine. */
export interface EngineTransport extends AsyncDisposable {
  /** Which twin it is. */
  readonly implementation: "native" | "pure";
  /** Does one exchange. Rejects with an `EngineFault`, or with the signal's reason. */
  request(request: EngineRequest): Promise<EngineResponse>;
  /**
   * Makes a connection of its own into a raw stream: a POST with `connection: Upgrade` and `upgrade: tcp`, answered
   * with 101. Rejects with a `RefusedUpgrade` where it is answered otherwise. The signal ends the stream too.
   */
  upgrade(request: EngineRequest): Promise<EngineStream>;
}

/** Certificates of a TLS connection, PEM. */
export interface EngineTls {
  /** The authority that signed the engine's certificate, beside the usual ones. */
  readonly ca?: string | undefined;
  /** The certificate that this side shows. */
  readonly cert?: string | undefined;
  /** Its key. */
  readonly key?: string | undefined;
}

/** Where a transport connects to; checked against Deno's permissions. */
export interface EngineAddress {
  readonly host: EngineHost;
  /** The addresses of a TCP host; undefined for a socket. */
  readonly allowed: AllowedHost | undefined;
  /** Undefined: no TLS. */
  readonly tls: EngineTls | undefined;
  /** Milliseconds for a connection, TLS included. */
  readonly connectTimeoutMs: number;
}
