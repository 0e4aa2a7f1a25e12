/**
 * The `agent bench` command: how long a command takes, or which of two is faster, and whether that can be told here.
 *
 * @module
 */

import type { BenchmarkReport, BenchmarkSide } from "../monitor/mod.ts";
import { AgentError } from "../shared/errors.ts";
import { cell } from "./host_text.ts";
import type { Call, Command } from "./command.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";
import { COMMAND_SEPARATOR } from "./permissions.ts";
import { ProgressBar } from "./progress.ts";
import { sparkline, UNICODE } from "./top/charts.ts";
import { count, milliseconds } from "./top/format.ts";
import { plainText } from "./top/line.ts";

const REQUIRED = ["faster", "not-slower"] as const;
/** Cells of the picture. */
const PICTURE = 60;

/** The command. */
export const bench: Command = {
  name: "bench",
  summary: "Measures a command, or which of two is faster and how sure that is",
  usage: "[OPTIONS] -- PROGRAM [ARGUMENTS] [--vs-- PROGRAM [ARGUMENTS]]",
  options: {
    rounds: { value: "N", help: "Rounds, in each of which every command runs once (30)" },
    difference: { value: "PERCENT", help: "The smallest difference that must be told (5)" },
    warmup: { value: "MS", help: "How long each runs before it counts; at least one run (100)" },
    timeout: { value: "SECONDS", help: "The longest that a run may take (60)" },
    "exit-code": { value: "N", many: true, help: "An exit code that is no failure (0)" },
    seed: { value: "N", help: "Where the order of the rounds begins (1)" },
    require: { value: "WHICH", help: "Fail unless the first is faster, or not-slower" },
    separator: { value: "WORD", help: "What stands between the commands, if not --vs--" },
  },
  positionals: [1, Infinity],
  expects: "A command after --",
  details:
    "The words after -- are the program and its arguments as they are: no shell reads them. The\n" +
    "commands run in this folder, with no input, and their output is thrown away. For a shell's\n" +
    "own syntax name the shell: -- sh -c 'sort big.txt | uniq'.\n" +
    "The exit code is 1 if a command fails, if the machine is too noisy for the difference asked,\n" +
    "and if what --require asks is not so.",
  examples: [
    "scripts/agent bench -- gzip -kc README.md",
    "scripts/agent bench --rounds 50 -- gzip -1kc README.md --vs-- gzip -9kc README.md",
    "scripts/agent bench --json --difference 2 --require not-slower -- ./new --vs-- ./old",
  ],
  run,
};

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const separator = options.text("separator") ?? COMMAND_SEPARATOR;
  const [subject, against] = commandsOf(positionals, separator);
  const rounds = options.number("rounds", 6, 10_000, "whole");
  const difference = options.number("difference", 0.01, 99, "any");
  const warmupMs = options.number("warmup", 0, 3_600_000, "any");
  const seconds = options.number("timeout", 0.001, 86_400, "any");
  const seed = options.number("seed", 0, 0xffff_ffff, "whole");
  const required = options.choice("require", REQUIRED);
  if (required !== undefined && against === undefined) {
    throw new UsageError("Option --require needs two commands", "bench");
  }
  const exitCodes = options.list("exit-code").map((code) => {
    if (/^\d{1,3}$/.test(code) && Number(code) <= 255) return Number(code);
    throw new UsageError(`Option --exit-code must be from 0 to 255, got "${cell(code)}"`, "bench");
  });
  const { benchmark } = await import("../monitor/mod.ts");
  let report: BenchmarkReport;
  try {
    using bar = new ProgressBar("measuring");
    report = await benchmark(subject, {
      ...(against === undefined ? {} : { against }),
      ...(rounds === undefined ? {} : { rounds }),
      ...(difference === undefined ? {} : { difference: difference / 100 }),
      ...(warmupMs === undefined ? {} : { warmupMs }),
      ...(seconds === undefined ? {} : { timeoutMs: seconds * 1_000 }),
      ...(seed === undefined ? {} : { seed }),
      ...(exitCodes.length === 0 ? {} : { exitCodes }),
      ...implementationOf(options),
      signal: interruptible(),
      onProgress: ({ done, total }) => bar.update(done, total, "runs"),
    });
  } catch (error) {
    // The launcher grants just these programs, and Deno grants none that is not there.
    if (!AgentError.is(error, "PERMISSION")) throw error;
    const { target } = error.details;
    throw new AgentError("NOT_FOUND", `There is no program "${cell(target)}" that may be run`, {
      what: target,
    }, { cause: error });
  }
  if (output.json) output.document(report);
  else show(report, output);
  const isMet = required === undefined || report.verdict === "faster" ||
    (required === "not-slower" && report.verdict === "even");
  if (!isMet) output.note(`--require ${required}: the first command is ${report.verdict}`);
  return report.valid && isMet ? 0 : 1;
}

