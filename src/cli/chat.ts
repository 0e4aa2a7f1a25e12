/**
 * `agent chat`: a conversation with a model that has tools. Lines are edited as readline does; Ctrl-C stops the answer and not the
 * program.
 *
 * @module
 */

import type { Interface } from "node:readline/promises";
import type { Message, RunEvent, RunResult } from "../agent/loop/types.ts";
import { approvals, type AskLine } from "./approvals.ts";
import type { Call, Command } from "./command.ts";
import { harmless } from "./harmless.ts";
import { UsageError } from "./options.ts";
import { allowedTools, openRun, RUN_OPTIONS, type RunSetup, SESSION } from "./run_setup.ts";
import { RunText } from "./run_text.ts";

const PROMPT = "> ";
/** Lines that the arrow keys bring back. */
const MOST_LINES = 200;
const HELP =
  "/help: this; /tools: what the model may call; /quit or Ctrl-D: the end. Ctrl-C stops an answer.";

/** The command. */
export const chat: Command = {
  name: "chat",
  summary: "Talks with a model that has tools",
  usage: "--model URL [OPTIONS]",
  options: {
    session: { value: "FILE", help: "Keep the conversation in this file, and go on with it" },
    ...RUN_OPTIONS,
  },
  positionals: [0, 0],
  lines: true,
  details: `${HELP}\n` +
    "What is asked and answered goes to standard output, the steps between to standard error. Without a terminal each line\n" +
    "of standard input is asked. Keys and tools are as those of scripts/agent run.",
  examples: [
    "scripts/agent chat --model http://127.0.0.1:11434/v1 --model-name llama3.2 --session talk.db",
    "echo 'What is in notes.md?' | scripts/agent chat --folder . --yes read_file --model script:demo.json",
  ],
  async run(call: Call): Promise<number> {
    if (call.output.json && Deno.stdin.isTerminal()) {
      throw new UsageError(
        "Option --json goes with questions from a pipe: on a terminal it would hide them",
      );
    }
    const talk = new Talk(call);
    return await talk.run();
  },
};

/** In a pipe nobody can be asked, and the conversation has to go on. */
const nobody: AskLine = () =>
  Promise.resolve(
    "nobody is at a terminal to allow it; the person who starts it can, with --yes TOOL",
  );

/** One conversation. */
class Talk {
  readonly #call: Call;
  readonly #isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  #lines: Interface | undefined;
  /** Stops the answer that is being made. */
  #answer: AbortController | undefined;
  /** Said so far, where no session keeps it. */
  #messages: readonly Message[] = [];
  /** Lines that were typed and not asked yet. */
  readonly #waiting: string[] = [];
  #wake: () => void = () => {};
  #isEnded = false;

  constructor(call: Call) {
    this.#call = call;
  }

