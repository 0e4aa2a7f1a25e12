/**
 * Scans of networks in a namespace where there is nobody else; prints what came of them as JSON. `10.99.0.0/24` and
 * `fd00:99::/64` are networks of this machine, at whose other end nobody answers.
 */

import {
  type AuditEntry,
  detectService,
  discoverHosts,
  probePort,
  scanPorts,
} from "@agent/runtime/security";
import type { TwinName } from "../../support/twins.ts";

const [what, twin] = Deno.args as [string, TwinName];
const implementation = twin;
const SILENT = "10.99.0.2";

let probes: number | null = null;
const audit = { write: (entry: AuditEntry) => void (probes = entry.probes) };

/** What something gives, how long it takes, and how much it sent by its own account. */
async function timed<T>(
  body: () => Promise<T>,
): Promise<{ value: T; ms: number; probes: number | null }> {
  const start = performance.now();
  const value = await body();
  return { value, ms: performance.now() - start, probes };
}

async function told(): Promise<unknown> {
  switch (what) {
    case "tcp-rate":
      return await timed(() =>
        scanPorts(SILENT, { ports: "1-20", implementation, timeoutMs: 50, hostRate: 40, audit })
      );
    case "udp-rate":
      return await timed(() =>
        scanPorts(SILENT, {
          ports: "none",
          udp: "7,53,123,161",
          implementation,
          timeoutMs: 60,
          hostRate: 20,
          audit,
        })
      );
    case "udp-limit":
      return await timed(() =>
        scanPorts(SILENT, {
          ports: "none",
          udp: "common",
          implementation,
          timeoutMs: 60_000,
          limitMs: 200,
        })
      );
    case "probe-rate":
      return await timed(async () => {
        const probe = () =>
          probePort(SILENT, 80, { implementation, timeoutMs: 20, hostRate: 10, audit });
        return await Promise.all([probe(), probe(), probe(), probe()]);
      });
    case "service-rate":
      return await timed(() =>
        detectService(SILENT, 7, {
          transport: "udp",
          implementation,
          timeoutMs: 20,
          hostRate: 20,
          audit,
        })
      );
    case "discover-limit":
      return await timed(() =>
        discoverHosts("10.99.0.0/24", { implementation, rate: 20, timeoutMs: 50, limitMs: 400 })
      );
    case "neighbours":
      return await timed(() =>
        discoverHosts("10.99.0.2,fd00:99::2,fd00:99::3", {
          implementation,
          all: true,
          ports: "80",
          timeoutMs: 50,
        })
      );
    default:
      throw new Error(`There is no ${what}`);
  }
}

Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(await told())));
Deno.exit(0);
