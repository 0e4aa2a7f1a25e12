/**
 * Certificates that somebody gives: those that are none would be passed over by TLS, and what is trusted would not be
 * what was asked for.
 *
 * @module
 */

import { checkStrings, wrongValue } from "./arguments.ts";

/**
 * Checks authorities, each a text with one certificate or more in PEM.
 *
 * @param value What was given.
 * @param name What it is called, such as `options.caCerts`.
 * @throws {TypeError | RangeError} If it is no list of texts, or one of them has no certificate.
 */
export function checkCertificates(
  value: unknown,
  name: string,
): asserts value is readonly string[] {
  checkStrings(value, name);
  for (const [index, certificate] of value.entries()) {
    if (isPem(certificate)) continue;
    throw wrongValue(`${name}[${index}]`, "certificates in PEM", certificate);
  }
}

/** Whether a text has certificates, each of them base64 of what begins as one (RFC 7468). */
function isPem(text: string): boolean {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  return blocks.length > 0 && blocks.every(([, base64]) => {
    try {
      return atob(base64!).charCodeAt(0) === 0x30;
    } catch {
      return false;
    }
  });
}
