/**
 * The limiter of all machines: what it holds is in Redis, and each reservation is one step there. Calls of one object
 * stand in one line; objects that wait have what they wait for kept in the order in which they came.
 *
 * Who waits asks again when there may be room, at least four times a second: what is given back elsewhere is seen then.
 *
 * @module
 */

import { type Address, parseAddress } from "../../cache/distributed/address.ts";
import { type Argument, randomId, replyText } from "../../cache/distributed/wire.ts";
import { wholeNumber } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { AgentError } from "../../shared/errors.ts";
import { readObserved, type ReserveRequest, reserveRequest, waitWithin } from "./local.ts";
import type { Left } from "./observed.ts";
import {
  checkTokens,
  differingLimits,
  MINUTE_US,
  type ResolvedOptions,
  tooLarge,
} from "./options.ts";
import { Line, type Waiter } from "./pure/line.ts";
import type { LimiterServer, Question } from "./redis_server.ts";
import type {
  Limiter,
  LimiterOptions,
  LimiterStats,
  Reservation,
  ReserveOptions,
} from "./types.ts";

const DEFAULT_TIMEOUT_MS = 1_000;
/** As many are asked for in one step. */
const BATCH = 32;
/** How long one who waits asks again at the latest, and one who waits for a place of `concurrency`. */
const LONGEST_MS = 250;
const PLACE_MS = 25;
/** A claim is believed for so much longer than it takes to ask again: with less, a short pause would lose it. */
const PATIENCE_MS = 2_000;

/** A call that waits. */
interface Call extends Waiter {
  readonly resolve: (reservation: Reservation) => void;
  readonly reject: (reason: unknown) => void;
}

/** A reservation. */
class RedisReservation implements Reservation {
  readonly tokens: number;
  readonly #end: (actual: number) => Promise<void>;
  #over = false;

  constructor(tokens: number, end: (actual: number) => Promise<void>) {
    this.tokens = tokens;
    this.#end = end;
  }

