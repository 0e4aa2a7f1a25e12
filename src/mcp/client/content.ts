/**
 * What a foreign tool gave, as text: bounded, and of pictures and sounds only that they were there.
 *
 * @module
 */

import { cut } from "../../agent/loop/results.ts";

/** Of one result, in UTF-16 units. */
const MOST_LENGTH = 100_000;
/** So many parts are told. */
const MOST_PARTS = 1_000;

/** The parts of a result that are looked at. */
export interface ForeignResult {
  readonly content?: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
}

/** All of it as text. */
export function textOf({ content = [], structuredContent }: ForeignResult): string {
  const parts = content.slice(0, MOST_PARTS).map(partOf);
  if (content.length > MOST_PARTS) {
    parts.push(`[${content.length - MOST_PARTS} more parts left out]`);
  }
  const hasText = content.some(({ type }) => type === "text");
  if (!hasText && structuredContent !== undefined) parts.push(JSON.stringify(structuredContent));
  return cut(parts.join("\n").toWellFormed(), MOST_LENGTH);
}

function partOf(part: Readonly<Record<string, unknown>>): string {
  const { type, text, data, mimeType, uri, name, resource } = part;
  if (type === "text" && typeof text === "string") return text;
  if (type === "image" || type === "audio") {
    const bytes = typeof data === "string" ? Math.floor(data.length * 0.75) : 0;
    return `[${type}, ${word(mimeType)}, ${bytes} bytes]`;
  }
  if (type === "resource_link") return `[resource ${word(uri)} ${word(name)}]`;
  if (type === "resource" && resource !== null && typeof resource === "object") {
    const inner = resource as Record<string, unknown>;
    const held = typeof inner["text"] === "string" ? inner["text"] : "(bytes)";
    return `[resource ${word(inner["uri"])}]\n${held}`;
  }
  return `[${word(type)}]`;
}

function word(value: unknown): string {
  return typeof value === "string" ? cut(value, 200) : "unknown";
}
