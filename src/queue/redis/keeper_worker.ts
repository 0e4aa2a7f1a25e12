/**
 * The inside of the Worker that keeps locks: looks from time to time which jobs are still held, and has the server keep
 * their locks for another lease. What was taken since the last look needs nothing yet, so jobs that are short cost
 * nothing.
 *
 * Its connections are its own and not node-redis's, whose package would take 24 MiB more and ten times as long to begin:
 * three commands are sent, and each is answered by one line.
 *
 * @module
 */

import { HeldJobs, PLACES } from "./held.ts";
import type { FromKeeper, ToKeeper } from "./keeper.ts";

type Settings = Extract<ToKeeper, { do: "keep" }>;

/** How often it looks in a lease. */
const LOOKS_A_LEASE = 4;
/** Locks that are kept by one command. */
const KEPT_AT_ONCE = 500;
/**
 * What BullMQ's own worker does to a lock that it renews: the lock of whoever holds it lasts longer, and the job is not
 * one of those that may be lost.
 */
const KEEP = `
local kept = 0
for i = 3, #ARGV, 2 do
  local lock = ARGV[1] .. ARGV[i] .. ":lock"
  if redis.call("GET", lock) == ARGV[i + 1] then
    redis.call("PEXPIRE", lock, ARGV[2])
    redis.call("SREM", KEYS[1], ARGV[i])
    kept = kept + 1
  end
end
return kept
`;

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToKeeper>) => void) | null;
  postMessage(message: FromKeeper): void;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection on which every command is answered by one line. */
class Line {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(1_024);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Sends a command; rejects if the server refuses it. One at a time. */
  async send(...args: readonly string[]): Promise<void> {
    const parts = args.map((arg) => `$${encoder.encode(arg).length}\r\n${arg}\r\n`);
    const bytes = encoder.encode(`*${args.length}\r\n${parts.join("")}`);
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    let reply = "";
    while (!reply.endsWith("\r\n")) {
      const length = await this.#connection.read(this.#buffer);
      if (length === null) throw new Error("the connection was closed");
      reply += decoder.decode(this.#buffer.subarray(0, length));
    }
    if (reply.startsWith("-")) throw new Error(reply);
  }

  close(): void {
    this.#connection.close();
  }
}

async function connect({ address, credentials }: Settings): Promise<Line> {
  const { tcp, path = "", database } = address;
  const to = { hostname: tcp?.host ?? "", port: tcp?.port ?? 0 };
  const line = new Line(
    await (tcp === undefined
      ? Deno.connect({ transport: "unix", path })
      : tcp.tls
      ? Deno.connectTls(to)
      : Deno.connect(to)),
  );
  try {
    if (credentials !== undefined) {
      const { username, password } = credentials;
      await line.send("AUTH", ...(username === "" ? [] : [username]), password);
    }
    if (database !== 0) await line.send("SELECT", `${database}`);
    return line;
  } catch (error) {
    line.close();
    throw error;
  }
}

/** The locks of one worker's jobs. */
class Kept {
  readonly pieces: HeldJobs[] = [];
  readonly #settings: Settings;
  /** The versions that were there at the last look, by their places. */
  #seen = new Map<number, number>();
  #line: Line | undefined;
  #renewing = false;
  #ended = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#timer = setInterval(() => this.#renew(), settings.leaseMs / LOOKS_A_LEASE);
  }

  /** Connects for the first time; false if that cannot be done now. */
  async begin(): Promise<boolean> {
    this.#renewing = true;
    await this.#with(() => Promise.resolve());
    this.#renewing = false;
    return this.#line !== undefined;
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#leave();
  }

  async #renew(): Promise<void> {
    const held = this.#held();
    if (held.length === 0 || this.#renewing) return;
    const { prefix, leaseMs } = this.#settings;
    this.#renewing = true;
    await this.#with(async (line) => {
      for (let at = 0; at < held.length; at += 2 * KEPT_AT_ONCE) {
        const some = held.slice(at, at + 2 * KEPT_AT_ONCE);
        await line.send("EVAL", KEEP, "1", `${prefix}stalled`, prefix, `${leaseMs}`, ...some);
      }
    });
    this.#renewing = false;
  }

  /** Does something over the connection; where that fails, the next look makes another one. */
  async #with(use: (line: Line) => Promise<void>): Promise<void> {
    try {
      const line = this.#line ??= await connect(this.#settings);
      if (this.#ended) return this.#leave();
      await use(line);
    } catch {
      // Nobody's lock is kept on a server that is away.
      this.#leave();
    }
  }

  #leave(): void {
    this.#line?.close();
    this.#line = undefined;
  }

  /** Ids and locks of jobs that were held at the last look already. */
  #held(): string[] {
    const held: string[] = [];
    const seen = new Map<number, number>();
    for (const [number, piece] of this.pieces.entries()) {
      for (let place = 0; place < PLACES; place++) {
        const job = piece.get(place);
        if (job === undefined) continue;
        const at = number * PLACES + place;
        seen.set(at, job.version);
        if (this.#seen.get(at) === job.version) held.push(job.id, job.lock);
      }
    }
    this.#seen = seen;
    return held;
  }
}

const all = new Map<number, Kept>();

scope.onmessage = ({ data: message }) => {
  const { number } = message;
  switch (message.do) {
    case "keep": {
      const kept = new Kept(message);
      all.set(number, kept);
      kept.begin().then((keeps) => scope.postMessage({ number, keeps }));
      return;
    }
    case "more":
      all.get(number)?.pieces.push(new HeldJobs(message.memory));
      return;
    case "end":
      all.get(number)?.end();
      all.delete(number);
      return;
  }
};
