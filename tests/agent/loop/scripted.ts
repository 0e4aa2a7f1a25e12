/** A model of the tests' own: it says what a script says, turn by turn. */

import type {
  ChatEvent,
  ChatOptions,
  ChatProvider,
  ChatReply,
  Message,
  ToolCall,
} from "../../../src/llm/types.ts";

/** What the model says in a turn. */
export type Said =
  | ChatReply
  | ((messages: readonly Message[], options: ChatOptions) => ChatReply | Promise<ChatReply>);

/** A scripted model with what it was asked. */
export interface Scripted extends ChatProvider {
  readonly asked: (readonly Message[])[];
}

/** A call as a model writes it. */
export function call(name: string, input: unknown = {}, id = `${name}-1`): ToolCall {
  return { id, name, arguments: typeof input === "string" ? input : JSON.stringify(input) };
}

/** A turn that asks for calls. */
export function asks(...calls: ToolCall[]): ChatReply {
  return {
    text: "",
    toolCalls: calls,
    finishReason: "tool-calls",
    usage: { inputTokens: 10, outputTokens: 5 },
  };
}

/** The last turn. */
export function says(text: string): ChatReply {
  return { text, finishReason: "stop", usage: { inputTokens: 10, outputTokens: 5 } };
}

/**
 * The model: in the n-th turn it says the n-th of the script, where n is the number of turns that the conversation has, so that it
 * goes on where another process stopped.
 */
export function scripted(script: readonly Said[], more: Partial<ChatProvider> = {}): Scripted {
  const asked: (readonly Message[])[] = [];
  const chat = async (messages: readonly Message[], options: ChatOptions): Promise<ChatReply> => {
    asked.push(messages);
    const turn = messages.filter(({ role }) => role === "assistant").length;
    const said = script[turn];
    if (said === undefined) throw new Error(`the script has no turn ${turn}`);
    return typeof said === "function" ? await said(messages, options) : said;
  };
  return {
    name: "scripted",
    tools: true,
    chat,
    async *stream(messages, options): AsyncGenerator<ChatEvent> {
      const reply = await chat(messages, options);
      for (const piece of reply.text.match(/.{1,3}/gsu) ?? []) yield { type: "text", text: piece };
      yield { type: "done", reply };
    },
    asked,
    ...more,
  };
}
