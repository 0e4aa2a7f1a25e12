/**
 * The packages that we compare with, from `bench/peers/`, where `deno task bench:peers` puts them. They are imported
 * by path and typed here, so that everything type-checks without them.
 */

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
  return peers;
}

async function load(
  name: string,
  entry: string,
  peers: Peers,
): Promise<Record<string, unknown> | undefined> {
  let manifest: string;
  try {
    manifest = await Deno.readTextFile(new URL(`${name}/package.json`, home));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  peers.versions[name] = (JSON.parse(manifest) as { version: string }).version;
  return await import(new URL(`${name}/${entry}`, home).href);
}
