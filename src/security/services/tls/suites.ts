/** Cipher suites by their numbers (IANA's registry): names for reports, and which of them this client can speak. @module */

/** How records are sealed. */
export interface Suite {
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly keyBytes: 16 | 32;
  readonly hash: "sha256" | "sha384";
}

const NAMES: Readonly<Record<number, string>> = {
  0x1301: "TLS_AES_128_GCM_SHA256",
  0x1302: "TLS_AES_256_GCM_SHA384",
  0x1303: "TLS_CHACHA20_POLY1305_SHA256",
  0xc02b: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  0xc02c: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  0xc02f: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  0xc030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  0xcca8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  0xcca9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  0xccaa: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  0x009e: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
  0x009f: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
  0xc023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  0xc024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
  0xc027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
  0xc028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
  0xc009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  0xc00a: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
  0xc013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
  0xc014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
  0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
  0x006b: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
  0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
  0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
  0x009c: "TLS_RSA_WITH_AES_128_GCM_SHA256",
  0x009d: "TLS_RSA_WITH_AES_256_GCM_SHA384",
  0x003c: "TLS_RSA_WITH_AES_128_CBC_SHA256",
  0x003d: "TLS_RSA_WITH_AES_256_CBC_SHA256",
  0x002f: "TLS_RSA_WITH_AES_128_CBC_SHA",
  0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
  0xc012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
  0x000a: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  0x0005: "TLS_RSA_WITH_RC4_128_SHA",
};

const AES_128: Suite = { cipher: "aes-128-gcm", keyBytes: 16, hash: "sha256" };
const AES_256: Suite = { cipher: "aes-256-gcm", keyBytes: 32, hash: "sha384" };
const CHACHA: Suite = { cipher: "chacha20-poly1305", keyBytes: 32, hash: "sha256" };

/** The suites that records can be read and written with, by number. */
export const SPOKEN: Readonly<Record<number, Suite>> = {
  0x1301: AES_128,
  0x1302: AES_256,
  0x1303: CHACHA,
  0xc02b: AES_128,
  0xc02c: AES_256,
  0xc02f: AES_128,
  0xc030: AES_256,
  0xcca8: CHACHA,
  0xcca9: CHACHA,
};

/** The suites of TLS 1.3. */
export const SUITES_13: readonly number[] = [0x1302, 0x1303, 0x1301];

/** Those of TLS 1.2 that can be spoken. */
export const SUITES_12: readonly number[] = [0xc030, 0xc02c, 0xcca8, 0xcca9, 0xc02f, 0xc02b];

/** All of before TLS 1.3 that have a name here, the good ones first. */
export const ALL_SUITES: readonly number[] = [
  ...SUITES_12,
  ...Object.keys(NAMES).map(Number).filter((suite) =>
    suite >>> 8 !== 0x13 && !SUITES_12.includes(suite)
  ),
];

/** A suite's name; its number where it has none here. */
export function suiteName(suite: number): string {
  return NAMES[suite] ?? `0x${suite.toString(16).padStart(4, "0").toUpperCase()}`;
}
