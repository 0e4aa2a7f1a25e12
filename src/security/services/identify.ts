/**
 * What listens on ports: protocol, product, version and TLS of each, in the order of the targets.
 *
 * Nothing is logged into, nothing is tried out: questions are such as any client asks first. Scope and permissions are
 * settled by who calls.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { allowSource } from "../scope/permissions.ts";
import { isLoopback } from "../scope/targets.ts";
import { bannerOf, word } from "./banner.ts";
import { converse, type Found } from "./conversation.ts";
import { nativeCarrier } from "./exchange/native.ts";
import { pureCarrier } from "./exchange/pure.ts";
import { paced } from "./exchange/paced.ts";
import type { Carrier } from "./exchange/types.ts";
import { PROTOCOLS } from "./protocols/mod.ts";
import { recognise } from "./protocols/recognise.ts";
import { type Opener, type Pace, paceOf, PlainTalk, type Talk } from "./talk.ts";
import { insideTls, lookAtTls } from "./tls/look.ts";
import { startedTls } from "./tls/start.ts";
import type { TlsReport } from "./tls/types.ts";
import type { IdentifyOptions, ServiceReport, ServiceTarget } from "./types.ts";

const UDP = PROTOCOLS.filter(({ transport }) => transport === "udp");
const DEFAULT_TIMEOUT_MS = 2_000;
const DEFAULT_CONCURRENCY = 16;

/** Ports under way from which the native twin is faster. */
export const NATIVE_FROM = 16;

/** Printers print what they are sent; machines of plants may do worse. Those are connected to and not spoken to. */
export const SILENT_PORTS: ReadonlySet<number> = new Set([
  ...Array.from({ length: 8 }, (_, index) => 9100 + index),
  102,
  502,
  20_000,
  44_818,
  47_808,
]);

/** Names of protocols inside TLS, where they have their own. */
const INSIDE: Readonly<Record<string, string>> = {
  http: "https",
  imap: "imaps",
  pop3: "pop3s",
  smtp: "smtps",
  ftp: "ftps",
  ldap: "ldaps",
  telnet: "telnets",
  amqp: "amqps",
  mqtt: "mqtts",
  nntp: "nntps",
  irc: "ircs",
  sip: "sips",
  xmpp: "xmpps",
  dns: "dot",
};

/** For all questions to one port: so long at least, and so many times as long as for one answer. */
const MOST_MS = 30_000;
const MOST_ANSWERS = 16;

/** What is opened when the time is over. */
const NO_TALK: Talk = {
  read: () => Promise.resolve({ end: "closed", bytes: new Uint8Array(0) }),
  close() {},
  [Symbol.dispose]() {},
};

let underWay = 0;

/**
 * Identifies what listens on ports.
 *
 * @param targets What to ask; their addresses are literal and in scope.
 * @param options Limits, twin, signal.
 * @returns One report for each target, in their order, as soon as it and those before it are there.
 * @throws {AgentError} `PERMISSION` for a datagram that may not be sent; `IO` if asking itself was not possible;
 * `NATIVE_REQUIRED`; the signal's reason.
 */
export async function* identifyServices(
  targets: Iterable<ServiceTarget>,
  options: IdentifyOptions = {},
): AsyncIterable<ServiceReport> {
  const most = options.concurrency ?? DEFAULT_CONCURRENCY;
  const over = new AbortController();
  const abort = (): void => over.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", abort, { once: true });
  const started: Promise<ServiceReport>[] = [];
  const inner = { ...options, signal: over.signal };
  try {
    for (const target of targets) {
      const report = identifyOne(target, inner);
      // Its failure is thrown when its turn comes, not before.
      report.catch(() => {});
      started.push(report);
      if (started.length >= most) yield await started.shift()!;
    }
    while (started.length > 0) yield await started.shift()!;
  } finally {
    options.signal?.removeEventListener("abort", abort);
    over.abort(new DOMException("Nobody reads the reports any more", "AbortError"));
    await Promise.allSettled(started);
  }
}

/** Identifies what listens on one port. */
export async function identifyOne(
  target: ServiceTarget,
  options: IdentifyOptions,
): Promise<ServiceReport> {
  options.signal?.throwIfAborted();
  const isNative = pick("security", underWay, NATIVE_FROM, options.implementation);
  underWay++;
  try {
    const carrier = isNative ? nativeCarrier : pureCarrier;
    const { gate } = options;
    return await identifyBy(gate ? paced(carrier, gate) : carrier, target, options);
  } finally {
    underWay--;
  }
}

