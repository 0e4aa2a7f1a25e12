/**
 * The `agent scan` command: which ports of hosts are open. What may be scanned is decided by the scope policy, and an
 * authorisation for more comes from the environment of the program, never from an argument. So does the place of the
 * audit log, if somebody set one: no argument leads it elsewhere.
 *
 * @module
 */

import {
  type ScanAuthorization,
  scanHosts,
  type ScannedPort,
  type ScanOptions,
  type ScanProgress,
  type ScanReport,
  toJsonl,
  toNmapXml,
} from "../security/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import { UsageError } from "./options.ts";
import { columnsOf, table } from "./host_text.ts";
import type { Output } from "./output.ts";
import { environment } from "./paths.ts";
import { ProgressBar } from "./progress.ts";

const VARIABLE = "AGENT_SCAN_AUTHORIZATION";
const AUDIT = "AGENT_SCAN_AUDIT";
const HEADING = ["PORT", "STATE", "REASON", "TIME", "SERVICE"];
const INDENT = 2;
const STAGES: Record<ScanProgress["stage"], string> = {
  tcp: "",
  udp: "UDP ports",
  services: "services",
};
const FORMATS = ["text", "jsonl", "nmap-xml"] as const;

/** The command. */
export const scan: Command = {
  name: "scan",
  summary: "Scans the ports of hosts: this machine's and its private networks'",
  usage: "TARGET...",
  options: {
    ports: { value: "LIST", help: "TCP ports: common (default), all, none, or as in 22,80-90" },
    udp: { value: "LIST", help: "UDP ports: none (default), common, or as in 53,123" },
    timeout: { value: "MS", help: "The longest wait for an answer, in milliseconds (1000)" },
    all: { help: "List closed and filtered ports too" },
    services: { help: "Identify what is behind open ports" },
    format: { value: "WHICH", help: `${FORMATS.join(", ")} (text)` },
    audit: {
      value: "FILE",
      help: "Append to this file what is done, before and after, as JSON lines",
    },
    "dry-run": { help: "Say what would be scanned, and send nothing" },
  },
  positionals: [1, Infinity],
  expects: "A name, an address or a network to scan",
  details:
    "Loopback and the private networks that this machine is in may be scanned. For all else whoever sets up\n" +
    `the program puts an authorisation into its environment: ${VARIABLE} is JSON with "scope"\n` +
    '(networks), "reference" and "expires". Metadata services, multicast and broadcast are never scanned.\n' +
    `${AUDIT} names a file of which --audit does not free a call; without its lines nothing is scanned.`,
  examples: [
    "scripts/agent scan 127.0.0.1 --ports all",
    "scripts/agent scan localhost --ports 1-1024 --udp common --json",
    "scripts/agent scan 127.0.0.0/29 --ports 22,80 --dry-run",
  ],
  run,
};

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const format = options.choice("format", FORMATS) ?? "text";
  if (format !== "text" && output.json) {
    throw new UsageError("Options --format and --json are two forms: give one", "scan");
  }
  const reports = await scanned(positionals, {
    ...wanted(options),
    ...options.implementation(),
    signal: interruptible(),
  });
  if (output.json) output.document({ reports });
  else if (format === "jsonl") output.write(toJsonl(reports));
  else if (format === "nmap-xml") output.write(toNmapXml(reports));
  else for (const report of reports) show(report, output, options.on("all"));
  return 0;
}

function wanted(options: Call["options"]): ScanOptions {
  const ports = options.text("ports");
  const udp = options.text("udp");
  const timeoutMs = options.number("timeout", 1, 86_400_000, "any");
  const authorization = authorizationOf(environment(VARIABLE));
  const audit = auditOf(options.text("audit"), environment(AUDIT));
  return {
    ...(ports !== undefined && { ports }),
    ...(udp !== undefined && { udp }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(authorization !== undefined && { authorization }),
    ...(audit !== undefined && { audit: { path: audit } }),
    ...(options.on("all") && { list: "all" as const }),
    services: options.on("services"),
    dryRun: options.on("dry-run"),
  };
}

/** The authorisation of the environment; what is in it is checked where it is used. */
function authorizationOf(text: string | undefined): ScanAuthorization | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AgentError("CORRUPT", `\$${VARIABLE} is no JSON; unset it or write it anew`, {
      path: VARIABLE,
    });
  }
}

/** The file of the log: that of the environment, or else of the option. */
function auditOf(option: string | undefined, set: string | undefined): string | undefined {
  if (option !== undefined && set) {
    throw new UsageError(`Option --audit has no place: ${AUDIT} says where the log is`, "scan");
  }
  return set || option;
}

async function scanned(targets: readonly string[], options: ScanOptions): Promise<ScanReport[]> {
  using bar = new ProgressBar("scanning");
  try {
    return await scanHosts(targets, {
      ...options,
      onProgress: ({ done, total, stage }) => bar.update(done, total, STAGES[stage]),
    });
  } catch (error) {
    if (AgentError.is(error, "SCOPE")) throw inCommand(error);
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const words = error.message.replace(/\boptions\.(\w+)/g, "--$1").replace(/^targets/, "TARGET");
    throw new UsageError(words.replace(/^--/, "Option --"), "scan");
  }
}

/** The error in the words of the command line, where a program's configuration is its environment. */
function inCommand({ message, details }: AgentError<"SCOPE">): AgentError<"SCOPE"> {
  const place = `the environment (${VARIABLE}; --help tells more)`;
  return new AgentError("SCOPE", message.replace("the program's configuration", place), details);
}

function show(report: ScanReport, output: Output, all: boolean): void {
  const { target, address, counts, ports, udp } = report;
  const name = target === address ? address : `${target} (${address})`;
  if (report.dryRun) {
    const probes = report.planned === 1 ? "1 probe" : `${report.planned} probes`;
    output.line(`${output.bold(name)}: ${probes} would be sent`);
    return;
  }
  output.line(`${output.bold(name)}: ${summary(report)}`);
  const asked = all ? udp : udp.filter(({ state }) => state.startsWith("open"));
  const rows = [
    ...ports.map((port) => [`${port.port}/tcp`, port.state, port.reason, time(port), facts(port)]),
    ...asked.map((port) => [`${port.port}/udp`, port.state, port.reason, time(port), port.asked]),
  ];
  if (rows.length > 0) {
    for (const line of table(HEADING, rows, columnsOf() - INDENT, { whole: [0, 1] })) {
      output.line(`${" ".repeat(INDENT)}${line}`);
    }
  }
  if (counts.unprobed > 0) {
    output.note(`${counts.unprobed} ports were not asked: the time was over`);
  } else if (!report.complete) {
    output.note("Not everything could be asked: the time was over");
  }
}

function summary({ counts, durationMs, authorization }: ScanReport): string {
  const parts = [`${counts.open} open`, `${counts.closed} closed`, `${counts.filtered} filtered`];
  const by = authorization === null ? "" : `, by authorisation ${authorization}`;
  return `${parts.join(", ")}, in ${(durationMs / 1_000).toFixed(2)} s${by}`;
}

function time({ rttMs }: { rttMs: number | null }): string {
  return rttMs === null ? "-" : `${rttMs.toFixed(rttMs < 10 ? 2 : 0)} ms`;
}

/** What is known of a service. */
function facts({ service, product, version }: ScannedPort): string {
  return [service, product, version].filter((word) => word !== undefined).join(" ");
}
