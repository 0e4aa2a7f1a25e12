/**
 * Reads fields of what a server sent, which may be anything.
 *
 * @module
 */

import type { TokenUsage } from "../types.ts";
import { ProtocolFault } from "./types.ts";

/** An object's field; undefined of what is no object. */
export function field(value: unknown, name: string): unknown {
  if (value === null || typeof value !== "object") return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** A field that is text; "" if it is not. */
export function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === "string" ? found : "";
}

/** A field that is a list; empty if it is not. */
export function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

/** A field that is a count; undefined if it is not. */
export function count(value: unknown, name: string): number | undefined {
  const found = field(value, name);
  return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}

/** What a reply took; undefined unless both counts are there. */
export function usageOf(
  input: number | undefined,
  output: number | undefined,
  cached: number | undefined,
): TokenUsage | undefined {
  if (input === undefined || output === undefined) return undefined;
  return {
    inputTokens: input,
    outputTokens: output,
    ...(cached !== undefined && { cachedInputTokens: cached }),
  };
}

/** JSON of an event. */
export function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ProtocolFault(`an event is no JSON: ${shorten(data)}`);
  }
}

/** Throws what a server says went wrong, if it says so. */
export function checkError(body: unknown): void {
  const error = field(body, "error");
  if (error === undefined || error === null) return;
  throw new ProtocolFault(
    typeof error === "string" ? error : text(error, "message") || shorten(JSON.stringify(error)),
  );
}

/** The beginning of a text. */
export function shorten(value: string, most = 200): string {
  return value.length <= most ? value : `${value.slice(0, most)}...`;
}
