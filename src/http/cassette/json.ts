/**
 * JSON without its secrets, with all its numbers as they are written: what has more digits than a number of JavaScript
 * stays text, so that no body has to be taken for a text because of it.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import {
  isAccessCode,
  isLabel,
  isPlainName,
  isSecretName,
  isValueField,
  namesSecrets,
} from "./names.ts";
import { HIDDEN, redacted } from "./rules.ts";
import { isSecretOption } from "./text/commands.ts";

/** JSON is gone into so deep; what is deeper is not kept. */
const DEEPEST = 100;

/** A number as text; the standard's, which its types do not know yet. */
interface RawJson {
  readonly rawJSON: string;
}

const raw = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

/** A number that is kept as it was written; undefined for every other value. */
export function writtenNumber(value: unknown): string | undefined {
  return raw.isRawJSON(value) ? value.rawJSON : undefined;
}

/** Reads JSON; undefined if it is none. */
export function parseJson(text: string): { json: JsonValue } | undefined {
  try {
    const json = JSON.parse(text, (_name, value, context?: { source?: string }) => {
      if (typeof value !== "number" || context?.source === undefined) return value;
      return isExact(value, context.source) ? value : raw.rawJSON(context.source);
    });
    return { json };
  } catch {
    return undefined;
  }
}

/** Whether a number would be the same when written again. */
function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  const digits = source.replace(/[eE].*$/, "").replace(/[-.]/g, "").replace(/^0+/, "");
  return digits.length <= 15 || String(value) === source;
}

/** How a string is freed from secrets. */
export type ScrubText = (text: string, depth: number) => string;

/** JSON without its secrets. */
export function scrubJson(value: JsonValue, text: ScrubText, depth = 0): JsonValue {
  if (typeof value === "string") return text(value, depth);
  const written = typeof value === "number" ? String(value) : writtenNumber(value);
  if (written !== undefined) {
    // The number of a card.
    const scrubbed = redacted(written);
    return scrubbed === written ? value : scrubbed;
  }
  if (value === null || typeof value === "boolean") return value;
  if (depth >= DEEPEST) return HIDDEN;
  if (isList(value)) return scrubList(value, text, depth);
  return scrubObject(value as JsonObject, text, depth);
}

interface JsonObject {
  readonly [name: string]: JsonValue;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    writtenNumber(value) === undefined;
}

/** An object without its secrets; `isSecret` says that its values are, whatever they are called. */
function scrubObject(
  value: JsonObject,
  text: ScrubText,
  depth: number,
  isSecret = false,
): JsonObject {
  const names = Object.keys(value);
  const isNamed = isSecret ||
    names.some((name) => isLabel(name) && saysSecret(name, value[name]!)) ||
    typeof value["type"] === "string" && /^(?:password|passphrase|secret)$/i.test(value["type"]);
  const columns = columnsOf(value);
  const program = programOf(value);
  // By fromEntries, so that a field of the name __proto__ is a field.
  return Object.fromEntries(names.map((name, at) => {
    const item = value[name]!;
    const shown = text(name, depth);
    if (isHidden(name, item, names)) return [shown, HIDDEN];
    if (isNamed && isValueField(name)) return [shown, hiddenLeaves(item)];
    if (namesSecrets(name)) return [shown, scrubSecrets(item, text, depth + 1)];
    if (columns !== undefined && isList(item)) {
      return [shown, scrubRows(item, columns, text, depth + 1)];
    }
    if (at > 0 && namesNext(value[names[at - 1]!]!, item)) {
      return [shown, scrubObject(item as JsonObject, text, depth + 1, true)];
    }
    if (program !== undefined && isList(item) && ARGUMENTS.test(name)) {
      return [shown, scrubList([program, ...item], text, depth + 1).slice(1)];
    }
    if (isList(item)) return [shown, scrubList(item, text, depth + 1, NAMES_ALONE.test(name))];
    return [shown, scrubJson(item, text, depth + 1)];
  }));
}

/** Fields that list names, and not names with their values. */
const NAMES_ALONE =
  /^(?:required|enum|fields|columns|headers?|names|keys|scopes?|properties|order|tags|types|labels|include|exclude|select)$/i;

