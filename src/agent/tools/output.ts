/**
 * What tools say of their results and of what they do to the world.
 *
 * @module
 */

import type { JsonSchema } from "../../llm/types.ts";
import type { ToolEffects } from "../loop/types.ts";
import { inputOf } from "./input.ts";

/** Nothing is changed, and nothing outside of this machine is reached. */
export const READS: ToolEffects = { readOnly: true, openWorld: false };

/** A text. */
export const TEXT: JsonSchema = { type: "string" };
/** A number. */
export const NUMBER: JsonSchema = { type: "number" };
/** A whole number. */
export const COUNT: JsonSchema = { type: "integer" };
/** Yes or no. */
export const FLAG: JsonSchema = { type: "boolean" };
/** An object whose fields are told nowhere. */
export const OBJECT: JsonSchema = { type: "object" };

/** An object with these fields, and perhaps others; names that end with "?" may be missing. */
export function resultOf(fields: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { additionalProperties: _, ...schema } = inputOf(fields);
  return schema;
}

/** A list. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

/** The same, or null where it could not be read or there is none. */
export function orNull({ type, ...rest }: JsonSchema): JsonSchema {
  return { type: [type as string, "null"], ...rest };
}
