/**
 * A server that does to each request what its path says, most of it harm, and clients that ask it for a mixture of all of
 * them at once: for the tests, and for the long soak.
 */

import assert from "assertions";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { HttpOutcome } from "../../src/http/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { listening, untilClosed } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import { clientsOf, requestHead, response, writeAll } from "./support.ts";

type Serve = (connection: Deno.TcpConn, path: string) => Promise<void>;

/** What a client may take, so that every fault is over soon. */
const LIMITS = { maxBodyBytes: 300_000, maxHeaderBytes: 32_000, maxRedirects: 5 };
/** Requests of one round. */
const ASKED = 60;
const AT_ONCE = 16;

const zeros = new Uint8Array(16 << 20);
const bomb = (coding: string, pack: (bytes: Uint8Array) => Uint8Array): Serve => {
  const content = response(`200 OK\r\ncontent-encoding: ${coding}`, Uint8Array.from(pack(zeros)));
  return (connection) => writeAll(connection, content);
};

/** What is served at `/word/...`, and how it must end. */
const FAULTS: Readonly<Record<string, readonly [serve: Serve, ends: AgentErrorCode]>> = {
  gzip: [bomb("gzip", gzipSync), "TOO_LARGE"],
  brotli: [bomb("br", brotliCompressSync), "TOO_LARGE"],
  zstd: [bomb("zstd", zstdCompressSync), "TOO_LARGE"],
  endless: [async (connection) => {
    const chunk = new Uint8Array(65_536);
    await writeAll(connection, response("200 OK", chunk));
    for (;;) await writeAll(connection, chunk);
  }, "TOO_LARGE"],
  fields: [
    (connection) => writeAll(connection, response(`200 OK\r\nx: ${"y".repeat(1 << 20)}`)),
    "TOO_LARGE",
  ],
  silent: [untilClosed, "TIMEOUT"],
  stalled: [async (connection) => {
    await writeAll(connection, response("200 OK\r\ncontent-length: 9", "abc"));
    await untilClosed(connection);
  }, "TIMEOUT"],
  ended: [() => Promise.resolve(), "UNAVAILABLE"],
  half: [
    (connection) => writeAll(connection, response("200 OK\r\ncontent-length: 9", "abc")),
    "UNAVAILABLE",
  ],
  garbage: [(connection) => writeAll(connection, "HELO\r\n\r\n"), "UNAVAILABLE"],
  miscoded: [
    (connection) => writeAll(connection, response("200 OK\r\ncontent-encoding: br", "no brotli")),
    "UNAVAILABLE",
  ],
  redirects: [
    (connection, path) => writeAll(connection, response(`302 Found\r\nlocation: ${path}x`)),
    "UNAVAILABLE",
  ],
};
const WORDS = Object.keys(FAULTS);

/** A body that says which it is. */
function bodyOf(number: number): string {
  return `${number} `.repeat(1 + number * 37 % 3_000);
}

async function serve(connection: Deno.TcpConn): Promise<void> {
  for (let head = await requestHead(connection); head !== undefined;) {
    const [, word = "", number = ""] = /^GET (\/\w+\/(\w+))/.exec(head)?.[1]?.split("/") ?? [];
    const fault = FAULTS[word];
    if (fault !== undefined) return await fault[0](connection, `/${word}/${number}`);
    const body = bodyOf(Number(number));
    await writeAll(connection, response(`200 OK\r\ncontent-length: ${body.length}`, body));
    head = await requestHead(connection);
  }
}

/** Throws if what came of a URL is not what it is to be. */
async function check(url: string, outcome: HttpOutcome): Promise<void> {
  const [, word = "", number = ""] = new URL(url).pathname.split("/");
  const ends = FAULTS[word]?.[1];
  let code = "";
  try {
    if (!outcome.ok) throw outcome.error;
    const text = await outcome.response.text();
    if (ends === undefined) assert.equal(text, bodyOf(Number(number)), url);
  } catch (error) {
    assert.ok(AgentError.is(error), `${url}: ${error}`);
    code = error.code;
  }
  assert.equal(code, ends ?? "", url);
}

/**
 * Asks for good and bad answers, many at once, round after round.
 *
 * @param twin Which transport.
 * @param rounds How often, each with a client of its own.
 * @param patienceMs How long a server may say nothing: what is silent costs that, what is slow must not.
 * @param chance Numbers from 0 to 1.
 * @returns How many answers were as they should be, good ones and faults.
 */
export async function harmed(
  twin: Twin,
  rounds: number,
  patienceMs: number,
  chance: () => number,
): Promise<{ good: number; faults: number }> {
  const count = { good: 0, faults: 0 };
  const timeouts = { firstByteMs: patienceMs, bodyMs: patienceMs };
  await listening(serve, async (address) => {
    for (let round = 0; round < rounds; round++) {
      await using client = clientsOf(twin)({ ...LIMITS, timeouts });
      const urls = Array.from({ length: ASKED }, (_, i) => {
        const word = chance() < 0.4 ? "good" : WORDS[Math.floor(chance() * WORDS.length)]!;
        count[word === "good" ? "good" : "faults"]++;
        return `http://${address}/${word}/${round * ASKED + i}`;
      });
      const left = new Set(urls.keys());
      for await (
        const outcome of client.fetchMany(urls, { concurrency: AT_ONCE, perHost: AT_ONCE })
      ) {
        assert.ok(left.delete(outcome.index));
        await check(urls[outcome.index]!, outcome);
      }
      assert.equal(left.size, 0);
    }
  });
  await twin.idle();
  return count;
}
