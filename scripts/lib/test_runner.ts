/**
 * Runs the steps of `scripts/test`, some beside each other, and counts what they came to.
 *
 * A step's output is shown when it has ended, or as it comes where only one runs at a time. The last
 * line is "N passed, N failed": tests where the step's program counts them, otherwise one a step.
 */

import {
  areas,
  checkSteps,
  type Command,
  fastStep,
  modelsStep,
  type Step,
  type TestSettings,
  testStep,
} from "./test_steps.ts";

/** What a step came to. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a step or a whole run came to. */
interface Outcome extends Counts {
  /** What did not pass: a line each. */
  troubles: string[];
  /** What the failed tests said. */
  failures: string[];
}

/** How steps are run. */
interface Mode {
  /** How many at a time. */
  jobs: number;
  /** Whether output is shown as it comes. */
  live: boolean;
  /** Whether what was skipped has failed. */
  strict: boolean;
}

/** The random cases of a property with --quick: a tenth of the usual number. */
const QUICK_CASES = 200;

/** Adds up the closing lines of `cargo test` and `deno test`, if there are any. */
export function countOf(output: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of output.split("\n")) {
    if (!/^(test result: |(ok|FAILED) \| )/.test(line)) continue;
    for (const [, number, what] of line.matchAll(/(\d+) (passed|failed|ignored)\b/g)) {
      counts[what === "ignored" ? "skipped" : what as "passed" | "failed"] += Number(number);
    }
  }
  return counts;
}

/** The longest account of failed tests that is shown a second time, in UTF-16 units. */
const MOST_SHOWN = 6000;

/**
 * What the failed tests of a step said, as `deno test` and `cargo test` print it before their closing lines; the end of
 * the output where neither did.
 */
