/**
 * Collects tool calls whose arguments come piece by piece, several of them side by side.
 *
 * @module
 */

import type { ChatEvent, ToolCall } from "../types.ts";
import { ProtocolFault } from "./types.ts";

/** More calls in one reply are no use of tools. */
export const MOST_CALLS = 2_048;
/** Of all arguments of a reply, in UTF-16 units. */
export const MOST_ARGUMENTS = 16 * 2 ** 20;

/** The calls of a reply on their way. */
export class CallCollector {
  readonly #calls = new Map<number, { id: string; name: string; pieces: string[] }>();
  #size = 0;

  /** Whether there is a call at a place. */
  has(index: number): boolean {
    return this.#calls.has(index);
  }

  /** How many there are. */
  get size(): number {
    return this.#calls.size;
  }

  /** A call begins. One without an id gets one. */
  begin(index: number, id: string, name: string): ChatEvent {
    if (this.#calls.size >= MOST_CALLS) {
      throw new ProtocolFault(`more than ${MOST_CALLS} tool calls in one reply`);
    }
    const call = { id: id === "" ? `call_${index}` : id, name, pieces: [] };
    this.#calls.set(index, call);
    return { type: "tool-call-start", index, id: call.id, name };
  }

  /** More of its arguments. */
  add(index: number, text: string): ChatEvent {
    this.#size += text.length;
    if (this.#size > MOST_ARGUMENTS) {
      throw new ProtocolFault(`more than ${MOST_ARGUMENTS} characters of arguments`);
    }
    this.#calls.get(index)!.pieces.push(text);
    return { type: "tool-call-arguments", index, text };
  }

  /** What was collected, by place; undefined if there is none. */
  calls(): ToolCall[] | undefined {
    if (this.#calls.size === 0) return undefined;
    const entries = [...this.#calls].sort(([a], [b]) => a - b);
    return entries.map(([, { id, name, pieces }]) => ({ id, name, arguments: pieces.join("") }));
  }
}
