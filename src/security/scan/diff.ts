/**
 * What changed between two scans of one target.
 *
 * @module
 */

import { portRanges } from "../scope/ports.ts";
import type { ScanDiff, ScannedPort, ScanReport } from "../types/scan.ts";

/** What says that another thing is behind a port. */
const FACTS = ["service", "product", "version"] as const;

/**
 * Compares two reports of one target. A port that only one of them lists counts as not open in the other, unless that
 * one did not ask it or was not complete: then it is not compared.
 *
 * @param before The earlier one.
 * @param after The later one.
 * @returns Ports that opened, closed, and changed, ascending.
 *
 * @example
 * ```ts
 * import { diff, scanPorts } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const ports = String(listener.addr.port);
 * const before = await scanPorts("127.0.0.1", { ports });
 * listener.close();
 * const after = await scanPorts("127.0.0.1", { ports });
 * assert.deepEqual(diff(before, after).closed, before.ports);
 * ```
 */
export function diff(before: ScanReport, after: ScanReport): ScanDiff {
  const was = openOf(before);
  const is = openOf(after);
  const result: ScanDiff = { opened: [], closed: [], changed: [], notCompared: [] };
  for (const port of [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => a - b)) {
    const [old, now] = [was.get(port), is.get(port)];
    if (old !== undefined && now !== undefined) {
      if (FACTS.some((fact) => old[fact] !== now[fact])) {
        result.changed.push({ port, before: old, after: now });
      }
    } else if (now === undefined) {
      if (asked(after, port)) result.closed.push(old!);
      else result.notCompared.push(port);
    } else if (asked(before, port)) result.opened.push(now);
    else result.notCompared.push(port);
  }
  return result;
}

function openOf(report: ScanReport): Map<number, ScannedPort> {
  const open = report.ports.filter(({ state }) => state === "open");
  return new Map(open.map((port) => [port.port, port]));
}

/** Whether a report is sure to have asked a port. */
function asked({ complete, scanned }: ScanReport, port: number): boolean {
  return complete && scanned !== "" &&
    portRanges(scanned).some(([first, last]) => first <= port && port <= last);
}
