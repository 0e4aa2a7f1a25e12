/**
 * Every capability behind one object, each made at its first use, all disposed together.
 *
 * @module
 */

import { createAgent } from "./agent/mod.ts";
import type { Agent, AgentOptions } from "./agent/types.ts";
import { createCache } from "./cache/mod.ts";
import type { CacheOptions, TtlCache } from "./cache/types.ts";
import { type Area, AREAS } from "./ffi/library.ts";
import { effectiveImplementation } from "./ffi/settings.ts";
import { closedError } from "./ffi/handle.ts";
import type { CallOptions, Implementation } from "./implementation.ts";
import { type KnowledgeOptions, openKnowledge } from "./knowledge/mod.ts";
import type { Knowledge } from "./knowledge/types.ts";
import * as text from "./text/mod.ts";

/** Options of {@linkcode createRuntime}. */
export interface RuntimeOptions {
  /**
   * Which twin does the work: one word for all areas, or one for each area named. What is left out is
   * as `AGENT_IMPLEMENTATION` says, and `"auto"` where that says nothing.
   */
  implementation?: Implementation | Partial<Record<Area, Implementation>>;
  /** Options of `runtime.cache`. */
  cache?: CacheOptions;
  /** Options of `runtime.knowledge`. */
  knowledge?: KnowledgeOptions;
  /** Options of `runtime.agent`, which answers from `runtime.knowledge`. */
  agent?: Omit<AgentOptions, "knowledge" | "implementation">;
}

/** The functions of the text area; see the subpath `text` for each. */
export type TextFunctions = Pick<
  typeof text,
  | "transform"
  | "hash"
  | "hashMany"
  | "similarity"
  | "rank"
  | "matcher"
  | "keywords"
  | "processBatch"
  | "nearDuplicates"
>;

/** What {@linkcode createRuntime} makes. */
export interface Runtime extends AsyncDisposable {
  /** The text functions, with the runtime's choice of twin where a call makes none. */
  readonly text: TextFunctions;
  /** A cache of strings. */
  readonly cache: TtlCache<string>;
  /** The documents. */
  readonly knowledge: Knowledge;
  /** Answers from the documents. */
  readonly agent: Agent;
  /** Closes all that was made. Calling it again does nothing. */
  close(): Promise<void>;
}

/**
 * Makes a runtime. Nothing is opened, loaded or read before a part of it is used.
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
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new LazyRuntime(options, chosen(options.implementation));
}

/** The wish for an area, if the runtime has one. */
type Wish = (area: Area) => Implementation | undefined;

function chosen(implementation: RuntimeOptions["implementation"]): Wish {
  if (implementation === undefined || typeof implementation === "string") {
    if (implementation !== undefined) effectiveImplementation("text", implementation);
    return () => implementation;
  }
  for (const [area, word] of Object.entries(implementation)) {
    const known = AREAS.find((name) => name === area);
    if (known === undefined) {
      throw new TypeError(
        `Option implementation names ${JSON.stringify(area)}: it must be one of ${
          AREAS.join(", ")
        }`,
      );
    }
    effectiveImplementation(known, word);
  }
  return (area) => implementation[area];
}

class LazyRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #wish: Wish;
  #closed = false;
  #text: TextFunctions | undefined;
  #cache: TtlCache<string> | undefined;
  #knowledge: Knowledge | undefined;
  #agent: Agent | undefined;

  constructor(options: RuntimeOptions, wish: Wish) {
    this.#options = options;
    this.#wish = wish;
  }

  get text(): TextFunctions {
    return this.#text ??= textWith(this.#wish("text"));
  }

  get cache(): TtlCache<string> {
    this.#check();
    return this.#cache ??= createCache({
      ...(wished(this.#wish("cache"))),
      ...this.#options.cache,
    });
  }

  get knowledge(): Knowledge {
    this.#check();
    return this.#knowledge ??= openKnowledge(this.#options.knowledge);
  }

  get agent(): Agent {
    this.#check();
    return this.#agent ??= createAgent({
      ...this.#options.agent,
      ...(wished(this.#wish("text"))),
      knowledge: this.knowledge,
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#agent?.[Symbol.asyncDispose]();
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

/** The text functions with a wish of ours under each call's options. */
function textWith(wish: Implementation | undefined): TextFunctions {
  const under = <O extends CallOptions>(
    options: O | undefined,
  ): O | { implementation?: Implementation } =>
    wish === undefined ? options ?? {} : { implementation: wish, ...options };
  return {
    transform: (strings, operation, options) => text.transform(strings, operation, under(options)),
    hash: (input, options) => text.hash(input, under(options)),
    hashMany: (inputs, options) => text.hashMany(inputs, under(options)),
    similarity: (a, b, options) => text.similarity(a, b, under(options)),
    rank: (query, choices, options) => text.rank(query, choices, under(options)),
    matcher: (choices, options) => text.matcher(choices, under(options)),
    keywords: (input, options) => text.keywords(input, under(options)),
    processBatch: (texts, options) => text.processBatch(texts, under(options)),
    nearDuplicates: (texts, options) => text.nearDuplicates(texts, under(options)),
  };
}
