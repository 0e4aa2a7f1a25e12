/**
 * Reads what the proxy writes. Its lines hold what the box said, which is anybody's: nothing is taken from them that is
 * not of its type.
 *
 * @module
 */

import type { EgressEvent } from "./types.ts";

/** The longest line that is one: a host, and some words. */
const MOST_LINE = 16_384;

/** What the proxy says of itself. */
export type ProxyState =
  | { event: "ready"; address: string }
  | { event: "failed"; reason: string; detail: string };

/** Cuts text into lines; the rest of one is kept for the next piece. */
export class Lines {
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** The lines that a piece ends. */
  add(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    if (this.#rest.length > MOST_LINE) this.#rest = "";
    return lines;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value as Fields : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is ready, or why not; undefined for any other line. */
export function readState(line: string): ProxyState | undefined {
  const fields = fieldsOf(line);
  if (fields?.["event"] === "ready") return { event: "ready", address: text(fields["address"]) };
  if (fields?.["event"] !== "failed") return undefined;
  return { event: "failed", reason: text(fields["reason"]), detail: text(fields["detail"]) };
}

/** An event; undefined for a line that is none. */
export function readEvent(line: string): EgressEvent | undefined {
  const fields = fieldsOf(line);
  if (fields === undefined) return undefined;
  const time = new Date(number(fields["time"])).toISOString();
  const connection = number(fields["connection"]);
  switch (fields["event"]) {
    case "allowed":
    case "refused":
      return {
        event: fields["event"],
        time,
        connection,
        via: word(fields["via"], ["connect", "http", "tls", "host"]),
        host: text(fields["host"]),
        port: number(fields["port"]),
        address: optional(fields["address"]),
        reason: optional(fields["reason"]),
        detail: optional(fields["detail"]),
      };
    case "closed":
      return {
        event: "closed",
        time,
        connection,
        sent: number(fields["sent"]),
        received: number(fields["received"]),
        durationMs: number(fields["ms"]),
        end: word(fields["end"], ["closed", "bytes", "idle", "time"]),
      };
    case "full":
      return { event: "full", time };
    default:
      return undefined;
  }
}

function text(value: unknown): string {
  return optional(value) ?? "";
}

function optional(value: unknown): string | null {
  // deno-lint-ignore no-control-regex
  return typeof value === "string" ? value.replace(/[\0-\x1f\x7f-\x9f]/g, "\ufffd") : null;
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function word<W extends string>(value: unknown, words: readonly [W, ...W[]]): W {
  return words.find((one) => one === value) ?? words[0];
}
