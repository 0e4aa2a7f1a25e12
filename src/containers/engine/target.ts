/**
 * Targets of requests: version, path and query. What comes from outside is checked and encoded here, so that a name can
 * never lead to another endpoint.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { checkString, wrongValue } from "../../shared/arguments.ts";

/** Parameters; undefined ones are left out, objects go as JSON. */
export type Query = Readonly<Record<string, JsonValue | undefined>>;

/**
 * A value as a part of a path: a container's id or name, an image's reference (whose slashes stay), a network's name.
 *
 * @param value What the caller named.
 * @param name The argument's name, for the error.
 * @throws {TypeError | RangeError} If it is empty, no text, or leads to another path.
 */
export function segment(value: string, name: string): string {
  checkString(value, name);
  const parts = value.split("/");
  const isPlain = value.length <= 1_024 && value.isWellFormed() &&
    !/[\0-\x20\x7f]/.test(value) &&
    parts.every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain) throw wrongValue(name, "a name or an id", value);
  return parts.map((part) => encodeURIComponent(part).replaceAll("%3A", ":").replaceAll("%40", "@"))
    .join("/");
}

/** The target of a request. */
export function target(apiVersion: string, path: string, query: Query = {}): string {
  if (!/^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path)) {
    throw wrongValue("path", "a path of the engine's API", path);
  }
  let text = "";
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const written = typeof value === "object" ? JSON.stringify(value) : String(value);
    text += `${text === "" ? "?" : "&"}${encodeURIComponent(name)}=${encodeURIComponent(written)}`;
  }
  return `${apiVersion === "" ? "" : `/v${apiVersion}`}${path}${text}`;
}
