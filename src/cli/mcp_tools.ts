/**
 * The tools of `agent mcp`, and on what each stands: an option without which it is not there.
 *
 * @module
 */

import { builtInTools, domainTools, type Tool } from "../agent/mod.ts";
import { commandTools } from "../mcp/mod.ts";
import type { CommandRuntime } from "../commands/mod.ts";

/** An option on which tools stand. */
export type Ground = "docs" | "writable" | "machine" | "sandbox" | "allow-host";

const GROUNDS: Readonly<Record<string, Ground>> = {
  ask: "docs",
  search: "docs",
  index_folder: "docs",
  remove_documents: "docs",
  write_file: "writable",
  system_snapshot: "machine",
  connections: "machine",
  threats: "machine",
  run_code: "sandbox",
  list_containers: "sandbox",
  deploy_container: "sandbox",
  start_container: "sandbox",
  stop_container: "sandbox",
  remove_container: "sandbox",
  sweep_containers: "sandbox",
  fetch_page: "allow-host",
  security_scan: "allow-host",
  performance_test: "allow-host",
};

/** What needs a model, which this command does not take. */
const WITHOUT_MODEL: readonly string[] = ["run", "list_sessions", "reload_model"];
/** Built-in tools that do what a command does. */
const COMMANDS_INSTEAD: readonly string[] = [
  ...["search_knowledge", "scan_ports", "count_tokens", "redact_text", "compare_texts"],
  "extract_keywords",
];

/** What the tools are made with. */
export interface ToolGrounds {
  /** The folder of the documents. */
  readonly documents: string | undefined;
  /** The folder that tools for files and sources stay in. */
  readonly folder: string | undefined;
  /** The hosts that may be reached. */
  readonly hosts: readonly string[];
  /** Whether each option was given. */
  readonly grounds: Readonly<Record<Ground, boolean>>;
}

/** The tools that can be offered, and what is missing for the others. */
export function allTools(
  runtime: CommandRuntime,
  { documents, folder, hosts, grounds }: ToolGrounds,
): { tools: Tool[]; missing: ReadonlyMap<string, Ground> } {
  const commands = commandTools(runtime, {
    roots: documents === undefined ? [] : [documents],
    scope: hosts,
  }).filter(({ name }) => !WITHOUT_MODEL.includes(name));
  const others = [
    ...builtInTools(runtime, undefined, { folder }),
    ...(folder === undefined ? [] : domainTools("developer", { folder })),
    ...(["trader", "lawyer"] as const).flatMap((name) => domainTools(name)),
  ].filter(({ name }) =>
    !COMMANDS_INSTEAD.includes(name) && !commands.some((command) => command.name === name)
  );
  const missing = new Map<string, Ground>();
  const tools = [...commands, ...others].filter(({ name }) => {
    const ground = GROUNDS[name];
    if (ground === undefined || grounds[ground]) return true;
    missing.set(name, ground);
    return false;
  });
  // Without a folder it is not made at all.
  if (!grounds.writable) missing.set("write_file", "writable");
  return { tools, missing };
}
