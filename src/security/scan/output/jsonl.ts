/**
 * Reports as lines of JSON, for tools that read one record a line.
 *
 * @module
 */

import type { ScanReport } from "../../types/scan.ts";

/**
 * Writes reports as JSONL: a line for each port that is listed (`type: "port"`, with `target`, `address`, `protocol`),
 * and after those of a report one for the whole (`type: "host"`).
 *
 * @param reports What was found.
 * @returns Lines, each with its end; nothing for no report.
 *
 * @example
 * ```ts
 * import { scanPorts, toJsonl } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const lines = toJsonl([await scanPorts("127.0.0.1", { ports: "1-3" })]).trimEnd().split("\n");
 * assert.equal(JSON.parse(lines.at(-1)!).type, "host");
 * ```
 */
export function toJsonl(reports: readonly ScanReport[]): string {
  const lines: object[] = [];
  for (const { ports, udp, ...host } of reports) {
    const { target, address } = host;
    for (const port of ports) {
      lines.push({ type: "port", target, address, protocol: "tcp", ...port });
    }
    for (const port of udp) lines.push({ type: "port", target, address, protocol: "udp", ...port });
    lines.push({ type: "host", ...host });
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}