/** Fields that name a program, and those with its arguments. */
const PROGRAMS = ["command", "cmd", "program", "executable", "entrypoint", "file"];
const ARGUMENTS = /^(?:(?:cmd|command)?_?arg(?:s|v|uments)|parameters)$/i;

function programOf(value: JsonObject): string | undefined {
  for (const name of PROGRAMS) {
    const found = Object.hasOwn(value, name) ? value[name] : undefined;
    if (typeof found === "string") return found;
  }
  return undefined;
}

/** Whether something names a secret and does not hold its value, which the one behind it does. */
export function namesNext(value: JsonValue, next: JsonValue): boolean {
  if (!isObject(value) || !isObject(next)) return false;
  const [names, others] = [Object.keys(value), Object.keys(next)];
  return !names.some(isValueField) && others.some(isValueField) && !others.some(isLabel) &&
    names.some((name) => isLabel(name) && saysSecret(name, value[name]!));
}

/** The same as {@linkcode scrubJson} for an object whose values are secret, whatever they are called. */
export function scrubNamed(value: JsonValue, text: ScrubText, depth = 0): JsonValue {
  return isObject(value) ? scrubObject(value, text, depth, true) : scrubJson(value, text, depth);
}

function saysSecret(label: string, value: JsonValue): boolean {
  return typeof value === "string" && value !== label && isSecretName(value);
}

/** All that an object or a list holds is secret, one by one. */
function scrubSecrets(value: JsonValue, text: ScrubText, depth: number): JsonValue {
  if (depth >= DEEPEST) return HIDDEN;
  if (isList(value)) {
    return value.map((item) =>
      isObject(item) ? scrubObject(item, text, depth + 1, true) : hiddenLeaves(item)
    );
  }
  if (!isObject(value)) return hiddenLeaves(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      text(name, depth),
      isObject(item) ? scrubObject(item, text, depth + 1, true) : hiddenLeaves(item),
    ]),
  );
}

function hiddenLeaves(value: JsonValue): JsonValue {
  return value === null || typeof value === "boolean" || value === "" ? value : HIDDEN;
}

/** A list without its secrets: arguments of a command, a name and its value. */
function scrubList(
  value: readonly JsonValue[],
  text: ScrubText,
  depth: number,
  areNames = false,
): readonly JsonValue[] {
  if (depth >= DEEPEST) return [];
  const [first, second] = value;
  const isPair = value.length === 2 && !areNames && typeof first === "string" &&
    isSecretName(first) && second !== undefined;
  const table = isPair ? undefined : headOf(value);
  if (table !== undefined) return [value[0]!, ...scrubRows(value.slice(1), table, text, depth)];
  let command = false;
  return value.map((item, at) => {
    const before = value[at - 1];
    if (isPair && at === 1) return hiddenLeaves(item);
    if (before !== undefined && namesNext(before, item)) return scrubNamed(item, text, depth + 1);
    if (typeof item === "string" && typeof before === "string" && !areNames) {
      command ||= before.startsWith("-");
      if (follows(before, item)) return HIDDEN;
      if (command && /^(?:-u|-U|--?user|--proxy-user|--?auth|-a)$/.test(before)) {
        return item.replace(/^([^:]{1,256}:)(?!\/\/).+$/s, `$1${HIDDEN}`);
      }
      const short = shortSecretOf(value, item, before);
      if (short !== undefined) return `${short}${HIDDEN}`;
    }
    return scrubJson(item, text, depth + 1);
  });
}

/** What stands before the secret in an argument that a program takes as one; undefined if it is none. */
function shortSecretOf(
  list: readonly JsonValue[],
  item: string,
  before: string,
): string | undefined {
  const program = list[0];
  if (typeof program !== "string" || item === "") return undefined;
  const takes = (option: string): boolean =>
    /^-[A-Za-z]$/.test(option) && isSecretOption(program, option[1]!);
  if (takes(before) && !item.startsWith("-")) return "";
  return item.length > 2 && takes(item.slice(0, 2)) ? item.slice(0, 2) : undefined;
}

/** Whether a string is the value of the one before it: of an option, or of a name where it looks like no name itself. */
function follows(before: string, item: string): boolean {
  if (item === "" || before.length > 256) return false;
  if (/^--?[A-Za-z]/.test(before)) {
    return !before.includes("=") && isSecretName(before.replace(/^-+/, "")) &&
      !/^--?[A-Za-z]/.test(item);
  }
  return isSecretName(before) && !isPlainName(item) && !/^[A-Za-z][A-Za-z_]*$/.test(item);
}

