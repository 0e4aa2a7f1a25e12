/**
 * Whether Redis answers: one small question, 2 seconds at most. `engine_status.ts` asks the container engine.
 *
 * @module
 */

import { type Grants, redisHost } from "./granted_hosts.ts";

const TIMEOUT_MS = 5000;

/** A service of the machine, as `doctor` reports it. */
export interface ServiceStatus {
  /** `docker` or `redis`. */
  name: string;
  /** Whether it answered. */
  ok: boolean;
  /** Where it was looked for. */
  address: string;
  /** What was found, in words. */
  found: string;
  /** What to do if it did not answer, in one line. */
  fix?: string;
  /** What it is made of, a line each. */
  details?: string[];
  /** What should be known about it, a sentence each. */
  warnings?: string[];
}

/** Asks Redis (or Valkey) for a PONG. */
export async function checkRedis(env: Grants["env"]): Promise<ServiceStatus> {
  const address = redisHost(env);
  const base = { name: "redis", address };
  try {
    const url = new URL(normalUrl(env("AGENT_REDIS_URL")));
    const secure = url.protocol === "rediss:";
    const names = [url.username, url.password].filter((word) => word !== "");
    const login = url.password === "" ? "" : command(["AUTH", ...names.map(decodeURIComponent)]);
    const answers = login === "" ? 1 : 2;
    const text = await ask(
      () => connectTcp(address, secure),
      login + command(["PING"]),
      (received) => received.split("\r\n").length > answers,
    );
    const answer = text.split("\r\n").find((line) => line.startsWith("-")) ??
      text.split("\r\n")[answers - 1] ?? "";
    if (answer === "+PONG") return { ...base, ok: true, found: `reachable (${address})` };
    return {
      ...base,
      ok: false,
      found: `answers at ${address}, but refuses (${answer.slice(1, 80)})`,
      fix: "put user and password into AGENT_REDIS_URL: redis://user:password@host:port",
    };
  } catch (error) {
    return {
      ...base,
      ok: false,
      found: `not reachable at ${address} (${reason(error)})`,
      fix:
        "start Redis or Valkey, or set AGENT_REDIS_URL; only a shared cache between machines needs it",
    };
  }
}

function normalUrl(url: string | undefined): string {
  if (!url) return "redis://127.0.0.1:6379";
  return url.includes("://") ? url : `redis://${url}`;
}

/** A command as Redis reads it: a list of texts with their lengths in bytes. */
function command(words: readonly string[]): string {
  const encoder = new TextEncoder();
  const parts = words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}

function connectTcp(address: string, secure = false): Promise<Deno.Conn> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const target = { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
  return secure ? Deno.connectTls(target) : Deno.connect(target);
}

/** Sends a question and reads until the answer is complete, the other side ends, or time is up. */
async function ask(
  connect: () => Promise<Deno.Conn>,
  question: string,
  complete: (received: string) => boolean,
): Promise<string> {
  const timeout = Promise.withResolvers<never>();
  let connection: Deno.Conn | undefined;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    timeout.reject(new Error(`no answer within ${TIMEOUT_MS} ms`));
  }, TIMEOUT_MS);
  const talk = async (): Promise<string> => {
    connection = await connect();
    if (late) {
      connection.close();
      return "";
    }
    const writer = new TextEncoder().encode(question);
    for (let at = 0; at < writer.length;) at += await connection.write(writer.subarray(at));
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    let received = "";
    while (!complete(received)) {
      const count = await connection.read(buffer);
      if (count === null) break;
      received += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    return received;
  };
  const talking = talk();
  // After a timeout nobody waits for it any more; its failure is then expected.
  talking.catch(() => {});
  try {
    return await Promise.race([talking, timeout.promise]);
  } finally {
    clearTimeout(timer);
    connection?.close();
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  return error instanceof Error ? error.message.split("\n")[0] ?? error.name : String(error);
}