/** The words of each command. */
function commandsOf(words: readonly string[], separator: string): [string[], string[] | undefined] {
  const at = words.indexOf(separator);
  if (at < 0) return [words.slice(), undefined];
  const [subject, against] = [words.slice(0, at), words.slice(at + 1)];
  if (subject.length === 0 || against.length === 0) {
    throw new UsageError(`A command is missing beside ${separator}`, "bench");
  }
  if (against.includes(separator)) {
    throw new UsageError(
      `Only two commands can be compared; one that has ${separator} in it needs another --separator`,
      "bench",
    );
  }
  return [subject, against];
}

function implementationOf(options: Call["options"]): Pick<
  NonNullable<Parameters<typeof import("../monitor/mod.ts").benchmark>[1]>,
  "implementation"
> {
  const { implementation } = options.implementation();
  return implementation === undefined ? {} : { implementation };
}

function show(report: BenchmarkReport, output: Output): void {
  const { subject, against, ratio, verdict, valid, invalidReason } = report;
  const sides = against === null ? [subject] : [subject, against];
  const low = Math.min(...sides.map(({ times }) => times.min));
  const high = Math.max(...sides.map(({ times }) => times.max));
  for (const side of sides) {
    output.line(output.bold(cell(side.name)));
    for (const line of sideLines(side)) output.line(`  ${line}`);
    output.line(`  ${pictureOf(side.samples, low, high)}`);
  }
  const end = milliseconds(high);
  output.line(output.dim(`  ${milliseconds(low).padEnd(PICTURE - end.length)}${end}`));
  if (ratio !== null && against !== null) {
    const way = verdict === "even"
      ? "as fast, as far as can be told"
      : `${verdict} than the second`;
    output.line(output.mark(
      `The first is ${way}: ${ratio.value.toFixed(3)} times as fast (95 % sure: ${
        ratio.low.toFixed(3)
      } to ${ratio.high.toFixed(3)})`,
      valid,
    ));
  }
  if (invalidReason !== undefined) output.note(`not valid: ${invalidReason}`);
}

function sideLines(side: BenchmarkSide): string[] {
  const { times, cpu, cpuReason, samples, outliers, exitCodes } = side;
  const lines = [
    `median ${milliseconds(times.p50)} (95 % sure: ${milliseconds(times.low)} to ${
      milliseconds(times.high)
    })`,
    `least ${milliseconds(times.min)}  p95 ${milliseconds(times.p95)}  most ${
      milliseconds(times.max)
    }  ${count(samples.length)} runs, ${count(outliers)} outlier${outliers === 1 ? "" : "s"}`,
  ];
  lines.push(
    cpu === null
      ? `CPU not known: ${cpuReason ?? "it was not measured"}`
      : `CPU user ${milliseconds(cpu.userMs)}  system ${milliseconds(cpu.systemMs)}`,
  );
  const codes = Object.entries(exitCodes ?? {});
  if (codes.some(([code]) => code !== "0")) {
    lines.push(`exit codes ${codes.map(([code, times]) => `${code}: ${times}`).join(", ")}`);
  }
  return lines;
}

/** How often which time was measured, from the shortest to the longest of both. */
export function pictureOf(samples: readonly number[], low: number, high: number): string {
  const cells: number[] = new Array(PICTURE).fill(0);
  for (const sample of samples) {
    const share = high > low ? (sample - low) / (high - low) : 0;
    cells[Math.min(PICTURE - 1, Math.floor(share * PICTURE))]!++;
  }
  const most = Math.max(...cells);
  return plainText(
    sparkline(cells.map((here) => here === 0 ? null : here), PICTURE, most, UNICODE),
  );
}
