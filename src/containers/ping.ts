/**
 * What `pingEngine` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { allowHost, allowSocket } from "../access.ts";
import { timeLimit } from "../deadline.ts";
import { containersDoor } from "../ffi/doors/containers.ts";
import { readEnvironment } from "../ffi/permissions.ts";
import { effectiveImplementation } from "../ffi/settings.ts";
import { DEFAULT_HOST, parseEngineHost } from "./host.ts";
import { pingNative } from "./native.ts";
import { ping } from "./pure.ts";
import type { EngineInfo, PingOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 5_000;

/** See `pingEngine` in `mod.ts`. */
export async function askEngine(options: PingOptions): Promise<EngineInfo> {
  const { signal } = options;
  const wish = effectiveImplementation("containers", options.implementation);
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  const named = options.host ?? (readEnvironment("DOCKER_HOST") || DEFAULT_HOST);
  const host = parseEngineHost(named);
  signal?.throwIfAborted();
  if (host.kind === "unix") allowSocket(host.path);
  const allowed = host.kind === "tcp" ? await allowHost(host.host, host.port) : undefined;
  signal?.throwIfAborted();
  const question = { host, allowed, timeoutMs, signal };
  // One question costs the network and not the crossing: the twins are equally fast, and `auto` takes
  // the one that has nothing to load.
  return wish === "native" ? pingNative(containersDoor.require(), question) : ping(question);
}
