/**
 * The tools that a runtime brings: documents, pages, sandboxed code, scans, the machine, texts, files of one folder.
 *
 * @module
 */

import { wrongValue } from "../../shared/arguments.ts";
import type { Tool } from "../loop/types.ts";
import { runCode } from "./code.ts";
import { fetchPage, searchKnowledge } from "./documents.ts";
import { fileTools } from "./files.ts";
import { connections, scanPorts, systemSnapshot, threats } from "./machine.ts";
import { compareTexts, countTokens, extractKeywords, redactText } from "./text.ts";
import type { BuiltInToolName, BuiltInToolOptions, ToolRuntime } from "./types.ts";

/**
 * The built-in tools of a runtime. Each names what it needs of Deno's permissions and is refused without it; those for code,
 * scans, pages and files need somebody's word for each call. What the runtime may reach (its scope for scans, its client) is
 * what they may reach: nothing that a model says widens it.
 *
 * @param runtime What `createRuntime` made.
 * @param names Which of them; all if left out, those for files only with a folder.
 * @param options The folder, the images for code.
 * @returns The tools, in the order of the names.
 * @throws {RangeError} If a name is none, or a tool for files is asked for without a folder.
 *
 * @example
 * ```ts
 * import { builtInTools } from "@agent/runtime/agent";
 * import { createRuntime } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * await using runtime = createRuntime();
 * const [search, scan] = builtInTools(runtime, ["search_knowledge", "scan_ports"]);
 * assert.equal(search!.approval, undefined);
 * assert.equal(scan!.approval, "always");
 * ```
 */
export function builtInTools(
  runtime: ToolRuntime,
  names?: readonly BuiltInToolName[],
  options?: BuiltInToolOptions,
): Tool[];
export function builtInTools(
  runtime: ToolRuntime,
  names?: readonly BuiltInToolName[],
  options: BuiltInToolOptions = {},
): Tool[] {
  const all: Tool[] = [
    searchKnowledge(runtime),
    fetchPage(runtime),
    runCode(runtime, options.images),
    scanPorts(runtime),
    systemSnapshot(runtime),
    connections(runtime),
    threats(runtime),
    countTokens(runtime),
    redactText(runtime),
    compareTexts(runtime),
    extractKeywords(runtime),
    ...(options.folder === undefined ? [] : fileTools(options.folder)),
  ];
  if (names === undefined) return all;
  return names.map((name) => {
    const tool = all.find((one) => one.name === name);
    if (tool !== undefined) return tool;
    if (/^(list_files|read_file|write_file)$/.test(name)) {
      throw new RangeError(`${name} needs options.folder: the folder that it stays in`);
    }
    throw wrongValue("names", `names of ${all.map((one) => one.name).join(", ")}`, name);
  });
}
