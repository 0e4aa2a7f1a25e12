/**
 * Reads the fields that a caller gives, and refuses what would break out of a field or belongs to the connection.
 *
 * @module
 */

import { shown, wrongType } from "../../shared/arguments.ts";
import type { Field } from "../fields.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Bytes but control characters; a tab is fine. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that say how a message is carried: those the client writes itself. */
const OWN: readonly string[] = [
  "host",
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Reads fields in any form that fetch takes.
 *
 * @param init What the caller gave.
 * @param name What it is called in errors.
 * @returns The lines with names in lower case; undefined gives none.
 * @throws {TypeError} If it has another form, a name is no token, a value has control characters or ones above 0xff, or
 * a field is the client's own.
 */
export function readFields(init: unknown, name: string): Field[] {
  if (init === undefined || init === null) return [];
  if (typeof init !== "object") {
    throw wrongType(name, "Headers, an object or a list of pairs", init);
  }
  const fields: Field[] = [];
  for (const pair of pairsOf(init)) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw wrongType(`An entry of ${name}`, "a pair of name and value", pair);
    }
    fields.push(checked(pair[0], pair[1], name));
  }
  return fields;
}

function pairsOf(init: object): Iterable<unknown> {
  return Symbol.iterator in init ? init as Iterable<unknown> : Object.entries(init);
}

function checked(field: unknown, value: unknown, name: string): Field {
  if (typeof field !== "string" || !TOKEN.test(field)) {
    throw wrongType(`A name in ${name}`, "a token of HTTP", field);
  }
  const lower = field.toLowerCase();
  if (OWN.includes(lower)) {
    throw new TypeError(`${name} must not have ${shown(lower)}, which the client sets itself`);
  }
  const text = typeof value === "string"
    ? trimmed(value)
    : typeof value === "number"
    ? String(value)
    : value;
  if (typeof text !== "string" || !VALUE.test(text)) {
    // Not the value itself: it may be a secret.
    throw new TypeError(
      `${name}[${shown(lower)}] must be a string without control characters and above U+00FF`,
    );
  }
  return [lower, text];
}

/** Without blanks and tabs at its ends. Line ends are not taken off: they are refused. */
function trimmed(value: string): string {
  return value.replace(/^[\t ]+|[\t ]+$/g, "");
}
