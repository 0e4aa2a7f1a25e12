/**
 * A model that says what a script says.
 *
 * Which turn it is stands in the conversation, so that a script goes on where another process stopped: the provider has no
 * place of its own that a crash could lose.
 *
 * @module
 */

import { wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ChatEvent, ChatOptions, ChatReply, Message, ToolCall } from "../../llm/types.ts";
import { readTurn } from "./turns.ts";
import type {
  ScriptedError,
  ScriptedOptions,
  ScriptedProvider,
  ScriptedReply,
  ScriptedRequest,
  ScriptedTurn,
} from "./types.ts";

const OPTIONS: readonly (keyof ScriptedOptions)[] = [
  ...["name", "model", "tools", "contextTokens", "price"] as const,
];
const PIECE = 8;

/**
 * Makes a model that says what a script says: one turn for each time that it is asked in a conversation, whichever process
 * asks. Beyond the script's end it fails.
 *
 * @param turns The script.
 * @param options Name, window, price.
 * @returns The model, with what it was asked in `requests`.
 * @throws {TypeError | RangeError} If a turn or an option is wrong.
 *
 * @example
 * ```ts
 * import { createAgent, type Tool } from "@agent/runtime/agent";
 * import { scriptedProvider } from "@agent/runtime/testing";
 * import assert from "node:assert/strict";
 *
 * const model = scriptedProvider([
 *   { toolCalls: [{ name: "roll", input: { sides: 6 } }], usage: { inputTokens: 20, outputTokens: 5 } },
 *   { error: { message: "Overloaded", times: 1 }, text: "It shows a four." },
 * ]);
 * const roll: Tool = {
 *   name: "roll",
 *   description: "Rolls a die.",
 *   input: { type: "object", properties: { sides: { type: "number" } } },
 *   run: () => 4,
 * };
 * await using agent = createAgent({ model, tools: [roll] });
 * const failed = await agent.run("Roll a die.");
 * assert.equal(failed.finish.reason, "failed");
 * const again = await agent.run(failed.messages);
 * assert.equal(again.text, "It shows a four.");
 * assert.equal(model.requests.length, 3);
 * ```
 */
export function scriptedProvider(
  turns: readonly ScriptedTurn[],
  options?: ScriptedOptions,
): ScriptedProvider;
export function scriptedProvider(
  turns: readonly ScriptedTurn[],
  options: ScriptedOptions = {},
): ScriptedProvider {
  if (!Array.isArray(turns)) throw wrongType("turns", "a list of turns", turns);
  const script = (turns as readonly ScriptedTurn[]).map((turn, at) =>
    readTurn(turn, `turns[${at}]`)
  );
  const given = knownFields(options, "options", OPTIONS) as ScriptedOptions;
  return new Scripted(script, given);
}

class Scripted implements ScriptedProvider {
  readonly name: string;
  readonly model: string | undefined;
  readonly tools: boolean;
  readonly contextTokens: number | undefined;
  readonly price: ScriptedOptions["price"];
  readonly requests: ScriptedRequest[] = [];
  readonly #script: readonly ScriptedTurn[];
  /** The turn that asked for a call: a conversation may have lost its oldest turns. */
  readonly #turnOf = new Map<string, number>();
  readonly #failures = new Map<number, number>();

  constructor(script: readonly ScriptedTurn[], options: ScriptedOptions) {
    this.name = options.name ?? "scripted";
    this.model = options.model;
    this.tools = options.tools ?? true;
    this.contextTokens = options.contextTokens;
    this.price = options.price;
    this.#script = script;
    for (const [turn, said] of script.entries()) {
      if (typeof said === "object") this.#calls(said, turn);
    }
  }

