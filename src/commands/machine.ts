/**
 * Commands that look at this machine, at ports, and at how a server bears load.
 *
 * @module
 */

import { define, LOOKS } from "./define.ts";
import {
  COUNT,
  FIGURE,
  numberField,
  ROWS,
  switchField,
  textField,
  THING,
  wholeField,
  WORDS,
  WORDS_OR_NULL,
  YES_OR_NO,
} from "./fields.ts";

const securityScan = define({
  name: "security_scan",
  summary: "Scans the ports of a host: this machine's and its private networks'",
  fields: {
    target: textField("A name or an address"),
    "ports?": textField("TCP ports: common (default), all, none, or as in 22,80-90"),
    "udp?": textField("UDP ports: none (default), common, or as in 53,123"),
    "services?": switchField("Identify what is behind open ports"),
    "timeoutMs?": numberField(
      "The longest wait for an answer, in milliseconds (1000)",
      1,
      86_400_000,
    ),
  },
  result: {
    target: WORDS,
    address: WORDS,
    ports: ROWS,
    udp: ROWS,
    counts: THING,
    complete: YES_OR_NO,
    durationMs: FIGURE,
    authorization: WORDS_OR_NULL,
  },
  examples: [{ title: "The usual ports of this machine", input: { target: "localhost" } }],
  annotations: { ...LOOKS, openWorld: true },
  permissions: ["net", "sys"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["target", "ports", "udp", "services", "timeoutMs"],
  targets: ["target"],
  cli: { name: "scan", arguments: ["target"], flags: { timeoutMs: "timeout" } },
  run: ({ target, ...options }, { runtime, signal, onProgress }) =>
    runtime.security.scanPorts(target, {
      ...options,
      signal,
      ...(onProgress && {
        onProgress: ({ done, total, stage }: { done: number; total: number; stage: string }) =>
          onProgress({ done, total, message: stage }),
      }),
    }),
});

const MOST_ROWS = 1_000;

const connections = define({
  name: "connections",
  summary: "Lists the sockets of this machine with the processes that hold them",
  fields: { "state?": textField("Only those in this state, such as listen or established") },
  result: { total: COUNT, connections: ROWS },
  examples: [{ title: "Who listens", input: { state: "listen" } }],
  annotations: LOOKS,
  permissions: ["sys", "read"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["state"],
  cli: { name: "connections" },
  async run({ state }, { runtime, signal }) {
    const all = await runtime.security.connections({ signal });
    const chosen = state === undefined ? all : all.filter((one) => one.state === state);
    return { total: chosen.length, connections: chosen.slice(0, MOST_ROWS) };
  },
});

const threats = define({
  name: "threats",
  summary: "Finds what is suspicious on this machine, by explained rules",
  fields: {},
  result: { total: COUNT, threats: ROWS },
  examples: [{ title: "All rules", input: {} }],
  annotations: LOOKS,
  permissions: ["sys", "read"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "threats" },
  async run(_, { runtime, signal }) {
    const all = await runtime.security.detectThreats({ signal });
    return { total: all.length, threats: all.slice(0, MOST_ROWS) };
  },
});

const snapshot = define({
  name: "system_snapshot",
  summary: "Reads the machine's figures: processor, memory, disks, network, processes",
  fields: { "processes?": wholeField("How many processes, the busiest first (10)", 0, 1_000) },
  result: {
    at: WORDS,
    cpu: THING,
    memory: { type: ["object", "null"] },
    processes: { type: ["object", "null"] },
    unavailable: THING,
  },
  examples: [{ title: "Now", input: { processes: 5 } }],
  annotations: LOOKS,
  permissions: ["sys", "read"],
  surfaces: ["http", "mcp"],
  remote: ["processes"],
  async run({ processes = 10 }, { runtime }) {
    await using monitor = runtime.monitor.createMonitor();
    const snapshot = await monitor.snapshot();
    if (snapshot.processes === null) return snapshot;
    const { list, ...counts } = snapshot.processes;
    const busiest = list.toSorted((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || b.rss - a.rss);
    return { ...snapshot, processes: { ...counts, list: busiest.slice(0, processes) } };
  },
});

const performanceTest = define({
  name: "performance_test",
  summary: "Puts an HTTP server under load and tells how it answers",
  details:
    "Without a rate each connection sends again as soon as it has its answer. Figures that were not measured are null.",
  fields: {
    url: textField("The address of a web server"),
    "rate?": numberField("Requests a second, whether or not the server keeps up", 0.001, 1_000_000),
    "connections?": wholeField("Connections (10; with a rate 50)", 1, 50),
    "durationMs?": wholeField("How long, in milliseconds (10,000)", 1, 30_000),
    "requests?": wholeField("End after so many requests", 1, 10_000_000),
  },
  result: {
    url: WORDS,
    requests: COUNT,
    succeeded: COUNT,
    failed: COUNT,
    errors: THING,
    achievedRate: FIGURE,
    service: THING,
    response: THING,
    valid: YES_OR_NO,
  },
  examples: [{
    title: "A hundred requests",
    input: { url: "http://127.0.0.1:8080/", requests: 100 },
  }],
  annotations: { ...LOOKS, readOnly: false, idempotent: false, openWorld: true },
  permissions: ["net", "sys"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["url", "rate", "connections", "durationMs", "requests"],
  targets: ["url"],
  cli: { name: "load", arguments: ["url"], flags: { durationMs: "duration" } },
  run: ({ url, ...options }, { runtime, signal, onProgress }) =>
    runtime.monitor.loadTest(url, {
      ...options,
      signal,
      ...(onProgress && {
        onProgress: ({ done, total }: { done: number; total: number }) =>
          onProgress({ done, total }),
      }),
    }),
});

/** The commands. */
export const machineCommands = [
  ...[securityScan, connections, threats, snapshot, performanceTest],
] as const;
