/**
 * What a client trusts: Mozilla's authorities, those of `DENO_CERT`, and its own. Mozilla's are those that Deno has, where
 * a program may read them, which takes `--allow-sys`; else those that came with the native library. Read when the first
 * exchange needs TLS, and not before: it takes some milliseconds.
 *
 * @module
 */

import { httpTrust } from "../../../native/generated/http.ts";

/**
 * Has a client trust what it should.
 *
 * @param client Gives the client's handle; asked after the waiting, when it may be closed.
 * @param caCerts Its own authorities, PEM.
 */
export async function establishTrust(
  client: () => number,
  caCerts: readonly string[],
): Promise<void> {
  const usual: string[] = [];
  const isReadable = isGranted({ name: "sys" });
  if (isReadable) usual.push(...(await import("node:tls")).rootCertificates);
  const named = namedByEnvironment();
  if (named !== undefined) usual.push(named);
  httpTrust(client(), !isReadable, usual.join("\n"), caCerts.join("\n"));
}

/** The authorities in the file that `DENO_CERT` names, where both may be read. */
function namedByEnvironment(): string | undefined {
  if (!isGranted({ name: "env", variable: "DENO_CERT" })) return undefined;
  const path = Deno.env.get("DENO_CERT");
  if (path === undefined || path === "" || !isGranted({ name: "read", path })) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // As Deno has it: a file that is not there adds no authority.
    return undefined;
  }
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
