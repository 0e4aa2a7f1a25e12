/**
 * What `probePort` does, apart from `mod.ts` so that importing the package does not load it: a scan of one port that asks
 * once.
 *
 * @module
 */

import { timeLimit } from "../shared/deadline.ts";
import { pick } from "../native/choose.ts";
import { checkNames } from "./scope/names.ts";
import { onePort } from "./scope/single.ts";
import { NATIVE_FROM } from "./scan/job.ts";
import type { PortProbe, ProbeOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 1_000;
/** Means that are wanting (descriptors, source ports) are waited for; the scan itself gives up before that. */
const LIMIT_MS = 86_400_000;

/** See `probePort` in `mod.ts`. */
export async function probeOne(
  host: string,
  port: number,
  options: ProbeOptions,
): Promise<PortProbe> {
  checkNames(options, "probe");
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  const { signal } = options;
  return await onePort<PortProbe>(host, port, options, {
    operation: "probePort",
    dry: ({ address }) => ({ address, port, state: "unprobed", reason: "dry-run", rttMs: null }),
    async run({ address, dial, gate }) {
      await gate.pass(address, signal);
      const isNative = pick("security", 1, NATIVE_FROM, options.implementation);
      const { scan } = isNative ? await import("./scan/native.ts") : await import("./scan/pure.ts");
      const { hosts: [found] } = await scan({
        addresses: [address],
        dial: [dial],
        ports: [[port, port]],
        timeoutMs,
        concurrency: 1,
        rate: { all: Infinity, host: Infinity },
        limitMs: LIMIT_MS,
        all: true,
        rounds: 1,
        ...(signal && { signal }),
      });
      const [, state, reason, rttMs] = found!.ports[0]!;
      return { address, port, state, reason, rttMs };
    },
  });
}
