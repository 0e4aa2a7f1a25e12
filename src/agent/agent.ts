/**
 * The agent: looks a question up in the cache, else in the documents, and answers with what it
 * found, worded by a model if there is one.
 *
 * @module
 */
import { AgentError } from "../errors.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import type { Implementation } from "../implementation.ts";
import { openKnowledge } from "../knowledge/mod.ts";
import type { Knowledge, QueryTerm, SearchHit } from "../knowledge/types.ts";
import { findAnswer, type Finding, keywordsOf } from "./answer.ts";
import { runCommand } from "./commands.ts";
import { BUILT_IN_DOMAINS, GENERAL, preferDomain } from "./domains.ts";
import { Metrics } from "./metrics.ts";
import { askModel } from "./model.ts";
import { readQuestion } from "./question.ts";
import { answerKey, AnswerStore } from "./store.ts";
import type {
  Agent,
  AgentOptions,
  AgentStatus,
  Answer,
  AnswerError,
  AnswerEvent,
  AskOptions,
  ChatProvider,
  CommandResult,
  ContextItem,
  DomainProfile,
} from "./types.ts";

/** So many chunks are compared for a question. */
const CHUNKS = 24;
const NOT_THERE = "The documents do not answer this question.";

/** {@linkcode Agent} over a knowledge store. Owns the store if it opened it. */
export class DocumentAgent implements Agent {
  readonly knowledge: Knowledge;
  readonly #owned: boolean;
  readonly #model: ChatProvider | undefined;
  readonly #domains: Readonly<Record<string, DomainProfile>>;
  readonly #implementation: Implementation | undefined;
  readonly #answers: AnswerStore;
  readonly #metrics = new Metrics();
  #closed = false;

  constructor(options: AgentOptions) {
    this.#owned = options.knowledge === undefined;
    this.knowledge = options.knowledge ?? openKnowledge();
    this.#model = options.model;
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
      answer.keywords = keywordsOf(query, this.#implementation);
      const context = options.context ?? [];
      const key = await answerKey(query, [
        domain,
        this.#domains[domain],
        this.#model?.name,
        context,
      ]);
      options.signal?.throwIfAborted();
      const { revision } = this.knowledge.stats();
      known = this.#answers.get(key, revision);
      if (known === undefined) {
        const finding = await this.#find(query, domain, context, options.signal);
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

  // deno-lint-ignore require-await -- a closed agent rejects, as everywhere
  async command(
    name: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<CommandResult> {
    this.#check();
    const { knowledge } = this;
    return runCommand(
      { knowledge, answers: this.#answers, metrics: this.#metrics },
      name,
      parameters,
    );
  }

  // deno-lint-ignore require-await -- a closed agent rejects, as everywhere
  async status(): Promise<AgentStatus> {
    this.#check();
    return {
      path: this.knowledge.path,
      knowledge: this.knowledge.stats(),
      model: this.#model?.name ?? null,
      cache: this.#answers.kind,
      domains: Object.keys(this.#domains),
      implementation: effectiveImplementation("text", this.#implementation),
      metrics: this.#metrics.read(),
    };
  }

  close(): Promise<void> {
    if (!this.#closed && this.#owned) this.knowledge.close();
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #find(
    query: string,
    domain: string,
    context: readonly ContextItem[],
    signal: AbortSignal | undefined,
  ): Promise<Finding & { error?: AnswerError }> {
    let terms = this.knowledge.terms(query);
    let hits = this.knowledge.search(query, { limit: CHUNKS });
    if (context.length > 0) {
      using extra = openKnowledge();
      await extra.add(context, signal === undefined ? {} : { signal });
      terms = mergeTerms(terms, extra.terms(query));
      hits = mergeHits(hits, extra.search(query, { limit: CHUNKS }));
    }
    hits = preferDomain(hits, this.#domains[domain]!);
    const finding = findAnswer(readQuestion(query, terms), hits, this.#implementation);
    if (this.#model === undefined || finding.sources.length === 0) return finding;
    return await this.#word(this.#model, query, finding, hits, signal);
  }

  /** Lets the model word the answer; what it cannot support stays as extracted. */
  async #word(
    model: ChatProvider,
    query: string,
    finding: Finding,
    hits: readonly SearchHit[],
    signal: AbortSignal | undefined,
  ): Promise<Finding & { error?: AnswerError }> {
    const instead = `so the sentences themselves are given. ${finding.reasoning}`;
    try {
      const said = await untilAborted(askModel(model, query, hits, signal), signal);
      if (said.declined) {
        return {
          sources: [],
          pieces: [],
          confidence: Math.min(finding.confidence, 0.2),
          reasoning: `${model.name} found no answer in ${hits.length} chunks. ${finding.reasoning}`,
        };
      }
      if (said.sources.length === 0) {
        return { ...finding, reasoning: `What ${model.name} said has no support, ${instead}` };
      }
      return {
        sources: said.sources,
        pieces: [said.text],
        confidence: Math.round(finding.confidence * said.support * 100) / 100,
        reasoning:
          `Worded by ${model.name}; ${said.support.toFixed(2)} of its sentences stand on ` +
          `what they cite, and confidence is lowered to that share. ${finding.reasoning}`,
      };
    } catch (error) {
      signal?.throwIfAborted();
      const message = `${model.name} failed: ${error instanceof Error ? error.message : error}`;
      return { ...finding, reasoning: `${message}, ${instead}`, error: { code: "MODEL", message } };
    }
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

  #check(): void {
    if (this.#closed) {
      throw new AgentError("CLOSED", "The agent is closed; create another one.", {
        object: "agent",
      });
    }
  }
}

function checkQuery(query: unknown): void {
  if (typeof query !== "string") {
    throw new TypeError(
      `the question must be a string, not ${query === null ? "null" : typeof query}`,
    );
  }
  if (!/[\p{L}\p{N}]/u.test(query)) {
    throw new TypeError("the question has no words; ask in words");
  }
}

function errorOf(error: unknown): AnswerError {
  if (error instanceof AgentError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  const wrong = error instanceof TypeError || error instanceof RangeError;
  return { code: wrong ? "INVALID_QUERY" : "INTERNAL", message };
}

/** A promise that also rejects when a signal aborts, for work that does not look at it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function mergeTerms(stored: readonly QueryTerm[], given: readonly QueryTerm[]): QueryTerm[] {
  return stored.map((term, at) => {
    const other = given[at];
    if (other === undefined || other.chunks === 0) return term;
    // In an empty store words have no weight.
    return { ...term, chunks: term.chunks + other.chunks, weight: term.weight || other.weight };
  });
}

/** BM25 of two stores cannot be compared; the best hits of both count the same. */
function mergeHits(stored: readonly SearchHit[], given: readonly SearchHit[]): SearchHit[] {
  const factor = (given[0]?.score ?? 1) > 0 ? (stored[0]?.score ?? 1) / (given[0]?.score ?? 1) : 1;
  const scaled = given.map((hit) => ({ ...hit, score: hit.score * factor }));
  return [...scaled, ...stored].sort((a, b) => b.score - a.score);
}
