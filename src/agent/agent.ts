/**
 * The agent: looks a question up in the cache, else lets it be answered, and gives every answer all
 * its fields, whatever went wrong.
 *
 * @module
 */
import { checkString, wrongType } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { Implementation } from "../shared/implementation.ts";
import { openKnowledge } from "../knowledge/mod.ts";
import type { Knowledge } from "../knowledge/types.ts";
import type { AgentParts } from "./commands.ts";
import { BUILT_IN_DOMAINS, GENERAL } from "./domains.ts";
import type { Runner, Setting } from "./loop/runner.ts";
import { Kept } from "./kept.ts";
import { CurrentModels, statusOf } from "./models.ts";
import { AnswerStore, readAnswer } from "./answer_store.ts";
import { domainOf, keyOf, Questions, RECALL, type Recalling } from "./recall.ts";
import type {
  Agent,
  AgentMetrics,
  AgentOptions,
  AgentStatus,
  Answer,
  AnswerError,
  AnswerEvent,
  AskOptions,
  CommandResult,
  Decision,
  DomainChange,
  DomainUpdate,
  Finish,
  Message,
  ModelStatus,
  RunEvent,
  RunOptions,
  RunResult,
} from "./types.ts";

const NOT_THERE = "The documents do not answer this question.";

/** {@linkcode Agent} over a knowledge store. Owns the store if it opened it. */
export class DocumentAgent implements Agent, Recalling {
  readonly knowledge: Knowledge;
  readonly #owned: boolean;
  readonly #options: AgentOptions;
  readonly #parts: AgentParts | undefined;
  readonly #startedAt = new Date().toISOString();
  readonly #models: CurrentModels;
  readonly #memory: Kept;
  #runner: Promise<Runner> | undefined;
  readonly #implementation: Implementation | undefined;
  readonly #answers: AnswerStore;
  readonly #questions: Questions;
  #closed = false;

  constructor(options: AgentOptions, parts?: AgentParts) {
    this.#parts = parts;
    this.#owned = options.knowledge === undefined;
    this.knowledge = options.knowledge ?? openKnowledge();
    this.#options = options;
    this.#models = new CurrentModels(options.model);
    this.#memory = new Kept({ ...BUILT_IN_DOMAINS, ...options.domains }, options.state?.path);
    this.#implementation = options.implementation;
    this.#questions = new Questions(options.implementation);
    this.#answers = new AnswerStore(this.knowledge, options.cache);
  }

  async ask(query: string, options: AskOptions = {}): Promise<Answer> {
    for await (const event of this.stream(query, options)) {
      if (event.type === "done") return event.answer;
    }
    throw new AgentError("INTERNAL", "The answer ended early", { operation: "ask", status: 0 });
  }

