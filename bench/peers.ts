/**
 * The packages that we compare with, from `bench/peers/`, where `deno task bench:peers` puts them. They are imported
 * by path and typed here, so that everything type-checks without them.
 */

import { createRequire } from "node:module";

/** What we use of the package lru-cache. */
export interface LruCache<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
  delete(key: K): boolean;
  clear(): void;
  readonly size: number;
}

/** The packages; undefined where they are not installed. */
export interface Peers {
  /** `LRUCache` of the package lru-cache. */
  LruCache?: new <K, V>(options: { max: number; ttl?: number }) => LruCache<K, V>;
  /** `distance` of the package fastest-levenshtein. */
  distance?: (a: string, b: string) => number;
  /** `countTokens` of gpt-tokenizer's o200k_base; loading it takes a while and 60 MB. */
  countTokens?: () => Promise<((text: string) => number) | undefined>;
  /** Makes a converter of turndown with its plugin for tables; its DOM is a part of it, as its users have it. */
  turndown?: () => Promise<((html: string) => string) | undefined>;
  /** The names and versions of what was found. */
  versions: Record<string, string>;
}

const home = new URL("./peers/node_modules/", import.meta.url);

/** Imports what is installed. */
export async function loadPeers(): Promise<Peers> {
  const peers: Peers = { versions: {} };
  const lru = await load("lru-cache", "dist/esm/node/index.min.js", peers);
  peers.LruCache = lru?.["LRUCache"] as Peers["LruCache"];
  const levenshtein = await load("fastest-levenshtein", "esm/mod.js", peers);
  peers.distance = levenshtein?.["distance"] as Peers["distance"];
  peers.countTokens = async () =>
    (await load("gpt-tokenizer", "esm/encoding/o200k_base.js", peers))?.["countTokens"] as
      | ((text: string) => number)
      | undefined;
  peers.turndown = () => loadTurndown(peers);
  return peers;
}

async function loadTurndown(peers: Peers): Promise<((html: string) => string) | undefined> {
  const versions = [await versionOf("turndown"), await versionOf("turndown-plugin-gfm")];
  if (versions.includes(undefined)) return undefined;
  peers.versions["turndown"] = versions[0]!;
  // It asks for its DOM with require(), as its users on servers have it.
  const require = createRequire(new URL("turndown/", home));
  const Service = require("turndown") as new (options: object) => {
    use(plugin: unknown): void;
    turndown(html: string): string;
  };
  const service = new Service({ headingStyle: "atx", codeBlockStyle: "fenced" });
  service.use((require("turndown-plugin-gfm") as { gfm: unknown }).gfm);
  return (html) => service.turndown(html);
}

async function load(
  name: string,
  entry: string,
  peers: Peers,
): Promise<Record<string, unknown> | undefined> {
  const version = await versionOf(name);
  if (version === undefined) return undefined;
  peers.versions[name] = version;
  return await import(new URL(`${name}/${entry}`, home).href);
}

/** The version that is installed, if any is. */
async function versionOf(name: string): Promise<string | undefined> {
  try {
    const manifest = await Deno.readTextFile(new URL(`${name}/package.json`, home));
    return (JSON.parse(manifest) as { version: string }).version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
