/**
 * Runs: begins them, goes on with them, and keeps what they did.
 *
 * @module
 */

import { checkString, wrongType, wrongValue } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ChatProvider, Message } from "../../llm/types.ts";
import { readBudget } from "./budget.ts";
import { checkDecision } from "./calls.ts";
import { Journal, type Session } from "./journal.ts";
import { Loop } from "./loop.ts";
import { type ReadyTool, readyTools } from "./tools.ts";
import type { Tracing } from "./trace_types.ts";
import type {
  Decision,
  Finish,
  LoopOptions,
  RunDomain,
  RunEvent,
  RunOptions,
  RunResult,
  Tool,
} from "./types.ts";

const FIELDS: readonly (keyof RunOptions)[] = [
  ...["session", "tools", "budget", "domain", "signal"] as const,
];
const MOST_NAME = 200;

/** What runs are made of, and who is told of them. */
export interface RunnerOptions extends LoopOptions {
  /** Told of runs, turns and the work of tools. */
  readonly tracing?: Tracing | undefined;
}

/** What the caller adds to a run. */
export interface RunSetting {
  /** What the model is told before all else. */
  readonly instructions?: string | undefined;
  /** Tools that come to those of the runner, but for those whose name is taken. */
  readonly tools?: readonly Tool[] | undefined;
  /** The domain of the run, and why. */
  readonly domain?: RunDomain | undefined;
}

/** The same for a conversation, which may decide it. */
export type Setting = (messages: readonly Message[]) => RunSetting | Promise<RunSetting>;

/** Makes runs with the same models, tools and bounds. */
export class Runner {
  #options: RunnerOptions;
  #journal: Journal | undefined;

  /**
   * Takes what runs are made of.
   *
   * @throws {TypeError | RangeError} If a tool or a bound is none.
   */
  constructor(options: RunnerOptions) {
    readBudget(options.budget);
    readyTools(options.tools);
    this.#options = options;
  }

  /** Runs to the end, however it comes. */
  async run(
    input: string | readonly Message[],
    options: RunOptions = {},
    setting: Setting = () => ({}),
  ): Promise<RunResult> {
    const { loop, end } = await this.#begin(input, options, setting, false);
    return await finished(loop, end);
  }

  /** Runs, and tells what happens as it does. */
  async *runStream(
    input: string | readonly Message[],
    options: RunOptions = {},
    setting: Setting = () => ({}),
  ): AsyncGenerator<RunEvent> {
    const { loop, end } = await this.#begin(input, options, setting, true);
    try {
      yield* loop.events();
    } finally {
      end();
    }
  }

  /** Goes on with a run that waits, was cut off or ended at a bound. */
  async resume(
    name: string,
    decisions: Readonly<Record<string, Decision>> = {},
    options: RunOptions = {},
    setting: Setting = () => ({}),
  ): Promise<RunResult> {
    const { loop, end } = await this.#goOn(name, decisions, options, setting, false);
    return await finished(loop, end);
  }

  /** Goes on, and tells what happens as it does. */
  async *resumeStream(
    name: string,
    decisions: Readonly<Record<string, Decision>> = {},
    options: RunOptions = {},
    setting: Setting = () => ({}),
  ): AsyncGenerator<RunEvent> {
    const { loop, end } = await this.#goOn(name, decisions, options, setting, true);
    try {
      yield* loop.events();
    } finally {
      end();
    }
  }

  /** Later runs are made with these models; those under way keep theirs. */
  setModels(models: readonly ChatProvider[]): void {
    this.#options = { ...this.#options, models };
  }

  /** The sessions that are kept, the last one used first. */
  sessions(): string[] {
    return this.#opened().names();
  }

  /** How the last run of a session ended; null if it was cut off, undefined if there is none. */
  sessionEnd(name: string): Finish | null | undefined {
    const session = this.#take(name);
    try {
      const last = session.entries.at(-1);
      return last?.kind === "finish" ? last.finish : last && null;
    } finally {
      session.end();
    }
  }