  async run(): Promise<number> {
    const { options, output } = this.#call;
    const session = options.text("session");
    const approve = approvals(allowedTools(this.#call), this.#isTerminal ? this.#ask : nobody);
    // While it is made ready Ctrl-C ends the program; an answer has a signal of its own.
    const ready = new AbortController().signal;
    await using setup = await openRun(this.#call, session, approve, ready);
    const lines = this.#lines = await this.#open();
    let failed = false;
    try {
      if (this.#isTerminal) output.note(`${setup.tools.length} tools, /help for help`);
      if (session !== undefined && await setup.agent.sessionEnd(SESSION) === null) {
        output.note("the last answer was cut off; it goes on");
        failed = !await this.#answered(setup, undefined);
      }
      for await (const line of this.#typed(lines)) {
        const word = line.trim();
        if (word === "/quit" || word === "/exit") break;
        if (word === "") continue;
        if (word.startsWith("/")) this.#told(word, setup);
        else failed = !await this.#answered(setup, word);
      }
    } finally {
      lines.close();
    }
    return failed && !this.#isTerminal ? 1 : 0;
  }

  async #open(): Promise<Interface> {
    const [{ createInterface }, { stdin, stdout }] = await Promise.all([
      import("node:readline/promises"),
      import("node:process"),
    ]);
    const terminal = this.#isTerminal;
    const lines = createInterface({
      ...{ input: stdin, terminal, historySize: MOST_LINES, prompt: PROMPT },
      ...(terminal && { output: stdout }),
    });
    // Raw mode makes Ctrl-C a key: it stops the answer, or empties the line.
    lines.on("SIGINT", () => {
      if (this.#answer !== undefined) this.#answer.abort(new Error("Stopped with Ctrl-C"));
      else if (lines.line !== "") lines.write(null, { ctrl: true, name: "u" });
      else this.#call.output.note("/quit or Ctrl-D ends it");
      if (this.#answer === undefined) lines.prompt();
    });
    // From now on: a pipe may give all of its lines before the first is asked for.
    lines.on("line", (line) => {
      // What answers a question about a call is no message.
      if (this.#asked !== undefined) this.#asked(line);
      else this.#waiting.push(line);
      this.#wake();
    });
    lines.on("close", () => {
      this.#isEnded = true;
      this.#wake();
      // The end of a pipe is the end of the questions, not of the answers.
      if (this.#isTerminal) this.#answer?.abort(new Error("The terminal is closed"));
    });
    return lines;
  }

  /** The lines, each asked for when the one before is answered. */
  async *#typed(lines: Interface): AsyncGenerator<string> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (this.#isEnded) return;
      if (this.#isTerminal) lines.prompt();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  #asked: ((line: string | undefined) => void) | undefined;

  /** Asks about a call in the place where messages are typed. */
  readonly #ask: AskLine = async (question, signal) => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    this.#asked = resolve;
    try {
      const parts = question.split("\n");
      for (const part of parts.slice(0, -1)) this.#call.output.line(part);
      this.#lines?.setPrompt(parts.at(-1)!);
      this.#lines?.prompt();
      return await promise;
    } finally {
      this.#asked = undefined;
      this.#lines?.setPrompt(PROMPT);
      signal.removeEventListener("abort", stop);
    }
  };

  #told(word: string, { tools }: RunSetup): void {
    const { output } = this.#call;
    if (word === "/tools") {
      for (const { name, description, approval = "never" } of tools) {
        const asks = approval === "never" ? "" : " (asks before)";
        output.line(`${name}${asks}: ${harmless(description)}`);
      }
      if (tools.length === 0) output.line("There are none");
    } else if (word === "/help") output.line(HELP);
    else output.note(`there is no ${word.split(" ")[0]}; /help says what there is`);
  }

  /** Whether the answer came to its end. Without a message, that of the last one goes on. */
  async #answered(setup: RunSetup, message: string | undefined): Promise<boolean> {
    const { output } = this.#call;
    const text = new RunText(output);
    const { signal } = this.#answer = new AbortController();
    let result: RunResult | undefined;
    try {
      for await (const event of this.#events(setup, message, signal)) {
        if (output.json) output.document(event);
        else text.event(event);
        if (event.type === "done") result = event.result;
      }
    } catch (error) {
      // One answer that fails does not end the conversation.
      text.fresh();
      const { message } = error as Error;
      if (output.json) output.document({ type: "error", message });
      output.note(message);
    } finally {
      this.#answer = undefined;
    }
    if (result === undefined) return false;
    if (setup.session === undefined) this.#messages = whole(result.messages);
    return result.finish.reason === "done";
  }

  #events(
    { agent, session, domain }: RunSetup,
    message: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<RunEvent> {
    const options = { signal, ...(domain !== undefined && { domain }) };
    if (message === undefined) return agent.resumeStream(SESSION, {}, options);
    if (session !== undefined) return agent.runStream(message, { ...options, session: SESSION });
    return agent.runStream([...this.#messages, { role: "user", content: message }], options);
  }
}

/** The conversation with an end of each call, where an answer was stopped before they had one. */
function whole(messages: readonly Message[]): Message[] {
  const last = messages.at(-1);
  const open = last?.role === "assistant" ? last.toolCalls ?? [] : [];
  const content = "It was stopped: whether it did its work is not known.";
  return [
    ...messages,
    ...open.map(({ id: toolCallId, name }): Message => ({
      ...{ role: "tool", toolCallId, name, content, isError: true },
    })),
  ];
}