  async *stream(query: string, options: AskOptions = {}): AsyncGenerator<AnswerEvent, void> {
    const { domains } = this.#kept();
    options.signal?.throwIfAborted();
    const started = performance.now();
    let domain = domainOf(options.domain, domains);
    let picked: string | undefined;
    const answer: Answer = {
      answer: "",
      domain,
      confidence: 0,
      sources: [],
      reasoning: "",
      keywords: [],
      timestamp: new Date().toISOString(),
      cached: false,
    };
    let pieces: string[] = [];
    let known: Answer | undefined;
    // A model that is replaced meanwhile stays open for this.
    const { first } = this.#models.now;
    await using _held = this.#models.hold();
    try {
      checkQuery(query);
      const context = options.context ?? [];
      const by = { domains, model: first };
      const read = await this.#questions.read(query, options.domain, by);
      answer.keywords = [...read.keywords];
      answer.domain = domain = read.domain;
      picked = read.picked;
      const { quality = "fast" } = options;
      const isPlain = context.length === 0 && quality === "fast";
      const key = isPlain ? read.key : keyOf(query, domain, by, context, quality);
      options.signal?.throwIfAborted();
      const { revision } = this.knowledge;
      known = this.#answers.get(key);
      if (known === undefined) {
        const { answerQuestion } = await import("./answering.ts");
        const finding = await answerQuestion({
          knowledge: this.knowledge,
          query,
          profile: domains[domain]!,
          context,
          quality: options.quality,
          model: first,
          implementation: this.#implementation,
          signal: options.signal,
        });
        pieces = finding.pieces;
        const { sources, confidence, reasoning, error } = finding;
        Object.assign(answer, { sources, confidence, reasoning, answer: pieces.join("") });
        if (sources.length === 0) answer.answer = NOT_THERE;
        if (error !== undefined) answer.error = error;
        else this.#keep(key, revision, answer);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (this.#closed) this.#check();
      answer.error = errorOf(error);
      answer.answer = `The question could not be answered: ${answer.error.message}`;
      answer.reasoning = `Failed with ${answer.error.code}; nothing was looked up.`;
      answer.sources = [];
      answer.confidence = 0;
    }
    options.signal?.throwIfAborted();
    const final = known ?? answer;
    if (picked !== undefined && final.error === undefined) final.reasoning += ` ${picked}`;
    this.#kept().count(final, performance.now() - started);
    yield { type: "sources", sources: final.sources };
    if (final !== answer || pieces.length === 0) yield { type: "text", text: final.answer };
    else for (const text of pieces) yield { type: "text", text };
    yield { type: "done", answer: final };
  }

  [RECALL](query: string, asked?: string): Answer | undefined {
    const started = performance.now();
    const by = { domains: this.#kept().domains, model: this.#models.now.first };
    const read = this.#questions.known(query, asked, by);
    const text = read && this.#answers.text(read.key);
    if (read === undefined || text === undefined) return undefined;
    const answer = this.#questions.answer(read, text, (kept) => {
      const known = readAnswer(kept);
      if (known !== undefined && read.picked !== undefined) known.reasoning += ` ${read.picked}`;
      return known;
    });
    if (answer !== undefined) this.#kept().count(answer, performance.now() - started);
    return answer;
  }

