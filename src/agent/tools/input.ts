/**
 * Fields of inputs that were checked against their schema.
 *
 * @module
 */

import type { JsonSchema } from "../../llm/types.ts";
import type { JsonValue } from "../../shared/json.ts";

/** A schema of an object with these fields and no others; names that end with "?" may be left out. */
export function inputOf(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const properties: Record<string, JsonValue> = {};
  const required: string[] = [];
  for (const [name, schema] of Object.entries(fields)) {
    const bare = name.replace(/\?$/, "");
    properties[bare] = schema;
    if (bare === name) required.push(bare);
  }
  return { type: "object", properties, required, additionalProperties: false };
}

/** A text with what it is. */
export function words(description: string, more: JsonSchema = {}): JsonSchema {
  return { type: "string", description, ...more };
}

/** A whole number with what it is. */
export function whole(description: string, least: number, most: number): JsonSchema {
  return { type: "integer", description, minimum: least, maximum: most };
}
