/**
 * The shapes of the agent: questions, answers with their sources, domains, providers, status.
 *
 * @module
 */
import type { AgentErrorCode } from "../shared/errors.ts";
import type { Implementation } from "../shared/implementation.ts";
import type { DocumentInput, Knowledge, KnowledgeStats } from "../knowledge/types.ts";
import type { ChatProvider, Message, ModelOptions, TokenPrice } from "../llm/types.ts";
import type {
  Approve,
  Budget,
  Decision,
  Finish,
  RunEvent,
  RunOptions,
  RunResult,
  Tool,
} from "./loop/types.ts";

export type * from "../llm/types.ts";
export type * from "./loop/types.ts";

/** A place in a document that an answer rests on. */
export interface Source {
  /** The document's name in the knowledge store, or in the question's context. */
  document: string;
  /** The document's title, if it has one. */
  title?: string;
  /** Where the quote starts in the document's text, in UTF-16 units. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
  /** The words themselves: `knowledge.text(document).slice(start, end)`. */
  quote: string;
  /** The headings above it, outermost first, if there are any. */
  heading?: string[];
  /** What a link to the heading above it ends with, after the `#`, if that is known. */
  anchor?: string;
  /** What answers, within the quote: offsets in the document's text. */
  mark?: { start: number; end: number };
  /** How well it fits the question beside the best one, 0 to 1. */
  score: number;
}

/** Why a question could not be answered, beside a complete {@linkcode Answer}. */
export interface AnswerError {
  /** An {@linkcode AgentErrorCode}, `INVALID_QUERY` (no text), or `MODEL` (the model failed). */
  code: AgentErrorCode | "INVALID_QUERY" | "MODEL";
  /** What was wrong and what to do. */
  message: string;
}

/** An answer. All fields are there on every path. */
export interface Answer {
  /** The answer in words, of at most 800 UTF-16 units without a model; quotes are followed by `[n]`, the number of the source from 1. */
  answer: string;
  /** The domain that answered; `general` if the one asked for is unknown. */
  domain: string;
  /** 0 to 1, computed; `reasoning` names its parts. */
  confidence: number;
  /** What the answer rests on, best first; empty if the documents do not answer the question. */
  sources: Source[];
  /** How the answer and its confidence came about. */
  reasoning: string;
  /** The central words of the question. */
  keywords: string[];
  /** When the answer was made, ISO 8601 in UTC; a cached answer keeps the first time. */
  timestamp: string;
  /** Whether it was made before and only looked up now. */
  cached: boolean;
  /** What failed, if something did. */
  error?: AnswerError;
}

/** A text given along with a question; it is searched like the documents, for this question only. */
export type ContextItem = DocumentInput;

