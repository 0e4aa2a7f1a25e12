/**
 * Crashes at a chosen point of a run, to test that it goes on from there.
 *
 * @module
 */

import { checkFields } from "../../shared/known_fields.ts";
import { wholeNumber, wrongValue } from "../../shared/arguments.ts";
import { SimulatedCrash } from "../loop/crash.ts";
import type { Tool } from "../loop/types.ts";
import type { ChatEvent, ChatOptions, ChatProvider, ChatReply, Message } from "../../llm/types.ts";
import type { Crash, CrashOptions } from "./types.ts";

const POINTS = ["answer", "call", "step"];
const WAYS = ["throw", "kill"];

/**
 * A crash after a step of a run: of the model and the tools that it is given, the one that reaches the point ends all, once.
 *
 * `at: "step"` (the default): the step and its calls are in the journal, and the model is about to be asked again.
 * `at: "answer"`: the model has answered, and that is in no journal. `at: "call"`: a tool of the step did its work, and that is
 * in no journal. `how: "throw"` (the default) lets `run` reject with {@linkcode SimulatedCrash}, and nothing more is kept;
 * `how: "kill"` sends SIGKILL to this very process, for programs that a test starts; it needs `--allow-run`.
 *
 * @param step The step, from 1.
 * @param options Where in it, and how.
 * @returns What wraps the model and the tools.
 * @throws {TypeError | RangeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import { createAgent } from "@agent/runtime/agent";
 * import { crashAfter, scriptedProvider } from "@agent/runtime/testing";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const sessions = { path: `${folder}/sessions.db` };
 * let paid = 0;
 * const pay = {
 *   name: "pay",
 *   description: "Pays.",
 *   input: { type: "object" },
 *   run: () => `paid ${++paid}`,
 * };
 * const model = scriptedProvider([{ toolCalls: [{ name: "pay" }] }, "It is paid."]);
 *
 * const crash = crashAfter(1, { at: "call" });
 * {
 *   await using agent = createAgent({
 *     model: crash.model(model),
 *     tools: crash.tools([pay]),
 *     sessions,
 *   });
 *   await assert.rejects(agent.run("Pay the bill.", { session: "bill" }), /simulated crash/);
 * }
 * await using agent = createAgent({ model, tools: [pay], sessions });
 * const { steps } = await agent.resume("bill");
 * assert.equal(steps[0]!.calls[0]!.outcome, "unknown"); // it is not run again
 * assert.equal(paid, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function crashAfter(step: number, options?: CrashOptions): Crash;
export function crashAfter(step: number, options: CrashOptions = {}): Crash {
  wholeNumber(step, "step", { least: 1 });
  checkFields(options, "options", ["at", "how"]);
  const { at = "step", how = "throw" } = options;
  if (!POINTS.includes(at)) throw wrongValue("options.at", POINTS.join(", "), at);
  if (!WAYS.includes(how)) throw wrongValue("options.how", WAYS.join(", "), how);
  return new Crashing(step, at, how);
}

class Crashing implements Crash {
  readonly #step: number;
  readonly #at: NonNullable<CrashOptions["at"]>;
  readonly #how: NonNullable<CrashOptions["how"]>;
  #now = 0;
  #crashed = false;

  constructor(
    step: number,
    at: NonNullable<CrashOptions["at"]>,
    how: NonNullable<CrashOptions["how"]>,
  ) {
    this.#step = step;
    this.#at = at;
    this.#how = how;
  }

  get crashed(): boolean {
    return this.#crashed;
  }

  model(provider: ChatProvider): ChatProvider {
    const { name, model, tools, contextTokens, price } = provider;
    const before = (messages: readonly Message[]): void => {
      this.#now = 1 + messages.filter(({ role }) => role === "assistant").length;
      if (this.#at === "step" && this.#now === this.#step + 1) this.#crash();
    };
    const after = (): void => {
      if (this.#at === "answer" && this.#now === this.#step) this.#crash();
    };
    return {
      ...{ name, model, tools, contextTokens, price },
      async chat(messages: readonly Message[], options: ChatOptions): Promise<ChatReply> {
        before(messages);
        const reply = await provider.chat(messages, options);
        after();
        return reply;
      },
      ...(provider.stream !== undefined && {
        async *stream(
          messages: readonly Message[],
          options: ChatOptions,
        ): AsyncGenerator<ChatEvent> {
          before(messages);
          for await (const event of provider.stream!(messages, options)) {
            if (event.type === "done") after();
            yield event;
          }
        },
      }),
    };
  }

  tools(tools: readonly Tool[]): Tool[] {
    return tools.map((tool) => {
      const { name, description, input, approval, retry, permissions } = tool;
      return {
        ...{ name, description, input, approval, retry, permissions },
        run: async (given, context) => {
          const result = await tool.run(given, context);
          if (this.#at === "call" && this.#now === this.#step) this.#crash();
          return result;
        },
      };
    });
  }

  #crash(): void {
    if (this.#crashed) return;
    this.#crashed = true;
    if (this.#how === "kill") Deno.kill(Deno.pid, "SIGKILL");
    throw new SimulatedCrash(`A simulated crash after step ${this.#step} (${this.#at})`);
  }
}
