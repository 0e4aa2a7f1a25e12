/**
 * Looks at a server's TLS: one handshake as far as the certificates, and one ClientHello for each version, of which
 * only the answer is read.
 *
 * @module
 */

import { bytesOf } from "../bytes.ts";
import { word } from "../banner.ts";
import type { Question } from "../protocols/protocol.ts";
import type { Opener, Talk } from "../talk.ts";
import { readCertificate } from "./certificate.ts";
import { shake, type Shaken } from "./handshake.ts";
import { anyHello, TLS10, TLS12, TLS13 } from "./hello.ts";
import { TlsTalk } from "./inside.ts";
import { isRecord } from "./records.ts";
import { suiteName } from "./suites.ts";
import type { TlsReport, TlsVersion } from "./types.ts";
import { verify } from "./verify.ts";

const VERSIONS: readonly (readonly [name: TlsVersion, number: number])[] = [
  ["TLS 1.0", TLS10],
  ["TLS 1.1", 0x0302],
  ["TLS 1.2", TLS12],
  ["TLS 1.3", TLS13],
];
const NO_APPLICATION_PROTOCOL = 120;
/** How many answers a handshake is made of, each with its time. */
const FLIGHTS = 2;

/** Whether TLS is spoken: everything is offered, and what comes back looks like a record or not. */
export const TLS_QUESTION: Question = { send: anyHello(), enough: (bytes) => bytes.length >= 7 };

/** Whether an answer to {@linkcode TLS_QUESTION} is TLS: the handshake's first message, or an alert. */
export function isTlsAnswer(bytes: Uint8Array): boolean {
  if (bytes.length < 6 || !isRecord(bytes)) return false;
  return bytes[0] === 22 ? bytes[5] === 2 : bytes[0] === 21 && bytes[3] === 0 && bytes[4] === 2;
}

/** Opens connections on which is spoken inside TLS; one that does not come there is closed. */
export function insideTls(opener: Opener, name: string | null): Opener {
  return {
    pace: opener.pace,
    async open(): Promise<Talk> {
      const talk = await opener.open();
      const { firstMs: waitMs, totalMs } = opener.pace;
      const limits = { waitMs, totalMs: FLIGHTS * totalMs };
      const versions = [TLS13, TLS12];
      const shaken = await shake(talk, { versions, name, protocols: [], isWhole: true, ...limits });
      if (shaken.inside === null) talk.close();
      return new TlsTalk(talk, shaken.inside, totalMs);
    },
  };
}

/**
 * Looks at the TLS of a server.
 *
 * @param opener Opens connections that are at TLS's beginning.
 * @param name The server's name, or null; what it shows is held against it.
 * @param startTls The command by which TLS began; null if it begins at once.
 * @returns What it offers; null if it offers nothing.
 */
export async function lookAtTls(
  opener: Opener,
  name: string | null,
  startTls: string | null,
): Promise<TlsReport | null> {
  const look = async (
    versions: readonly number[],
    protocols: readonly string[],
  ): Promise<Shaken> => {
    using talk = await opener.open();
    const { firstMs: waitMs, totalMs } = opener.pace;
    const limits = { waitMs, totalMs: FLIGHTS * totalMs };
    return await shake(talk, { versions, name, protocols, isWhole: false, ...limits });
  };
  const all = VERSIONS.map(([, number]) => number).reverse();
  let shaken = await look(all, startTls === null ? ["h2", "http/1.1"] : []);
  if (shaken.alert === NO_APPLICATION_PROTOCOL) shaken = await look(all, []);
  // A server from before the list of versions may choke on it.
  if (shaken.taken === null) {
    const older = await look(all.slice(1), []);
    if (older.taken !== null) shaken = older;
  }
  if (shaken.taken === null && startTls !== null && shaken.alert === null) return null;

  const versions: TlsVersion[] = [];
  const chosen = VERSIONS.find(([, number]) => number === shaken.taken?.version)?.[0] ?? null;
  // Two at a time: bounded, and no burst that a server with a limit would cut.
  for (const some of [VERSIONS.slice(0, 2), VERSIONS.slice(2)]) {
    const taken = await Promise.all(some.map(async ([version, number]) => {
      if (version === chosen) return true;
      const { taken } = await look([number], []);
      return taken?.version === number;
    }));
    some.forEach(([version], index) => taken[index] && versions.push(version));
  }
  const chain = shaken.chain.map((der) => readCertificate(der));
  const readable = chain.filter((one) => one !== null);
  const { verified, reason } = await verify(chain, name, Date.now());
  const unreadable = readable.length < chain.length ? "a certificate is not readable" : null;
  const protocol = shaken.protocol;
  return {
    versions,
    version: chosen,
    cipher: shaken.taken === null ? null : suiteName(shaken.taken.suite),
    alpn: protocol !== null && bytesOf(protocol).length <= 64 ? word(protocol) : null,
    startTls,
    chain: readable.map(({ report }) => report),
    chainReason: shaken.reason ?? unreadable,
    verified,
    verifyReason: reason,
  };
}
