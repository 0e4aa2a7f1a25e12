/**
 * Several models as one: each is tried when the one before it failed.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { inOrder, noteAnswer, noteFailure } from "./breaker.ts";
import type { ChatEvent, ChatOptions, ChatProvider, ChatReply, Message } from "./types.ts";

/**
 * A provider that tries others in order; one that failed several times in a row is tried last for a while. A stream goes over to the next one only before its first piece; a failure behind
 * that is thrown, since what was said cannot be taken back.
 *
 * @param providers Those that are tried; one at least.
 * @param onUsed Told which one answers.
 */
export function firstOf(
  providers: readonly ChatProvider[],
  onUsed?: (provider: ChatProvider) => void,
): ChatProvider {
  const [first] = providers;
  if (first === undefined) throw new RangeError("models is empty; give one at least");
  if (providers.length === 1 && onUsed === undefined) return first;
  return new FirstOf(providers, onUsed);
}

class FirstOf implements ChatProvider {
  readonly name: string;
  readonly tools: boolean;
  readonly contextTokens: number | undefined;
  readonly #providers: readonly ChatProvider[];
  readonly #onUsed: ((provider: ChatProvider) => void) | undefined;

  constructor(providers: readonly ChatProvider[], onUsed?: (provider: ChatProvider) => void) {
    this.name = providers.map(({ name }) => name).join(", else ");
    this.tools = providers.every(({ tools }) => tools === true);
    const windows = providers.map(({ contextTokens }) => contextTokens);
    // What fits the smallest fits whichever answers.
    this.contextTokens = windows.includes(undefined) ? undefined : Math.min(...windows as number[]);
    this.#providers = providers;
    this.#onUsed = onUsed;
  }

  async chat(messages: readonly Message[], options: ChatOptions): Promise<ChatReply> {
    const errors: unknown[] = [];
    for (const provider of inOrder(this.#providers)) {
      try {
        const reply = await provider.chat(messages, options);
        noteAnswer(provider);
        this.#onUsed?.(provider);
        return reply;
      } catch (error) {
        options.signal?.throwIfAborted();
        noteFailure(provider, error);
        errors.push(error);
      }
    }
    throw this.#failed(errors);
  }

  async *stream(messages: readonly Message[], options: ChatOptions): AsyncGenerator<ChatEvent> {
    const errors: unknown[] = [];
    for (const provider of inOrder(this.#providers)) {
      let hasBegun = false;
      try {
        for await (const event of streamOf(provider, messages, options)) {
          if (!hasBegun) this.#onUsed?.(provider);
          hasBegun = true;
          yield event;
        }
        noteAnswer(provider);
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        noteFailure(provider, error);
        if (hasBegun) throw error;
        errors.push(error);
      }
    }
    throw this.#failed(errors);
  }

  #failed(errors: readonly unknown[]): unknown {
    if (errors.length === 1) return errors[0];
    const said = errors.map((error) => error instanceof Error ? error.message : String(error));
    return new AgentError(
      "UNAVAILABLE",
      `None of ${errors.length} models answered: ${said.join("; ")}`,
      { server: this.name },
      { cause: new AggregateError(errors) },
    );
  }
}

/** The reply of a provider piece by piece, in one piece where it knows no streams. */
export async function* streamOf(
  provider: ChatProvider,
  messages: readonly Message[],
  options: ChatOptions,
): AsyncGenerator<ChatEvent> {
  if (provider.stream !== undefined) {
    let isWhole = false;
    for await (const event of provider.stream(messages, options)) {
      isWhole = event.type === "done";
      yield event;
      if (isWhole) return;
    }
    throw new AgentError(
      "UNAVAILABLE",
      `The model ${provider.name} ended its stream without "done"`,
      {
        server: provider.name,
      },
    );
  }
  const reply = await provider.chat(messages, options);
  if (reply.text !== "") yield { type: "text", text: reply.text };
  yield { type: "done", reply };
}
