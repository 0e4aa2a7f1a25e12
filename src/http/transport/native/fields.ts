/**
 * The fields of a response as the bytes that the engine gave, made into strings when they are asked for.
 *
 * @module
 */

import type { HeaderFields } from "../types.ts";

/** Arguments that a call takes without trouble. */
const MOST_ARGUMENTS = 4096;

/** Fields as a block: a line `name:value` for each, names in lower case. */
export class FieldBlock implements HeaderFields {
  #block: Uint8Array | undefined;
  #entries: [name: string, value: string][] | undefined;

  /** Keeps the block itself. */
  constructor(block: Uint8Array) {
    this.#block = block;
  }

  /** The values of a field joined by ", ", or null if there is none. */
  get(name: string): string | null {
    const wanted = name.toLowerCase();
    let found: string | null = null;
    for (const [each, value] of this.#all()) {
      if (each === wanted) found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  /** Every field line, one entry each. */
  entries(): [name: string, value: string][] {
    return this.#all().map(([name, value]) => [name, value]);
  }

  #all(): [name: string, value: string][] {
    if (this.#entries !== undefined) return this.#entries;
    const text = textOf(this.#block!);
    this.#block = undefined;
    const entries: [string, string][] = [];
    for (let at = 0; at < text.length;) {
      const colon = text.indexOf(":", at);
      const end = text.indexOf("\n", colon);
      entries.push([text.slice(at, colon), text.slice(colon + 1, end)]);
      at = end + 1;
    }
    return this.#entries = entries;
  }
}

/** One byte, one character, as HTTP has it. */
function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += MOST_ARGUMENTS) {
    const piece = bytes.subarray(at, at + MOST_ARGUMENTS);
    text += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return text;
}
