/**
 * Whom TLS trusts beside the caller's own authority: those that Deno trusts, where a program may read them, which takes
 * `--allow-sys`; else those of Mozilla that came with the native library; and those of `DENO_CERT`.
 *
 * @module
 */

import { isGranted, readEnvironment } from "../../native/permissions.ts";

/** The usual authorities. */
export interface Trust {
  /** PEM. */
  readonly usual: string;
  /** Whether the library's own are used. */
  readonly builtIn: boolean;
}

/** Reads them, which takes some milliseconds. */
export async function trustOf(): Promise<Trust> {
  const isReadable = isGranted({ name: "sys" });
  const usual = isReadable ? [...(await import("node:tls")).rootCertificates] : [];
  const named = readEnvironment("DENO_CERT");
  if (named && isGranted({ name: "read", path: named })) {
    try {
      usual.push(Deno.readTextFileSync(named));
    } catch {
      // As Deno has it: a file that is not there adds no authority.
    }
  }
  return { usual: usual.join("\n"), builtIn: !isReadable };
}
