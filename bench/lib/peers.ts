/**
 * The packages that we compare with, from `bench/peers/`, where `deno task bench:peers` puts them. They are imported
 * by path and typed here, so that everything type-checks without them and no user fetches them.
 */

import { createRequire } from "node:module";
import type { AiSdk } from "./agent_peer.ts";

/** A store that forgets, as lru-cache has it. */
export interface LruCache {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
  has(key: string): boolean;
  delete(key: string): boolean;
  fetch?(key: string): Promise<string | undefined>;
}

/** How one is made. */
export interface LruOptions {
  max: number;
  ttl?: number;
  fetchMethod?: (key: string) => string;
}

/** A limiter, as bottleneck has it. */
export interface Bottleneck {
  schedule<T>(options: { weight?: number }, job: () => Promise<T>): Promise<T>;
}

/** A limiter, as rate-limiter-flexible has it in memory. */
export interface FlexibleLimiter {
  consume(key: string, points: number): Promise<unknown>;
  reward(key: string, points: number): Promise<unknown>;
}

/** A queue of functions, as p-queue has it. */
export interface FunctionQueue {
  add(run: () => number, options?: { priority?: number }): Promise<number>;
}

/** A tokenizer of a `tokenizer.json`, as @huggingface/tokenizers has it. */
export interface HuggingFaceTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
}

/** An index of MiniSearch. */
export interface MiniSearch {
  addAll(documents: readonly { id: number; heading: string; text: string }[]): void;
  search(query: string): { id: number }[];
}

/** What is used of Orama. */
export interface Orama {
  create(options: { schema: Record<string, string> }): object;
  insertMultiple(
    index: object,
    documents: readonly { id: string; heading: string; text: string }[],
    batch: number,
  ): unknown;
  search(
    index: object,
    query: { term: string; limit: number },
  ): { hits: { id: string }[] } | Promise<{ hits: { id: string }[] }>;
}

/** The packages; each is undefined where it is not installed. */
export interface Peers {
  /** The class of lru-cache. */
  lruCache(): Promise<(new (options: LruOptions) => LruCache) | undefined>;
  /** `distance` of fastest-levenshtein. */
  levenshtein(): Promise<((a: string, b: string) => number) | undefined>;
  /** `countTokens` of gpt-tokenizer's o200k_base; loading it takes a while and 60 MB. */
  countTokens(): Promise<((text: string) => number) | undefined>;
  /** The class of @huggingface/tokenizers; it takes the parsed file and the tokenizer's settings. */
  huggingFace(): Promise<
    (new (file: unknown, settings: object) => HuggingFaceTokenizer) | undefined
  >;
  /** The class of p-queue. */
  pQueue(): Promise<(new (options: { concurrency: number }) => FunctionQueue) | undefined>;
  /** `promise` of fastq. */
  fastq(): Promise<
    | ((run: (n: number) => Promise<number>, concurrency: number) => {
      push(n: number): Promise<number>;
    })
    | undefined
  >;
  /** A converter of turndown with its plugin for tables; its DOM is a part of it, as its users have it. */
  turndown(): Promise<((html: string) => string) | undefined>;
  /** A page's main content as Markdown: linkedom's DOM, Readability, turndown with its plugin for tables. */
  page(): Promise<((html: string) => string) | undefined>;
  /** The class of bottleneck, its version for one process. */
  bottleneck(): Promise<(new (options: object) => Bottleneck) | undefined>;
  /** `RateLimiterMemory` of rate-limiter-flexible. */
  flexibleLimiter(): Promise<(new (options: object) => FlexibleLimiter) | undefined>;
  /** The class of minisearch. */
  miniSearch(): Promise<(new (options: { fields: string[] }) => MiniSearch) | undefined>;
  /** The functions of @orama/orama. */
  orama(): Promise<Orama | undefined>;
  /** `ai` with the mock model of `ai/test`; what it imports by name stands in the import map. */
  ai(): Promise<AiSdk | undefined>;
}

/** Where they are installed. */
export const PEERS_FOLDER = new URL("../peers/node_modules/", import.meta.url);

