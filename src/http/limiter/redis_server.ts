/**
 * The server behind a limiter of all machines: the connection and the scripts. Loaded when a limiter in Redis is first
 * used.
 *
 * @module
 */

import type { Address } from "../../cache/distributed/address.ts";
import { Link } from "../../cache/distributed/link.ts";
import type { Argument } from "../../cache/distributed/wire.ts";
import { END, LEAVE, OBSERVE, STATS, TAKE } from "./redis_scripts.ts";

const SCRIPTS = { TAKE, END, LEAVE, OBSERVE, STATS };

/** What it can be asked. */
export type Question = keyof typeof SCRIPTS;

/** The keys of a limiter; see redis_scripts.ts. No name can end the part in braces, which says a cluster's slot. */
export function keysOf(name: string): string[] {
  const key = `agent:limiter:{${encodeURIComponent(name)}}`;
  return [key, `${key}:a`, `${key}:q`, `${key}:w`];
}

/** A server. */
export class LimiterServer {
  readonly #link: Link;

  private constructor(link: Link) {
    this.#link = link;
  }

  /** Connects. */
  static async open(address: Address, timeoutMs: number): Promise<LimiterServer> {
    // What is read is never kept, so no change needs to be reported.
    const listener = { changed: () => {}, down: () => {}, up: () => {} };
    return new LimiterServer(await Link.open(address, timeoutMs, listener, false));
  }

  /** Whether there is a connection. */
  get connected(): boolean {
    return this.#link.connected;
  }

  /** Asks it. */
  ask(question: Question, name: string, args: readonly Argument[]): Promise<unknown> {
    return this.#link.run(SCRIPTS[question], keysOf(name), args);
  }

  /** Ends the connection. */
  close(): void {
    this.#link.close();
  }
}
