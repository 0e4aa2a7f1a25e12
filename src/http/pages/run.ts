/**
 * The way of many pages: duplicates are put together, robots.txt is asked, the client fetches, a converter converts;
 * outcomes go out as they finish, in bounded memory.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { AgentError } from "../../shared/errors.ts";
import { reporter } from "../../shared/progress.ts";
import type { HttpClient, HttpOutcome, HttpRequest } from "../types.ts";
import { Converter, type ConverterOptions } from "./converter.ts";
import { heldOf } from "../client/response.ts";
import { Channel } from "./channel.ts";
import { Robots } from "./robots/mod.ts";
import { type Address, addressesOf, type Target } from "./targets.ts";
import type { Page, PageOutcome } from "./types.ts";

/** Options that were checked. */
export interface RunOptions extends ConverterOptions {
  /** The product token, or undefined to ask no robots.txt. */
  robots: string | undefined;
  perHost: number;
  concurrency: number | undefined;
  signal: AbortSignal | undefined;
  onProgress: ((progress: { done: number; total: number }) => void) | undefined;
}

/** The part of a client that pages need. */
export interface PageClient extends Pick<HttpClient, "fetch" | "fetchMany"> {
  /** `fetchMany` with bodies that stay in native memory, as `held` of the responses, if it has that. */
  fetchHeld?: HttpClient["fetchMany"];
}

/** Addresses that are on their way to the client at once, beyond those that wait at a server. */
const ADMITTED = 256;
/** Pages that are converted, or converted and not taken yet, at once. */
const CONVERTED = 32;
const ACCEPT =
  "text/html, application/xhtml+xml;q=0.9, text/markdown;q=0.9, text/plain;q=0.8, application/json;q=0.7, */*;q=0.1";

const robotsOf = new WeakMap<PageClient, Robots>();