/** The same with bytes that somebody else carries. */
export async function identifyBy(
  carrier: Carrier,
  target: ServiceTarget,
  options: IdentifyOptions,
): Promise<ServiceReport> {
  const pace = paceOf(target.rttMs, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  if (target.transport === "udp") return await overUdp(carrier, target, pace, options);
  return await overTcp(carrier, target, pace, options);
}

async function overTcp(
  carrier: Carrier,
  target: ServiceTarget,
  pace: Pace,
  { signal, tls: wantsTls = true }: IdentifyOptions,
): Promise<ServiceReport> {
  const over = performance.now() + Math.max(MOST_MS, MOST_ANSWERS * pace.totalMs);
  const opener: Opener = {
    pace,
    open() {
      const isLate = performance.now() >= over;
      return Promise.resolve(isLate ? NO_TALK : new PlainTalk(carrier, target, pace, signal));
    },
  };
  if (SILENT_PORTS.has(target.port)) {
    return reportOf(
      target,
      nothing("this port is not spoken to: it may be a printer's or a plant's"),
      null,
    );
  }
  const found = await converse(opener, target.port, true);
  signal?.throwIfAborted();
  if (found.isTls) {
    const tls = wantsTls ? await lookAtTls(opener, target.name ?? null, null) : null;
    const inside = await converse(insideTls(opener, target.name ?? null), target.port, false);
    signal?.throwIfAborted();
    return reportOf(target, {
      ...inside,
      how: inside.recognised === null ? "tls" : `tls+${inside.how}`,
      isTls: true,
    }, tls);
  }
  const start = found.recognised?.protocol.startTls;
  if (!wantsTls || start === undefined) return reportOf(target, found, null);
  const tls = await lookAtTls(startedTls(opener, start), target.name ?? null, start.name);
  signal?.throwIfAborted();
  return reportOf(target, found, tls);
}

async function overUdp(
  carrier: Carrier,
  target: ServiceTarget,
  pace: Pace,
  { signal }: IdentifyOptions,
): Promise<ServiceReport> {
  if (SILENT_PORTS.has(target.port)) {
    return reportOf(target, nothing("this port is not spoken to: it may be a plant's"), null);
  }
  const { address, port } = target;
  const loopback = isLoopback(address);
  // Deno asks for the address that a datagram leaves from as well; so do both twins.
  allowSource(address);
  const usual = UDP.filter(({ ports }) => ports.includes(port));
  for (const some of [usual, UDP.filter((protocol) => !usual.includes(protocol))]) {
    const answers = await Promise.all(some.map(async (protocol) => {
      const { send } = protocol.question!;
      const answer = await carrier.datagram(
        { address, port, loopback, send, waitMs: pace.firstMs, most: 4096 },
        signal,
      );
      return { protocol, answer };
    }));
    for (const { protocol: { name }, answer: { bytes } } of answers) {
      const recognised = recognise(UDP, bytes, name);
      if (recognised === null) continue;
      return reportOf(target, { ...nothing(null), how: `probe:${name}`, recognised }, null);
    }
    const heard = answers.find(({ answer }) => answer.bytes.length > 0);
    if (heard !== undefined) {
      const found = nothing("its answers fit no protocol that is known");
      return reportOf(target, { ...found, banner: bannerOf(heard.answer.bytes) }, null);
    }
  }
  return reportOf(target, nothing("it answers no question; nothing may listen there"), null);
}

function nothing(reason: string | null): Found {
  return { recognised: null, how: "none", banner: null, isTls: false, reason };
}

/** The report on a port that nothing was sent to. */
export function notAsked(target: ServiceTarget): ServiceReport {
  return reportOf(target, nothing("nothing was sent: it is a dry run"), null);
}

function reportOf(target: ServiceTarget, found: Found, tls: TlsReport | null): ServiceReport {
  const { recognised, how, banner, isTls, reason } = found;
  const reading = recognised?.reading;
  const name = reading?.service ?? (isTls ? "tls" : null);
  return {
    address: target.address,
    port: target.port,
    transport: target.transport ?? "tcp",
    service: isTls && reading !== undefined ? INSIDE[name!] ?? name : name,
    // Whatever a reader made of it.
    product: word(reading?.product),
    version: word(reading?.version),
    extra: word(reading?.extra),
    confidence: reading?.confidence ?? (isTls ? "certain" : null),
    how,
    reason: name === null ? reason : null,
    tls,
    banner,
  };
}
