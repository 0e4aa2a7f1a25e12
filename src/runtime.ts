/**
 * Every capability behind one object, each made at its first use, all disposed together.
 *
 * @module
 */

import { makeAgent } from "./agent/make.ts";
import type { Agent, AgentOptions } from "./agent/types.ts";
import { type Area, type AreaName, TWIN_AREAS } from "./areas.ts";
import { createCache } from "./cache/mod.ts";
import type { CacheOptions, TtlCache } from "./cache/types.ts";
import * as containers from "./containers/mod.ts";
import { type KnowledgeOptions, openKnowledge } from "./knowledge/mod.ts";
import type { Knowledge } from "./knowledge/types.ts";
import { createHttpClient } from "./http/mod.ts";
import type { HttpClient, HttpClientOptions } from "./http/types.ts";
import * as monitor from "./monitor/mod.ts";
import { createQueue } from "./queue/mod.ts";
import type { JsonValue, Queue, QueueOptions } from "./queue/types.ts";
import { configured } from "./security/configure.ts";
import * as security from "./security/mod.ts";
import { checkImplementation, checkWord, fieldsOf } from "./shared/arguments.ts";
import { closedError } from "./shared/closed.ts";
import type { CallOptions, Implementation } from "./shared/implementation.ts";
import * as text from "./text/mod.ts";

/** Options of {@linkcode createRuntime}. */
export interface RuntimeOptions {
  /**
   * Which twin does the work: one word for all areas, or one for each area named. What is left out is
   * as `AGENT_IMPLEMENTATION` says, and `"auto"` where that says nothing.
   */
  implementation?: Implementation | Partial<Record<Area, Implementation>> | undefined;
  /** Options of `runtime.cache`. */
  cache?: CacheOptions | undefined;
  /** Options of `runtime.http`. */
  http?: HttpClientOptions | undefined;
  /** Options of `runtime.queue`. */
  queue?: QueueOptions | undefined;
  /**
   * What scans may do: authorisation, limits, audit log. If it is given it holds for all calls, whatever options these
   * have, so that the arguments of a tool cannot widen it.
   */
  security?: security.ScanConfiguration | undefined;
  /** Options of `runtime.knowledge`. */
  knowledge?: KnowledgeOptions | undefined;
  /** Options of `runtime.agent`, which answers from `runtime.knowledge`. */
  agent?: Omit<AgentOptions, "knowledge" | "implementation"> | undefined;
}

/** The functions of a module; what else it exports is left out. */
export type FunctionsOf<M> = {
  readonly [K in keyof M as M[K] extends (...values: never[]) => unknown ? K : never]: M[K];
};

/** The functions of the text area; see the subpath `text` for each. */
export type TextFunctions = FunctionsOf<typeof text>;
/** The functions of the containers area. */
export type ContainersFunctions = FunctionsOf<typeof containers>;
/** The functions of the security area. */
export type SecurityFunctions = FunctionsOf<typeof security>;
/** The functions of the monitor area. */
export type MonitorFunctions = FunctionsOf<typeof monitor>;

/** What {@linkcode createRuntime} makes. */
export interface Runtime extends AsyncDisposable {
  /** The text functions, with the runtime's choice of twin where a call makes none. */
  readonly text: TextFunctions;
  /** A cache of strings. */
  readonly cache: TtlCache<string>;
  /** An HTTP client. */
  readonly http: HttpClient;
  /** A queue of JSON values. */
  readonly queue: Queue<JsonValue, JsonValue>;
  /** The container functions, with the runtime's choice of twin. */
  readonly containers: ContainersFunctions;
  /** The security functions, with the runtime's choice of twin. */
  readonly security: SecurityFunctions;
  /** The functions that read the machine's figures, with the runtime's choice of twin. */
  readonly monitor: MonitorFunctions;
  /** The documents. */
  readonly knowledge: Knowledge;
  /** Answers from the documents. */
  readonly agent: Agent;
  /** Closes all that was made. Calling it again does nothing. */
  close(): Promise<void>;
}

/** Where each function takes its options. A function that is not listed is a type error. */
const TEXT_OPTIONS: Record<keyof TextFunctions, number> = {
  countTokens: 1,
  encodingForModel: 1,
  hash: 1,
  hashMany: 1,
  hashStream: 1,
  keywords: 1,
  loadEncoding: 1,
  matcher: 1,
  nearDuplicates: 1,
  prepareRedaction: 0,
  processBatch: 1,
  rank: 2,
  redact: 1,
  redactor: 0,
  similarity: 2,
  toMarkdown: 1,
  toMarkdownMany: 1,
  transform: 2,
};
const CONTAINERS_OPTIONS: Record<keyof ContainersFunctions, number> = {
  connectContainers: 0,
  pingEngine: 0,
};
const SECURITY_OPTIONS: Record<keyof SecurityFunctions, number> = {
  connections: 0,
  detectService: 2,
  detectThreats: 0,
  diff: 2,
  discoverHosts: 1,
  picture: 0,
  probePort: 2,
  processes: 0,
  renderPicture: 1,
  scanHosts: 1,
  scanPorts: 1,
  systemInfo: 0,
  threatRules: 0,
  toJsonl: 1,
  toNmapXml: 1,
};
const MONITOR_OPTIONS: Record<keyof MonitorFunctions, number> = {
  benchmark: 1,
  createMonitor: 0,
  loadTest: 1,
  loadToSvg: 1,
  loadToText: 1,
  memoryInfo: 0,
};

