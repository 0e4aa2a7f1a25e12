/**
 * What a protocol is to the identification: a question that is cheap and safe to ask, a reader that knows its answers,
 * and perhaps one more question for product and version. A reader gets any server's bytes: it looks before it reads,
 * never throws, and says null to what is not its own.
 *
 * @module
 */

import { word } from "../banner.ts";
import type { Confidence } from "../types.ts";

/** What a reader recognised. */
export interface Reading {
  readonly service: string;
  readonly product: string | null;
  readonly version: string | null;
  readonly extra: string | null;
  readonly confidence: Confidence;
}

/** Something to send, and when its answer is whole. */
export interface Question {
  readonly send: Uint8Array;
  /** Whether these bytes are all that will come; without it, the answer ends when nothing more comes. */
  readonly enough?: (bytes: Uint8Array) => boolean;
  /** Nothing answers it: what comes next is sent at once. */
  readonly isSilent?: true;
}

/** Further questions on a connection of their own, for what the first answer did not tell. */
export interface Follow {
  /** Whether the server speaks first there. */
  readonly greets: boolean;
  readonly questions: readonly Question[];
  /** Whether what is known is not enough. */
  needed(reading: Reading): boolean;
  /** All that came back, the greeting apart. */
  read(answer: Uint8Array, reading: Reading): Reading;
}

/** How TLS begins in the middle of a connection. */
export interface StartTls {
  /** The command, for the report. */
  readonly name: string;
  readonly greets: boolean;
  readonly questions: readonly Question[];
  /** Whether the answer to the last of them means that TLS begins now. */
  ready(answer: Uint8Array): boolean;
}

/** A protocol. */
export interface Protocol {
  readonly name: string;
  readonly transport: "tcp" | "udp";
  /** Where it usually is; only the order of questions depends on it. */
  readonly ports: readonly number[];
  /** What is asked of a server that does not speak first; none where a greeting or another's question is enough. */
  readonly question?: Question;
  /** Reads an answer. `asked` is the protocol whose question it answers; "" for a greeting. */
  read(answer: Uint8Array, asked: string): Reading | null;
  readonly follow?: Follow;
  readonly startTls?: StartTls;
}

/** Makes a reading; product, version and extra are made harmless. */
export function reading(
  service: string,
  confidence: Confidence,
  product: string | null = null,
  version: string | null = null,
  extra: string | null = null,
): Reading {
  return {
    service,
    confidence,
    product: word(product),
    version: word(version),
    extra: word(extra),
  };
}

/** Whether an answer ends with a whole line. */
export function isLine(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 10;
}
