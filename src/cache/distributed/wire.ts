/**
 * Small things that go to Redis and come back: ids, times, text.
 *
 * @module
 */

/** An argument of a command. */
export type Argument = string | Uint8Array;

/** 16 characters that are nobody else's. */
export function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(16);
}

/** Milliseconds as scripts read them; negative for ever. */
export function millisecondsOf(value: number): string {
  return value < 1e15 ? `${value}` : "-1";
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a reply. */
export function replyText(reply: Argument): string {
  return typeof reply === "string" ? reply : decoder.decode(reply);
}