/** The packages as they are installed. What is asked for and missing is said to `leaveOut`. */
export function installedPeers(leaveOut: (what: string) => void): Peers {
  const readable = Deno.permissions.querySync({ name: "read", path: PEERS_FOLDER }).state;
  const find = async <T>(names: string[], load: () => T | Promise<T>): Promise<T | undefined> => {
    for (const name of names) {
      if (readable === "granted" && await versionOf(name) !== undefined) continue;
      const why = readable === "granted"
        ? "deno task bench:peers installs it"
        : "needs --allow-read";
      leaveOut(`${name} (${why})`);
      return undefined;
    }
    return await load();
  };
  const file = (path: string) => import(new URL(path, PEERS_FOLDER).href);
  return {
    lruCache: () =>
      find(
        ["lru-cache"],
        async () => (await file("lru-cache/dist/esm/node/index.min.js")).LRUCache,
      ),
    levenshtein: () =>
      find(
        ["fastest-levenshtein"],
        async () => (await file("fastest-levenshtein/esm/mod.js")).distance,
      ),
    countTokens: () =>
      find(
        ["gpt-tokenizer"],
        async () => (await file("gpt-tokenizer/esm/encoding/o200k_base.js")).countTokens,
      ),
    huggingFace: () =>
      find(
        ["@huggingface/tokenizers"],
        async () => (await file("@huggingface/tokenizers/dist/tokenizers.mjs")).Tokenizer,
      ),
    pQueue: () => find(["p-queue"], async () => (await file("p-queue/dist/index.js")).default),
    // A CommonJS module, as its users have it.
    fastq: () =>
      find(["fastq"], () => createRequire(new URL("fastq/", PEERS_FOLDER))("fastq").promise),
    turndown: () => find(["turndown", "turndown-plugin-gfm"], makeTurndown),
    page: () =>
      find(
        ["linkedom", "@mozilla/readability", "turndown", "turndown-plugin-gfm"],
        // In one file as linkedom has it for Workers; its other files import packages by name.
        async () => makePage((await file("linkedom/worker.js")).parseHTML),
      ),
    bottleneck: () => find(["bottleneck"], () => required("bottleneck/light.js")),
    flexibleLimiter: () =>
      find(
        ["rate-limiter-flexible"],
        () => required("rate-limiter-flexible/lib/RateLimiterMemory.js"),
      ),
    miniSearch: () =>
      find(["minisearch"], async () => (await file("minisearch/dist/es/index.js")).default),
    orama: () => find(["@orama/orama"], async () => await file("@orama/orama/dist/esm/index.js")),
    ai: () =>
      find(["ai"], async () => ({
        ...await file("ai/dist/index.js"),
        ...await file("ai/dist/test/index.js"),
      })),
  };
}

function required<T>(path: string): T {
  return createRequire(PEERS_FOLDER)(new URL(path, PEERS_FOLDER).pathname) as T;
}

function makeTurndown(): (html: string) => string {
  // It asks for its DOM with require(), as its users on servers have it.
  const require = createRequire(new URL("turndown/", PEERS_FOLDER));
  const Service = require("turndown") as new (options: object) => {
    use(plugin: unknown): void;
    turndown(html: string): string;
  };
  const service = new Service({ headingStyle: "atx", codeBlockStyle: "fenced" });
  service.use((require("turndown-plugin-gfm") as { gfm: unknown }).gfm);
  return (html) => service.turndown(html);
}

function makePage(
  parseHTML: (html: string) => { document: unknown },
): (html: string) => string {
  const require = createRequire(new URL("turndown/", PEERS_FOLDER));
  const { Readability } = require("@mozilla/readability") as {
    Readability: new (document: unknown) => { parse(): { content: string } | null };
  };
  const markdown = makeTurndown();
  return (html) => markdown(new Readability(parseHTML(html).document).parse()?.content ?? "");
}

/** The version of a package that is installed, if it is. */
export async function versionOf(name: string): Promise<string | undefined> {
  try {
    const manifest = await Deno.readTextFile(new URL(`${name}/package.json`, PEERS_FOLDER));
    return (JSON.parse(manifest) as { version: string }).version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
