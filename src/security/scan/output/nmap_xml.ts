/**
 * Reports in the XML that nmap writes with `-oX` (version 1.05 of its format), which many tools read. What that format
 * asks for and a scan by connect does not know (the TTL of an answer) is written as 0, as nmap itself does then.
 *
 * @module
 */

import { canonicalHost, isLiteral } from "../../../shared/access.ts";
import type { ScannedPort, ScannedUdpPort, ScanReport } from "../../types/scan.ts";

/** Our reasons in nmap's words. */
const REASONS: Readonly<Record<string, string>> = {
  accepted: "syn-ack",
  refused: "conn-refused",
  reset: "reset",
  "self-connect": "conn-refused",
  timeout: "no-response",
  unreachable: "host-unreach",
  prohibited: "admin-prohibited",
  response: "udp-response",
  "port-unreachable": "port-unreach",
  "no-response": "no-response",
};

/** What XML 1.0 has no way to write. */
// deno-lint-ignore no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

type Attributes = Readonly<Record<string, string | number | undefined>>;

/**
 * Writes reports as nmap's XML.
 *
 * @param reports What was found, by one call.
 * @returns A whole document.
 *
 * @example
 * ```ts
 * import { scanPorts, toNmapXml } from "@agent/runtime/security";
 * import assert from "node:assert/strict";
 *
 * const xml = toNmapXml([await scanPorts("127.0.0.1", { ports: "1-3" })]);
 * assert.match(xml, /<address addr="127.0.0.1" addrtype="ipv4"\/>/);
 * ```
 */
export function toNmapXml(reports: readonly ScanReport[]): string {
  const starts = reports.map(({ startedAt }) => Date.parse(startedAt) / 1_000);
  const start = Math.floor(starts.length === 0 ? 0 : Math.min(...starts));
  const elapsed = Math.max(0, ...reports.map(({ durationMs }) => durationMs / 1_000));
  const end = start + Math.ceil(elapsed);
  const up = reports.filter(isUp).length;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<!DOCTYPE nmaprun>",
    open("nmaprun", {
      scanner: "nmap",
      args: "AGENT scanPorts",
      start,
      startstr: new Date(start * 1_000).toUTCString(),
      version: "AGENT",
      xmloutputversion: "1.05",
    }),
    ...scanInfo(reports[0]),
    empty("verbose", { level: 0 }),
    empty("debugging", { level: 0 }),
    ...reports.flatMap(host),
    "<runstats>",
    empty("finished", {
      time: end,
      timestr: new Date(end * 1_000).toUTCString(),
      elapsed: elapsed.toFixed(2),
      exit: "success",
    }),
    empty("hosts", { up, down: reports.length - up, total: reports.length }),
    "</runstats>",
    "</nmaprun>",
  ];
  return `${lines.join("\n")}\n`;
}

function scanInfo(report: ScanReport | undefined): string[] {
  if (report === undefined) return [];
  const { counts, scanned, udp } = report;
  const lines: string[] = [];
  if (scanned !== "") {
    lines.push(empty("scaninfo", {
      type: "connect",
      protocol: "tcp",
      numservices: counts.open + counts.closed + counts.filtered + counts.unprobed,
      services: scanned,
    }));
  }
  if (udp.length > 0) {
    lines.push(empty("scaninfo", {
      type: "udp",
      protocol: "udp",
      numservices: udp.length,
      services: udp.map(({ port }) => port).join(","),
    }));
  }
  return lines;
}

/** Whether a host answered anything. */
function isUp({ counts, udp }: ScanReport): boolean {
  return counts.open + counts.closed > 0 ||
    udp.some(({ state }) => state === "open" || state === "closed");
}

function host(report: ScanReport): string[] {
  const { address, target, counts, ports, udp } = report;
  const start = Math.floor(Date.parse(report.startedAt) / 1_000);
  const state = isUp(report) ? "up" : "unknown";
  const listed = (wanted: string): number => ports.filter((port) => port.state === wanted).length;
  const extra = (["closed", "filtered"] as const).flatMap((wanted) => {
    const count = counts[wanted] - listed(wanted);
    return count > 0 ? [empty("extraports", { state: wanted, count })] : [];
  });
  return [
    open("host", { starttime: start, endtime: start + Math.ceil(report.durationMs / 1_000) }),
    empty("status", { state, reason: state === "up" ? "user-set" : "no-response", reason_ttl: 0 }),
    empty("address", { addr: address, addrtype: address.includes(":") ? "ipv6" : "ipv4" }),
    "<hostnames>",
    ...(isLiteral(canonicalHost(target))
      ? []
      : [empty("hostname", { name: target, type: "user" })]),
    "</hostnames>",
    "<ports>",
    ...extra,
    ...ports.map((port) => portLine("tcp", port)),
    ...udp.map((port) => portLine("udp", port)),
    "</ports>",
    "</host>",
  ];
}

function portLine(protocol: "tcp" | "udp", port: ScannedPort | ScannedUdpPort): string {
  const reason = REASONS[port.reason] ?? port.reason;
  const state = empty("state", { state: port.state, reason, reason_ttl: 0 });
  return `${open("port", { protocol, portid: port.port })}${state}${service(port)}</port>`;
}

function service(port: ScannedPort | ScannedUdpPort): string {
  if ("asked" in port) {
    const isKnown = port.state === "open" && port.asked !== "unknown";
    return isKnown ? empty("service", { name: port.asked, method: "probed", conf: 8 }) : "";
  }
  const { service: name, product, version } = port;
  if (name === undefined) return "";
  return empty("service", { name, product, version, method: "probed", conf: 10 });
}

function open(name: string, attributes: Attributes): string {
  return `<${name}${written(attributes)}>`;
}

function empty(name: string, attributes: Attributes): string {
  return `<${name}${written(attributes)}/>`;
}

function written(attributes: Attributes): string {
  return Object.entries(attributes).map(([name, value]) =>
    value === undefined ? "" : ` ${name}="${escaped(String(value))}"`
  ).join("");
}

function escaped(text: string): string {
  return text.toWellFormed().replace(UNWRITABLE, "\ufffd").replace(
    /[&<>"\t\n\r]/g,
    (character) => ENTITIES[character]!,
  );
}
