/**
 * Reads entries out of Redis: what is alive, what is kept for its grace, and what may go into the copy.
 *
 * @module
 */

import type { Codec } from "../codec.ts";
import type { Copy, Read } from "./copy.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import type { Link } from "./link.ts";

/** Keys in one command. */
const BATCH = 5_000;

/** An entry that was read. */
export interface Found<V> {
  readonly value: V;
  /** It has expired and is kept for its grace. */
  readonly stale: boolean;
}

/** An entry as it came, before its tags are looked at. */
interface Candidate {
  readonly key: string;
  readonly place: number;
  readonly envelope: Envelope;
  /** Milliseconds until its end when it was asked for; 0 or less if it has expired. */
  readonly leftMs: number;
  readonly sentAt: number;
}

/** Reads a cache's entries. */
export class Reader<V> {
  readonly #link: Link;
  readonly #copy: Copy<V>;
  readonly #codec: Codec<V>;
  readonly #prefix: string;

  /** Makes a reader of the cache with this prefix. */
  constructor(link: Link, copy: Copy<V>, codec: Codec<V>, prefix: string) {
    this.#link = link;
    this.#copy = copy;
    this.#codec = codec;
    this.#prefix = prefix;
  }

  /** Reads entries in one round trip (two if they carry tags that are not known yet). */
  async read(keys: readonly string[]): Promise<(Found<V> | undefined)[]> {
    const found: (Found<V> | undefined)[] = new Array(keys.length).fill(undefined);
    const { connection } = this.#link;
    const read = this.#copy.begin(keys.map((key) => `${this.#prefix}v:${key}`));
    let current: boolean[] | undefined;
    try {
      const candidates = await this.#fetch(keys);
      const unknown = new Set<string>();
      for (const { envelope } of candidates) {
        for (const [tag, stamp] of envelope.tags) {
          if (this.#copy.stamp(tag) !== stamp) unknown.add(tag);
        }
      }
      const stamps = unknown.size > 0 ? await this.#stamps([...unknown]) : undefined;
      current = this.#copy.end(read);
      const kept = connection === this.#link.connection ? current : [];
      const now = performance.now();
      for (const candidate of candidates) this.#take(candidate, stamps, { kept, now, read }, found);
    } finally {
      if (current === undefined) this.#copy.end(read);
    }
    return found;
  }

  async #fetch(keys: readonly string[]): Promise<Candidate[]> {
    const sentAt = performance.now();
    const parts: Promise<unknown>[] = [];
    for (let at = 0; at < keys.length; at += BATCH) {
      const names = keys.slice(at, at + BATCH).map((key) => `${this.#prefix}v:${key}`);
      parts.push(this.#link.send(["MGET", `${this.#prefix}g`, ...names]));
    }
    // Asked last, so that it is no earlier than what it is compared with.
    const [time, ...replies] = await Promise.all([this.#link.send(["TIME"]), ...parts].reverse())
      .then((all) => all.reverse()) as [Uint8Array[], ...(Uint8Array | null)[][]];
    const now = Number(text(time[0])) * 1_000 + Number(text(time[1])) / 1_000;
    const candidates: Candidate[] = [];
    for (const [part, [first, ...values]] of replies.entries()) {
      if (!(first instanceof Uint8Array)) continue;
      const generation = text(first);
      for (const [i, bytes] of values.entries()) {
        if (!(bytes instanceof Uint8Array)) continue;
        const envelope = readEnvelope(bytes, this.#codec.name, generation);
        if (envelope === undefined) continue;
        const place = part * BATCH + i;
        const key = keys[place] as string;
        candidates.push({ key, place, envelope, leftMs: envelope.expires - now, sentAt });
      }
    }
    return candidates;
  }

  /** The stamps of tags as they are in Redis now; those that stay known are remembered. */
  async #stamps(tags: readonly string[]): Promise<Map<string, string>> {
    const names = tags.map((tag) => `${this.#prefix}s:${tag}`);
    const { connection } = this.#link;
    const read = this.#copy.begin(names);
    let current: boolean[] | undefined;
    const found = new Map<string, string>();
    try {
      const stamps = await this.#link.send(["MGET", ...names]) as (Uint8Array | null)[];
      current = this.#copy.end(read);
      const same = connection === this.#link.connection;
      for (const [i, tag] of tags.entries()) {
        const stamp = stamps[i];
        if (!(stamp instanceof Uint8Array)) continue;
        found.set(tag, text(stamp));
        if (same && current[i]) this.#copy.learn(tag, text(stamp));
      }
    } finally {
      if (current === undefined) this.#copy.end(read);
    }
    return found;
  }

  #take(
    { key, place, envelope, leftMs, sentAt }: Candidate,
    stamps: Map<string, string> | undefined,
    { kept, now, read }: { kept: readonly boolean[]; now: number; read: Read },
    found: (Found<V> | undefined)[],
  ): void {
    for (const [tag, stamp] of envelope.tags) {
      if ((stamps?.get(tag) ?? this.#copy.stamp(tag)) !== stamp) return;
    }
    let value: V;
    try {
      value = this.#codec.decode(envelope.stored);
    } catch {
      // Of this codec by its header, but not by its value: not ours.
      return;
    }
    found[place] = { value, stale: leftMs <= 0 };
    if (leftMs <= 0 || !kept[place]) return;
    // From when it was sent: the copy ends no later than the entry.
    const ttlMs = leftMs - (now - sentAt);
    const tags = envelope.tags.map(([tag]) => tag);
    this.#copy.keep(key, value, { ttlMs, tags, step: read.step });
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : decoder.decode(bytes);
}
