/**
 * What `probePort` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { checkImplementation, checkString, wrongValue } from "../shared/arguments.ts";
import { allowHost, canonicalHost, isLiteral } from "../shared/access.ts";
import { timeLimit } from "../shared/deadline.ts";
import { pick } from "../native/choose.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import { checkScope } from "./scope.ts";
import type { PortProbe, ProbeOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 1_000;

/** Probes under way from which the native twin is faster, on loopback, where the network costs least. */
const NATIVE_FROM = 16;

let underWay = 0;

/** See `probePort` in `mod.ts`. */
export async function probeOne(
  host: string,
  port: number,
  options: ProbeOptions,
): Promise<PortProbe> {
  const { signal } = options;
  checkImplementation(options.implementation, "options.implementation");
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  checkString(host, "host");
  // No port of another type than number is whole, so that all of them are wrong values.
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrongValue("port", "a whole number from 1 to 65535", port);
  }
  signal?.throwIfAborted();
  const canonical = canonicalHost(host);
  // What is out of scope as it stands is so whatever Deno allows; a name has to be resolved first.
  if (isLiteral(canonical)) checkScope(host, [canonical]);
  const allowed = await allowHost(canonical, port);
  signal?.throwIfAborted();
  checkScope(host, allowed.addresses);
  const target = { allowed, port, timeoutMs, signal };
  // Alone a probe is faster without the ring; from some dozen at once the ring's batches win.
  const isNative = pick("security", underWay, NATIVE_FROM, options.implementation);
  underWay++;
  try {
    return await (isNative ? native : pure).probe(target);
  } finally {
    underWay--;
  }
}
