/**
 * What is said about TLS and certificates. Types only. Names and texts come from the other side: untrusted, cut and
 * without control characters.
 *
 * @module
 */

/** The versions that are asked for. */
export type TlsVersion = "TLS 1.0" | "TLS 1.1" | "TLS 1.2" | "TLS 1.3";

/** What a server offers of TLS. */
export interface TlsReport {
  /** The versions that it takes, oldest first. */
  versions: TlsVersion[];
  /** The version that it chooses of all. */
  version: TlsVersion | null;
  /** The cipher suite that it chooses then, by its IANA name; null if it chose none. */
  cipher: string | null;
  /** The protocol that it chose of `h2` and `http/1.1`; null if none. */
  alpn: string | null;
  /** The command that TLS began with, such as `STARTTLS`; null if the connection begins with TLS. */
  startTls: string | null;
  /** Its certificates as sent, its own first; at most ten. */
  chain: CertificateReport[];
  /** Why the chain is not whole, or empty; null if it is whole. */
  chainReason: string | null;
  /** Whether the chain leads to a known authority and fits the name. Null where that cannot be said. */
  verified: boolean | null;
  /** Why not, in one word, or why it cannot be said: see `VerifyReason`; null if it is verified. */
  verifyReason: VerifyReason | null;
}

/** Why a chain is not verified. */
export type VerifyReason =
  | "no-certificate"
  | "unreadable"
  | "self-signed"
  | "unknown-authority"
  | "expired"
  | "not-yet-valid"
  | "name-mismatch"
  | "bad-signature"
  | "weak-signature"
  | "not-an-authority"
  | "roots-not-readable";

/** A certificate. */
export interface CertificateReport {
  /** Whom it names, as `CN=..., O=...`. */
  subject: string;
  /** Who issued it. */
  issuer: string;
  /** Names that it is for: DNS names, addresses, mail addresses, URIs. At most 100. */
  names: string[];
  /** Serial number, hexadecimal. */
  serial: string;
  /** The public key: `RSA 2048`, `EC P-256`, `Ed25519`, or the algorithm's number. */
  key: string;
  /** The algorithm of the signature, such as `sha256WithRSAEncryption`. */
  signatureAlgorithm: string;
  /** ISO 8601, UTC. */
  notBefore: string;
  /** ISO 8601, UTC. */
  notAfter: string;
  /** Whole days until it expires, negative after. */
  expiryDays: number;
  /** Whether subject and issuer are the same and its own key signed it. */
  selfSigned: boolean;
  /** Whether it may sign others. */
  authority: boolean;
  /** SHA-256 of its bytes, hexadecimal. */
  sha256: string;
}
