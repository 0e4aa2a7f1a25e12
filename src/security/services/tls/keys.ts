/** Keys of TLS: the schedule of 1.3 (RFC 8446, 7.1), the function of 1.2 (RFC 5246, 5), and sealed records. @module */

import { nodeBuffer, nodeCrypto } from "../../../shared/builtin.ts";
import { be16, be32, bytesOf, concat } from "../bytes.ts";
import type { Share } from "./hello.ts";
import type { Suite } from "./suites.ts";

/** Digest of some bytes. */
export function digest(hash: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(nodeCrypto().createHash(hash).update(bytes).digest());
}

/** Keyed digest. */
export function hmac(hash: string, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(nodeCrypto().createHmac(hash, key).update(bytes).digest());
}

/** HKDF-Expand-Label; everything that TLS asks of it fits into one or two blocks. */
export function expandLabel(
  hash: string,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = bytesOf(`tls13 ${label}`);
  const info = concat(be16(length), [name.length], name, [context.length], context);
  let block = new Uint8Array(0);
  let out = new Uint8Array(0);
  for (let count = 1; out.length < length; count++) {
    block = new Uint8Array(hmac(hash, secret, concat(block, info, [count])));
    out = new Uint8Array(concat(out, block));
  }
  return out.subarray(0, length);
}

/** The pseudo-random function of TLS 1.2. */
export function prf(
  hash: string,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const all = concat(bytesOf(label), seed);
  let chained = all;
  let out = new Uint8Array(0);
  while (out.length < length) {
    chained = hmac(hash, secret, chained);
    out = new Uint8Array(concat(out, hmac(hash, secret, concat(chained, all))));
  }
  return out.subarray(0, length);
}

/** Own keys of an exchange. */
export interface Exchange {
  readonly share: Share;
  /** The common secret; null if the other key is none. */
  agree(other: Uint8Array): Uint8Array | null;
}

const X25519_HEAD = Uint8Array.from([48, 42, 48, 5, 6, 3, 43, 101, 110, 3, 33, 0]);

/** A fresh pair of keys of X25519. */
export function x25519(): Exchange {
  const { publicKey, privateKey } = nodeCrypto().generateKeyPairSync("x25519");
  const own = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  return {
    share: { group: 29, key: own.subarray(own.length - 32) },
    agree(other): Uint8Array | null {
      if (other.length !== 32) return null;
      try {
        const key = nodeBuffer().Buffer.from(concat(X25519_HEAD, other));
        const theirs = nodeCrypto().createPublicKey({ key, format: "der", type: "spki" });
        return new Uint8Array(nodeCrypto().diffieHellman({ privateKey, publicKey: theirs }));
      } catch {
        return null;
      }
    },
  };
}

/** A fresh pair of keys on a curve: 23 is P-256, 24 P-384. */
export function onCurve(group: 23 | 24): Exchange {
  const keys = nodeCrypto().createECDH(group === 23 ? "prime256v1" : "secp384r1");
  const key = new Uint8Array(keys.generateKeys());
  return {
    share: { group, key },
    agree(other): Uint8Array | null {
      try {
        return new Uint8Array(keys.computeSecret(other));
      } catch {
        return null;
      }
    },
  };
}

/** One direction's records, sealed. */
export class Seal {
  #number = 0;

  /** `is13` decides how a record's number comes into it. */
  constructor(
    readonly suite: Suite,
    readonly key: Uint8Array,
    readonly iv: Uint8Array,
    readonly is13: boolean,
  ) {}

  /** Seals a record of this type. */
  close(type: number, content: Uint8Array): Uint8Array {
    const plain = this.is13 ? concat(content, [type]) : content;
    const outer = this.is13 ? 23 : type;
    const explicit = this.#explicit();
    const head = concat([outer], be16(0x0303), be16(explicit.length + plain.length + 16));
    const cipher = nodeCrypto().createCipheriv(
      this.suite.cipher as "aes-128-gcm",
      this.key,
      this.#nonce(explicit),
      { authTagLength: 16 },
    );
    cipher.setAAD(this.is13 ? head : this.#additional(type, plain.length), {
      plaintextLength: plain.length,
    });
    const sealed = concat(cipher.update(plain), cipher.final(), cipher.getAuthTag());
    this.#number++;
    return concat(head, explicit, sealed);
  }

  /** Opens a record; null if it was not sealed with this key. */
  open(
    type: number,
    head: Uint8Array,
    body: Uint8Array,
  ): { type: number; content: Uint8Array } | null {
    const explicitBytes = this.is13 || this.suite.cipher === "chacha20-poly1305" ? 0 : 8;
    if (body.length < explicitBytes + 16) return null;
    const explicit = body.subarray(0, explicitBytes);
    const sealed = body.subarray(explicitBytes, body.length - 16);
    try {
      const cipher = nodeCrypto().createDecipheriv(
        this.suite.cipher as "aes-128-gcm",
        this.key,
        this.#nonce(explicit),
        { authTagLength: 16 },
      );
      cipher.setAAD(this.is13 ? head : this.#additional(type, sealed.length), {
        plaintextLength: sealed.length,
      });
      cipher.setAuthTag(body.subarray(body.length - 16));
      const plain = concat(cipher.update(sealed), cipher.final());
      this.#number++;
      if (!this.is13) return { type, content: plain };
      let end = plain.length;
      while (end > 0 && plain[end - 1] === 0) end--;
      return end === 0 ? null : { type: plain[end - 1]!, content: plain.subarray(0, end - 1) };
    } catch {
      return null;
    }
  }

  #explicit(): Uint8Array {
    const isImplicit = this.is13 || this.suite.cipher === "chacha20-poly1305";
    return isImplicit ? new Uint8Array(0) : this.#counter();
  }

  #counter(): Uint8Array {
    return concat(be32(0), be32(this.#number));
  }

  #nonce(explicit: Uint8Array): Uint8Array {
    if (explicit.length > 0) return concat(this.iv, explicit);
    const counter = this.#counter();
    return this.iv.map((byte, index) => index < 4 ? byte : byte ^ counter[index - 4]!);
  }

  #additional(type: number, length: number): Uint8Array {
    return concat(this.#counter(), [type], be16(0x0303), be16(length));
  }
}
