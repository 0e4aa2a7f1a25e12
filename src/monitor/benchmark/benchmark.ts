/**
 * Measures a function or a command, alone or beside another one, and says how sure the figures are.
 *
 * @module
 */

import { checkFields } from "../../shared/known_fields.ts";
import {
  checkNumber,
  checkOptions,
  checkString,
  shown,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { reporter } from "../../shared/progress.ts";
import { SeededRandom } from "../../shared/random.ts";
import { childrenCpu } from "./children.ts";
import { type Clock, MACHINE_CLOCK, stepOf } from "./clock.ts";
import { commandLane, type CommandSettings } from "./command_lane.ts";
import { emptyCallMs, functionLane } from "./function_lane.ts";
import type { Lane } from "./lane.ts";
import { measure } from "./measure.ts";
import { reportOf } from "./report.ts";
import type { BenchmarkOptions, BenchmarkReport, BenchmarkSubject } from "./types.ts";

const FIELDS = [
  ...["against", "name", "againstName", "rounds", "difference", "warmupMs", "sampleMs", "seed"],
  ...["timeoutMs", "exitCodes", "implementation", "signal", "onProgress"],
];
const LONGEST_MS = 3_600_000;

/**
 * Measures how long a function or a command takes, and with `against` how many times as fast it is as another one.
 *
 * Everything is measured in rounds, in each of which the order is drawn anew, so that what disturbs one disturbs the other
 * too; the ratio is the median of the rounds' ratios, with a 95 % bootstrap interval. A function is called as often in a
 * sample as the clock needs, and what it gives is kept, so that no optimiser leaves it out. No sample is dropped:
 * collections of garbage are part of what a function costs, medians do not mind the few that are hit, and outliers are
 * counted. Under `--v8-flags=--expose-gc` garbage is collected before each sample. If the figures are not good for the
 * difference that was asked, `valid` is false and `invalidReason` says why.
 *
 * A command needs `--allow-run=<program>`. It is started without a shell, in this program's folder and environment, its
 * input empty, its output thrown away; its time has that of starting a program in it. Its CPU time needs the native
 * library; if other children of this program end meanwhile, theirs is in it.
 *
 * @param subject The function, or the command as a program and its arguments.
 * @param options What to compare it with, how thoroughly and how exactly.
 * @returns Quantiles, the ratio with its interval, and whether they are good for the difference asked.
 * @throws {AgentError} `PERMISSION`, `NOT_FOUND` or `IO` if a command cannot be started, `COMMAND_FAILED` if it fails,
 * `TIMEOUT` if a run, or the promise that a function gave, takes too long; `NATIVE_REQUIRED`.
 * @throws What the function throws, or the signal's reason.
 *
 * @example Two functions
 * ```ts
 * import { benchmark } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * const numbers = Array.from({ length: 500 }, (_, i) => i * 7919 % 500);
 * const report = await benchmark(() => numbers.toSorted((a, b) => a - b), {
 *   against: () => Float64Array.from(numbers).sort(),
 *   rounds: 10,
 *   warmupMs: 5,
 *   sampleMs: 1,
 * });
 * assert.equal(report.subject.samples.length, 10);
 * assert.ok(report.ratio !== null && report.ratio.low <= report.ratio.high);
 * console.log(report.verdict, report.valid ? "" : report.invalidReason);
 * ```
 *
 * @example A command
 * ```ts
 * import { benchmark } from "@agent/runtime/monitor";
 * import assert from "node:assert/strict";
 *
 * const { subject } = await benchmark([Deno.execPath(), "--version"], { rounds: 6, warmupMs: 0 });
 * assert.equal(subject.samples.length, 6);
 * console.log(`${subject.times.p50} ms, of them ${subject.cpu?.userMs ?? "?"} ms in the program`);
 * ```
 */
export function benchmark(
  subject: BenchmarkSubject,
  options?: BenchmarkOptions,
): Promise<BenchmarkReport>;
export async function benchmark(
  subject: BenchmarkSubject,
  options: BenchmarkOptions = {},
): Promise<BenchmarkReport> {
  return await benchmarkBy(MACHINE_CLOCK, subject, options);
}

/** The same by any clock. */
export async function benchmarkBy(
  clock: Clock,
  subject: BenchmarkSubject,
  options: BenchmarkOptions,
): Promise<BenchmarkReport> {
  checkOptions(options);
  checkFields(options, "options", FIELDS);
  const { signal, onProgress, implementation, against } = options;
  const rounds = wholeNumber(options.rounds, "options.rounds", {
    fallback: 30,
    least: 6,
    most: 10_000,
  });
  const seed = wholeNumber(options.seed, "options.seed", {
    fallback: 1,
    least: 0,
    most: 0xffff_ffff,
  });
  const difference = shareOf(options.difference);
  const warmupMs = milliseconds(options.warmupMs, "options.warmupMs", 100);
  const sampleMs = milliseconds(options.sampleMs, "options.sampleMs", 5);
  const timeoutMs = timeLimit(options.timeoutMs, 60_000);
  const exitCodes = codesOf(options.exitCodes);
  const named = [
    [subject, options.name, "subject", "options.name"],
    [against, options.againstName, "options.against", "options.againstName"],
  ] as const;
  const wanted = named.flatMap(([one, name, what, nameOf]) =>
    one === undefined && what !== "subject" ? [] : [checkedSubject(one, name, what, nameOf)]
  );
  let commands: CommandSettings | undefined;
  const lanes: Lane[] = [];
  signal?.throwIfAborted();
  for (const { name, call, command } of wanted) {
    if (call !== undefined) {
      lanes.push(await functionLane(name, call, { clock, timeoutMs, signal }));
    } else {
      commands ??= { timeoutMs, exitCodes, cpu: childrenCpu(implementation) };
      lanes.push(commandLane(name, command, clock, commands));
    }
  }
  const clockMs = stepOf(clock);
  const isAnyFunction = wanted.some(({ call }) => call !== undefined);
  const loopMs = isAnyFunction ? emptyCallMs(clock, Math.min(sampleMs, 1)) : 0;
  const { report, finish } = reporter(onProgress, rounds * lanes.length);
  report(0);
  const measured = await measure(lanes, {
    clock,
    clockMs,
    rounds,
    warmupMs,
    sampleMs,
    random: new SeededRandom(seed),
    signal,
    onSample: report,
  });
  finish();
  return reportOf(lanes, measured, { difference, rounds, seed, clockMs, loopMs });
}

/** A subject that was looked at. */
type Checked =
  & { name: string }
  & ({ call: () => unknown; command?: undefined } | {
    call?: undefined;
    command: readonly [string, ...string[]];
  });

function checkedSubject(
  subject: unknown,
  name: unknown,
  what: string,
  nameOf: string,
): Checked {
  if (name !== undefined) checkString(name, nameOf);
  if (typeof subject === "function") {
    const call = subject as () => unknown;
    return {
      name: (name as string | undefined) ?? (call.name === "" ? "function" : call.name),
      call,
    };
  }
  if (!Array.isArray(subject)) {
    throw wrongType(what, "a function, or a command as an array of strings", subject);
  }
  for (const [at, word] of subject.entries()) {
    checkString(word, `${what}[${at}]`);
    if (word.includes("\0")) throw wrongValue(`${what}[${at}]`, "without NUL characters", word);
  }
  const [program, ...args] = subject as string[];
  if (program === undefined || program === "") {
    throw new RangeError(`${what} must begin with the name of a program, got ${shown(program)}`);
  }
  return {
    name: (name as string | undefined) ?? [program, ...args].join(" "),
    command: [program, ...args],
  };
}

function shareOf(value: unknown): number {
  if (value === undefined) return 0.05;
  checkNumber(value, "options.difference");
  if (!(value > 0 && value < 1)) {
    throw wrongValue("options.difference", "a share above 0 and below 1 (0.05 is 5 %)", value);
  }
  return value;
}

function milliseconds(value: unknown, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  checkNumber(value, name);
  if (!(value >= 0 && value <= LONGEST_MS)) {
    throw wrongValue(name, `from 0 to ${LONGEST_MS} milliseconds`, value);
  }
  return value;
}

function codesOf(value: unknown): readonly number[] {
  if (value === undefined) return [0];
  if (!Array.isArray(value)) throw wrongType("options.exitCodes", "an array of numbers", value);
  return value.map((code, at) =>
    wholeNumber(code, `options.exitCodes[${at}]`, { least: 0, most: 255 })
  );
}
