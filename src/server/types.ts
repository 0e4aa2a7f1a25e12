/**
 * The shapes of the server: its options, its limits, and what `createServer` makes.
 *
 * @module
 */

import type { Agent } from "../agent/types.ts";
import type { Runtime } from "../runtime.ts";

/** Turns texts into vectors, for `/v1/embeddings`. */
export interface TextEmbedder {
  /** The model's name; requests that name another one are refused, so that vectors of two models never meet. */
  readonly id: string;
  /** How many numbers a vector has. */
  readonly dimensions: number;
  /**
   * Makes a vector of each text.
   *
   * @param texts The texts.
   * @param options What they are, and the signal of the request.
   * @returns One vector a text, in the same order.
   */
  embed(
    texts: readonly string[],
    options: { kind: "query" | "document"; signal?: AbortSignal },
  ): Promise<Float32Array[]>;
}

/** Something that answers requests. */
export interface FetchShaped {
  /** Answers a request. */
  fetch(request: Request): Promise<Response>;
}

/** The bounds of a server. What is over one is refused with a status that says so. */
export interface ServerLimits {
  /** The largest body of a request in bytes. Default 1 MiB; over it: 413. */
  bodyBytes?: number | undefined;
  /** How long a body may take to arrive, in milliseconds. Default 30,000; over it: 408. */
  bodyMs?: number | undefined;
  /** The longest question in UTF-16 units. Default 32,768, which is the most for commands and MCP; over it: 400. */
  questionLength?: number | undefined;
  /** Requests of one client that are worked on at a time. Default 64; over it: 429. */
  requestsPerClient?: number | undefined;
  /** Streams of one client that are open at a time. Default 16; over it: 429. */
  streamsPerClient?: number | undefined;
  /** Requests and streams of all clients at a time. Default 512; over it: 503. */
  requests?: number | undefined;
  /** How long a stream waits for a client that reads nothing, in milliseconds. Default 60,000. */
  stalledMs?: number | undefined;
  /** How long a request of the page's stays signed in without being used, in milliseconds. Default 12 hours. */
  sessionMs?: number | undefined;
}

/** Options of `createServer`. */
export interface ServerOptions {
  /** What the server shows; one of `runtime` and `agent` is needed. It stays the caller's to close. */
  runtime?: Runtime | undefined;
  /** Answers questions, where there is no runtime or in the place of the runtime's. */
  agent?: Agent | undefined;
  /** What clients send as `Authorization: Bearer`: at least 16 visible ASCII characters. Default: made, see `server.token`. */
  token?: string | undefined;
  /**
   * The server's folder, made with mode 0700: the token that was made is kept there for the next start, and a lock keeps a
   * second server away.
   */
  data?: string | undefined;
  /** Host names under which the server may be asked. Default: `localhost`, `127.0.0.1` and `[::1]`, which always hold. */
  allowedHosts?: readonly string[] | undefined;
  /** Folders below which the paths of remote callers must be. Default: none, so that no path is taken. */
  roots?: readonly string[] | undefined;
  /**
   * Addresses, networks (CIDR) and host names that remote callers may have scanned and put under load. Default: this machine
   * by its loopback addresses.
   */
  scope?: readonly string[] | undefined;
  /**
   * Makes the vectors of `/v1/embeddings`: one of yours, or `"default"`, the table of word vectors that comes with the package.
   * Without it, or where the table may not be read, that route says that there is no such model.
   */
  embedder?: TextEmbedder | "default" | undefined;
  /** Answers what is asked at `/mcp`, once token, host and origin were checked, such as a `createMcpHandler` with `access: "checked"`. */
  mcp?: FetchShaped | undefined;
  /** Bounds. */
  limits?: ServerLimits | undefined;
}

/** Who asks, as `Deno.serve` tells it. */
export interface RequestInfo {
  /** The address of the other side. */
  readonly remoteAddr?: Deno.Addr | undefined;
}

/** What `createServer` makes: give its `fetch` to `Deno.serve`. */
export interface AgentServer extends AsyncDisposable {
  /** The token that every client but the page sends. */
  readonly token: string;
  /**
   * Answers a request. It never throws.
   *
   * @param request The request.
   * @param info Who asks; limits for each client go by it.
   */
  fetch(request: Request, info?: RequestInfo): Promise<Response>;
  /**
   * Makes a code that signs a browser in, once and within ten minutes.
   *
   * @returns The path to open, such as `/?code=...`.
   */
  signInPath(): string;
  /** Ends streams, waits for what is being answered, and gives the folder back. A second call does nothing. */
  close(): Promise<void>;
}