  async chat(messages: readonly Message[], options: ChatOptions = {}): Promise<ChatReply> {
    const { said, turn } = await this.#said(messages, options);
    const failure = this.#failureOf(said, turn);
    if (failure !== undefined) throw failure.error;
    return this.#reply(said, turn);
  }

  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatEvent> {
    const { said, turn } = await this.#said(messages, options);
    const { pieceCharacters = PIECE } = said;
    const reply = this.#reply(said, turn);
    const failure = this.#failureOf(said, turn);
    const text = failure === undefined ? reply.text : reply.text.slice(0, failure.after);
    for (const piece of piecesOf(text, pieceCharacters)) {
      yield { type: "text", text: piece };
      options.signal?.throwIfAborted();
    }
    if (failure !== undefined) throw failure.error;
    for (const [index, { id, name, arguments: given }] of (reply.toolCalls ?? []).entries()) {
      yield { type: "tool-call-start", index, id, name };
      for (const piece of piecesOf(given, pieceCharacters)) {
        yield { type: "tool-call-arguments", index, text: piece };
        options.signal?.throwIfAborted();
      }
    }
    yield { type: "done", reply };
  }

  /** What it says now, after the time that it takes. */
  async #said(
    messages: readonly Message[],
    options: ChatOptions,
  ): Promise<{ said: ScriptedReply; turn: number }> {
    options.signal?.throwIfAborted();
    const turn = this.#turn(messages);
    const scripted = this.#script[turn];
    this.requests.push({ messages: [...messages], options, turn });
    if (scripted === undefined) {
      const turns = this.#script.length;
      throw new AgentError(
        "NOT_FOUND",
        `The script of ${this.name} has ${turns} turns, and turn ${turn + 1} was asked for`,
        { what: `turn ${turn + 1}` },
      );
    }
    const given = typeof scripted === "function" ? await scripted(messages, options) : scripted;
    const said = readTurn(given, `turns[${turn}]()`);
    const reply: ScriptedReply = typeof said === "string" ? { text: said } : said as ScriptedReply;
    if (reply.delayMs !== undefined) await pause(reply.delayMs, options.signal);
    return { said: reply, turn };
  }

  #turn(messages: readonly Message[]): number {
    const last = messages.findLast(({ role }) => role === "assistant");
    const [call] = last?.role === "assistant" ? last.toolCalls ?? [] : [];
    const asked = call === undefined ? undefined : this.#turnOf.get(call.id);
    return asked === undefined
      ? messages.filter(({ role }) => role === "assistant").length
      : asked + 1;
  }

  #reply(said: ScriptedReply, turn: number): ChatReply {
    const { text = "", usage, finishReason } = said;
    const toolCalls = this.#calls(said, turn);
    return {
      text,
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(usage && { usage }),
      finishReason: finishReason ?? (toolCalls.length > 0 ? "tool-calls" : "stop"),
      ...(this.model !== undefined && { model: this.model }),
    };
  }

  #calls({ toolCalls = [] }: ScriptedReply, turn: number): ToolCall[] {
    return toolCalls.map(({ name, input = {}, arguments: given, id }, at) => {
      const call = {
        id: id ?? `call_${turn + 1}_${at + 1}`,
        name,
        arguments: given ?? JSON.stringify(input),
      };
      if (!this.#turnOf.has(call.id)) this.#turnOf.set(call.id, turn);
      return call;
    });
  }

  #failureOf({ error }: ScriptedReply, turn: number): { error: Error; after: number } | undefined {
    if (error === undefined) return undefined;
    if (error instanceof Error) return { error, after: 0 };
    const { message, times = Infinity, afterCharacters: after = 0 }: ScriptedError =
      typeof error === "string" ? { message: error } : error;
    const before = this.#failures.get(turn) ?? 0;
    if (before >= times) return undefined;
    this.#failures.set(turn, before + 1);
    return { error: new AgentError("UNAVAILABLE", message, { server: this.name }), after };
  }
}

/** No pair is cut in two. */
function* piecesOf(text: string, characters: number): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = at + characters;
    const code = text.charCodeAt(end - 1);
    if (code >= 0xd800 && code < 0xdc00) end++;
    yield text.slice(at, end);
    at = end;
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = (): void => reject(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
