/**
 * The handshake of a client that only looks: it reads what the server shows, and can go on to ask inside what is spoken
 * there. It trusts nobody and proves nothing; what a chain is worth is said by `verify.ts`. TLS 1.3 and 1.2; of older
 * versions and of suites that are not spoken here it sees what is shown in the clear.
 *
 * @module
 */

import { concat, u16, u8 } from "../bytes.ts";
import type { Talk } from "../talk.ts";
import {
  certificatesIn,
  clientHello,
  extensionsIn,
  message,
  protocolIn,
  readServerHello,
  record,
  type Taken,
  TLS10,
  TLS12,
  TLS13,
} from "./hello.ts";
import { digest, type Exchange, expandLabel, hmac, onCurve, prf, Seal, x25519 } from "./keys.ts";
import { Records } from "./records.ts";
import { ALL_SUITES, SPOKEN, type Suite, SUITES_12, SUITES_13 } from "./suites.ts";

const NOTHING = new Uint8Array(0);

/** The most records that come in the clear after our end of a handshake of TLS 1.2; an honest server sends a ticket. */
const MOST_TICKETS = 8;

/** The most certificates of a chain that are looked at. */
export const MOST_CERTIFICATES = 10;

/** What is offered. */
export interface ShakeOptions {
  /** The versions, by number, the newest first. */
  readonly versions: readonly number[];
  readonly name: string | null;
  readonly protocols: readonly string[];
  /** Whether it is gone on to the end, to speak inside; only suites that can be spoken are offered then. */
  readonly isWhole: boolean;
  /** For each part of an answer. */
  readonly waitMs: number;
  /** For all of the handshake. */
  readonly totalMs: number;
}

/** What a handshake showed. */
export interface Shaken {
  /** What the server took; null if it took nothing. */
  readonly taken: Taken | null;
  readonly protocol: string | null;
  readonly chain: readonly Uint8Array[];
  /** Why there is no whole chain; null if there is. */
  readonly reason: string | null;
  /** The alert that the server sent; null if none. */
  readonly alert: number | null;
  /** Ways to read and write inside; null where the handshake did not come to its end. */
  readonly inside: { readonly records: Records; readonly write: Seal } | null;
}

class Failed extends Error {
  constructor(reason: string, readonly alert: number | null = null) {
    super(reason);
  }
}

/** Shakes hands as far as it can; says what it saw. */
export async function shake(talk: Talk, options: ShakeOptions): Promise<Shaken> {
  const shaking = new Shaking(talk, options);
  try {
    await shaking.run();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { ...shaking.seen(), reason: error.message, alert: error.alert, inside: null };
  }
  return shaking.seen();
}

class Shaking {
  readonly #records: Records;
  readonly #random = crypto.getRandomValues(new Uint8Array(32));
  #transcript: Uint8Array = NOTHING;
  #taken: Taken | null = null;
  #protocol: string | null = null;
  #chain: Uint8Array[] = [];
  #reason: string | null = "the server shows none";
  #inside: Shaken["inside"] = null;

  constructor(readonly talk: Talk, readonly options: ShakeOptions) {
    this.#records = new Records(talk, options.waitMs, options.totalMs);
  }

  seen(): Shaken {
    return {
      taken: this.#taken,
      protocol: this.#protocol,
      chain: this.#chain,
      reason: this.#reason,
      alert: null,
      inside: this.#inside,
    };
  }

  async run(): Promise<void> {
    const { versions, name, protocols, isWhole } = this.options;
    const exchanges = versions[0] === TLS13 ? [x25519(), onCurve(23)] : [];
    const hello = clientHello({
      versions,
      name,
      suites: [
        ...(versions[0] === TLS13 ? SUITES_13 : []),
        ...(versions.at(-1)! > TLS12 ? [] : isWhole ? SUITES_12 : ALL_SUITES),
      ],
      shares: exchanges.map(({ share }) => share),
      protocols,
      random: this.#random,
    });
    this.#transcript = hello;
    await this.#send(record(22, hello, TLS10));
    const { body } = await this.#next(2);
    const taken = readServerHello(body);
    if (taken === null) throw new Failed("the server's answer is malformed");
    this.#taken = taken;
    this.#protocol = taken.protocol;
    if (taken.isRetry) throw new Failed("the server asks for a kind of key that is not offered");
    if (taken.version === TLS13) return await this.#thirteen(taken, exchanges);
    await this.#twelve(taken);
  }

