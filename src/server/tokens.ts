/**
 * Who may ask: the token of programs, and browsers that were signed in with a code that holds once.
 *
 * A browser gets two things, since cookies of a host are sent to all of its ports: a cookie, and a key that only the
 * page's own origin can read. Neither alone is enough for more than the page's files.
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AgentError } from "../shared/errors.ts";

/** How long a code may be used. */
const CODE_MS = 600_000;
const ENCODER = new TextEncoder();
/** So many browsers are signed in at a time; of more the oldest goes. */
const MOST = 100;
/** The shortest token that is taken. */
export const SHORTEST_TOKEN = 16;

/** A new secret of 256 bits. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Checks a token that was given. */
export function checkToken(token: unknown): asserts token is string {
  if (typeof token !== "string") throw new TypeError("options.token must be a string");
  // The value itself stands in no message.
  if (!new RegExp(`^[\\x21-\\x7e]{${SHORTEST_TOKEN},512}$`).test(token)) {
    throw new RangeError(
      `options.token must have ${SHORTEST_TOKEN} to 512 visible ASCII characters`,
    );
  }
}

/** The cookie and the key of a browser. */
export interface SignedIn {
  /** The value of the cookie. */
  cookie: string;
  /** What the page sends beside it. */
  key: string;
}

interface Session {
  key: Uint8Array;
  ends: number;
}

/** Knows the token and the browsers; compares in constant time. */
export class Doorkeeper {
  readonly #salt = randomBytes(32);
  readonly #token: Uint8Array;
  /** What a given token is written to; one unit more than ours tells a longer one. */
  readonly #given: Uint8Array;
  readonly #sessionMs: number;
  readonly #codes = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(token: string, sessionMs: number) {
    // Tokens are ASCII, and how long one is is no secret.
    this.#token = ENCODER.encode(token);
    this.#given = new Uint8Array(this.#token.length + 1);
    this.#sessionMs = sessionMs;
  }

  /** Whether a `Bearer` token is ours. */
  isToken(given: string): boolean {
    const { written, read } = ENCODER.encodeInto(given, this.#given);
    const isLength = read === given.length && written === this.#token.length;
    return timingSafeEqual(this.#given.subarray(0, this.#token.length), this.#token) && isLength;
  }

  /** A code for one sign-in. */
  newCode(): string {
    const code = newSecret();
    this.#trim(this.#codes, (ends) => ends);
    this.#codes.set(this.#name(code), Date.now() + CODE_MS);
    return code;
  }

  /** Signs a browser in; undefined if the code does not hold, or not any more. */
  signIn(code: string): SignedIn | undefined {
    const name = this.#name(code);
    const ends = this.#codes.get(name);
    this.#codes.delete(name);
    if (ends === undefined || ends < Date.now()) return undefined;
    const cookie = newSecret();
    const key = newSecret();
    this.#trim(this.#sessions, (session) => session.ends);
    this.#sessions.set(this.#name(cookie), {
      key: this.#digest(key),
      ends: Date.now() + this.#sessionMs,
    });
    return { cookie, key };
  }

  /** The name under which a browser is counted, if its cookie holds. */
  browser(cookie: string): string | undefined {
    return this.#session(cookie) === undefined ? undefined : this.#name(cookie);
  }

  /** Whether the key belongs to the cookie. */
  isKey(cookie: string, key: string): boolean {
    const session = this.#session(cookie);
    return session !== undefined && timingSafeEqual(this.#digest(key), session.key);
  }

  /** Signs a browser out. */
  signOut(cookie: string): void {
    this.#sessions.delete(this.#name(cookie));
  }

  #session(cookie: string): Session | undefined {
    const name = this.#name(cookie);
    const session = this.#sessions.get(name);
    if (session === undefined) return undefined;
    if (session.ends < Date.now()) {
      this.#sessions.delete(name);
      return undefined;
    }
    session.ends = Date.now() + this.#sessionMs;
    return session;
  }

  #digest(secret: string): Uint8Array {
    return createHmac("sha256", this.#salt).update(secret).digest();
  }

  /** What a secret is looked up by: finding it tells nothing of how near another one was. */
  #name(secret: string): string {
    return createHmac("sha256", this.#salt).update(secret).digest("base64url");
  }

  #trim<V>(map: Map<string, V>, endsOf: (value: V) => number): void {
    const now = Date.now();
    for (const [name, value] of map) if (endsOf(value) < now) map.delete(name);
    for (const name of map.keys()) {
      if (map.size < MOST) break;
      map.delete(name);
    }
  }
}

/** The value of a cookie, if it was sent. */
export function cookieOf(header: string | null, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** The token after `Bearer`, if there is one. */
export function bearerOf(header: string | null): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

/** The error for a data folder that another server has. */
export function folderInUse(folder: string): AgentError<"UNAVAILABLE"> {
  return new AgentError(
    "UNAVAILABLE",
    `Another server uses the folder "${folder}": end it, or give this one a folder of its own`,
    { server: folder },
  );
}
