/**
 * What `detectService` does, apart from `mod.ts` so that importing the package does not load it.
 *
 * @module
 */

import { allowName } from "../../shared/access.ts";
import { checkBoolean, checkWord } from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { checkNames } from "../scope/names.ts";
import { allowSource } from "../scope/permissions.ts";
import { onePort } from "../scope/single.ts";
import { identifyOne, notAsked } from "./identify.ts";
import type { DetectOptions, ServiceReport } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 2_000;

/** See `detectService` in `../mod.ts`. */
export async function detectOne(
  host: string,
  port: number,
  options: DetectOptions,
): Promise<ServiceReport> {
  checkNames(options, "detect");
  const { transport = "tcp", tls = true, implementation, signal } = options ?? {};
  checkWord(transport, "options.transport", ["tcp", "udp"]);
  checkBoolean(tls, "options.tls");
  const timeoutMs = timeLimit(options?.timeoutMs, DEFAULT_TIMEOUT_MS);
  return await onePort<ServiceReport>(host, port, options, {
    operation: "detectService",
    check(address) {
      if (transport !== "udp") return;
      // A datagram goes to the address that was checked, so that a grant of its name is not enough.
      allowName(address, port);
      allowSource(address);
    },
    dry: ({ address }) => ({ ...notAsked({ address, port, transport }), dryRun: true }),
    run: ({ address, name, dial, gate }) =>
      identifyOne({ address, port, transport, name, dial }, {
        timeoutMs,
        tls,
        implementation,
        signal,
        gate,
      }),
  });
}