  /** Closes the journal. */
  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  async #begin(
    input: string | readonly Message[],
    options: RunOptions,
    setting: Setting,
    isStreamed: boolean,
  ): Promise<{ loop: Loop; end: () => void }> {
    const given = knownFields(options, "options", FIELDS) as unknown as RunOptions;
    const messages = readInput(input);
    const { sessions } = this.#options;
    if (given.session !== undefined && sessions === undefined) {
      throw new TypeError("options.session needs an agent made with sessions: { path }");
    }
    const name = given.session ?? (sessions === undefined ? undefined : crypto.randomUUID());
    const session = name === undefined ? undefined : this.#take(name);
    const end = (): void => session?.end();
    try {
      const said = [...(session === undefined ? [] : saidIn(session)), ...messages];
      const loop = this.#loop(session, given, await setting(said), isStreamed);
      if (loop.state.finish?.reason === "cancelled") loop.abandon();
      if (loop.state.turn !== undefined) {
        throw new AgentError(
          "UNAVAILABLE",
          `The session "${name}" has calls that have not ended; resume it before something new is asked`,
          { server: name! },
        );
      }
      loop.note({ kind: "input", messages });
      return { loop, end };
    } catch (error) {
      end();
      throw error;
    }
  }

  async #goOn(
    name: string,
    decisions: Readonly<Record<string, Decision>>,
    options: RunOptions,
    setting: Setting,
    isStreamed: boolean,
  ): Promise<{ loop: Loop; end: () => void }> {
    const session = this.#take(name);
    try {
      if (session.entries.length === 0) {
        throw new AgentError("NOT_FOUND", `There is no session "${name}"`, { what: name });
      }
      const loop = this.#loop(session, options, await setting(saidIn(session)), isStreamed);
      decide(loop, decisions);
      return { loop, end: () => session.end() };
    } catch (error) {
      session.end();
      throw error;
    }
  }

  #loop(
    session: Session | undefined,
    options: RunOptions,
    { instructions, domain, tools = [] }: RunSetting,
    isStreamed: boolean,
  ): Loop {
    const { models, budget, approve, tracing } = this.#options;
    const own = options.tools ?? this.#options.tools;
    const more = tools.filter(({ name }) => !own.some((tool) => tool.name === name));
    const ready = readyTools(more.length === 0 ? own : [...own, ...more]);
    checkTools(models, ready);
    return new Loop({
      ...{ models, approve, session, instructions, domain, isStreamed, tools: ready },
      bounds: readBudget(budget, options.budget),
      tracing,
      signal: options.signal,
    });
  }

  #take(name: string): Session {
    checkString(name, "session");
    if (name === "" || name.length > MOST_NAME) {
      throw wrongValue("session", `a name of 1 to ${MOST_NAME} characters`, name);
    }
    // Otherwise two names would be kept as one.
    if (!name.isWellFormed()) throw wrongValue("session", "a name of whole characters", name);
    return this.#opened().take(name);
  }

  #opened(): Journal {
    const { sessions } = this.#options;
    if (sessions === undefined) {
      throw new TypeError("Sessions need an agent made with sessions: { path }");
    }
    return this.#journal ??= Journal.open(sessions.path);
  }
}

/** A model that fails ends the run with what was done before it. */
async function finished(loop: Loop, end: () => void): Promise<RunResult> {
  try {
    for await (const event of loop.events()) if (event.type === "done") return event.result;
    throw new Error("a run ended without a result");
  } catch (error) {
    if (!AgentError.is(error) || error.code === "IO" || error.code === "CORRUPT") throw error;
    return loop.result({ reason: "failed", detail: error.message });
  } finally {
    end();
  }
}

/** What was given to a session, and not said by models and tools. */
function saidIn({ entries }: Session): readonly Message[] {
  return entries.flatMap((entry) => entry.kind === "input" ? entry.messages : []);
}

function decide(loop: Loop, decisions: Readonly<Record<string, Decision>>): void {
  if (decisions === null || typeof decisions !== "object" || Array.isArray(decisions)) {
    throw wrongType("decisions", "an object of decisions by the ids of calls", decisions);
  }
  const { turn } = loop.state;
  const open = turn?.calls.filter(({ id }) => !turn.ends.has(id)).map(({ id }) => id) ?? [];
  const given = Object.entries(decisions);
  const other = given.find(([call]) => !open.includes(call));
  if (other !== undefined) {
    const waiting = open.join(", ") || "there is none";
    throw wrongValue("decisions", `calls that wait: ${waiting}`, other[0]);
  }
  if (given.length === 0) return;
  for (const [call, decision] of given) checkDecision(decision, `decisions.${call}`);
  loop.note(...given.map(([call, decision]) => ({ kind: "decided", call, decision }) as const));
}

function readInput(input: string | readonly Message[]): readonly Message[] {
  if (typeof input === "string") {
    if (input.trim() === "") throw wrongValue("input", "a task in words", input);
    return [{ role: "user", content: input }];
  }
  if (!Array.isArray(input) || input.length === 0) {
    throw wrongType("input", "a text or a list of messages", input);
  }
  for (const [at, message] of (input as readonly Message[]).entries()) {
    const role: unknown = message?.role;
    if (
      typeof message?.content !== "string" ||
      !["system", "user", "assistant", "tool"].includes(role as string)
    ) throw wrongType(`input[${at}]`, "a message with role and content", message);
  }
  return input;
}

function checkTools(models: readonly ChatProvider[], tools: ReadonlyMap<string, ReadyTool>): void {
  if (models.length === 0) {
    throw new AgentError("UNSUPPORTED", "Runs need a model; give one to createAgent", {
      what: "run without a model",
    });
  }
  if (tools.size === 0) return;
  const without = models.filter((model) => model.tools !== true).map(({ name }) => name);
  if (without.length === 0) return;
  throw new AgentError(
    "UNSUPPORTED",
    `${
      without.join(", ")
    } takes no tools: a provider that does has tools: true and gives toolCalls in its replies`,
    { what: "tools" },
  );
}
