/**
 * How servers of others are reached and what is taken of them.
 *
 * @module
 */

import type { Tool } from "../../agent/loop/types.ts";
import type { JsonSchema } from "../../llm/types.ts";

/** A server that is a program of this machine, started for it. */
export interface McpCommand {
  /** The program. */
  readonly command: string;
  /** Its arguments. */
  readonly args?: readonly string[] | undefined;
  /** All of its environment; `PATH` and `HOME` are added where they may be read. Nothing else is handed on. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The folder it is started in. */
  readonly cwd?: string | undefined;
}

/** A server that is reached over HTTP. */
export interface McpAddress {
  /** Its address. */
  readonly url: string;
  /** Sent with each request, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A question of a server to the person at this program. */
export interface McpQuestion {
  /** What it says. These are words of the server, and not to be trusted. */
  readonly message: string;
  /** The shape of an answer. */
  readonly schema: JsonSchema;
}

/** Options of `mcpTools`. */
export interface McpToolsOptions {
  /** What the names of the tools begin with, such as `files_`, so that those of several servers do not meet. */
  readonly prefix?: string | undefined;
  /** Only these of the server's tools; all if left out. */
  readonly only?: readonly string[] | undefined;
  /** Those of the server's tools that need nobody's word. Default none: each call is asked for. */
  readonly allow?: readonly string[] | undefined;
  /** Puts a question to the person; undefined declines. Without it the server cannot ask. */
  readonly answer?:
    | ((
      question: McpQuestion,
      options: { readonly signal: AbortSignal },
    ) => Promise<Readonly<Record<string, unknown>> | undefined>)
    | undefined;
  /** How long starting and listing may take, in milliseconds. Default 30,000. */
  readonly connectMs?: number | undefined;
  /** How long a call may take, in milliseconds. Default 60,000. */
  readonly callMs?: number | undefined;
  /** Ends the connecting early. */
  readonly signal?: AbortSignal | undefined;
}

/** The tools of a server, for as long as it is connected. */
export interface McpTools extends AsyncDisposable {
  /** The tools, for `createAgent` and `run`. */
  readonly tools: readonly Tool[];
  /** What the server calls itself. */
  readonly server: { readonly name: string; readonly version: string };
  /** The revision that is spoken with it. */
  readonly revision: string;
  /** Ends the connection, and the program if it was started. Calling it again does nothing. */
  close(): Promise<void>;
}
