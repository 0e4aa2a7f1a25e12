/**
 * Rules about the certificates that listeners show. They find nothing where nobody asked for them.
 *
 * @module
 */

import type { Evidence, ListenerTls } from "../types.ts";
import type { Rule } from "../rule.ts";
import { of } from "./network.ts";

/** Days before its end from which a certificate is told. */
const SOON_DAYS = 14;
/** Bits below which a key of RSA is broken with money. */
const RSA_LEAST = 2048;
const OLD_VERSIONS = ["TLS 1.0", "TLS 1.1"];

/** A rule that looks at the certificate of each port. */
function eachCertificate(look: (tls: ListenerTls) => Evidence | undefined): Rule["find"] {
  return ({ connections, tls }) => {
    if (tls === undefined) return [];
    const seen = new Set<number>();
    return connections.flatMap((connection) => {
      const { protocol, state, local } = connection;
      if (protocol !== "tcp" || state !== "listen" || seen.has(local!.port)) return [];
      seen.add(local!.port);
      const found = tls.get(local!.port);
      if (found === undefined || found === false || "unknown" in found) return [];
      const evidence = look(found);
      return evidence === undefined
        ? []
        : [of(connection, { subject: found.subject, ...evidence })];
    });
  };
}

function weakness({ key, signatureAlgorithm, selfSigned }: ListenerTls): string | undefined {
  const [kind = "", bits = ""] = (key ?? "").split(" ");
  if (kind === "RSA" && bits !== "" && Number(bits) < RSA_LEAST) return `key ${key}`;
  if (kind === "DSA") return `key ${key}`;
  // What a certificate signs itself says nothing, whatever it is signed with.
  const isWeak = /md[245]|sha1(?![0-9])/i.test(signatureAlgorithm ?? "");
  return isWeak && selfSigned !== true ? `signature ${signatureAlgorithm}` : undefined;
}

/** The rules. */
export const certificateRules: readonly Rule[] = [
  {
    id: "certificate-expired",
    title: "A listener shows a certificate that does not hold today",
    severity: "medium",
    attack: "T1557",
    about:
      "Who is used to warnings accepts those about a stranger's certificate too; strict clients do not connect at all.",
    falseAlarms: "Services of a developer's own; a clock of this machine that goes wrong.",
    advice: "Renew it, and let something renew it from now on.",
    find: eachCertificate(({ expiryDays, validTo, validFrom }): Evidence | undefined => {
      if (expiryDays !== null && expiryDays < 0) return { until: validTo };
      return Date.parse(validFrom ?? "") > Date.now() ? { from: validFrom } : undefined;
    }),
  },
  {
    id: "certificate-expires-soon",
    title: "A certificate ends within two weeks",
    severity: "low",
    attack: "T1557",
    about: "From that day on clients warn or fail.",
    falseAlarms: "Certificates that live for days only and are renewed by a program.",
    advice: "Look whether what renews it still works.",
    find: eachCertificate(({ expiryDays, validTo }) =>
      expiryDays !== null && expiryDays >= 0 && expiryDays <= SOON_DAYS
        ? { until: validTo, days: expiryDays }
        : undefined
    ),
  },
  {
    id: "certificate-weak",
    title: "A certificate has a weak key or a weak signature",
    severity: "medium",
    attack: "T1600.001",
    about: "Keys of RSA below 2048 bits are broken, and signatures with MD5 and SHA-1 forged.",
    falseAlarms: "Devices that cannot do better, in a network of their own.",
    advice: "Issue it anew, with an EC key or RSA of 2048 bits or more, and SHA-256.",
    find: eachCertificate((tls) => {
      const weak = weakness(tls);
      return weak === undefined ? undefined : { weak };
    }),
  },
  {
    id: "tls-outdated",
    title: "A listener takes TLS 1.0 or 1.1",
    severity: "low",
    attack: "T1600",
    about: "Both are broken in parts, and no client of the last years needs them.",
    falseAlarms: "Old devices that know nothing else.",
    advice: "Allow TLS 1.2 and 1.3 only.",
    find: eachCertificate(({ versions }) => {
      const old = versions?.filter((version) => OLD_VERSIONS.includes(version)) ?? [];
      return old.length === 0 ? undefined : { versions: old.join(", ") };
    }),
  },
];
