/**
 * Keeps a conversation within a model's window: the oldest results of tools are shortened first, then the oldest turns left out;
 * what was cut is said. Counts are exact where the model's encoding is known, and else by the most common one.
 *
 * @module
 */

import { encodingForModel, loadEncoding } from "../../text/tokens/mod.ts";
import type { Encoding } from "../../text/tokens/mod.ts";
import type { Message, ToolDefinition } from "../../llm/types.ts";
import { AgentError } from "../../shared/errors.ts";
import { cut } from "./results.ts";

/** Left for the reply, as a share of the window and at most. */
const REPLY_SHARE = 0.25;
const MOST_REPLY = 8_192;
/** What is left of a result that is shortened. */
const SHORT = 400;
/** Of a message beside its words: roles, marks. */
const FRAME_TOKENS = 8;

/** A conversation that fits, and what was cut for that. */
export interface Fitted {
  readonly messages: readonly Message[];
  /** In words; undefined if nothing was. */
  readonly cut: string | undefined;
}

/**
 * Makes a conversation fit.
 *
 * @param messages The conversation.
 * @param tools What the model is told of tools, which takes room too.
 * @param model The model's name and its window.
 * @throws {AgentError} `TOO_LARGE` if what must stay is larger than the window.
 */
export async function fit(
  messages: readonly Message[],
  tools: readonly ToolDefinition[],
  { model, contextTokens }: { model: string; contextTokens: number | undefined },
): Promise<Fitted> {
  if (contextTokens === undefined) return { messages, cut: undefined };
  const room = contextTokens - Math.min(MOST_REPLY, Math.floor(contextTokens * REPLY_SHARE));
  const toolText = tools.length === 0 ? "" : JSON.stringify(tools);
  // No token has less than a byte, and no UTF-16 unit more than three: most conversations need no counting.
  const most = messages.reduce((sum, message) => sum + 3 * sizeOf(message) + FRAME_TOKENS, 0);
  if (most + 3 * toolText.length <= room) return { messages, cut: undefined };
  const counter = new Counter(await encodingOf(model));
  return counter.fit(messages, room - counter.text(toolText), contextTokens);
}

async function encodingOf(model: string): Promise<Encoding> {
  let name: Parameters<typeof loadEncoding>[0] = "o200k_base";
  try {
    name = encodingForModel(model);
  } catch {
    // A model of another maker: its own count is near.
  }
  return await loadEncoding(name);
}

/** Counted once: messages do not change. */
const counts = new WeakMap<Encoding, WeakMap<Message, number>>();

class Counter {
  readonly #encoding: Encoding;
  readonly #known: WeakMap<Message, number>;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
    this.#known = counts.get(encoding) ?? new WeakMap();
    counts.set(encoding, this.#known);
  }

  text(text: string): number {
    return text === "" ? 0 : this.#encoding.count(text);
  }

  of(message: Message): number {
    let count = this.#known.get(message);
    if (count === undefined) {
      count = FRAME_TOKENS + this.text(message.content);
      if (message.role !== "tool") {
        for (const call of message.toolCalls ?? []) {
          count += this.text(call.name) + this.text(call.arguments) + FRAME_TOKENS;
        }
      }
      this.#known.set(message, count);
    }
    return count;
  }

  fit(messages: readonly Message[], room: number, contextTokens: number): Fitted {
    let total = messages.reduce((sum, message) => sum + this.of(message), 0);
    if (total <= room) return { messages, cut: undefined };
    const kept = [...messages];
    const last = lastTurn(kept);
    let shortened = 0;
    for (let at = 0; at < last && total > room; at++) {
      const message = kept[at]!;
      if (message.role !== "tool" || message.content.length <= 2 * SHORT) continue;
      const short = { ...message, content: cut(message.content, SHORT) };
      total += this.of(short) - this.of(message);
      kept[at] = short;
      shortened++;
    }
    let left = 0;
    // Whole turns go, so that no result stands without its call; what was asked first stays.
    while (total > room) {
      const turn = oldestTurn(kept);
      if (turn === undefined) break;
      for (const message of kept.splice(turn.from, turn.count)) total -= this.of(message);
      left++;
    }
    for (let at = 0; at < kept.length && total > room; at++) {
      const message = kept[at]!;
      if (message.role !== "tool" || message.content.length <= 2 * SHORT) continue;
      const short = { ...message, content: cut(message.content, SHORT) };
      total += this.of(short) - this.of(message);
      kept[at] = short;
      shortened++;
    }
    if (total > room) {
      throw new AgentError(
        "TOO_LARGE",
        `The conversation has ${total} tokens, and the model's window of ${contextTokens} has room for ${room}`,
        { what: "conversation", size: total, limit: room },
      );
    }
    const said = [
      ...(shortened > 0 ? [`${shortened} results of tools shortened`] : []),
      ...(left > 0 ? [`${left} of the oldest turns left out`] : []),
    ];
    return { messages: kept, cut: said.join(", ") };
  }
}

function sizeOf(message: Message): number {
  const calls = message.role === "tool" ? [] : message.toolCalls ?? [];
  return calls.reduce(
    (sum, { name, arguments: given }) => sum + name.length + given.length + FRAME_TOKENS,
    message.content.length,
  );
}

/** Where the last turn of the assistant begins, whose results it has not seen yet. */
function lastTurn(messages: readonly Message[]): number {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  return at < 0 ? messages.length : at;
}

function oldestTurn(messages: readonly Message[]): { from: number; count: number } | undefined {
  const from = messages.findIndex(({ role }) => role === "assistant");
  if (from < 0 || from === lastTurn(messages)) return undefined;
  let end = from + 1;
  while (messages[end]?.role === "tool") end++;
  return { from, count: end - from };
}
