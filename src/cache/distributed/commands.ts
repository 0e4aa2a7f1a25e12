/**
 * What the distributed cache has Redis do, but for reading entries (reader.ts): each method is a script
 * or a command, with its arguments and its reply made plain.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { Stored } from "../codec.ts";
import type { Lifetime, LoadRequest } from "../options.ts";
import type { CacheCodec } from "../types.ts";
import { byteLength } from "../weight.ts";
import { letterOf } from "./envelope.ts";
import type { Link } from "./link.ts";
import type { Script } from "./script.ts";
import * as scripts from "./scripts.ts";
import type { LeaseReply } from "./single_flight.ts";
import { type Argument, millisecondsOf, randomId, replyText } from "./wire.ts";

/** Redis takes 512 MiB for a value; our header needs some of it. */
const MAX_ENTRY_BYTES = 511 * 2 ** 20;
/** Entries in one script, keys in one step of a search, and keys that are removed in one step. */
const BATCH = 1_000;
/** Redis is asked for a lease of at most a day. */
const LONGEST_LEASE_MS = 86_400_000;

/** The size of an entry, or `TOO_LARGE` for one that Redis does not take. */
export function entrySize(key: string, stored: Stored): number {
  const size = byteLength(key) + byteLength(stored);
  if (size <= MAX_ENTRY_BYTES) return size;
  throw new AgentError(
    "TOO_LARGE",
    `The entry has ${size} bytes and Redis takes ${MAX_ENTRY_BYTES}: store less`,
    { what: "cache entry", size, limit: MAX_ENTRY_BYTES },
  );
}

/** Whether Redis takes an entry. */
export function isTaken(key: string, stored: Stored): boolean {
  try {
    entrySize(key, stored);
    return true;
  } catch {
    return false;
  }
}

/** The commands of one cache. */
export class Commands {
  readonly #link: Link;
  readonly #prefix: string;
  readonly #letter: string;
  readonly #stamped: (tag: string) => void;

  /** `stamped` is told of each tag whose stamp a command of ours has written. */
  constructor(link: Link, prefix: string, codec: CacheCodec, stamped: (tag: string) => void) {
    this.#link = link;
    this.#prefix = prefix;
    this.#letter = letterOf(codec);
    this.#stamped = stamped;
  }

  /** Stores entries, all or none; with the token of a lease only if that stands. */
  async store(
    entries: readonly (readonly [string, Stored])[],
    life: Lifetime,
    token = "",
  ): Promise<void> {
    const tags = life.tags?.names ?? [];
    const head: Argument[] = [
      randomId(),
      token,
      this.#letter,
      `${life.keepTtl === true ? "k" : ""}${millisecondsOf(life.ttlMs)}`,
      millisecondsOf(life.graceMs),
      `${tags.length}`,
      ...tags,
    ];
    const parts: Argument[][] = [];
    for (let at = 0; at < entries.length; at += BATCH) {
      parts.push([...head, ...entries.slice(at, at + BATCH).flat()]);
    }
    const replies = parts.length === 1
      ? [await this.#run(scripts.SET, parts[0] as Argument[])]
      : await this.#transaction(scripts.SET, parts);
    for (const reply of replies as [number, Uint8Array[]][]) this.#wrote(reply[1]);
  }

  /** Gives an entry another end; true if it was alive. */
  async expire(key: string, ttlMs: number, graceMs: number): Promise<boolean> {
    const times = [millisecondsOf(ttlMs), millisecondsOf(graceMs)];
    const [alive, tags] = await this.#run(scripts.EXPIRE, [key, ...times]) as [
      number,
      Uint8Array[],
    ];
    this.#wrote(tags);
    return alive === 1;
  }

  /** Removes an entry; true if it was alive. */
  async delete(key: string): Promise<boolean> {
    const [alive, tags] = await this.#run(scripts.DELETE, [key]) as [number, Uint8Array[]];
    this.#wrote(tags);
    return alive === 1;
  }

