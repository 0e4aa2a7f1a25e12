/**
 * What `pingEngine` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { checkImplementation } from "../shared/arguments.ts";
import { allowHost, allowSocket } from "../shared/access.ts";
import { timeLimit } from "../shared/deadline.ts";
import { pick } from "../native/choose.ts";
import { readEnvironment } from "../native/permissions.ts";
import { DEFAULT_HOST, parseEngineHost } from "./host.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { EngineInfo, PingOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 5_000;

/** See `pingEngine` in `mod.ts`. */
export async function askEngine(options: PingOptions): Promise<EngineInfo> {
  const { signal } = options;
  checkImplementation(options.implementation, "options.implementation");
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
  const isNative = pick("containers", 0, Infinity, options.implementation);
  return await (isNative ? native : pure).ping(question);
}
