/**
 * Tools as a run sees them: checked once, with the shape that the model is told and the judge of its input.
 *
 * @module
 */

import { wrongType, wrongValue } from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ToolDefinition } from "../../llm/types.ts";
import { judgeOf, type SchemaJudge, shapeOf } from "./schema.ts";
import type { Tool } from "./types.ts";

/** A tool with what was found out about it. */
export interface ReadyTool {
  readonly tool: Tool;
  readonly definition: ToolDefinition;
  readonly judge: SchemaJudge;
}

const FIELDS: readonly (keyof Tool)[] = [
  ...["name", "description", "input", "approval", "retry", "permissions", "run"] as const,
  ...["output", "effects"] as const,
];
/** The names that all protocols take. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const ready = new WeakMap<Tool, ReadyTool>();

/**
 * Checks tools.
 *
 * @throws {TypeError | RangeError} If one is none, or two have one name.
 */
export function readyTools(tools: readonly Tool[]): ReadonlyMap<string, ReadyTool> {
  if (!Array.isArray(tools)) throw wrongType("tools", "a list of tools", tools);
  const named = new Map<string, ReadyTool>();
  for (const [at, tool] of tools.entries()) {
    const one = readyTool(tool, `tools[${at}]`);
    if (named.has(tool.name)) throw wrongValue(`tools[${at}].name`, "a name of its own", tool.name);
    named.set(tool.name, one);
  }
  return named;
}

function readyTool(tool: Tool, at: string): ReadyTool {
  const known = tool !== null && typeof tool === "object" ? ready.get(tool) : undefined;
  if (known !== undefined) return known;
  const { name, description, input, approval, retry, permissions, run } = isPlain(tool)
    ? knownFields(tool, at, FIELDS) as unknown as Tool
    : tool;
  if (typeof name !== "string") throw wrongType(`${at}.name`, "a name", name);
  if (!NAME.test(name)) {
    throw wrongValue(`${at}.name`, "1 to 64 letters, digits, _ and -", name);
  }
  if (typeof description !== "string" || description === "") {
    throw wrongType(`${at}.description`, "words that tell the model what it does", description);
  }
  if (typeof run !== "function") throw wrongType(`${at}.run`, "a function", run);
  if (
    approval !== undefined && approval !== "never" && approval !== "always" &&
    typeof approval !== "function"
  ) throw wrongValue(`${at}.approval`, '"never", "always" or a function', approval);
  if (retry !== undefined && retry !== "safe" && retry !== "never") {
    throw wrongValue(`${at}.retry`, '"safe" or "never"', retry);
  }
  if (
    permissions !== undefined && typeof permissions !== "function" && !Array.isArray(permissions)
  ) throw wrongType(`${at}.permissions`, "permission descriptors, or what gives them", permissions);
  const definition = { name, description, parameters: shapeOf(input, `${at}.input`) };
  const one = { tool, definition, judge: judgeOf(input, definition.parameters) };
  ready.set(tool, one);
  return one;
}

/** Tools may be instances of classes, whose fields are theirs to have. */
function isPlain(tool: unknown): boolean {
  if (tool === null || typeof tool !== "object") throw wrongType("tools[]", "a tool", tool);
  return Object.getPrototypeOf(tool) === Object.prototype;
}

/** The permissions that a tool needs for an input and has not, as flags; undefined if it has all. */
export function missingPermissions({ permissions = [] }: Tool, input: unknown): string | undefined {
  const needed = typeof permissions === "function" ? permissions(input) : permissions;
  const missing = needed.filter((descriptor) =>
    Deno.permissions.querySync(descriptor).state !== "granted"
  );
  return missing.length === 0 ? undefined : missing.map(flagOf).join(" ");
}

function flagOf(descriptor: Deno.PermissionDescriptor): string {
  const of = { ...descriptor } as Record<string, unknown>;
  const scope = of["path"] ?? of["host"] ?? of["command"] ?? of["variable"] ?? of["kind"];
  return `--allow-${descriptor.name}${scope === undefined ? "" : `=${scope}`}`;
}