/** Options of {@linkcode Agent.ask} and {@linkcode Agent.stream}. */
export interface AskOptions {
  /** Which domain is to answer. Default: picked by the words, and `reasoning` says why; for unknown ones `general`. */
  domain?: string | undefined;
  /** Texts that count as documents for this question. */
  context?: readonly ContextItem[] | undefined;
  /**
   * `"high"` has a small language model read the best passages again before one is taken; see `SearchOptions` of the
   * knowledge store. Where it cannot, the answer's `error` says so (`NATIVE_REQUIRED`). Default `"fast"`.
   */
  quality?: "fast" | "high" | undefined;
  /** Ends the work early; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A piece of an answer on its way: first the sources, then the text, then the whole answer. */
export type AnswerEvent =
  | { type: "sources"; sources: Source[] }
  | { type: "text"; text: string }
  | { type: "done"; answer: Answer };

/** A field of knowledge: which of several meanings of a question's words is meant. */
export interface DomainProfile {
  /** What the domain is about. */
  description: string;
  /** Words of the field; chunks that hold some of them are preferred. */
  vocabulary: readonly string[];
  /** By how much at most a chunk's score grows, as a share of it, 0 to 4. Default 0.5. */
  weight?: number;
  /**
   * Words, phrases and patterns that alone say that a question is of the field, so that it is picked where no domain is asked
   * for. Words are matched by their stems; two words of `vocabulary` say as much as one of these.
   */
  cues?: readonly (string | RegExp)[];
  /** Tools that come to those of the agent in runs of this domain. */
  tools?: readonly Tool[];
}

/** Where answers are kept instead of beside the documents; a `TtlCache<string>` is one. */
export interface AnswerCache {
  /** The text kept under a key. */
  get(key: string): string | undefined;
  /** Keeps a text under a key. */
  set(key: string, value: string): void;
  /** Drops all. */
  clear(): void;
}

/** How runs are traced. */
export interface TracingOptions {
  /** Whether prompts, answers, inputs and results of tools, and the words of errors are in the spans. Default false. */
  content?: boolean | undefined;
}

/** Options of `createAgent`. */
export interface AgentOptions {
  /** The documents; the caller closes them. By default an empty store of the agent's own. */
  knowledge?: Knowledge | undefined;
  /**
   * A model that words the answers and does what runs ask for: at an address, or a provider; of several each is tried when the
   * one before it failed. Without one, answers are sentences of the documents, and there are no runs.
   */
  model?: ModelOptions | ChatProvider | readonly (ModelOptions | ChatProvider)[] | undefined;
  /** The tools of runs. Default: none; `builtInTools` gives those of a runtime. */
  tools?: readonly Tool[] | undefined;
  /** Bounds of each run. */
  budget?: Budget | undefined;
  /** Asked for each call that needs somebody's word; without it such a run waits. */
  approve?: Approve | undefined;
  /** Where runs are kept, so that they can go on after a crash or a day: a file, made with mode 0600. */
  sessions?: { path: string } | undefined;
  /**
   * Where answers are kept: beside the documents, for every process that opens the same file
   * (`true`, the default), nowhere (`false`), or in a cache of yours.
   */
  cache?: boolean | AnswerCache | undefined;
  /** Where counts and changed domains are kept over processes: a file, made with mode 0600. Default: nowhere. */
  state?: { path: string } | undefined;
  /** More domains by name, or others in the place of the built-in ones. */
  domains?: Readonly<Record<string, DomainProfile>> | undefined;
  /**
   * Whether runs are traced by OpenTelemetry: spans of runs, turns and tools, which Deno exports where it was started with
   * `OTEL_DENO=true`. Default false. What is said is in them only with `{ content: true }`.
   */
  tracing?: boolean | TracingOptions | undefined;
  /**
   * Which twin of the text area is used; answers are the same. By default what
   * `AGENT_IMPLEMENTATION` says, else `"auto"`.
   */
  implementation?: Implementation | undefined;
}

/** What the agent can be told to do by name; the registry of commands has more. */
export type CommandName =
  | "get_metrics"
  | "reset_metrics"
  | "clear_cache"
  | "reload_model"
  | "update_domain"
  | "index_folder"
  | "remove_documents"
  | "security_scan"
  | "performance_test"
  | "list_containers"
  | "deploy_container"
  | "start_container"
  | "stop_container"
  | "remove_container";

/** What came of a command. */
export interface CommandResult {
  /** The name as it was given. */
  command: string;
  /** Whether it was done. */
  ok: boolean;
  /** What it gives, by name; empty if it failed. */
  data: Record<string, unknown>;
  /** What was wrong, if it was not done. */
  error?: { code: AgentErrorCode | "INVALID_COMMAND"; message: string };
}

/** What the agent has done since it was made, or since `reset_metrics`. */
export interface AgentMetrics {
  /** Questions asked. */
  questions: number;
  /** Answered from the documents, now. */
  answered: number;
  /** Found not to be answered by the documents. */
  abstained: number;
  /** Answered from the cache. */
  cached: number;
  /** Answered with an error. */
  failed: number;
  /** Questions by domain. */
  byDomain: Record<string, number>;
  /** The median time of the last 1,000 questions, in milliseconds; null before the first. */
  p50Ms: number | null;
  /** The 95th percentile of the same. */
  p95Ms: number | null;
}

/** How the agent is set up and what it has done. */
export interface AgentStatus {
  /** The data file of the documents, or ":memory:". */
  path: string;
  /** The size of the documents. */
  knowledge: KnowledgeStats;
  /** The model's name, or null for extracted answers. */
  model: string | null;
  /** Each model, in the order in which they are tried. */
  models: ModelStatus[];
  /** The tools of runs, by name. */
  tools: string[];
  /** Where sessions are kept, and how many there are; null without sessions. */
  sessions: { path: string; count: number | null } | null;
  /** Where answers are kept. */
  cache: "knowledge" | "custom" | "off";
  /** The domains by name. */
  domains: string[];
  /** Which twin of the text area is wished for. */
  implementation: Implementation;
  /** What was done so far. */
  metrics: AgentMetrics;
  /** When the agent was made, ISO 8601 in UTC. */
  startedAt: string;
  /** Why a value is null, by its name. */
  unavailable: Record<string, string>;
}

/** A model, as the agent has it. It is not asked for that. */
export interface ModelStatus {
  /** Its name in answers and steps. */
  name: string;
  /** Whether it takes tools. */
  tools: boolean;
  /** How many tokens fit into it; null if that is not known. */
  contextTokens: number | null;
  /** Dollars for a million tokens; null if that is not known. */
  price: TokenPrice | null;
}

/** What is to be different of a domain; what is left out stays. */
export type DomainChange = {
  readonly [K in "description" | "vocabulary" | "weight"]?: DomainProfile[K] | undefined;
};

/** A domain after a change. */
export interface DomainUpdate
  extends Required<Pick<DomainProfile, "description" | "vocabulary" | "weight">> {
  /** Its name. */
  domain: string;
}

/** Answers questions from documents, made by `createAgent`. */
export interface Agent extends AsyncDisposable {
  /** The documents that it answers from. */
  readonly knowledge: Knowledge;

