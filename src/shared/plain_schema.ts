/**
 * Judges values by JSON Schemas that say no more than types, fields, bounds and lists of words, which is what the schemas of
 * this program say. It needs no package; for a schema that says more there is no judge here.
 *
 * @module
 */

import type { JsonValue } from "./json.ts";

/** Says what is wrong with a value, each fault with its place; nothing if it fits. */
export type PlainJudge = (value: unknown) => string[];

type Schema = { readonly [key: string]: JsonValue };
type Check = (value: unknown, at: string, faults: string[]) => void;

/** So many faults are looked for. */
const MOST_FAULTS = 5;
const TOLD: readonly string[] = ["description", "title", "default", "examples", "$comment"];
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};
const BOUNDS: Readonly<
  Record<string, readonly [of: string, holds: (a: number, b: number) => boolean, said: string]>
> = {
  minimum: ["number", (a, b) => a >= b, "must be at least"],
  maximum: ["number", (a, b) => a <= b, "must be at most"],
  exclusiveMinimum: ["number", (a, b) => a > b, "must be more than"],
  exclusiveMaximum: ["number", (a, b) => a < b, "must be less than"],
  minLength: ["string", (a, b) => a >= b, "must have at least so many characters:"],
  maxLength: ["string", (a, b) => a <= b, "must have at most so many characters:"],
  minItems: ["array", (a, b) => a >= b, "must have at least so many items:"],
  maxItems: ["array", (a, b) => a <= b, "must have at most so many items:"],
};

/** The judge of a schema; undefined if it says something that is not known here. */
export function plainJudge(schema: Schema): PlainJudge | undefined {
  const check = checkOf(schema);
  if (check === undefined) return undefined;
  return (value) => {
    const faults: string[] = [];
    check(value, "", faults);
    return faults.slice(0, MOST_FAULTS);
  };
}

function checkOf(schema: JsonValue): Check | undefined {
  if (schema === true) return () => {};
  if (!isSchema(schema)) return undefined;
  const checks: Check[] = [];
  for (const [word, said] of Object.entries(schema)) {
    if (TOLD.includes(word)) continue;
    const check = wordOf(word, said, schema);
    if (check === undefined) return undefined;
    checks.push(check);
  }
  return (value, at, faults) => {
    for (const check of checks) if (faults.length < MOST_FAULTS) check(value, at, faults);
  };
}

function wordOf(word: string, said: JsonValue, schema: Schema): Check | undefined {
  switch (word) {
    case "type":
      return typeOf(said);
    case "enum":
      return Array.isArray(said) && said.every((one) => one === null || typeof one !== "object")
        ? (value, at, faults) => {
          if (said.includes(value as JsonValue)) return;
          faults.push(
            fault(at, `must be one of ${said.map((one) => JSON.stringify(one)).join(", ")}`),
          );
        }
        : undefined;
    case "required":
      return Array.isArray(said) ? requiredOf(said.map(String)) : undefined;
    case "properties":
      return fieldsOf(said);
    case "additionalProperties":
      return othersOf(said, isSchema(schema["properties"]) ? schema["properties"] : {});
    case "items":
      return itemsOf(said);
    default:
      return boundOf(word, said);
  }
}

function typeOf(said: JsonValue): Check | undefined {
  const types = [said].flat() as readonly JsonValue[];
  if (!types.every((type) => typeof type === "string" && Object.hasOwn(TYPES, type))) {
    return undefined;
  }
  const words = types.join(" or ");
  return (value, at, faults) => {
    if (types.some((type) => TYPES[type as string]!(value))) return;
    faults.push(fault(at, `must be of type ${words}`));
  };
}

function requiredOf(names: readonly string[]): Check {
  return (value, at, faults) => {
    if (!TYPES["object"]!(value)) return;
    for (const name of names) {
      if (!Object.hasOwn(value as object, name)) faults.push(fault(inner(at, name), "is missing"));
    }
  };
}

function fieldsOf(said: JsonValue): Check | undefined {
  if (!isSchema(said)) return undefined;
  const checks = Object.entries(said).map(([name, schema]) => [name, checkOf(schema)] as const);
  if (checks.some(([, check]) => check === undefined)) return undefined;
  return (value, at, faults) => {
    if (!TYPES["object"]!(value)) return;
    for (const [name, check] of checks) {
      if (!Object.hasOwn(value as object, name)) continue;
      check!((value as Record<string, unknown>)[name], inner(at, name), faults);
    }
  };
}

function othersOf(said: JsonValue, known: Schema): Check | undefined {
  const check = said === false ? undefined : checkOf(said);
  if (said !== false && check === undefined) return undefined;
  return (value, at, faults) => {
    if (!TYPES["object"]!(value)) return;
    for (const [name, one] of Object.entries(value as object)) {
      if (Object.hasOwn(known, name)) continue;
      if (check !== undefined) check(one, inner(at, name), faults);
      else faults.push(fault(inner(at, name.slice(0, 100)), "is not known"));
    }
  };
}

function itemsOf(said: JsonValue): Check | undefined {
  const check = checkOf(said);
  if (check === undefined) return undefined;
  return (value, at, faults) => {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) {
      if (faults.length >= MOST_FAULTS) return;
      check(item, inner(at, `${index}`), faults);
    }
  };
}

function boundOf(word: string, said: JsonValue): Check | undefined {
  const bound = Object.hasOwn(BOUNDS, word) ? BOUNDS[word] : undefined;
  if (bound === undefined || typeof said !== "number") return undefined;
  const [of, holds, words] = bound;
  return (value, at, faults) => {
    if (!TYPES[of]!(value) || holds(sizeOf(value), said)) return;
    faults.push(fault(at, `${words} ${said}`));
  };
}

/** Of a text the characters, not the units that they are stored in. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return Array.from(value).length;
  return Array.isArray(value) ? value.length : value as number;
}

function inner(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

function fault(at: string, words: string): string {
  return `${at === "" ? "it" : at} ${words}`;
}

function isSchema(value: JsonValue | undefined): value is Schema {
  return value !== undefined && TYPES["object"]!(value);
}