  /** Sends, without a wait for an answer. */
  async #send(bytes: Uint8Array): Promise<void> {
    const { end } = await this.talk.read(bytes, 0, 0, 0);
    if (end !== "full") throw new Failed("the server closed the connection");
  }

  /** The next message, which must be of this type; it becomes part of what both sides count. */
  async #next(...types: readonly number[]): Promise<{ type: number; body: Uint8Array }> {
    const next = await this.#records.message();
    if ("ended" in next) {
      if (next.ended === "alert") {
        throw new Failed(
          `the server ended the handshake (alert ${next.alert})`,
          next.alert ?? null,
        );
      }
      if (next.ended === "too-large") {
        throw new Failed("the server's handshake is over the bound of 128 KiB");
      }
      throw new Failed(
        next.ended === "malformed"
          ? "the server's answer is malformed"
          : "the server broke the handshake off",
      );
    }
    if (!types.includes(next.type)) throw new Failed("the server's answer is malformed");
    this.#transcript = concat(this.#transcript, next.all);
    return next;
  }

  #take(body: Uint8Array, is13: boolean): void {
    const { chain, isWhole } = certificatesIn(body, is13, MOST_CERTIFICATES);
    this.#chain = chain;
    this.#reason = isWhole
      ? chain.length === 0 ? "the server shows none" : null
      : chain.length === MOST_CERTIFICATES
      ? `only the first ${MOST_CERTIFICATES} certificates are looked at`
      : "the list of certificates is malformed";
  }

  async #thirteen(taken: Taken, exchanges: readonly Exchange[]): Promise<void> {
    const suite = SPOKEN[taken.suite];
    const { share } = taken;
    const secret = exchanges.find((one) => one.share.group === share?.group)?.agree(share!.key);
    if (suite === undefined || taken.suite >>> 8 !== 0x13 || !secret) {
      throw new Failed("the server's answer is malformed");
    }
    const { hash } = suite;
    const zeros = new Uint8Array(hash === "sha256" ? 32 : 48);
    const empty = digest(hash, NOTHING);
    const derived = (from: Uint8Array): Uint8Array =>
      expandLabel(hash, from, "derived", empty, zeros.length);
    const early = hmac(hash, zeros, zeros);
    const shared = hmac(hash, derived(early), secret);
    const hellos = digest(hash, this.#transcript);
    const theirs = expandLabel(hash, shared, "s hs traffic", hellos, zeros.length);
    const ours = expandLabel(hash, shared, "c hs traffic", hellos, zeros.length);
    this.#records.seal = sealOf(suite, theirs);

    const extensions = await this.#next(8);
    const alpn = extensionsIn(extensions.body, 0).find(({ number }) => number === 16);
    if (alpn !== undefined) this.#protocol = protocolIn(extensions.body, alpn.start, alpn.end);
    let next = await this.#next(11, 13);
    let wantsOurs: Uint8Array | null = null;
    if (next.type === 13) {
      wantsOurs = next.body.subarray(1, 1 + Math.max(0, u8(next.body, 0)));
      next = await this.#next(11);
    }
    this.#take(next.body, true);
    if (!this.options.isWhole) return;

    await this.#next(15);
    await this.#next(20);
    const master = hmac(hash, derived(shared), zeros);
    const until = digest(hash, this.#transcript);
    const write = sealOf(suite, ours);
    if (wantsOurs !== null) {
      const none = message(11, concat([wantsOurs.length], wantsOurs, [0, 0, 0]));
      this.#transcript = concat(this.#transcript, none);
      await this.#send(write.close(22, none));
    }
    const key = expandLabel(hash, ours, "finished", NOTHING, zeros.length);
    await this.#send(write.close(22, message(20, hmac(hash, key, digest(hash, this.#transcript)))));
    this.#records.seal = sealOf(
      suite,
      expandLabel(hash, master, "s ap traffic", until, zeros.length),
    );
    const inner = sealOf(suite, expandLabel(hash, master, "c ap traffic", until, zeros.length));
    this.#inside = { records: this.#records, write: inner };
  }

  async #twelve(taken: Taken): Promise<void> {
    this.#take((await this.#next(11)).body, false);
    if (!this.options.isWhole) return;
    const suite = SPOKEN[taken.suite];
    if (suite === undefined || taken.version !== TLS12) {
      throw new Failed("the server took a cipher suite that is not spoken here");
    }
    // Its word on the certificate's state may come between.
    let next = await this.#next(12, 22);
    if (next.type === 22) next = await this.#next(12);
    const group = u16(next.body, 1);
    const theirs = next.body.subarray(4, 4 + Math.max(0, u8(next.body, 3)));
    if (u8(next.body, 0) !== 3 || (group !== 29 && group !== 23 && group !== 24)) {
      throw new Failed("the server took a kind of key that is not offered");
    }
    const exchange = group === 29 ? x25519() : onCurve(group);
    const secret = exchange.agree(theirs);
    if (secret === null) throw new Failed("the server's answer is malformed");
    let wantsOurs = false;
    next = await this.#next(13, 14);
    if (next.type === 13) {
      wantsOurs = true;
      await this.#next(14);
    }
    const say = (type: number, body: Uint8Array): Uint8Array => {
      const said = message(type, body);
      this.#transcript = concat(this.#transcript, said);
      return record(22, said, TLS12);
    };
    const { hash } = suite;
    const { key: own } = exchange.share;
    const flight = concat(
      wantsOurs ? say(11, new Uint8Array(3)) : NOTHING,
      say(16, concat([own.length], own)),
      record(20, Uint8Array.of(1), TLS12),
    );
    const master = prf(hash, secret, "master secret", concat(this.#random, taken.random), 48);
    const ivBytes = suite.cipher === "chacha20-poly1305" ? 12 : 4;
    const size = suite.keyBytes;
    const block = prf(
      hash,
      master,
      "key expansion",
      concat(taken.random, this.#random),
      2 * (size + ivBytes),
    );
    const iv = 2 * size;
    const write = new Seal(suite, block.subarray(0, size), block.subarray(iv, iv + ivBytes), false);
    const read = new Seal(suite, block.subarray(size, iv), block.subarray(iv + ivBytes), false);
    const proof = prf(hash, master, "client finished", digest(hash, this.#transcript), 12);
    await this.#send(concat(flight, write.close(22, message(20, proof))));
    // A ticket may come in the clear; then the change of the cipher, and the first sealed record.
    for (let records = 0; this.#records.seal === undefined; records++) {
      const incoming = await this.#records.record();
      if (records > MOST_TICKETS) throw new Failed("the server's answer is malformed");
      if ("ended" in incoming) throw new Failed("the server broke the handshake off");
      if (incoming.type === 21) {
        const alert = u8(incoming.content, 1);
        throw new Failed(`the server ended the handshake (alert ${alert})`, alert);
      }
      if (incoming.type === 20) this.#records.seal = read;
    }
    const sealed = await this.#records.record();
    if ("ended" in sealed) throw new Failed("the server broke the handshake off");
    if (sealed.type !== 22) throw new Failed("the server's answer is malformed");
    this.#inside = { records: this.#records, write };
  }
}

function sealOf(suite: Suite, secret: Uint8Array): Seal {
  const key = expandLabel(suite.hash, secret, "key", NOTHING, suite.keyBytes);
  return new Seal(suite, key, expandLabel(suite.hash, secret, "iv", NOTHING, 12), true);
}
