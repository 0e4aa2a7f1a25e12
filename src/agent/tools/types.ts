/**
 * What the built-in tools stand on: the parts of a runtime that they use, and what a program lets them do.
 *
 * @module
 */

import type * as containers from "../../containers/mod.ts";
import type { HttpClient } from "../../http/types.ts";
import type { Knowledge } from "../../knowledge/types.ts";
import type * as monitor from "../../monitor/mod.ts";
import type * as security from "../../security/mod.ts";
import type * as text from "../../text/mod.ts";

/** The names of the built-in tools. */
export type BuiltInToolName =
  | "search_knowledge"
  | "fetch_page"
  | "run_code"
  | "scan_ports"
  | "system_snapshot"
  | "connections"
  | "threats"
  | "count_tokens"
  | "redact_text"
  | "compare_texts"
  | "extract_keywords"
  | "list_files"
  | "read_file"
  | "write_file";

/** The parts of a runtime that tools use; `createRuntime()` has all of them. */
export interface ToolRuntime {
  /** The documents. */
  readonly knowledge: Knowledge;
  /** The client that fetches pages; what it may reach is the tool's reach. */
  readonly http: HttpClient;
  /** Sandboxes. */
  readonly containers: Pick<typeof containers, "connectContainers">;
  /** Scans and the machine's picture, within the runtime's scope. */
  readonly security: Pick<typeof security, "scanPorts" | "connections" | "detectThreats">;
  /** The machine's figures. */
  readonly monitor: Pick<typeof monitor, "createMonitor">;
  /** Texts. */
  readonly text: Pick<
    typeof text,
    "countTokens" | "redact" | "similarity" | "keywords"
  >;
}

/** What a program lets the built-in tools do. */
export interface BuiltInToolOptions {
  /** The folder that `list_files`, `read_file` and `write_file` stay in; without it there are no such tools. */
  readonly folder?: string | undefined;
  /** The images in which `run_code` runs a language. Default: `python` in `python:3.12-slim`, `sh` in `busybox`. */
  readonly images?: Readonly<Record<string, string>> | undefined;
}
