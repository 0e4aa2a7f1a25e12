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
import { BUILT_IN_DOMAINS, GENERAL } from "./domains.ts";
import type { Runner } from "./loop/runner.ts";
import { Metrics } from "./metrics.ts";
import { type AgentModels, openModels } from "./models.ts";
import { answerKey, AnswerStore } from "./answer_store.ts";
import type {
  Agent,
  AgentOptions,
  AgentStatus,
  Answer,
  AnswerError,
  AnswerEvent,
  AskOptions,
  CommandResult,
  Decision,
  DomainProfile,
  Message,
  RunEvent,
  RunOptions,
  RunResult,
} from "./types.ts";

const NOT_THERE = "The documents do not answer this question.";

/** {@linkcode Agent} over a knowledge store. Owns the store if it opened it. */
export class DocumentAgent implements Agent {
  readonly knowledge: Knowledge;
  readonly #owned: boolean;
  readonly #models: AgentModels;
  readonly #options: AgentOptions;
  #runner: Promise<Runner> | undefined;
  readonly #domains: Readonly<Record<string, DomainProfile>>;
  readonly #implementation: Implementation | undefined;
  readonly #answers: AnswerStore;
  readonly #metrics = new Metrics();
  #closed = false;

  constructor(options: AgentOptions) {
    this.#owned = options.knowledge === undefined;
    this.knowledge = options.knowledge ?? openKnowledge();
    this.#options = options;
    this.#models = openModels(options.model);
    this.#domains = { ...BUILT_IN_DOMAINS, ...options.domains };
    this.#implementation = options.implementation;
    this.#answers = new AnswerStore(this.knowledge, options.cache);
  }

  async ask(query: string, options: AskOptions = {}): Promise<Answer> {
    for await (const event of this.stream(query, options)) {
      if (event.type === "done") return event.answer;
    }
    throw new AgentError("INTERNAL", "The answer ended early", { operation: "ask", status: 0 });
  }

  async *stream(query: string, options: AskOptions = {}): AsyncGenerator<AnswerEvent, void> {
    this.#check();
    options.signal?.throwIfAborted();
    const started = performance.now();
    const domain = this.#domainOf(options.domain);
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
    try {
      checkQuery(query);
      const { answerQuestion, keywordsOf } = await import("./answering.ts");
      answer.keywords = keywordsOf(query, this.#implementation);
      const context = options.context ?? [];
      const key = await answerKey(query, [
        domain,
        this.#domains[domain],
        this.#models.first?.name,
        context,
      ]);
      options.signal?.throwIfAborted();
      const { revision } = this.knowledge.stats();
      known = this.#answers.get(key, revision);
      if (known === undefined) {
        const finding = await answerQuestion({
          knowledge: this.knowledge,
          query,
          profile: this.#domains[domain]!,
          context,
          model: this.#models.first,
          implementation: this.#implementation,
          signal: options.signal,
        });
        pieces = finding.pieces;
        const { sources, confidence, reasoning, error } = finding;
        Object.assign(answer, { sources, confidence, reasoning, answer: pieces.join(" ") });
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
    this.#metrics.count(final, performance.now() - started);
    yield { type: "sources", sources: final.sources };
    if (final !== answer || pieces.length === 0) yield { type: "text", text: final.answer };
    else {
      for (const [at, text] of pieces.entries()) {
        yield { type: "text", text: at === 0 ? text : ` ${text}` };
      }
    }
    yield { type: "done", answer: final };
  }

  async command(
    name: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<CommandResult> {
    this.#check();
    const { knowledge } = this;
    const { runCommand } = await import("./commands.ts");
    return await runCommand(
      { knowledge, answers: this.#answers, metrics: this.#metrics },
      name,
      parameters,
    );
  }

  async status(): Promise<AgentStatus> {
    this.#check();
    const { effectiveImplementation } = await import("../native/settings.ts");
    return {
      path: this.knowledge.path,
      knowledge: this.knowledge.stats(),
      model: this.#models.first?.name ?? null,
      cache: this.#answers.kind,
      domains: Object.keys(this.#domains),
      implementation: effectiveImplementation("text", this.#implementation),
      metrics: this.#metrics.read(),
    };
  }

  async run(input: string | readonly Message[], options: RunOptions = {}): Promise<RunResult> {
    const runner = await this.#opened();
    return await runner.run(input, options, this.#setting(options));
  }

  async *runStream(
    input: string | readonly Message[],
    options: RunOptions = {},
  ): AsyncGenerator<RunEvent> {
    const runner = await this.#opened();
    yield* runner.runStream(input, options, this.#setting(options));
  }

  async resume(
    session: string,
    decisions: Readonly<Record<string, Decision>> = {},
    options: RunOptions = {},
  ): Promise<RunResult> {
    const runner = await this.#opened();
    return await runner.resume(session, decisions, options, this.#setting(options));
  }

  async close(): Promise<void> {
    if (!this.#closed && this.#owned) this.knowledge.close();
    this.#closed = true;
    const runner = this.#runner;
    this.#runner = undefined;
    (await runner)?.close();
    await this.#models.close();
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

  #domainOf(name: string | undefined): string {
    return name !== undefined && Object.hasOwn(this.#domains, name) ? name : GENERAL;
  }

  /** Who never runs anything loads nothing of it. */
  #opened(): Promise<Runner> {
    this.#check();
    const { tools = [], budget, approve, sessions } = this.#options;
    return this.#runner ??= import("./loop/runner.ts").then(({ Runner }) =>
      new Runner({ ...{ models: this.#models.all, tools, budget, approve, sessions } })
    );
  }

  #setting({ domain }: RunOptions): { instructions?: string } {
    const name = this.#domainOf(domain);
    if (name === GENERAL) return {};
    return { instructions: `Your field: ${this.#domains[name]!.description}` };
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