export function failuresOf(output: string): string {
  const said = output.match(/^( ERRORS |failures:)$[^]*?(?=^(FAILED \| |test result: FAILED))/gm);
  const text = said?.join("\n") ?? output.slice(-MOST_SHOWN / 2);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n[...]\n` : text;
}

/**
 * What a step counts for.
 *
 * @param output All that its programs wrote.
 * @param success Whether all of them ended well.
 * @param strict Whether what was skipped has failed.
 */
export function judge(output: string, success: boolean, strict: boolean): Counts {
  const counts = countOf(output);
  if (!success && counts.failed === 0) counts.failed = 1;
  if (counts.passed + counts.failed + counts.skipped === 0) counts.passed = 1;
  if (strict) {
    counts.failed += counts.skipped;
    counts.skipped = 0;
  }
  return counts;
}

/**
 * Which step may begin now: the first one that waits for no build and for nothing that another holds.
 *
 * @param waiting Those that have not begun.
 * @param running Those that have not ended.
 */
export function next(waiting: readonly Step[], running: readonly Step[]): Step | undefined {
  const building = [...waiting, ...running].some(({ name }) => name === "build");
  return waiting.find((step) =>
    !(step.native && building) &&
    !(step.holds !== undefined && running.some(({ holds }) => holds === step.holds))
  );
}

const children = new Set<Deno.ChildProcess>();

/** Runs a program; gives all that it wrote, and whether it ended well. */
async function execute(
  { line, env = {} }: Command,
  live: boolean,
): Promise<{ output: string; success: boolean }> {
  const child = new Deno.Command("sh", {
    // Both streams in one pipe, so that they keep their order.
    args: ["-c", 'exec "$@" 2>&1', "sh", ...line],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  children.add(child);
  const decoder = new TextDecoder();
  let output = "";
  for await (const bytes of child.stdout) {
    if (live) write(bytes);
    output += decoder.decode(bytes, { stream: true });
  }
  const { success } = await child.status;
  children.delete(child);
  return { output: output + decoder.decode(), success };
}

/** Runs the programs of a step. */
async function executeAll(
  { commands, together = false }: Step,
  live: boolean,
): Promise<{ output: string; success: boolean }> {
  const ended: { output: string; success: boolean }[] = [];
  if (together) ended.push(...await Promise.all(commands.map((one) => execute(one, false))));
  else for (const one of commands) ended.push(await execute(one, live));
  return {
    output: ended.map(({ output }) => output).join(""),
    success: ended.every(({ success }) => success),
  };
}

/** Runs one step; says what it came to. */
async function runStep(step: Step, mode: Mode): Promise<Outcome> {
  const { name } = step;
  const missing = (step.needs ?? []).find((program) => !installed(program));
  if (missing !== undefined) {
    const why = `skipped, ${missing} is not installed`;
    write(`\n=== ${name}\n${why}\n`);
    const [failed, skipped] = mode.strict ? [1, 0] : [0, 1];
    return { passed: 0, failed, skipped, troubles: [`${name}: ${why}`], failures: [] };
  }
  const live = mode.live && !step.together;
  const started = performance.now();
  write(live ? `\n=== ${name}\n` : `... ${name} begins\n`);
  const { output, success } = await executeAll(step, live);
  const { skipped } = countOf(output);
  const counts = judge(output, success, mode.strict);
  const troubles: string[] = [];
  if (skipped > 0) troubles.push(`${name}: ${skipped} skipped`);
  if (counts.failed > 0) troubles.push(`${name}: ${counts.failed} failed`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!live) write(`\n=== ${name}\n${output}`);
  write(`--- ${name}: ${counts.failed > 0 ? "FAILED" : "ok"} (${seconds} s)\n`);
  const failures = success ? [] : [`=== ${name}\n${failuresOf(output)}`];
  return { ...counts, troubles, failures };
}

/** Runs steps, as many beside each other as are allowed. */
async function runAll(steps: readonly Step[], mode: Mode): Promise<Outcome> {
  const total: Outcome = { passed: 0, failed: 0, skipped: 0, troubles: [], failures: [] };
  const waiting = [...steps];
  const running = new Map<Step, Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const step = running.size < mode.jobs ? next(waiting, [...running.keys()]) : undefined;
    if (step === undefined) {
      await Promise.race(running.values());
      continue;
    }
    waiting.splice(waiting.indexOf(step), 1);
    const run = async (): Promise<void> => {
      const outcome = await runStep(step, mode);
      total.passed += outcome.passed;
      total.failed += outcome.failed;
      total.skipped += outcome.skipped;
      total.troubles.push(...outcome.troubles);
      total.failures.push(...outcome.failures);
      running.delete(step);
    };
    running.set(step, run());
  }
  return total;
}

/** The steps that words name; undefined, and a complaint, if a word names none. */
function select(
  words: readonly string[],
  known: readonly Step[],
  test: (path: string) => Step,
): Step[] | undefined {
  const selected: Step[] = [];
  for (const word of words) {
    const path = word.replace(/\/+$/, "");
    const steps = known.filter(({ name }) =>
      name === path || path === "tests" && name.startsWith("tests/")
    );
    if (steps.length > 0) {
      selected.push(...steps);
    } else if (/^tests\/.*_test\.ts$/.test(path) && exists(path)) {
      selected.push(test(path));
    } else {
      const names = ["tests", ...known.map(({ name }) => name)].join(" ");
      write(`agent: There is no step "${word}": it is one of ${names}\n`);
      return undefined;
    }
  }
  return selected;
}

async function main(args: readonly string[]): Promise<number> {
  const words = [...args];
  const deno = Deno.execPath();
  let jobs = Math.min(navigator.hardwareConcurrency, 4);
  const at = words.indexOf("--jobs");
  if (at >= 0) {
    const [, value] = words.splice(at, 2);
    jobs = Number(value);
    if (!Number.isSafeInteger(jobs) || jobs < 1) {
      write(`agent: --jobs needs a number from 1 on, not ${JSON.stringify(value)}\n`);
      return 2;
    }
  }
  const quick = words.indexOf("--quick");
  if (quick >= 0) words.splice(quick, 1);
  const unbuilt = words.indexOf("--no-build");
  if (unbuilt >= 0) words.splice(unbuilt, 1);
  let libraries: boolean | undefined;
  const settings: TestSettings = {
    deno,
    libraries: () => libraries ??= prepareLibraries(unbuilt < 0),
    // Where many steps run beside each other, the modules of one need not.
    spread: words.filter((word) => /^tests\/|^fast$/.test(word)).length === 1 ? jobs : 1,
    cases: quick >= 0 ? QUICK_CASES : undefined,
  };
  const test = (path: string): Step => testStep(path, settings);
  const all = [...checkSteps(deno), ...areas().map(test)];
  const extra = [fastStep(settings), modelsStep(deno)];
  if (words.includes("--list")) {
    for (const { name, about } of [...all, ...extra]) write(`${name.padEnd(17)} ${about}\n`);
    return 0;
  }
  const steps = words.length === 0 ? all : select(words, [...all, ...extra], test);
  if (steps === undefined) return 2;
  const live = jobs === 1 || steps.length === 1;
  const strict = Deno.env.get("CI") === "true";
  const { passed, failed, skipped, troubles, failures } = await runAll(steps, {
    jobs,
    live,
    strict,
  });
  // Hundreds of lines of other steps stand between a failure and the end, where one looks.
  if (failures.length > 0 && steps.length > 1) write(`\nWhat failed:\n${failures.join("\n")}`);
  if (troubles.length > 0) {
    write(`\nNot passed:\n${troubles.map((line) => `  ${line}\n`).join("")}`);
  }
  write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
  return failed === 0 ? 0 : 1;
}

/** Whether a program is on PATH. */
function installed(program: string): boolean {
  const find = new Deno.Command("sh", { args: ["-c", 'command -v "$1"', "sh", program] });
  return find.outputSync().success;
}

/** Builds the libraries where they are missing or old, if they may be built; says whether they are there. */
function prepareLibraries(mayBuild: boolean): boolean {
  const script = "set -eu; root=$PWD; . scripts/lib/prepare.sh; prepare_native";
  const env: Record<string, string> = mayBuild ? {} : { AGENT_BUILD: "0" };
  const prepare = new Deno.Command("sh", { args: ["-c", script], env, stderr: "inherit" });
  return prepare.outputSync().success;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function write(text: string | Uint8Array): void {
  let bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

if (import.meta.main) {
  // A child that nobody waits for must not go on.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      for (const child of children) child.kill("SIGTERM");
      Deno.exit(130);
    });
  }
  Deno.exit(await main(Deno.args));
}
