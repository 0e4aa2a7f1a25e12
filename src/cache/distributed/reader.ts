/**
 * Reads entries out of Redis: what is alive, what is kept for its grace, and what may go into the copy.
 *
 * @module
 */

import type { Codec } from "../codec.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import type { Link } from "./link.ts";
import type { TrackedCopy } from "./tracked_copy.ts";
import { replyText } from "./wire.ts";

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
  readonly #copy: TrackedCopy<V>;
  readonly #codec: Codec<V>;
  readonly #prefix: string;

  /** Makes a reader of the cache with this prefix. */
  constructor(link: Link, copy: TrackedCopy<V>, codec: Codec<V>, prefix: string) {
    this.#link = link;
    this.#copy = copy;
    this.#codec = codec;
    this.#prefix = prefix;
  }

  /** Reads entries in one round trip (two if they carry tags that are not known yet). */
  read(keys: readonly string[]): Promise<(Found<V> | undefined)[]> {
    const names = keys.map((key) => `${this.#prefix}v:${key}`);
    return this.#tracked(names, async () => {
      const candidates = await this.#fetch(names, keys);
      const unknown = new Set<string>();
      for (const { envelope } of candidates) {
        for (const [tag, stamp] of envelope.tags) {
          if (this.#copy.stamp(tag) !== stamp) unknown.add(tag);
        }
      }
      const stamps = unknown.size > 0 ? await this.#stamps([...unknown]) : undefined;
      return { candidates, stamps };
    }, ({ candidates, stamps }, current, step) => {
      const found: (Found<V> | undefined)[] = new Array(keys.length).fill(undefined);
      const now = performance.now();
      for (const candidate of candidates) {
        const { place } = candidate;
        found[place] = this.#take(candidate, stamps);
        if (current[place]) this.#keep(candidate, found[place], now, step);
      }
      return found;
    });
  }

  /**
   * Reads names that the server then tracks.
   *
   * @param names What is read.
   * @param send Reads it.
   * @param take Takes what was read, and for each name whether it is still right and may be kept, in the
   * step in which that was found out: a change from then on is not noticed any more.
   */
  async #tracked<T, R>(
    names: readonly string[],
    send: () => Promise<T>,
    take: (reply: T, current: readonly boolean[], step: number) => R,
  ): Promise<R> {
    const { connection } = this.#link;
    const read = this.#copy.beginRead(names);
    let reply: T;
    try {
      reply = await send();
    } catch (error) {
      this.#copy.endRead(read);
      throw error;
    }
    const current = this.#copy.endRead(read);
    return take(reply, connection === this.#link.connection ? current : [], read.step);
  }

  async #fetch(names: readonly string[], keys: readonly string[]): Promise<Candidate[]> {
    const sentAt = performance.now();
    const parts: Promise<unknown>[] = [];
    for (let at = 0; at < names.length; at += BATCH) {
      parts.push(this.#link.send(["MGET", `${this.#prefix}g`, ...names.slice(at, at + BATCH)]));
    }
    // Asked last, so that it is no earlier than what it is compared with.
    parts.unshift(this.#link.send(["TIME"]));
    const [[seconds, microseconds], ...replies] = await Promise.all(parts) as [
      [Uint8Array, Uint8Array],
      ...(Uint8Array | null)[][],
    ];
    const now = Number(replyText(seconds)) * 1_000 + Number(replyText(microseconds)) / 1_000;
    const candidates: Candidate[] = [];
    for (const [part, [first, ...values]] of replies.entries()) {
      if (!(first instanceof Uint8Array)) continue;
      const generation = replyText(first);
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
  #stamps(tags: readonly string[]): Promise<Map<string, string>> {
    const names = tags.map((tag) => `${this.#prefix}s:${tag}`);
    const send = (): Promise<unknown> => this.#link.send(["MGET", ...names]);
    return this.#tracked(names, send, (stamps, current) => {
      const found = new Map<string, string>();
      for (const [i, stamp] of (stamps as (Uint8Array | null)[]).entries()) {
        if (!(stamp instanceof Uint8Array)) continue;
        const tag = tags[i] as string;
        found.set(tag, replyText(stamp));
        if (current[i]) this.#copy.rememberStamp(tag, replyText(stamp));
      }
      return found;
    });
  }

  /** The value of an entry; undefined if one of its tags was deleted, or if it is not ours. */
  #take(
    { envelope, leftMs }: Candidate,
    stamps: Map<string, string> | undefined,
  ): Found<V> | undefined {
    for (const [tag, stamp] of envelope.tags) {
      if ((stamps?.get(tag) ?? this.#copy.stamp(tag)) !== stamp) return undefined;
    }
    try {
      return { value: this.#codec.decode(envelope.stored), stale: leftMs <= 0 };
    } catch {
      // Of this codec by its header, but not by its value: not ours.
      return undefined;
    }
  }

  #keep(candidate: Candidate, found: Found<V> | undefined, now: number, step: number): void {
    if (found === undefined || found.stale) return;
    const { key, envelope, leftMs, sentAt } = candidate;
    // From when it was sent: the copy ends no later than the entry.
    const ttlMs = leftMs - (now - sentAt);
    this.#copy.keep(key, found.value, { ttlMs, tags: envelope.tags.map(([tag]) => tag), step });
  }
}
