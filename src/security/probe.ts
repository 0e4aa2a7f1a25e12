/**
 * What `probePort` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { allowHost, canonicalHost, isLiteral } from "../access.ts";
import { timeLimit } from "../deadline.ts";
import { securityDoor } from "../ffi/doors/security.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { counted, nativeIsFaster } from "./choose.ts";
import { probeNative } from "./native.ts";
import { probe } from "./pure.ts";
import { checkScope } from "./scope.ts";
import type { PortProbe, ProbeOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 1_000;

/** See `probePort` in `mod.ts`. */
export async function probeOne(
  host: string,
  port: number,
  options: ProbeOptions,
): Promise<PortProbe> {
  const { signal } = options;
  const wish = effectiveImplementation("security", options.implementation);
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  if (typeof host !== "string") throw new TypeError(`host must be text, not ${typeof host}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`port must be a whole number from 1 to 65535, not ${port}`);
  }
  signal?.throwIfAborted();
  const canonical = canonicalHost(host);
  // What is out of scope as it stands is so whatever Deno allows; a name has to be resolved first.
  if (isLiteral(canonical)) checkScope(host, [canonical]);
  const allowed = await allowHost(canonical, port);
  signal?.throwIfAborted();
  checkScope(host, allowed.addresses);
  const target = { allowed, port, timeoutMs, signal };
  const native = wish === "native"
    ? securityDoor.require()
    : wish === "auto" && nativeIsFaster()
    ? securityDoor.get()
    : undefined;
  return await counted(() => native === undefined ? probe(target) : probeNative(native, target));
}
