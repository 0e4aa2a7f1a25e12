/**
 * What `detectService` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { allowHost, canonicalHost, isLiteral, mayDial } from "../../shared/access.ts";
import {
  checkBoolean,
  checkOptions,
  checkString,
  checkWord,
  wrongValue,
} from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { checkScope } from "../scope.ts";
import { identifyOne } from "./identify.ts";
import type { DetectOptions, ServiceReport } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 2_000;

/** See `detectService` in `../mod.ts`. */
export async function detectOne(
  host: string,
  port: number,
  options: DetectOptions,
): Promise<ServiceReport> {
  checkOptions(options);
  const { transport = "tcp", tls = true, implementation, signal } = options;
  checkWord(transport, "options.transport", ["tcp", "udp"]);
  checkBoolean(tls, "options.tls");
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  checkString(host, "host");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrongValue("port", "a whole number from 1 to 65535", port);
  }
  const name = canonicalHost(host);
  if (isLiteral(name)) checkScope(host, [name]);
  const { addresses } = await allowHost(name, port);
  signal?.throwIfAborted();
  checkScope(host, addresses);
  const address = addresses[0]!;
  const dial = mayDial(address, port) ? address : name;
  return await identifyOne(
    { address, port, transport, name, dial },
    { timeoutMs, tls, implementation, signal },
  );
}
