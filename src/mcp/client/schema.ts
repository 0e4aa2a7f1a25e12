/**
 * Schemas of foreign tools, before inputs are judged by them. Patterns are taken out: an expression that takes for ever would
 * stop the whole program, and the server judges its inputs itself.
 *
 * @module
 */

import type { JsonSchema } from "../../llm/types.ts";
import type { JsonValue } from "../../shared/json.ts";

/** Of one schema as JSON. */
const MOST_LENGTH = 65_536;
const MOST_DEPTH = 32;
const PATTERNS = new Set(["pattern", "patternProperties"]);

/** The schema as it is used; undefined if it is too large, too deep, or of no object. */
export function usableSchema(schema: unknown): JsonSchema | undefined {
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) return undefined;
  let length: number;
  try {
    length = JSON.stringify(schema).length;
  } catch {
    return undefined;
  }
  if (length > MOST_LENGTH) return undefined;
  const plain = withoutPatterns(schema as JsonValue, 0, false);
  if (plain === undefined || (plain as JsonSchema)["type"] !== "object") return undefined;
  return plain as JsonSchema;
}

/** `named`: the names of this object are a server's own, such as those of properties. */
function withoutPatterns(value: JsonValue, depth: number, named: boolean): JsonValue | undefined {
  if (value === null || typeof value !== "object") return value;
  if (depth > MOST_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const parts = value.map((part) => withoutPatterns(part as JsonValue, depth + 1, false));
    return parts.includes(undefined) ? undefined : parts as JsonValue[];
  }
  const result: Record<string, JsonValue> = {};
  for (const [name, part] of Object.entries(value)) {
    if (!named && PATTERNS.has(name)) continue;
    const isNames = !named && /^(properties|\$defs|definitions|dependentSchemas)$/.test(name);
    const plain = withoutPatterns(part as JsonValue, depth + 1, isNames);
    if (plain === undefined) return undefined;
    Object.defineProperty(result, name, { value: plain, enumerable: true });
  }
  return result;
}