  /** Removes what carries a tag; `ended` is called when all of it is dead, before it is removed. */
  async deleteByTag(tag: string, ended: () => void): Promise<number> {
    const id = randomId();
    const [stamp, at] = await this.#run(scripts.UNTAG, [id, tag]) as Uint8Array[];
    ended();
    if (stamp === undefined || at === undefined) return 0;
    let removed = 0;
    for (let left = 1; left > 0;) {
      const reply = await this.#run(scripts.UNTAG_BATCH, [id, tag, stamp, at, `${BATCH}`]);
      const [count, rest, tags = []] = reply as [number, number, Uint8Array[]?];
      removed += count;
      left = rest;
      this.#wrote(tags);
    }
    return removed;
  }

  /** Ends all entries; their memory is freed by {@linkcode Commands.sweep}. */
  async endAll(): Promise<void> {
    // Removing the generation needs no memory; who writes next makes another.
    await this.#link.send(["UNLINK", `${this.#prefix}g`]);
  }

  /** Removes what is dead. */
  async sweep(): Promise<void> {
    for await (const names of this.#scan("*")) await this.#run(scripts.SWEEP, names);
  }

  /** The keys of all entries that are alive. */
  async keys(): Promise<string[]> {
    const found = new Set<string>();
    for await (const names of this.#scan("v:*")) {
      const keys = names.map((name) => name.slice(2));
      const alive = await this.#run(scripts.ALIVE, keys) as number[];
      for (const [i, key] of keys.entries()) if (alive[i] === 1) found.add(key);
    }
    return [...found];
  }

  /** Asks for the lease of a key under a token. */
  async acquire(
    { key, timeoutMs, life }: Pick<LoadRequest<never>, "key" | "timeoutMs" | "life">,
    token: string,
  ): Promise<LeaseReply> {
    const prefix = this.#prefix;
    const ms = `${Math.ceil(Math.min(timeoutMs, LONGEST_LEASE_MS))}`;
    const names = [`${prefix}g`, `${prefix}v:${key}`, `${prefix}l:${key}`];
    const args = [prefix, randomId(), token, ms, key, ...life.tags?.names ?? []];
    const reply = await this.#link.run(scripts.ACQUIRE, names, args) as
      | [0 | 1, Uint8Array[]]
      | [2, Uint8Array, number];
    if (reply[0] === 2) return { state: "held", token: replyText(reply[1]), leftMs: reply[2] };
    this.#wrote(reply[1]);
    return { state: reply[0] === 1 ? "acquired" : "live" };
  }

  /** Gives a lease back. */
  async release(key: string, token: string): Promise<void> {
    await this.#run(scripts.RELEASE, [key, token]);
  }

  #run(script: Script, args: readonly Argument[]): Promise<unknown> {
    return this.#link.run(script, [`${this.#prefix}g`], [this.#prefix, ...args]);
  }

  /** Runs one script many times, with nothing in between. */
  async #transaction(script: Script, parts: readonly Argument[][]): Promise<unknown[]> {
    const head = ["EVAL", script.source, "1", `${this.#prefix}g`, this.#prefix];
    const replies = await Promise.all([
      this.#link.send(["MULTI"]),
      ...parts.map((args) => this.#link.send([...head, ...args])),
      this.#link.send(["EXEC"]),
    ]);
    const results = replies.at(-1) as unknown[];
    for (const result of results) if (result instanceof Error) throw this.#link.refused(result);
    return results;
  }

  /** The names, without the prefix, of what is in Redis, in batches; some may come twice. */
  async *#scan(kind: string): AsyncGenerator<string[]> {
    const pattern = this.#prefix.replace(/[\\*?[\]]/g, "\\$&") + kind;
    const { length } = this.#prefix;
    let cursor = "0";
    do {
      const args = ["SCAN", cursor, "MATCH", pattern, "COUNT", `${BATCH}`];
      const [next, names] = await this.#link.send(args) as [Uint8Array, Uint8Array[]];
      cursor = replyText(next);
      if (names.length > 0) yield names.map((name) => replyText(name).slice(length));
    } while (cursor !== "0");
  }

  #wrote(tags: readonly Uint8Array[]): void {
    for (const tag of tags) this.#stamped(replyText(tag));
  }
}