  /**
   * Answers a question from the documents.
   *
   * It does not throw for what goes wrong underneath: the answer then says so, and has `error`.
   *
   * @param query The question, in words.
   * @param options Domain, further texts, signal.
   * @returns The answer with its sources, or an honest "not in the documents" without any.
   * @throws {AgentError} `CLOSED`. An abort rejects with the signal's reason.
   */
  ask(query: string, options?: AskOptions): Promise<Answer>;

  /**
   * Answers a question piece by piece; the last event carries what `ask` returns.
   *
   * @param query The question.
   * @param options Domain, further texts, signal.
   * @returns Events: the sources, the text in pieces, the whole answer.
   */
  stream(query: string, options?: AskOptions): AsyncIterable<AnswerEvent>;

  /**
   * Does a task: the model's turns and the tools that it asks for, until it asks for none or a bound is reached.
   *
   * @param input The task in words, or a conversation.
   * @param options Session, tools, bounds, domain, signal.
   * @returns What came of it, with `finish.reason`: also when it was cancelled, or the model failed.
   * @throws {AgentError} `UNSUPPORTED` without a model, or with tools that it cannot take; `UNAVAILABLE` for a session that
   * another run has; `IO`, `CORRUPT` and `PERMISSION` of the sessions' file.
   * @throws {TypeError | RangeError} For wrong arguments.
   */
  run(input: string | readonly Message[], options?: RunOptions): Promise<RunResult>;

  /**
   * The same, told as it happens. The last event is `done` with what `run` returns; what fails is thrown.
   *
   * @param input The task in words, or a conversation.
   * @param options As for `run`.
   */
  runStream(input: string | readonly Message[], options?: RunOptions): AsyncIterable<RunEvent>;

  /**
   * Goes on with a session: after a crash, after somebody's word, after a bound with a larger one. No finished turn is paid for
   * again, and no tool that may have run runs twice unless it is `retry: "safe"`; what is not known is said to the model.
   *
   * @param session Its name.
   * @param decisions Somebody's word for calls that wait, by their ids.
   * @param options As for `run`.
   * @throws {AgentError} As `run`; `NOT_FOUND` for a session that there is not.
   */
  resume(
    session: string,
    decisions?: Readonly<Record<string, Decision>>,
    options?: RunOptions,
  ): Promise<RunResult>;

  /**
   * The same, told as it happens. The last event is `done` with what `resume` returns; what fails is thrown.
   *
   * @param session Its name.
   * @param decisions As for `resume`.
   * @param options As for `run`.
   */
  resumeStream(
    session: string,
    decisions?: Readonly<Record<string, Decision>>,
    options?: RunOptions,
  ): AsyncIterable<RunEvent>;

  /** The names of the sessions that are kept, the last one used first. */
  sessions(): Promise<string[]>;

  /** How the last run of a session ended; null if it was cut off, undefined if there is none. */
  sessionEnd(session: string): Promise<Finish | null | undefined>;

  /**
   * Does something by name, for consoles and programs: `get_metrics`, `reset_metrics`, `clear_cache`, `reload_model`,
   * `update_domain`, `index_folder`, `remove_documents`, `security_scan`, `performance_test`, `list_containers`,
   * `deploy_container`, `start_container`, `stop_container`, `remove_container`, and the others of docs/agent.md.
   *
   * @param name What to do.
   * @param parameters What it needs.
   * @returns What came of it; an unknown name or wrong parameters are an `error`.
   */
  command(name: string, parameters?: Readonly<Record<string, unknown>>): Promise<CommandResult>;

  /** How the agent is set up and what it has done. What cannot be known is null, and `unavailable` says why. */
  status(): Promise<AgentStatus>;

  /** What was done since the agent was made, or since {@linkcode Agent.resetMetrics}. */
  metrics(): AgentMetrics;

  /** Begins the counts at zero again. */
  resetMetrics(): void;

  /** Drops the answers that are kept; says where they were. */
  clearCache(): { cache: AgentStatus["cache"] };

  /**
   * Changes what a domain prefers, or adds one.
   *
   * @param name Its name.
   * @param change What is to be different; a new domain needs a description and a vocabulary.
   * @returns The domain as it is now.
   * @throws {TypeError | RangeError} If something of it is wrong.
   */
  updateDomain(name: string, change: DomainChange): DomainUpdate;

  /** Opens the models anew, with new connections; runs under way go on with the old ones. */
  reloadModel(): Promise<ModelStatus[]>;

  /** Closes the agent, and its own store if it has one; a second call does nothing. */
  close(): Promise<void>;
}
