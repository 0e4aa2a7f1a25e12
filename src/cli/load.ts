/**
 * The `agent load` command: puts an HTTP server under load, and shows how it answers. What may be put under load is decided
 * by the scope policy, and an authorisation for more comes from the environment of the program, never from an argument.
 *
 * @module
 */

import {
  type LoadReport,
  loadTest,
  type LoadTestOptions,
  loadToSvg,
  loadToText,
} from "../monitor/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import { duration } from "./containers_text.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";
import { environment, readFailure, writePicture } from "./paths.ts";
import { ProgressBar } from "./progress.ts";

const VARIABLE = "AGENT_LOAD_AUTHORIZATION";
const MOST = 1_000_000;
const DAY_MS = 86_400_000;

/** The command. */
export const load: Command = {
  name: "load",
  summary: "Puts an HTTP server under load and shows how it answers",
  usage: "URL",
  options: {
    rate: { value: "N", help: "Requests a second, whether or not the server keeps up" },
    connections: { value: "N", help: "Connections (10; with --rate 50)" },
    duration: { value: "TIME", help: "How long, as in 30s (10s)" },
    requests: { value: "N", help: "End after so many requests" },
    "warm-up": { value: "TIME", help: "Before that, without counting, as in 5s" },
    http2: { help: "Speak HTTP/2" },
    streams: { value: "N", help: "Requests at once on each connection of HTTP/2 (1)" },
    method: { value: "WORD", help: "GET, or POST if there is a body" },
    header: {
      value: "FIELD",
      many: true,
      help: 'A field, as in "Accept: text/html"; may be repeated',
    },
    body: { value: "TEXT", help: "The body of each request" },
    timeout: { value: "TIME", help: "The longest wait for a whole answer (10s)" },
    threshold: {
      value: "RULE",
      many: true,
      help: 'What has to hold, as in "p99 < 50 ms" or "errors < 1 %"; may be repeated',
    },
    "max-errors": { value: "SHARE", help: "End when more of the requests fail (0.5; 1 is never)" },
    "over-limits": { help: "Allow more than 50 connections, 30 s and 1000 requests a second" },
    ca: { value: "FILE", help: "Trust the authorities in this file (PEM) too" },
    svg: { value: "FILE", help: "Draw the report into a file" },
  },
  positionals: [1, 1],
  expects: "The address of a web server",
  details:
    "Without --rate each connection sends again as soon as it has its answer. Response times count from when a request\n" +
    "was to start, service times from when it did. Exit code 1: a threshold does not hold, or the figures are not valid\n" +
    "because the generator was the bottleneck. Ctrl-C ends the test and shows what was measured. Loopback and the private\n" +
    `networks that this machine is in may be put under load; for all else ${VARIABLE} is JSON with\n` +
    '"scope" (networks), "reference" and "expires".',
  examples: [
    "scripts/agent load http://127.0.0.1:8080/ --rate 500 --duration 20s",
    'scripts/agent load http://127.0.0.1:8080/ --connections 20 --threshold "p99 < 50 ms" --threshold "errors < 1 %"',
    "scripts/agent load http://localhost:8080/api --http2 --streams 4 --warm-up 2s --svg load.svg",
  ],
  run,
};

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const svg = options.text("svg");
  const report = await measured(positionals[0]!, {
    ...wanted(options),
    ...options.implementation(),
    signal: interruptible(),
  });
  if (svg !== undefined) writePicture(svg, loadToSvg(report));
  if (output.json) output.document(report);
  else show(report, output);
  if (svg !== undefined) output.note(`drawn into ${svg}`);
  return report.passed && report.valid && report.ended === "done" ? 0 : 1;
}

function wanted(options: Call["options"]): LoadTestOptions {
  const isOver = options.on("over-limits");
  const ca = options.text("ca");
  const authorization = authorizationOf(environment(VARIABLE));
  const given: { [K in keyof LoadTestOptions]: LoadTestOptions[K] | undefined } = {
    rate: options.number("rate", 0.001, MOST, "any"),
    connections: options.number("connections", 1, 10_000, "whole"),
    durationMs: duration(options.text("duration"), "--duration"),
    requests: options.number("requests", 1, 1e12, "whole"),
    warmUpMs: duration(options.text("warm-up"), "--warm-up"),
    http: options.on("http2") ? 2 : 1,
    streams: options.number("streams", 1, 100, "whole"),
    method: options.text("method"),
    headers: fields(options.list("header")),
    body: options.text("body"),
    timeoutMs: duration(options.text("timeout"), "--timeout"),
    thresholds: options.list("threshold"),
    maxErrorShare: options.number("max-errors", 0, 1, "any"),
    limits: isOver ? { connections: 10_000, durationMs: DAY_MS, rate: Infinity } : undefined,
    caCerts: ca === undefined ? undefined : [read(ca)],
    authorization,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as LoadTestOptions;
}

function fields(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      throw new UsageError(
        `Option --header must be such as "Accept: text/html", got ${
          JSON.stringify(text.slice(0, 40))
        }`,
        "load",
      );
    }
    return [name, value!];
  }));
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

/** The authorisation of the environment; what is in it is checked where it is used. */
function authorizationOf(text: string | undefined): LoadTestOptions["authorization"] {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AgentError("CORRUPT", `\$${VARIABLE} is no JSON; unset it or write it anew`, {
      path: VARIABLE,
    });
  }
}

async function measured(url: string, options: LoadTestOptions): Promise<LoadReport> {
  using bar = new ProgressBar("loading");
  try {
    return await loadTest(url, {
      ...options,
      onProgress: ({ done, total, requests, failed }) =>
        bar.update(done, total, `${requests} requests${failed > 0 ? `, ${failed} failed` : ""}`),
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(inOptions(error.message), "load");
  }
}

/** A message in the words of the command line. */
function inOptions(message: string): string {
  const words: Readonly<Record<string, string>> = {
    durationMs: "duration",
    warmUpMs: "warm-up",
    timeoutMs: "timeout",
    maxErrorShare: "max-errors",
    headers: "header",
    thresholds: "threshold",
    caCerts: "ca",
  };
  return message
    .replace(/\boptions\.limits\.\w+/g, "--over-limits")
    .replace(/\boptions\.(\w+)(?:\[\d+\])?/g, (_, name) => `Option --${words[name] ?? name}`);
}

function show(report: LoadReport, output: Output): void {
  const width = Deno.stdout.isTerminal() ? Math.max(40, columns() - 1) : 80;
  // The first line is what was asked, the verdicts are what to look at.
  for (const [at, line] of loadToText(report, { width }).trimEnd().split("\n").entries()) {
    if (at === 0) output.line(output.bold(line));
    else if (/^(Not valid|Ended|NOT )/.test(line)) output.line(output.mark(line, false));
    else if (line.startsWith("ok  ")) output.line(output.mark(line, true));
    else output.line(line);
  }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
