/**
 * What the robots.txt files of a client's servers say: each is fetched once and kept for a day, with one request under
 * way for an origin at a time (RFC 9309, sections 2.3 and 2.4).
 *
 * @module
 */

import { unlessAborted } from "../../../shared/abort.ts";
import { AgentError, type AgentErrorCode } from "../../../shared/errors.ts";
import type { HttpClient, HttpResponse } from "../../types.ts";
import { RobotsRules } from "./rules.ts";

/** So much of a file is read, as the RFC asks at least. */
const MOST_BYTES = 500 * 1024;
/** So many redirects are followed; beyond them the file counts as not there. */
const MOST_REDIRECTS = 5;
/** How long a file is kept, and how long it is remembered that there was no answer. */
const KEPT_MS = 24 * 3_600_000;
const FAILED_MS = 60_000;
const TIMEOUT_MS = 30_000;
/** No server makes a crawler wait longer between two requests. */
const LONGEST_DELAY_MS = 10_000;
/** Codes of what the client does not ask for, whatever the server would say. */
const REFUSALS: readonly AgentErrorCode[] = ["PERMISSION", "SCOPE", "NOT_FOUND", "CLOSED"];
/** Origins that are remembered. */
const MOST_ORIGINS = 10_000;

/** What a server said, or why it is not known; `refused` is what the client does not even ask for. */
type Answer = { text: string } | { failure: unknown } | { refused: unknown };

interface Entry {
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  waiting: number;
  /** Undefined while the file is being fetched. */
  until: number | undefined;
  /** The rules by product token. */
  readonly rules: Map<string, RobotsRules>;
  /** When the next request may go out, where the file asks for a pause. */
  next: number;
}

/** The files of one client. */
export class Robots {
  readonly #client: Pick<HttpClient, "fetch">;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  /** Fetches with a client; `now` is for tests. */
  constructor(client: Pick<HttpClient, "fetch">, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /**
   * Asks whether an address may be fetched.
   *
   * @param url The address.
   * @param token The crawler's product token.
   * @param signal Ends the waiting, and the request if nobody else waits.
   * @returns How many milliseconds to wait before it is fetched.
   * @throws {AgentError} `SCOPE` with the rule if it may not; `UNAVAILABLE` if the server does not say.
   */
  async admit(url: URL, token: string, signal: AbortSignal): Promise<number> {
    const entry = this.#entry(url.origin);
    entry.waiting++;
    let answer: Answer;
    try {
      answer = await unlessAborted(entry.answer, signal);
    } finally {
      entry.waiting--;
      if (entry.waiting === 0 && entry.until === undefined) this.#giveUp(url.origin, entry);
    }
    // The page will be refused by the same, and in its own name.
    if ("refused" in answer) return 0;
    if ("failure" in answer) throw unknown(url, answer.failure);
    let rules = entry.rules.get(token);
    if (rules === undefined) {
      rules = RobotsRules.read(answer.text, token);
      entry.rules.set(token, rules);
    }
    const { allowed, rule } = rules.check(url);
    if (!allowed) throw refused(url, rule ?? "", token);
    if (rules.crawlDelay === 0) return 0;
    const at = Math.max(this.#now(), entry.next);
    entry.next = at + Math.min(rules.crawlDelay * 1000, LONGEST_DELAY_MS);
    return at - this.#now();
  }

  #entry(origin: string): Entry {
    const known = this.#entries.get(origin);
    if (known !== undefined && !(known.until !== undefined && known.until <= this.#now())) {
      return known;
    }
    const controller = new AbortController();
    const answer = this.#fetch(`${origin}/robots.txt`, controller.signal);
    const entry: Entry = {
      answer,
      controller,
      waiting: 0,
      until: undefined,
      rules: new Map(),
      next: known?.next ?? 0,
    };
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
    answer.then((answer) => {
      const kept = "text" in answer ? KEPT_MS : "failure" in answer ? FAILED_MS : 0;
      entry.until = this.#now() + kept;
    });
    for (const [oldest, { until }] of this.#entries) {
      if (this.#entries.size <= MOST_ORIGINS) break;
      if (until !== undefined) this.#entries.delete(oldest);
    }
    return entry;
  }

  #giveUp(origin: string, entry: Entry): void {
    if (this.#entries.get(origin) === entry) this.#entries.delete(origin);
    entry.controller.abort();
  }

  /** Never rejects. */
  async #fetch(address: string, signal: AbortSignal): Promise<Answer> {
    let redirects = 0;
    try {
      let url = new URL(address);
      for (; redirects <= MOST_REDIRECTS; redirects++) {
        const response = await this.#client.fetch(url, {
          redirect: "manual",
          timeoutMs: TIMEOUT_MS,
          signal,
        });
        const { status } = response;
        if (status >= 200 && status < 300) return { text: await textOf(response) };
        await response.body?.cancel();
        if (status >= 500) {
          return { failure: new Error(`${url} answered ${status}`) };
        }
        const location = status >= 300 && status < 400 ? response.headers.get("location") : null;
        // What was not found, is refused or makes no sense: no rules (section 2.3.1.3).
        if (location === null || !URL.canParse(location, url)) return { text: "" };
        url = new URL(location, url);
      }
      return { text: "" };
    } catch (failure) {
      const isRefused = redirects === 0 && AgentError.is(failure) &&
        REFUSALS.includes(failure.code);
      return isRefused ? { refused: failure } : { failure };
    }
  }
}

/** The first 500 KiB; of a longer file no line that is cut. */
async function textOf(response: HttpResponse): Promise<string> {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  for await (const piece of response.body ?? []) {
    const part = piece.subarray(0, MOST_BYTES - length);
    bytes.set(part, length);
    length += part.length;
    if (part.length < piece.length) {
      const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13));
      return new TextDecoder().decode(bytes.subarray(0, end + 1));
    }
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function refused(url: URL, rule: string, token: string): AgentError<"SCOPE"> {
  return new AgentError(
    "SCOPE",
    `${url.href} may not be fetched: ${url.origin}/robots.txt says "${rule}" to ${token}; ` +
      "if its owner agrees, fetch it with robots: false",
    { target: url.href, address: url.host, reason: `robots.txt: ${rule}` },
  );
}

/** The error where robots.txt is not known: then nothing may be fetched (section 2.3.1.4). */
function unknown(url: URL, cause: unknown): AgentError<"UNAVAILABLE"> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AgentError(
    "UNAVAILABLE",
    `${url.href} is not fetched, since ${url.origin}/robots.txt cannot be read: ${reason}`,
    { server: url.host },
    { cause },
  );
}
