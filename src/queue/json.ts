/**
 * What a caller gives, as JSON text: checked first, so that what JSON would drop or change is an error that names the
 * place. Nothing of the caller's is kept.
 *
 * @module
 */

import { shown } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";

/** Deeper values are refused; what refers to itself is found by this too. */
const MOST_DEPTH = 500;
/** The longest JSON, in UTF-16 units: twice as much is more than V8 can make, or ends the process in the middle. */
const MOST_UNITS = 2 ** 28;

/**
 * Makes JSON of a value.
 *
 * @param value Anything.
 * @param name What it is called in errors, such as `data`.
 * @returns Its JSON text.
 * @throws {TypeError} If it holds what JSON cannot. Properties that are undefined are left out, as JSON does.
 * @throws {AgentError} `TOO_LARGE` if the text has more than 268,435,456 UTF-16 units.
 */
export function toJson(value: unknown, name: string): string {
  switch (typeof value) {
    case "string":
      return textOf(value, name);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (Number.isFinite(value)) return Object.is(value, -0) ? "0" : String(value);
      throw notJson(name, value);
    case "object":
      if (value === null) return "null";
      checkNested(value, name, 0);
      return textOf(value, name);
    default:
      throw notJson(name, value);
  }
}

function textOf(value: string | object, name: string): string {
  if (typeof value === "string" && value.length > MOST_UNITS) throw tooLarge(name, value.length);
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    // A string of this length cannot be made.
    if (error instanceof RangeError) throw tooLarge(name, Infinity);
    throw error;
  }
  if (text.length > MOST_UNITS) throw tooLarge(name, text.length);
  return text;
}

function tooLarge(name: string, size: number): AgentError<"TOO_LARGE"> {
  const most = MOST_UNITS.toLocaleString("en-US");
  return new AgentError(
    "TOO_LARGE",
    `${name} is too large for a job: its JSON may have ${most} characters; keep it in a file and give its path`,
    { what: name, size, limit: MOST_UNITS },
  );
}

function checkNested(value: object, path: string, depth: number): void {
  if (depth > MOST_DEPTH) {
    throw new TypeError(
      `${path.slice(0, 100)}... is nested deeper than ${MOST_DEPTH} levels, or holds itself`,
    );
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (!isPlain(item)) checkNested(nested(item, `${path}[${i}]`), `${path}[${i}]`, depth + 1);
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const isForeign = prototype !== Object.prototype && prototype !== null;
  if ((isForeign && isClass(prototype)) || "toJSON" in value) throw notJson(path, value);
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined || isPlain(item)) continue;
    const place = pathOf(path, key);
    checkNested(nested(item, place), place, depth + 1);
  }
}

/** Plain objects of another realm have a prototype that has none itself. */
function isClass(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) !== null;
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    default:
      return value === null;
  }
}

function nested(value: unknown, path: string): object {
  if (typeof value === "object" && value !== null) return value;
  throw notJson(path, value);
}

function pathOf(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function notJson(path: string, value: unknown): TypeError {
  const kind = typeof value === "object" && value !== null && !Array.isArray(value)
    ? `an object of class ${value.constructor?.name || "unknown"}`
    : shown(value);
  return new TypeError(`${path} must be what JSON can hold, got ${kind}`);
}
