/**
 * What a server of the Model Context Protocol offers, and within which bounds. All of it is set by the program that starts
 * the server; nothing that a caller sends widens it.
 *
 * @module
 */

import type { Tool } from "../agent/loop/types.ts";
import type { Knowledge } from "../knowledge/types.ts";

/** Bounds on what callers may have done. */
export interface McpBudget {
  /** Tool calls in all, until the server ends. Default: no end. */
  readonly calls?: number | undefined;
  /** Tool calls at the same time; what is over it is refused at once. Default 8. */
  readonly concurrent?: number | undefined;
  /** How long a call may take, in milliseconds. Default 60,000. */
  readonly callMs?: number | undefined;
  /** Of one result or document, in UTF-16 units. Default 1,000,000. */
  readonly resultLength?: number | undefined;
}

/** What a server offers. */
export interface McpOffer {
  /** The tools. Default none. */
  readonly tools?: readonly Tool[] | undefined;
  /** Tools that need somebody's word and run without it, by name. */
  readonly allow?: readonly string[] | undefined;
  /**
   * Tools that need somebody's word and are offered to clients that can ask their user, who is asked for each call. Those
   * that stand in neither list are not offered.
   */
  readonly ask?: readonly string[] | undefined;
  /** Whose documents are resources. Default none. */
  readonly knowledge?: Knowledge | undefined;
  /** Folders: only documents below them are resources. Default: all of the knowledge. */
  readonly roots?: readonly string[] | undefined;
  /** Domains with a prompt for questions to the documents. Default: the built-in ones, where there is knowledge. */
  readonly domains?: Readonly<Record<string, { readonly description: string }>> | undefined;
  /** The bounds. */
  readonly budget?: McpBudget | undefined;
}

/** Who may reach a server over HTTP. */
export interface McpAccess {
  /** What callers send as `Authorization: Bearer`. Made where none is given. */
  readonly token?: string | undefined;
  /** The host names under which it is reached. Default: those of this machine alone. */
  readonly hosts?: readonly string[] | undefined;
}

/** Options of `createMcpHandler`. */
export interface McpHandlerOptions extends McpOffer {
  /** Who may reach it; `"checked"` if whoever mounts it has looked at token, `Host` and `Origin` already. */
  readonly access?: McpAccess | "checked" | undefined;
  /** Sessions of the 2025 revisions at the same time. Default 64; the one unused for longest gives way. */
  readonly sessions?: number | undefined;
  /** How long such a session may be unused, in milliseconds. Default 600,000. */
  readonly sessionMs?: number | undefined;
}

/** What `createMcpHandler` makes. */
export interface McpHandler extends AsyncDisposable {
  /** The token that callers send; undefined where access was checked elsewhere. */
  readonly token: string | undefined;
  /** Answers a request. It is bound, so that it may be handed on. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends all sessions, streams and calls. Calling it again does nothing. */
  close(): Promise<void>;
}

/** What `serveMcp` makes. */
export interface McpConnection extends AsyncDisposable {
  /** Fulfilled when the client has gone, or after `close`. */
  readonly closed: Promise<void>;
  /** Ends it. */
  close(): Promise<void>;
}
