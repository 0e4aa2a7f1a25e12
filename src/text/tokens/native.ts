/**
 * The Rust twin of an encoding: a handle on the process's vocabulary. Twin: `pure.ts`, which says what comes out.
 * Arguments arrive checked; the layouts are described at the exports `agent_core_tokens_*`.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import {
  tokensCount,
  tokensCountMany,
  tokensDecode,
  tokensEncode,
  tokensOpen,
  tokensPrefix,
  tokensSpans,
} from "../../native/generated/tokens.ts";
import { closeHandle, NativeHandle } from "../../native/handle.ts";
import { AgentError } from "../../shared/errors.ts";
import { joined, windowEnd } from "./pure.ts";
import { PATTERN_CUTS } from "./scan.ts";
import type { CountManyOptions, Cuts, TokenTwin } from "./types.ts";

/** UTF-16 units that cross at once, where there is a place to cut. */
const WINDOW = 1 << 20;

/** See `TokenTwin` in `types.ts`. */
export class NativeTokens extends NativeHandle implements TokenTwin {
  readonly implementation = "native";
  readonly cuts: Cuts;
  readonly #name: string;

  private constructor(name: string, cuts: Cuts) {
    super("core-utils", tokensOpen(name), "encoding");
    this.cuts = cuts;
    this.#name = name;
  }

  /** Opens a vocabulary of the process; undefined if no isolate has loaded it yet. */
  static open(name: string, cuts: Cuts = PATTERN_CUTS): NativeTokens | undefined {
    try {
      return new NativeTokens(name, cuts);
    } catch (error) {
      if (AgentError.is(error, "NOT_FOUND")) return undefined;
      throw error;
    }
  }

  check(): void {
    void this.handle;
  }

  count(text: string): number {
    if (text === "") return 0;
    if (text.length <= WINDOW) return tokensCount(this.handle, text);
    let count = 0;
    for (const part of windowsOf(text, this.cuts)) count += tokensCount(this.handle, part);
    return count;
  }

  encode(text: string): Uint32Array<ArrayBuffer> {
    const parts: Uint32Array<ArrayBuffer>[] = [];
    for (const part of windowsOf(text, this.cuts)) {
      parts.push(tokensEncode(this.handle, part).slice());
    }
    return joined(parts);
  }

  decode(tokens: Uint32Array<ArrayBuffer>): Uint8Array {
    return tokensDecode(this.handle, tokens);
  }

  spans(text: string): Uint32Array {
    return tokensSpans(this.handle, text);
  }

  prefix(text: string, most: number): { tokens: number; units: number } {
    const [tokens = 0, units = 0] = tokensPrefix(this.handle, text, most);
    return { tokens, units };
  }

  async countMany(texts: readonly string[], options: CountManyOptions): Promise<number[]> {
    // A handle of its own: closing the encoding meanwhile changes nothing in work that has begun.
    const handle = tokensOpen(this.#name);
    try {
      const parts = await batches(texts, options, {
        submit: (part, submitOptions) => tokensCountMany(handle, part, submitOptions),
      });
      return parts.flatMap((counts) => Array.from(counts));
    } finally {
      closeHandle("core-utils", handle);
    }
  }
}

/** The text in parts that can be tokenised one by one. */
function* windowsOf(text: string, cuts: Cuts): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = windowEnd(text, start, cuts, WINDOW);
    yield start === 0 && end === text.length ? text : text.slice(start, end);
    start = end;
  }
}