/**
 * Makes a runtime. Nothing is opened, loaded or read before a part of it is used. Closing it closes what it made and
 * holds: cache, HTTP client, queue, knowledge and agent; functions hold nothing and go on working.
 *
 * @param options What its parts are made with.
 * @returns The runtime; `await using` closes it.
 * @throws {TypeError} If `implementation` names an area or a word that there is not.
 *
 * @example
 * ```ts
 * import { createRuntime } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * await using runtime = createRuntime({ implementation: { text: "pure" } });
 * runtime.cache.set("answer", "42");
 * assert.equal(runtime.cache.get("answer"), "42");
 * assert.equal(runtime.text.similarity("kitten", "sitting"), 1 - 3 / 7);
 * ```
 */
export function createRuntime(options?: RuntimeOptions): Runtime;
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new LazyRuntime(options, chosen(options.implementation));
}

/** The wish for an area, if the runtime has one. */
type Wish = (area: Area) => Implementation | undefined;

function chosen(implementation: RuntimeOptions["implementation"]): Wish {
  if (implementation === undefined || typeof implementation === "string") {
    checkImplementation(implementation, "options.implementation");
    return () => implementation;
  }
  const byArea = { ...fieldsOf(implementation, "options.implementation") } as Partial<
    Record<Area, Implementation>
  >;
  for (const [area, word] of Object.entries(byArea)) {
    checkWord(area, "An area of options.implementation", TWIN_AREAS);
    checkImplementation(word, `options.implementation.${area}`);
  }
  return (area) => byArea[area];
}

class LazyRuntime implements Runtime, Record<AreaName, unknown> {
  readonly #options: RuntimeOptions;
  readonly #wish: Wish;
  #closed = false;
  #text: TextFunctions | undefined;
  #containers: ContainersFunctions | undefined;
  #security: SecurityFunctions | undefined;
  #monitor: MonitorFunctions | undefined;
  #cache: TtlCache<string> | undefined;
  #http: HttpClient | undefined;
  #queue: Queue<JsonValue, JsonValue> | undefined;
  #knowledge: Knowledge | undefined;
  #agent: Agent | undefined;

  constructor(options: RuntimeOptions, wish: Wish) {
    this.#options = options;
    this.#wish = wish;
  }

  get text(): TextFunctions {
    return this.#text ??= withWish(text, TEXT_OPTIONS, this.#wish("text"));
  }

  get containers(): ContainersFunctions {
    return this.#containers ??= withWish(
      containers,
      CONTAINERS_OPTIONS,
      this.#wish("containers"),
    );
  }

  get security(): SecurityFunctions {
    const { security: configuration } = this.#options;
    const functions = configuration === undefined
      ? security
      : { ...security, ...configured(configuration) };
    return this.#security ??= withWish(functions, SECURITY_OPTIONS, this.#wish("security"));
  }

  get monitor(): MonitorFunctions {
    return this.#monitor ??= withWish(monitor, MONITOR_OPTIONS, this.#wish("monitor"));
  }

  get http(): HttpClient {
    this.#check();
    return this.#http ??= createHttpClient({
      ...(wished(this.#wish("http"))),
      ...this.#options.http,
    });
  }

  get cache(): TtlCache<string> {
    this.#check();
    return this.#cache ??= createCache({
      ...(wished(this.#wish("cache"))),
      ...this.#options.cache,
    });
  }

  get queue(): Queue<JsonValue, JsonValue> {
    this.#check();
    return this.#queue ??= createQueue({
      ...(wished(this.#wish("queue"))),
      ...this.#options.queue,
    });
  }

  get knowledge(): Knowledge {
    this.#check();
    return this.#knowledge ??= openKnowledge({
      ...(wished(this.#wish("knowledge"))),
      ...this.#options.knowledge,
    });
  }

  get agent(): Agent {
    this.#check();
    if (this.#agent !== undefined) return this.#agent;
    const options = { ...this.#options.agent, ...wished(this.#wish("text")) };
    // What the agent does by name is done with our parts, and so within our configuration.
    return this.#agent = makeAgent({ ...options, knowledge: this.knowledge }, this);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#agent?.[Symbol.asyncDispose]();
    await this.#queue?.close();
    await this.#http?.close();
    this.#knowledge?.close();
    this.#cache?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#closed) throw closedError("runtime");
  }
}

function wished(implementation: Implementation | undefined): { implementation?: Implementation } {
  return implementation === undefined ? {} : { implementation };
}

/** The functions of a module with a wish of ours under each call's options. */
function withWish<F extends object>(
  module: F,
  optionsAt: Record<keyof FunctionsOf<F>, number>,
  wish: Implementation | undefined,
): FunctionsOf<F> {
  const bound: Record<string, unknown> = {};
  for (const [name, at] of Object.entries<number>(optionsAt)) {
    const call = module[name as keyof F] as (...values: unknown[]) => unknown;
    bound[name] = wish === undefined ? call : (...values: unknown[]) => {
      values[at] = optionsWith(values[at], wish);
      return call(...values);
    };
  }
  return bound as FunctionsOf<F>;
}

/** The caller's options with our wish where they have none. */
function optionsWith(options: unknown, wish: Implementation): unknown {
  // What is no object is refused by the function itself.
  if (options !== undefined && (typeof options !== "object" || options === null)) return options;
  if ((options as CallOptions | undefined)?.implementation !== undefined) return options;
  return { ...options as CallOptions | undefined, implementation: wish };
}
