/**
 * Tools that look at this machine and at ports: a scan, the machine's figures, its sockets, what is suspicious.
 *
 * @module
 */

import type { Tool } from "../loop/types.ts";
import { inputOf, whole, words } from "./input.ts";
import { COUNT, listOf, NUMBER, OBJECT, READS, resultOf, TEXT } from "./output.ts";
import type { ToolRuntime } from "./types.ts";

/** So many sockets or findings are told. */
const MOST_ROWS = 200;

/** Scans a host within the runtime's scope; no input widens it. */
export function scanPorts(runtime: ToolRuntime): Tool {
  return {
    name: "scan_ports",
    output: resultOf({ target: TEXT, ports: listOf(OBJECT), counts: OBJECT, durationMs: NUMBER }),
    effects: { readOnly: true, openWorld: true },
    description:
      "Finds open TCP ports of a host within the permitted scope, and what speaks there.",
    input: inputOf({
      target: words("A host name or address."),
      "ports?": words('"common" (the default), or a list such as "22,80-90".'),
      "services?": {
        type: "boolean",
        description: "Whether to find out what speaks at open ports.",
      },
    }),
    approval: "always",
    retry: "safe",
    async run(input, { signal }) {
      const { target, ports = "common", services = false } = input as {
        target: string;
        ports?: string;
        services?: boolean;
      };
      const report = await runtime.security.scanPorts(target, { ports, services, signal });
      return { ...report, ports: report.ports.slice(0, MOST_ROWS) };
    },
  };
}

/** The machine's figures, once. */
export function systemSnapshot(runtime: ToolRuntime): Tool {
  return {
    name: "system_snapshot",
    output: OBJECT,
    effects: READS,
    description:
      "Processor, memory, disks, network and the busiest processes of this machine, now.",
    input: inputOf({ "processes?": whole("How many processes to list. Default 10.", 0, 100) }),
    retry: "safe",
    permissions: [{ name: "sys" }],
    async run(input) {
      const { processes = 10 } = input as { processes?: number };
      await using monitor = runtime.monitor.createMonitor();
      const snapshot = await monitor.snapshot();
      if (snapshot.processes === null) return snapshot;
      const { list, ...counts } = snapshot.processes;
      const busiest = list.toSorted((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || b.rss - a.rss);
      return { ...snapshot, processes: { ...counts, list: busiest.slice(0, processes) } };
    },
  };
}

/** The sockets with their owners. */
export function connections(runtime: ToolRuntime): Tool {
  return {
    name: "connections",
    output: resultOf({ total: COUNT, connections: listOf(OBJECT) }),
    effects: READS,
    description: "The sockets of this machine, each with state and the processes that hold it.",
    input: inputOf({
      "state?": words('Only those in this state, such as "listen" or "established".'),
    }),
    retry: "safe",
    permissions: [{ name: "sys" }, { name: "read" }],
    async run(input, { signal }) {
      const { state } = input as { state?: string };
      const all = await runtime.security.connections({ signal });
      const chosen = state === undefined ? all : all.filter((one) => one.state === state);
      return { total: chosen.length, connections: chosen.slice(0, MOST_ROWS) };
    },
  };
}

/** What is suspicious. */
export function threats(runtime: ToolRuntime): Tool {
  return {
    name: "threats",
    output: resultOf({
      total: COUNT,
      threats: listOf(resultOf({ rule: TEXT, title: TEXT, severity: TEXT })),
    }),
    effects: READS,
    description:
      "What is suspicious on this machine, by explained rules with severity and evidence.",
    input: inputOf({}),
    retry: "safe",
    permissions: [{ name: "sys" }, { name: "read" }],
    async run(_, { signal }) {
      const all = await runtime.security.detectThreats({ signal });
      return { total: all.length, threats: all.slice(0, MOST_ROWS) };
    },
  };
}