/** Fetches and converts pages. */
export async function* run(
  client: PageClient,
  urls: Iterable<string | URL> | AsyncIterable<string | URL>,
  options: RunOptions,
): AsyncGenerator<PageOutcome, void, undefined> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", abort, { once: true });
  try {
    using converter = await Converter.open(options, controller.signal);
    const work = new Run(client, options, converter, controller);
    const { addresses, total } = addressesOf(urls);
    const progress = reporter(options.onProgress, total ?? Infinity);
    let done = 0;
    const working = work.start(addresses);
    try {
      for await (const outcome of work.outcomes) {
        yield outcome;
        progress.report(++done);
      }
    } finally {
      controller.abort(options.signal?.reason);
      await working;
    }
    options.signal?.throwIfAborted();
    if (total !== undefined) progress.finish();
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

/** What is under way of one call. */
class Run {
  readonly outcomes = new Channel<PageOutcome>(CONVERTED);
  readonly #client: PageClient;
  readonly #options: RunOptions;
  readonly #converter: Converter;
  readonly #controller: AbortController;
  readonly #robots: Robots;
  /** What robots.txt allows, on its way to the client. */
  readonly #admitted = new Channel<Target>(ADMITTED);
  /** What the client was given, by its index. */
  readonly #sent = new Map<number, Target>();
  /** Addresses that are not done, by which duplicates find each other. */
  readonly #open = new Map<string, Target>();

  constructor(
    client: PageClient,
    options: RunOptions,
    converter: Converter,
    controller: AbortController,
  ) {
    this.#client = client;
    this.#options = options;
    this.#converter = converter;
    this.#controller = controller;
    this.#robots = robotsOf.get(client) ?? new Robots(client);
    robotsOf.set(client, this.#robots);
  }

  /** Does it all; what fails as a whole ends the outcomes with its error. Never rejects. */
  async start(addresses: Iterable<Address> | AsyncIterable<Address>): Promise<void> {
    const feeding = this.#feed(addresses);
    const fetching = this.#fetch();
    const stop = (reason: unknown): void => {
      this.outcomes.fail(reason);
      this.#controller.abort(reason);
      this.#admitted.end();
    };
    const { signal } = this.#controller;
    const aborted = (): void => stop(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    await Promise.all([feeding.catch(stop), fetching.catch(stop)]);
    signal.removeEventListener("abort", aborted);
    this.outcomes.end();
  }

  async #feed(addresses: Iterable<Address> | AsyncIterable<Address>): Promise<void> {
    const { signal } = this.#controller;
    const checking = new Set<Promise<void>>();
    for await (const { indices, href, given } of untilAborted(addresses, signal)) {
      if (href === undefined) {
        const error = new TypeError(
          `urls[${indices[0]}] must be an http: or https: address, got ${given}`,
        );
        for (const index of indices) {
          await this.outcomes.put({ index, ok: false, url: given, error });
        }
        continue;
      }
      const known = this.#open.get(href);
      if (known !== undefined) {
        known.indices.push(...indices);
        continue;
      }
      const target: Target = { indices, url: new URL(href) };
      this.#open.set(href, target);
      const check = this.#admit(target).finally(() => checking.delete(check));
      checking.add(check);
      if (checking.size >= ADMITTED) await Promise.race(checking);
    }
    await Promise.all(checking);
    this.#admitted.end();
  }

  /** Asks robots.txt, waits where it wants that. */
  async #admit(target: Target): Promise<void> {
    const { signal } = this.#controller;
    const { robots } = this.#options;
    try {
      if (robots !== undefined) {
        const pause = await this.#robots.admit(target.url, robots, signal);
        if (pause > 0) await pauseFor(pause, signal);
      }
    } catch (error) {
      if (!signal.aborted) await this.#refuse(target, error);
      return;
    }
    await this.#admitted.put(target);
  }

  async *#requests(): AsyncGenerator<HttpRequest, void, undefined> {
    let index = 0;
    for await (const target of this.#admitted) {
      this.#sent.set(index++, target);
      yield { url: target.url, headers: { accept: ACCEPT } };
    }
  }

  async #fetch(): Promise<void> {
    const { signal } = this.#controller;
    const { perHost, concurrency } = this.#options;
    const converting = new Set<Promise<void>>();
    const client = this.#client;
    const holds = this.#converter.implementation === "native" && client.fetchHeld !== undefined;
    const outcomes = client[holds ? "fetchHeld" : "fetchMany"]!(this.#requests(), {
      signal,
      perHost,
      ...(concurrency !== undefined && { concurrency }),
    });
    for await (const outcome of outcomes) {
      const target = this.#sent.get(outcome.index)!;
      this.#sent.delete(outcome.index);
      const work = this.#finish(target, outcome).finally(() => converting.delete(work));
      converting.add(work);
      if (converting.size >= CONVERTED) await Promise.race(converting);
    }
    await Promise.all(converting);
  }

  async #finish(target: Target, outcome: HttpOutcome): Promise<void> {
    const { signal } = this.#controller;
    let page: Page;
    try {
      page = await this.#page(target, outcome, signal);
    } catch (error) {
      if (!signal.aborted) await this.#refuse(target, error);
      return;
    }
    this.#open.delete(target.url.href);
    for (const [at, index] of target.indices.entries()) {
      await this.outcomes.put({ index, ok: true, ...(at === 0 ? page : structuredClone(page)) });
    }
  }

  async #page(target: Target, outcome: HttpOutcome, signal: AbortSignal): Promise<Page> {
    if (outcome.ok === false) throw outcome.error;
    const { response } = outcome;
    using held = heldOf(response);
    const url = response.url || target.url.href;
    if (response.status < 200 || response.status > 299) {
      await response.body?.cancel();
      throw answered(url, response.status);
    }
    const body = held ?? await response.bytes();
    return await this.#converter.convert(
      { body, url, type: response.headers.get("content-type") },
      signal,
    );
  }

  async #refuse(target: Target, error: unknown): Promise<void> {
    this.#open.delete(target.url.href);
    for (const index of target.indices) {
      await this.outcomes.put({ index, ok: false, url: target.url.href, error });
    }
  }
}

/** The items of a stream up to the signal, also while the next one does not come. */
async function* untilAborted<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  if (!(Symbol.asyncIterator in items)) return yield* items;
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(iterator.next(), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Whoever is waiting for its own next item cannot be waited for.
    iterator.return?.()?.catch(() => {});
  }
}

function answered(url: string, status: number): AgentError {
  return status === 404 || status === 410
    ? new AgentError("NOT_FOUND", `There is no page ${url}: the server answered ${status}`, {
      what: url,
    })
    : new AgentError("UNAVAILABLE", `There is no page from ${url}: the server answered ${status}`, {
      server: new URL(url).host,
    });
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