  async command(
    name: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<CommandResult> {
    this.#check();
    const { ownParts, runCommand } = await import("./commands.ts");
    return await runCommand(this, this.#parts ?? await ownParts(this), name, parameters);
  }

  async status(): Promise<AgentStatus> {
    const { metrics, domains, error } = this.#kept();
    const { effectiveImplementation } = await import("../native/settings.ts");
    const { sessions, tools = [] } = this.#options;
    const unavailable: Record<string, string> = {};
    let count: number | null = null;
    if (sessions === undefined) {
      unavailable["sessions"] = "the agent was made without sessions: { path }";
    } else {
      try {
        count = (await this.sessions()).length;
      } catch (error) {
        unavailable["sessions.count"] = errorOf(error).message;
      }
    }
    if (error !== undefined) unavailable["state"] = errorOf(error).message;
    const models = statusOf(this.#models.now.all, unavailable);
    return {
      path: this.knowledge.path,
      knowledge: this.knowledge.stats(),
      model: this.#models.now.first?.name ?? null,
      models,
      tools: tools.map(({ name }) => name),
      sessions: sessions === undefined ? null : { path: sessions.path, count },
      cache: this.#answers.kind,
      domains: Object.keys(domains),
      implementation: effectiveImplementation("text", this.#implementation),
      metrics: metrics.read(),
      startedAt: this.#startedAt,
      unavailable,
    };
  }

  metrics(): AgentMetrics {
    return this.#kept().metrics.read();
  }

  resetMetrics(): void {
    this.#kept().metrics.reset();
  }

  clearCache(): { cache: AgentStatus["cache"] } {
    this.#check();
    this.#answers.clear();
    return { cache: this.#answers.kind };
  }

  updateDomain(name: string, change: DomainChange): DomainUpdate {
    return this.#kept().update(name, change);
  }

  async reloadModel(): Promise<ModelStatus[]> {
    this.#check();
    const { all } = await this.#models.reload();
    (await this.#runner)?.setModels(all);
    return statusOf(all, {});
  }

  async run(input: string | readonly Message[], options: RunOptions = {}): Promise<RunResult> {
    return await this.#within((runner) => runner.run(input, options, this.#setting(options)));
  }

  async *runStream(
    input: string | readonly Message[],
    options: RunOptions = {},
  ): AsyncGenerator<RunEvent> {
    yield* this.#told((runner) => runner.runStream(input, options, this.#setting(options)));
  }

  async resume(
    session: string,
    decisions: Readonly<Record<string, Decision>> = {},
    options: RunOptions = {},
  ): Promise<RunResult> {
    return await this.#within((runner) =>
      runner.resume(session, decisions, options, this.#setting(options))
    );
  }

  async *resumeStream(
    session: string,
    decisions: Readonly<Record<string, Decision>> = {},
    options: RunOptions = {},
  ): AsyncGenerator<RunEvent> {
    yield* this.#told((runner) =>
      runner.resumeStream(session, decisions, options, this.#setting(options))
    );
  }

  async sessions(): Promise<string[]> {
    return (await this.#opened()).sessions();
  }

  async sessionEnd(session: string): Promise<Finish | null | undefined> {
    return (await this.#opened()).sessionEnd(session);
  }

  async close(): Promise<void> {
    if (!this.#closed && this.#owned) this.knowledge.close();
    this.#closed = true;
    const runner = this.#runner;
    this.#runner = undefined;
    (await runner)?.close();
    await this.#models.close();
    this.#memory.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** An answer that cannot be kept is still an answer. */
  #keep(key: string, revision: number, answer: Answer): void {
    try {
      this.#answers.set(key, revision, answer);
    } catch (error) {
      answer.reasoning += ` The answer was not kept: ${errorOf(error).message}`;
    }
  }

  #kept(): Kept {
    this.#check();
    return this.#memory;
  }

  async #within<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    const runner = await this.#opened();
    await using _held = this.#models.hold();
    return await work(runner);
  }

  async *#told(work: (runner: Runner) => AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
    const runner = await this.#opened();
    await using _held = this.#models.hold();
    yield* work(runner);
  }

  /** Who never runs anything loads nothing of it. */
  #opened(): Promise<Runner> {
    this.#check();
    return this.#runner ??= this.#open();
  }

  async #open(): Promise<Runner> {
    const { tools = [], budget, approve, sessions, tracing = false } = this.#options;
    const { Runner } = await import("./loop/runner.ts");
    const trace = tracing === false
      ? undefined
      : await (await import("./tracing.ts")).openTracing(tracing === true ? {} : tracing);
    return new Runner({
      ...{ models: this.#models.now.all, tools, budget, approve, sessions, tracing: trace },
    });
  }

  /** The field of a run: the one that was asked for, or what its user's words are about. */
  #setting({ domain: asked }: RunOptions): Setting {
    return async (messages) => {
      const words = messages.filter(({ role }) => role === "user").map(({ content }) => content);
      const { domains } = this.#kept();
      const there = domainOf(asked, domains);
      const { domain: name, reason } = asked === undefined
        ? await this.#questions.pick(words.join("\n"), domains)
        : {
          domain: there,
          reason: there === asked ? "it was asked for" : `there is no "${asked}"`,
        };
      const { description, tools } = domains[name]!;
      const domain = { name, reason };
      return name === GENERAL
        ? { domain, tools }
        : { domain, tools, instructions: `Your field: ${description}` };
    };
  }

  #check(): void {
    if (this.#closed) {
      throw new AgentError("CLOSED", "The agent is closed; create another one.", {
        object: "agent",
      });
    }
  }
}

function checkQuery(query: unknown): void {
  checkString(query, "query");
  if (!/[\p{L}\p{N}]/u.test(query)) throw wrongType("query", "a question in words", query);
}

function errorOf(error: unknown): AnswerError {
  if (error instanceof AgentError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  // A package that could not be had is not the question's fault, though Deno throws a TypeError.
  if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
    return { code: "UNAVAILABLE", message };
  }
  const wrong = error instanceof TypeError || error instanceof RangeError;
  return { code: wrong ? "INVALID_QUERY" : "INTERNAL", message };
}