/** The secret columns of a table that stands in several fields. */
function columnsOf(value: JsonObject): readonly number[] | undefined {
  for (const name of ["columns", "fields", "headers", "header"]) {
    const found = Object.hasOwn(value, name) ? secretColumns(value[name]!) : [];
    if (found.length > 0) return found;
  }
  return undefined;
}

function secretColumns(list: JsonValue): number[] {
  if (!isList(list)) return [];
  return list.flatMap((item, at) => {
    const name = isObject(item) ? item["name"] ?? item["field"] ?? item["label"] : item;
    return typeof name === "string" && isSecretName(name) ? [at] : [];
  });
}

/** The secret columns of a list of rows, the first of which names them. */
function headOf(value: readonly JsonValue[]): readonly number[] | undefined {
  const [first] = value;
  if (value.length < 2 || first === undefined || !isList(first) || first.length < 2) {
    return undefined;
  }
  if (!value.every((row) => isList(row) && row.length === first.length)) return undefined;
  if (!first.every((name) => typeof name === "string" && /^[\w .-]{1,64}$/.test(name))) {
    return undefined;
  }
  const columns = secretColumns(first);
  // Two in each, of which the first is a name, are pairs.
  return columns.length === 0 || first.length === 2 && columns[0] === 0 ? undefined : columns;
}

function scrubRows(
  rows: readonly JsonValue[],
  columns: readonly number[],
  text: ScrubText,
  depth: number,
): readonly JsonValue[] {
  return rows.map((row) => {
    if (!isList(row)) return scrubJson(row, text, depth + 1);
    return row.map((item, at) =>
      columns.includes(at) ? hiddenLeaves(item) : scrubJson(item, text, depth + 2)
    );
  });
}

function isHidden(name: string, value: JsonValue, names: readonly string[]): boolean {
  if (value === null || typeof value === "boolean" || value === "") return false;
  if (name.toLowerCase() === "code") return typeof value === "string" && isAccessCode(value, names);
  // What a session is made of may be anything; its name is the secret.
  if (name.toLowerCase() === "session" && typeof value === "object") {
    return writtenNumber(value) !== undefined;
  }
  // A token of a model's output, beside its probability.
  if (name === "token" && names.includes("logprob")) return false;
  // Too short to mean it in a text.
  return isSecretName(name) || name.toLowerCase() === "pw";
}

/** A piece of JSON within a text. */
export interface Embedded {
  readonly start: number;
  readonly end: number;
  readonly json: JsonValue;
}

/** The objects and lists of JSON in a text, the outermost of each place. */
export function* embeddedJson(text: string): Generator<Embedded> {
  // Each place is looked at once, but for pieces that turn out to be none; these together are bounded.
  let budget = text.length * 4 + 65_536;
  const begin = /\{(?=\s*")|\[(?=\s*["[{\d-])/g;
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const start = found.index;
    const end = bracketEnd(text, start, start + budget);
    budget -= Math.abs(end) - start;
    if (budget <= 0) return;
    if (end < 0) continue;
    const read = parseJson(text.slice(start, end));
    if (read === undefined || !isWorth(read.json)) continue;
    yield { start, end, json: read.json };
    begin.lastIndex = end;
  }
}

/** An index into something is no list of its own. */
function isWorth(value: JsonValue): boolean {
  if (!isList(value)) return true;
  return value.length >= 2 || typeof value[0] === "object" && value[0] !== null;
}

/** Behind the bracket that ends what one begins; how far was looked, negative, if there is none. */
function bracketEnd(text: string, start: number, most: number): number {
  let depth = 0;
  for (let at = start; at < text.length && at < most; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 34 /* " */) {
      for (at++; at < text.length && text.charCodeAt(at) !== 34; at++) {
        const inner = text.charCodeAt(at);
        if (inner === 92 /* \ */) at++;
        else if (inner < 32) return -at;
      }
    } else if (unit === 123 || unit === 91) depth++;
    else if (unit === 125 || unit === 93) {
      if (--depth === 0) return at + 1;
    }
  }
  return -Math.min(text.length, most);
}
