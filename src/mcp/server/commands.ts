/**
 * Commands of the registry as tools: those that are declared for MCP, with the fields that a remote caller may set.
 *
 * @module
 */

import type { Tool } from "../../agent/loop/types.ts";
import { callCommand, commandsOf } from "../../commands/mod.ts";
import type { CommandBounds, CommandRuntime, RegisteredCommand } from "../../commands/types.ts";
import type { JsonSchema } from "../../llm/types.ts";

/**
 * The commands of a runtime that MCP clients may give. Those that change something, or reach what is outside of this program,
 * need somebody's word.
 *
 * @param runtime What they work with.
 * @param bounds The folders and targets that calls may name; without them no folder, and this machine alone.
 * @returns A tool for each.
 *
 * @example
 * ```ts
 * import { createRuntime } from "@agent/runtime";
 * import { commandTools, createMcpHandler } from "@agent/runtime/mcp";
 * import assert from "node:assert/strict";
 *
 * await using runtime = createRuntime();
 * const tools = commandTools(runtime);
 * assert.equal(tools.find(({ name }) => name === "search")?.approval, "never");
 * assert.equal(tools.find(({ name }) => name === "security_scan")?.approval, "always");
 * await using handler = createMcpHandler({ tools, knowledge: runtime.knowledge });
 * ```
 */
export function commandTools(runtime: CommandRuntime, bounds?: CommandBounds): Tool[];
export function commandTools(runtime: CommandRuntime, bounds: CommandBounds = {}): Tool[] {
  return commandsOf("mcp").map((command) => toolOf(command, runtime, bounds));
}

function toolOf(command: RegisteredCommand, runtime: CommandRuntime, bounds: CommandBounds): Tool {
  const { name, summary, details, output, annotations } = command;
  const { readOnly, destructive, idempotent, openWorld } = annotations;
  return {
    name,
    description: details === undefined ? `${summary}.` : `${summary}. ${details}`,
    input: remoteInput(command),
    output,
    effects: { readOnly, destructive, openWorld },
    approval: readOnly && !openWorld ? "never" : "always",
    retry: idempotent ? "safe" : "never",
    run: (input, { signal }) =>
      callCommand(command, input, { ...{ runtime, signal, bounds }, surface: "mcp" }),
  };
}

/** The shape of an input, with what a remote caller may set and nothing else. */
function remoteInput({ input, remote }: RegisteredCommand): JsonSchema {
  const properties = input["properties"] as Readonly<Record<string, JsonSchema>>;
  const open = Object.entries(properties).filter(([name]) => remote.includes(name));
  return { ...input, properties: Object.fromEntries(open) };
}