  settle(actual: number = this.tokens): Promise<void> {
    try {
      checkTokens(actual, "actual");
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#finish(actual);
  }

  release(): Promise<void> {
    return this.#finish(-1);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #finish(actual: number): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#over = true;
    const ended = this.#end(actual);
    // Who does not wait for it is not to be ended by it: its lease ends it then.
    ended.catch(() => {});
    return ended;
  }
}

/** Makes the limiter that the options mean; it connects when it is first used. */
export function openRedisLimiter(resolved: ResolvedOptions, options: LimiterOptions): Limiter {
  const address = parseAddress(options.redis);
  const timeoutMs = wholeNumber(options.redisTimeoutMs, "options.redisTimeoutMs", {
    fallback: DEFAULT_TIMEOUT_MS,
    least: 1,
    most: 86_400_000,
  });
  return new RedisLimiter(resolved, address, timeoutMs);
}

async function connect(address: Address, timeoutMs: number): Promise<LimiterServer> {
  const { LimiterServer } = await import("./redis_server.ts");
  return await LimiterServer.open(address, timeoutMs);
}

class RedisLimiter implements Limiter {
  readonly implementation = "pure";
  readonly shared = true;
  readonly #options: ResolvedOptions;
  readonly #address: Address;
  readonly #timeoutMs: number;
  readonly #name: string;
  readonly #limits: readonly string[];
  readonly #client = randomId();
  readonly #line = new Line<Call>();
  /** Our reservations that are not over, and when each was given, by the server; in that order. */
  readonly #live = new Map<string, number>();
  /** Whether the server may keep something for us. */
  #claims = false;
  #server: Promise<LimiterServer> | undefined;
  #asking = false;
  /** Whether something happened meanwhile after which asking again may help. */
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ResolvedOptions, address: Address, timeoutMs: number) {
    this.#options = options;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.#name = options.name as string;
    this.#limits = [
      options.second.limit,
      options.second.lengthUs,
      options.requests.limit,
      options.tokens.limit,
      options.concurrency,
      options.leaseUs,
    ].map((limit) => limit === Infinity ? "-1" : `${limit}`);
  }

  async reserve(tokens: number = 0, options: ReserveOptions = {}): Promise<Reservation> {
    this.#checkOpen();
    checkTokens(tokens, "tokens");
    const { limit } = this.#options.tokens;
    if (tokens > limit) throw tooLarge(tokens, limit);
    const request = reserveRequest(options);
    return await waitWithin(request, (signal) => this.#wait(tokens, request, signal));
  }

  tryReserve(_tokens: number = 0): Reservation | undefined {
    this.#checkOpen();
    throw new AgentError(
      "UNSUPPORTED",
      "A limiter in Redis cannot be asked without waiting: use reserve() with timeoutMs",
      { what: "tryReserve" },
    );
  }

  async observe(headers: Headers | Response): Promise<void> {
    this.#checkOpen();
    const { requests, tokens, pauseUs } = readObserved(headers);
    if (requests === undefined && tokens === undefined && pauseUs === 0) return;
    const parts = (said: Left | undefined): string[] =>
      said === undefined
        ? ["0", "0", "0", "0"]
        : [said.left, said.cap, said.perUs, said.forUs].map(String);
    await this.#run("OBSERVE", [...parts(requests), ...parts(tokens), `${pauseUs}`]);
  }

  async stats(): Promise<LimiterStats> {
    this.#checkOpen();
    const [active, requests, tokens, paused] = await this.#run("STATS", []) as [
      number,
      ...Uint8Array[],
    ];
    const left = (reply: Uint8Array): number => {
      const text = replyText(reply);
      return text === "" ? Infinity : Number(text);
    };
    return {
      active,
      waiting: this.#line.length,
      requestsLeft: left(requests!),
      tokensLeft: left(tokens!),
      pausedMs: Number(replyText(paused!)) / 1_000,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#failAll(closedError("limiter"));
    const live = [...this.#live.keys()];
    this.#live.clear();
    const server = await this.#server?.catch(() => undefined);
    if (server === undefined) return;
    try {
      if (server.connected) await this.#send(server, "LEAVE", [this.#client, ...live]);
    } catch {
      // Then its claim and its leases end by themselves.
    } finally {
      server.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError("limiter");
  }

  #wait(
    tokens: number,
    { group }: ReserveRequest,
    signal: AbortSignal | undefined,
  ): Promise<Reservation> {
    return new Promise((resolve, reject) => {
      const end = (): void => signal?.removeEventListener("abort", abort);
      const call: Call = {
        view: 0,
        tokens,
        group,
        over: false,
        grant: end,
        resolve,
        reject,
      };
      const abort = (): void => {
        end();
        this.#line.remove(call);
        reject(signal?.reason);
        this.#ask();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#line.add(call);
      // Who waits already has a time at which it asks again.
      if (this.#timer === undefined) this.#ask();
    });
  }

  /** Asks for what the first in line want; one question at a time. */
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking = true;
    try {
      do {
        this.#again = false;
        const pauseMs = await this.#askOnce();
        if (pauseMs > 0 && !this.#again && !this.#closed) {
          this.#timer = setTimeout(() => {
            this.#timer = undefined;
            this.#ask();
          }, pauseMs);
          return;
        }
      } while (!this.#closed && (this.#again || this.#line.length > 0));
    } catch (error) {
      this.#failAll(error);
    } finally {
      this.#asking = false;
    }
  }

  /** Asks once; gives the milliseconds after which to ask again, 0 for at once if anybody is left. */
  async #askOnce(): Promise<number> {
    const calls = this.#line.firstOf(BATCH);
    // With nobody left, what is kept for us is given up.
    if (calls.length === 0 && !this.#claims) return 0;
    this.#claims = true;
    const reply = await this.#run("TAKE", [
      this.#client,
      `${(LONGEST_MS + PATIENCE_MS) * 1_000}`,
      ...calls.map(({ tokens }) => `${tokens}`),
    ]) as [number, Uint8Array, Uint8Array, Uint8Array];
    const [given, first, at] = [reply[0], Number(replyText(reply[1])), replyText(reply[2])];
    for (const [i, call] of calls.slice(0, given).entries()) this.#give(call, `${first + i}`, at);
    this.#claims = given < calls.length;
    if (!this.#claims) return 0;
    const longest = this.#options.concurrency === Infinity ? LONGEST_MS : PLACE_MS;
    return Math.min(Math.ceil(Number(replyText(reply[3])) / 1_000), longest);
  }

  #give(call: Call, id: string, at: string): void {
    const reservation = new RedisReservation(call.tokens, async (actual) => {
      if (!this.#live.delete(id)) return;
      await this.#run("END", [id, at, `${call.tokens}`, `${actual}`]);
      if (this.#timer !== undefined) this.#ask();
    });
    const now = Number(at);
    for (const [old, since] of this.#live) {
      if (since + this.#options.leaseUs > now) break;
      this.#live.delete(old);
    }
    this.#live.set(id, now);
    if (call.over) {
      // It gave up while it was asked for.
      reservation.release();
      return;
    }
    this.#leave(call);
    call.resolve(reservation);
  }

  /** Lets a call out of line that is over. */
  #leave(call: Call): void {
    if (this.#line.first() === call) this.#line.takeFirst(call);
    else this.#line.remove(call);
    call.grant(0);
  }

  #failAll(error: unknown): void {
    for (let call; (call = this.#line.first()) !== undefined;) {
      this.#leave(call);
      call.reject(error);
    }
  }

  async #run(question: Question, args: readonly Argument[]): Promise<unknown> {
    const opening = this.#server ??= connect(this.#address, this.#timeoutMs);
    let server: LimiterServer;
    try {
      server = await opening;
    } catch (error) {
      // The next call tries again.
      if (this.#server === opening) this.#server = undefined;
      throw error;
    }
    try {
      return await this.#send(server, question, args);
    } catch (error) {
      throw this.#closed ? closedError("limiter") : error;
    }
  }

  async #send(
    server: LimiterServer,
    question: Question,
    args: readonly Argument[],
  ): Promise<unknown> {
    const reply = await server.ask(question, this.#name, [...this.#limits, ...args]) as unknown[];
    if (reply[0] === -1) throw this.#differing(replyText(reply[1] as Uint8Array));
    return reply;
  }

  #differing(stored: string): Error {
    const [second, secondUs, requests, tokens, concurrency, leaseUs] = stored.split(" ")
      .map((text) => text === "-1" ? Infinity : Number(text)) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ];
    const existing = {
      ...this.#options,
      second: { limit: second, lengthUs: secondUs },
      requests: { limit: requests, lengthUs: MINUTE_US },
      tokens: { limit: tokens, lengthUs: MINUTE_US },
      concurrency,
      leaseUs,
    };
    return differingLimits(existing, this.#options) ?? new RangeError("The limits differ");
  }
}
