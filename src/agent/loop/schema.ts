/**
 * The shape of a tool's input: what the model is told of it, and whether what it gave is of it.
 *
 * @module
 */

import { wrongType } from "../../shared/arguments.ts";
import { loadPackage } from "../../shared/packages.ts";
import { plainJudge } from "../../shared/plain_schema.ts";
import type { JsonSchema } from "../../llm/types.ts";
import type { StandardSchema } from "./types.ts";

/** What a judge says: the value as it is used, or what is wrong with it. */
export type Judged = { readonly value: unknown } | { readonly problem: string };

/** Judges an input. */
export type SchemaJudge = (input: unknown) => Judged | Promise<Judged>;

/** So many faults are told. */
const MOST_FAULTS = 5;
const TARGET = "draft-2020-12";

/**
 * The shape as JSON Schema.
 *
 * @throws {TypeError} If it is neither that nor a Standard Schema that can say it.
 */
export function shapeOf(schema: JsonSchema | StandardSchema, name: string): JsonSchema {
  if (schema === null || (typeof schema !== "object" && typeof schema !== "function")) {
    throw wrongType(name, "a JSON Schema or a Standard Schema", schema);
  }
  if (!isStandard(schema)) {
    const { type } = schema;
    if (type !== undefined && type !== "object") {
      throw wrongType(name, 'a schema of type "object", which is what models give', type);
    }
    return type === undefined ? { type: "object", ...schema } : schema;
  }
  const { jsonSchema, vendor } = schema["~standard"];
  if (jsonSchema === undefined) {
    throw new TypeError(
      `${name}: schemas of ${vendor} do not say themselves as JSON Schema here; give the JSON Schema itself`,
    );
  }
  const { $schema: _, ...shape } = jsonSchema.input({ target: TARGET });
  return shape as JsonSchema;
}

/** Who judges inputs of a shape. */
export function judgeOf(schema: JsonSchema | StandardSchema, shape: JsonSchema): SchemaJudge {
  if (isStandard(schema)) {
    const { validate } = schema["~standard"];
    return async (input) => {
      const result = await validate(input);
      if (result.issues === undefined) {
        return { value: (result as { value: unknown }).value };
      }
      return {
        problem: result.issues.slice(0, MOST_FAULTS).map(({ message, path = [] }) => {
          const at = path.map((part) => String(typeof part === "object" ? part.key : part));
          return at.length === 0 ? message : `${at.join(".")}: ${message}`;
        }).join("; "),
      };
    };
  }
  const plain = plainJudge(shape);
  if (plain !== undefined) {
    return (input) => {
      const faults = plain(input);
      return faults.length === 0 ? { value: input } : { problem: faults.join("; ") };
    };
  }
  let validator: Promise<Validator> | undefined;
  return async (input) => {
    const { valid, errors } = (await (validator ??= validatorOf(shape))).validate(input);
    if (valid) return { value: input };
    const said = errors.slice(-MOST_FAULTS).map(({ instanceLocation, error }) =>
      `${instanceLocation.replace(/^#\/?/, "").replaceAll("/", ".") || "it"}: ${error}`
    );
    return { problem: said.join("; ") };
  };
}

interface Validator {
  validate(
    instance: unknown,
  ): { valid: boolean; errors: { instanceLocation: string; error: string }[] };
}

async function validatorOf(shape: JsonSchema): Promise<Validator> {
  const { Validator } = await loadPackage<{
    Validator: new (schema: object, draft: string, short: boolean) => Validator;
  }>("@cfworker/json-schema", "Checking the input of tools");
  return new Validator(shape, "2020-12", false);
}

function isStandard(schema: JsonSchema | StandardSchema): schema is StandardSchema {
  const standard = (schema as Partial<StandardSchema>)["~standard"];
  return typeof standard === "object" && standard !== null &&
    typeof standard.validate === "function";
}
