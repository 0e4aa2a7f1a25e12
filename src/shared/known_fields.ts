/**
 * Fields that nobody knows are errors: a misspelt limit that is passed over would be no limit, and a default in silence.
 * The message names the nearest that there is, or says why what was asked is never given.
 *
 * @module
 */

import { shown, wrongType } from "./arguments.ts";

/** So many letters of a name may be wrong for another to be meant. */
const MOST_WRONG = 3;
/** Longer words are none of ours. */
const MOST_LETTERS = 100;

/**
 * The fields of an object, none of them unknown, as a copy: each is read once, so that what is judged is what is used,
 * and none comes from a prototype, where nobody looks for unknown ones.
 *
 * @param value What was given.
 * @param name What it is called in messages, such as `options`.
 * @param known The fields that there are.
 * @param refused Fields that are known and never given, and why.
 * @throws {TypeError} If it is no plain object, or has another field.
 */
export function knownFields(
  value: unknown,
  name: string,
  known: readonly string[],
  refused: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw wrongType(name, "an object", value);
  }
  const prototype = Object.getPrototypeOf(value);
  // The root of all prototypes, of whatever realm, has none itself.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw wrongType(name, "a plain object, as fields of a class are not looked through", value);
  }
  const fields: Record<string, unknown> = Object.assign(Object.create(null), value);
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) throw unknownField(name, field, known, refused);
  }
  return fields;
}

/**
 * The same for an object that need not be there; fields that are undefined are passed over.
 *
 * @param value The object.
 * @param name What it is called in messages, such as `options`.
 * @param known The names of its fields.
 * @throws {TypeError} If it has another field.
 */
export function checkFields(
  value: object | undefined,
  name: string,
  known: readonly string[],
): void {
  for (const field in value) {
    if (known.includes(field) || value[field as keyof typeof value] === undefined) continue;
    throw unknownField(name, field, known);
  }
}

/** `; did you mean X?`, or which words there are. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearestWord(word, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length === 0 ? "; there is none" : `; there are ${[...new Set(known)].join(", ")}`;
}

function unknownField(
  name: string,
  field: string,
  known: readonly string[],
  refused: Readonly<Record<string, string>> = {},
): TypeError {
  const reason = Object.hasOwn(refused, field) ? refused[field] : undefined;
  if (reason !== undefined) return new TypeError(`${name}.${field} is refused: ${reason}`);
  return new TypeError(`${name} has no field ${shown(field)}${suggestion(field, known)}`);
}

/** The known word that is meant, most likely; undefined if none is near. */
function nearestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > MOST_LETTERS) return undefined;
  let nearest: string | undefined;
  let least = Math.min(MOST_WRONG, Math.ceil(word.length / 2)) + 1;
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  // "delay" for "delayMs".
  return nearest ?? known.find((candidate) => word.length > 2 && candidate.startsWith(word));
}

/** How many letters must be put in, taken out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
