/**
 * The shapes of the agent: questions, answers with their sources, domains, providers, status.
 *
 * @module
 */
import type { AgentErrorCode } from "../shared/errors.ts";
import type { Implementation } from "../shared/implementation.ts";
import type { DocumentInput, Knowledge, KnowledgeStats } from "../knowledge/types.ts";
import type { ChatProvider, Message, ModelOptions } from "../llm/types.ts";
import type {
  Approve,
  Budget,
  Decision,
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
  /** How well it fits the question, 0 to 1. */
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
  /** The answer in words; quotes are followed by `[n]`, the number of the source from 1. */
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
  /** Which domain is to answer. Default, and for unknown ones: `general`. */
  domain?: string | undefined;
  /** Texts that count as documents for this question. */
  context?: readonly ContextItem[] | undefined;
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
  /** More domains by name, or others in the place of the built-in ones. */
  domains?: Readonly<Record<string, DomainProfile>> | undefined;
  /**
   * Which twin of the text area is used; answers are the same. By default what
   * `AGENT_IMPLEMENTATION` says, else `"auto"`.
   */
  implementation?: Implementation | undefined;
}

/** What the agent can be told to do by name. */
export type CommandName =
  | "get_metrics"
  | "reset_metrics"
  | "clear_cache"
  | "index_folder"
  | "remove_documents";

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
  /** Where answers are kept. */
  cache: "knowledge" | "custom" | "off";
  /** The domains by name. */
  domains: string[];
  /** Which twin of the text area is wished for. */
  implementation: Implementation;
  /** What was done so far. */
  metrics: AgentMetrics;
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
   * Does something by name, for consoles and remote control.
   *
   * `get_metrics`, `reset_metrics`, `clear_cache`, `index_folder` ({ folder }), `remove_documents`
   * ({ documents }).
   *
   * @param name What to do.
   * @param parameters What it needs.
   * @returns What came of it; an unknown name or wrong parameters are an `error`.
   */
  command(name: string, parameters?: Readonly<Record<string, unknown>>): Promise<CommandResult>;

  /** How the agent is set up and what it has done. */
  status(): Promise<AgentStatus>;

  /** Closes the agent, and its own store if it has one; a second call does nothing. */
  close(): Promise<void>;
}
