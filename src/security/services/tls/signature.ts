/** Checks who signed a certificate, with `node:crypto`. @module */

import { nodeBuffer, nodeCrypto } from "../../../shared/builtin.ts";
import { identifier, Malformed, Values } from "./der.ts";
import { SIGNATURES } from "./names.ts";

/** What is signed, and how. */
export interface Signed {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: Uint8Array;
}

/** What is known of a certificate's algorithm; undefined if nothing. */
export function algorithmOf({ algorithm }: Signed): typeof SIGNATURES[string] | undefined {
  try {
    return SIGNATURES[
      identifier(new Values(new Values(algorithm).next(0x30).content).next(6).content)
    ];
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Whether the owner of this key signed it; false too for algorithms that are not checked here. */
export function isSignedBy(what: Signed, publicKey: Uint8Array): boolean {
  const algorithm = algorithmOf(what);
  if (algorithm?.hash === undefined) return false;
  try {
    const { createPublicKey, verify } = nodeCrypto();
    const key = createPublicKey({
      key: nodeBuffer().Buffer.from(publicKey),
      format: "der",
      type: "spki",
    });
    return verify(algorithm.hash, what.signed, key, what.signature);
  } catch {
    // A key or a signature that is none.
    return false;
  }
}
