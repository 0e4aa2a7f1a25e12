/**
 * Whether a chain of certificates leads to an authority that is known, is in time and fits the name. That is what the
 * certificates say; whether the server holds their key is not asked. Nothing is decided by it: it is a line of a report.
 *
 * @module
 */

import { isLiteral } from "../../../shared/access.ts";
import { type Certificate, readCertificate, same } from "./certificate.ts";
import { algorithmOf, isSignedBy } from "./signature.ts";
import type { VerifyReason } from "./types.ts";

/** The answer. */
export interface Verdict {
  /** Null where it cannot be said. */
  readonly verified: boolean | null;
  readonly reason: VerifyReason | null;
}

let known: readonly Certificate[] | undefined;

/** Mozilla's authorities, as Deno has them; undefined where they may not be read. */
async function authorities(): Promise<readonly Certificate[] | undefined> {
  if (known !== undefined) return known;
  if (Deno.permissions.querySync({ name: "sys" }).state !== "granted") return undefined;
  const { rootCertificates } = await import("node:tls");
  const read = rootCertificates.map((pem) =>
    readCertificate(Uint8Array.fromBase64(pem.replace(/-----[^-]*-----|\s/g, "")))
  );
  return known = read.filter((one) => one !== null);
}

/**
 * Checks a chain.
 *
 * @param chain As it was sent, the server's own first; null for what is not readable.
 * @param name The name or address that was dialled; null: its name is not checked.
 * @param now Milliseconds since 1970.
 * @param roots Who is trusted. Default: Mozilla's authorities.
 */
export async function verify(
  chain: readonly (Certificate | null)[],
  name: string | null,
  now: number,
  roots?: readonly Certificate[],
): Promise<Verdict> {
  const no = (reason: VerifyReason): Verdict => ({ verified: false, reason });
  const own = chain[0];
  if (own === undefined) return no("no-certificate");
  if (own === null) return no("unreadable");
  const late = outOfTime(own, now);
  if (late !== null) return no(late);
  if (own.report.selfSigned) return no("self-signed");
  const trusted = roots ?? await authorities();
  if (trusted === undefined) return { verified: null, reason: "roots-not-readable" };
  const reason = leads(own, chain, trusted, now);
  if (reason !== null) return no(reason);
  if (name !== null && !fits(own, name)) return no("name-mismatch");
  return { verified: true, reason: null };
}

/** Why there is no way from a certificate to an authority; null if there is. Each step takes one of the chain away. */
function leads(
  own: Certificate,
  chain: readonly (Certificate | null)[],
  trusted: readonly Certificate[],
  now: number,
): VerifyReason | null {
  const left = new Set(chain.slice(1).filter((one) => one !== null));
  let current = own;
  for (let below = 0;; below++) {
    if (algorithmOf(current)?.isWeak === true) return "weak-signature";
    const root = trusted.find((one) =>
      same(one.subject, current.issuer) && isSignedBy(current, one.publicKey)
    );
    if (root !== undefined) return outOfTime(root, now);
    let wrong: VerifyReason = "unknown-authority";
    let next: Certificate | undefined;
    for (const one of left) {
      if (!same(one.subject, current.issuer)) continue;
      if (!isSignedBy(current, one.publicKey)) wrong = "bad-signature";
      else if (!one.isAuthority || one.pathLength < below) wrong = "not-an-authority";
      else if (outOfTime(one, now) !== null) wrong = outOfTime(one, now)!;
      else next = one;
    }
    if (next === undefined) return wrong;
    left.delete(next);
    current = next;
  }
}

function outOfTime({ notBefore, notAfter }: Certificate, now: number): VerifyReason | null {
  return now > notAfter ? "expired" : now < notBefore ? "not-yet-valid" : null;
}

/** Whether a certificate is for this name or address. A star stands for one label, the first. */
export function fits({ dnsNames, addresses }: Certificate, name: string): boolean {
  if (isLiteral(name)) return addresses.includes(name);
  const wanted = name.toLowerCase().replace(/\.$/, "");
  return dnsNames.some((one) => {
    const given = one.toLowerCase();
    if (!given.startsWith("*.")) return given === wanted;
    const dot = wanted.indexOf(".");
    return dot > 0 && given.slice(1) === wanted.slice(dot) && given.indexOf(".", 2) > 0;
  });
}
