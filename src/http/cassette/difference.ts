/**
 * What is different between a request that has no recording and the one that comes nearest. Both are without secrets, so
 * the answer is too.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { writtenNumber } from "./json.ts";
import type { Content } from "./content.ts";
import type { RecordedRequest } from "./recording.ts";

/** So much of a value is shown. */
const SHOWN = 60;

/** The first part in which two requests differ, and how far they are the same before it: the more, the nearer. */
export interface Difference {
  readonly nearness: number;
  readonly text: string;
}

/** How an asked request differs from a recorded one. */
export function differenceOf(recorded: RecordedRequest, asked: RecordedRequest): Difference {
  const [a, b] = [partsOf(recorded.url), partsOf(asked.url)];
  const parts: [what: string, recorded: string | undefined, asked: string | undefined][] = [
    ["the host", a.host, b.host],
    ["the path", a.path, b.path],
    ["the method", recorded.method, asked.method],
    ...pairs(a.query, b.query),
    ...named("the header", recorded.headers, asked.headers),
  ];
  let nearness = 0;
  let first: string | undefined;
  for (const [what, x, y] of parts) {
    if (x === y) nearness += what === "the host" || what === "the path" ? 100 : 10;
    else first ??= says(what, x, y);
  }
  const body = bodyDifference(recorded.body, asked.body);
  nearness += body === undefined ? 50 : 49 * body.share;
  return { nearness, text: first ?? body?.text ?? "nothing that is kept" };
}

/** The recording that comes nearest; undefined if there is none. */
export function nearest<T extends { readonly request: RecordedRequest }>(
  recordings: Iterable<T>,
  asked: RecordedRequest,
): { recording: T; difference: Difference } | undefined {
  let best: { recording: T; difference: Difference } | undefined;
  for (const recording of recordings) {
    const difference = differenceOf(recording.request, asked);
    if (best === undefined || difference.nearness > best.difference.nearness) {
      best = { recording, difference };
    }
  }
  return best;
}

function partsOf(url: string): { host: string; path: string; query: [string, string][] } {
  const [, host = "", path = "", query = ""] = /^([a-z]+:\/\/[^/?]*)([^?]*)\??(.*)$/s.exec(url) ??
    [];
  const pairs = query === "" ? [] : query.split("&").map((pair): [string, string] => {
    const equals = pair.indexOf("=");
    return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return { host, path, query: pairs };
}

type Part = [what: string, recorded: string | undefined, asked: string | undefined];

function pairs(a: readonly [string, string][], b: readonly [string, string][]): Part[] {
  const names = new Set([...a, ...b].map(([name]) => name));
  const values = (list: readonly [string, string][], name: string): string | undefined => {
    const found = list.filter(([each]) => each === name).map(([, value]) => value);
    return found.length === 0 ? undefined : found.join("&");
  };
  const parts = Array.from(names, (name): Part => [
    ...[`the query's ${JSON.stringify(name)}`, values(a, name), values(b, name)] as const,
  ]);
  const order = (list: readonly [string, string][]): string => list.map(([name]) => name).join("&");
  return [...parts, ["the order of the query", order(a), order(b)]];
}

function named(
  what: string,
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): Part[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.map((name) => [`${what} ${name}`, a[name], b[name]]);
}

/** Where bodies differ, and which share of them is the same before. */
function bodyDifference(a: Content, b: Content): { text: string; share: number } | undefined {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  if (x === y) return undefined;
  const share = sameLength(x, y) / Math.max(x.length, y.length);
  if (a !== null && b !== null && "json" in a && "json" in b) {
    return { text: jsonDifference(a.json, b.json, "$"), share };
  }
  if (a !== null && b !== null && "form" in a && "form" in b) {
    const first = pairs(a.form.map(([...p]) => p), b.form.map(([...p]) => p))
      .find(([, recorded, asked]) => recorded !== asked)!;
    return { text: says(first[0].replace("query", "form"), first[1], first[2]), share };
  }
  if (a !== null && b !== null && "text" in a && "text" in b) {
    const at = sameLength(a.text, b.text);
    const [p, q] = [a.text.slice(at), b.text.slice(at)];
    return { text: says(`the body at character ${at + 1}`, p, q), share };
  }
  return { text: says("the body", kindOf(a), kindOf(b), true), share };
}

function kindOf(content: Content): string {
  if (content === null) return "nothing";
  const [kind] = Object.keys(content);
  return kind === "base64" ? `bytes ${shown((content as { base64: string }).base64)}` : kind!;
}

function sameLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

/** The first path at which values differ. */
function jsonDifference(a: JsonValue, b: JsonValue, path: string): string {
  let [x, y, at]: Child = [a, b, path];
  for (;;) {
    const next: Child | undefined = x === undefined || y === undefined
      ? undefined
      : firstChild(x, y, at);
    // JSON.stringify(undefined) is undefined: there is nothing at that place.
    if (next === undefined) {
      return says(`the body at ${at}`, JSON.stringify(x), JSON.stringify(y), true);
    }
    [x, y, at] = next;
  }
}

/** What stands at a path in both. */
type Child = [recorded: JsonValue | undefined, asked: JsonValue | undefined, path: string];

/** The first child in which two values differ; undefined if they are not both objects or both lists. */
function firstChild(
  a: JsonValue,
  b: JsonValue,
  path: string,
): Child | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return undefined;
  if (writtenNumber(a) !== undefined || writtenNumber(b) !== undefined) return undefined;
  if (Array.isArray(a) !== Array.isArray(b)) return undefined;
  const [x, y] = [a, b] as Record<string, JsonValue>[] as [
    Record<string, JsonValue>,
    Record<string, JsonValue>,
  ];
  for (const name of [...new Set([...Object.keys(x), ...Object.keys(y)])]) {
    const [p, q] = [own(x, name), own(y, name)];
    if (JSON.stringify(p) === JSON.stringify(q)) continue;
    const step = Array.isArray(a)
      ? `[${name}]`
      : /^[A-Za-z_]\w*$/.test(name)
      ? `.${name}`
      : `[${JSON.stringify(name)}]`;
    return [p, q, path + step];
  }
  return undefined;
}

function own(object: Record<string, JsonValue>, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function says(what: string, a: string | undefined, b: string | undefined, plain = false): string {
  const show = (text: string | undefined): string =>
    text === undefined ? "nothing" : plain ? cut(text) : shown(text);
  return `${what}: recorded ${show(a)}, asked ${show(b)}`;
}

function shown(text: string): string {
  return JSON.stringify(cut(text));
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
