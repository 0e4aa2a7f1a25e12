/**
 * The packages that we compare with, from `bench/peers/`, where `deno task bench:peers` puts them. They are imported
 * by path and typed here, so that everything type-checks without them and no user fetches them.
 */

import { createRequire } from "node:module";

/** A store that forgets, as lru-cache has it. */
export interface LruCache {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
  delete(key: string): boolean;
}

/** The packages; each is undefined where it is not installed. */
export interface Peers {
  /** The class of lru-cache. */
  lruCache(): Promise<(new (options: { max: number; ttl?: number }) => LruCache) | undefined>;
  /** `distance` of fastest-levenshtein. */
  levenshtein(): Promise<((a: string, b: string) => number) | undefined>;
  /** `countTokens` of gpt-tokenizer's o200k_base; loading it takes a while and 60 MB. */
  countTokens(): Promise<((text: string) => number) | undefined>;
  /** A converter of turndown with its plugin for tables; its DOM is a part of it, as its users have it. */
  turndown(): Promise<((html: string) => string) | undefined>;
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
    turndown: () => find(["turndown", "turndown-plugin-gfm"], makeTurndown),
  };
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
