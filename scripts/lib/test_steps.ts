/**
 * The steps of `scripts/test`: what each runs, what it needs, and which of them must not meet.
 *
 * A step may run beside any other that does not hold the same thing, so a step must not write where
 * another one reads. Tests listen on ports that the system chooses, and keep their files in folders of
 * their own.
 */

/** A program to run. */
export interface Command {
  /** The program and its arguments. */
  readonly line: readonly string[];
  /** What its environment has besides that of the runner. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A check, or the tests of an area. */
export interface Step {
  /** Its name; of the tests of an area, their folder. */
  readonly name: string;
  /** What it does, in a line. */
  readonly about: string;
  /** Programs without which it is skipped. */
  readonly needs?: readonly string[];
  /** What only one step may have at a time: all that run cargo would wait for each other anyway. */
  readonly holds?: "cargo";
  /** Whether it uses the native libraries, and so begins after they were built. */
  readonly native?: boolean;
  /** What it runs: all of it, in turn. */
  readonly commands: readonly Command[];
  /** Whether its commands run beside each other. */
  readonly together?: boolean;
}

const CARGO = { needs: ["cargo"], holds: "cargo" } as const;

// Tests start programs, open libraries, write to temporary folders and listen there on sockets, whose
// names cannot be listed beforehand. They reach no other machine.
const DENO_TEST = [
  ...["test", "--no-prompt", "--quiet", "--allow-read", "--allow-write", "--allow-env"],
  ...["--allow-run", "--allow-ffi", "--allow-sys", "--allow-net"],
];
const SANITIZERS = ["--sanitize-ops", "--sanitize-resources"];

/** The area whose tests start the command line. */
const END_TO_END = "tests/e2e";

/** Tests that need a real model's server, which few machines have. */
const REAL_MODELS = "tests/real_models";
/** Folders of `tests/` that hold no tests of their own, or such as run only when they are asked for. */
const NO_AREAS: readonly string[] = ["support", "vectors", "real_models"];

/** What a test module imports to say that it runs with each twin as the default. */
const BY_DEFAULT = /^import "(\.\.\/)+support\/default_twin\.ts";$/m;
/** What a test module has that looks at the whole process, in which no other may work meanwhile. */
const COUNTING = /\b(heldBy|memoryUsage|agent_ffi_live|agent_ffi_active|env\.set)\b/;

/** What a test module has that takes long: random cases, hostile input, a server of another make. */
const SLOW =
  /support\/(arbitraries|hostile|code_points|redis|docker|podman)\.ts"|"fast-check"|\/(distributed|world)\.ts"/;

/** The steps that are no tests of an area, in the order in which they begin. */
export function checkSteps(deno: string): Step[] {
  const one = (line: readonly string[]): readonly Command[] => [{ line }];
  const prepare =
    'set -eu; root=$PWD; . scripts/lib/prepare.sh; prepare_native again || die "$native_reason"';
  const valgrind = "valgrind --quiet --error-exitcode=9";
  const memory = `target=$(rustc --print host-tuple | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_\${target}_RUNNER=${valgrind}"
    exec cargo test --quiet --locked --package agent-ffi`;
  return [
    {
      name: "build",
      about: "the native libraries, as scripts/setup builds them",
      ...CARGO,
      commands: one(["sh", "-c", prepare]),
    },
    { name: "fmt", about: "deno fmt --check", commands: one([deno, "fmt", "--check"]) },
    { name: "lint", about: "deno lint", commands: one([deno, "lint", "--quiet"]) },
    {
      name: "check",
      about: "type check of everything",
      commands: one([deno, "check", "--quiet", "mod.ts", "src", "scripts", "tests", "bench"]),
    },
    {
      name: "rust-fmt",
      about: "cargo fmt --check",
      ...CARGO,
      commands: one(["cargo", "fmt", "--all", "--check"]),
    },
    {
      name: "clippy",
      about: "cargo clippy with warnings as errors",
      ...CARGO,
      commands: one([
        ...["cargo", "clippy", "--quiet", "--locked", "--workspace", "--all-targets"],
        ...["--", "-D", "warnings"],
      ]),
    },
    {
      name: "rust",
      about: "cargo test",
      ...CARGO,
      commands: one(["cargo", "test", "--quiet", "--locked", "--workspace", "--no-fail-fast"]),
    },
    {
      name: "loom",
      about: "the interleavings of the ring's queue, all of them",
      ...CARGO,
      commands: one([
        ...["cargo", "test", "--quiet", "--locked", "--package", "agent-ffi"],
        ...["--features", "loom", "--release", "loom"],
      ]),
    },
    {
      name: "memory",
      about: "the tests of the boundary toolkit under valgrind",
      ...CARGO,
      needs: ["cargo", "valgrind"],
      commands: one(["sh", "-c", memory]),
    },
    {
      name: "bindings",
      about: "headers and generated calls are generated again and compared",
      ...CARGO,
      commands: [
        { line: ["cargo", "run", "--quiet", "--locked", "--package", "headers", "--", "--check"] },
        {
          line: [
            ...[deno, "run", "--no-prompt", "--allow-read=rust,src/native/generated"],
            ...[`--allow-run=${deno}`, "scripts/gen_bindings.ts", "--check"],
          ],
        },
      ],
    },
    {
      name: "doc-lint",
      about: "deno doc --lint of the public modules",
      commands: one([deno, "doc", "--lint", ...publicModules()]),
    },
    // Examples load libraries without preloading them, which the sanitizers would call a leak.
    {
      name: "doc-test",
      about: "the examples in the documentation",
      native: true,
      commands: one([deno, ...DENO_TEST, "--doc", "mod.ts", "src", "README.md", "docs"]),
    },
    {
      name: "publish",
      about: "deno publish --dry-run",
      commands: one([deno, "publish", "--dry-run", "--allow-dirty", "--quiet"]),
    },
    {
      name: "checks",
      about: "the repository's own rules",
      commands: one([
        ...[deno, "run", "--no-prompt", "--allow-read=.", "--allow-run=git"],
        "scripts/lib/checks.ts",
      ]),
    },
  ];
}

/** The folders of `tests/` that hold tests. */
export function areas(): string[] {
  return [...Deno.readDirSync("tests")]
    .filter(({ name, isDirectory }) => isDirectory && !NO_AREAS.includes(name))
    .map(({ name }) => `tests/${name}`)
    .sort();
}

/** How the tests of an area run. */
export interface TestSettings {
  /** The Deno program. */
  readonly deno: string;
  /** Whether the native libraries are there. */
  libraries(): boolean;
  /** How many modules of an area there are processors for at a time. */
  readonly spread: number;
  /** How many random cases a property gets; undefined for the usual number. */
  readonly cases: number | undefined;
}

/**
 * The tests of an area, or of one file of it. Where the native libraries are there they are the default
 * twin, and modules that ask for the default run again with the pure one.
 */
export function testStep(path: string, settings: TestSettings): Step {
  return {
    name: path,
    about: "the tests of an area",
    native: true,
    together: settings.spread > 1,
    get commands() {
      return testCommands(modulesAt(path), settings);
    },
  };
}

/** The tests of all areas that take little time, for who wants to know at once. */
export function fastStep(settings: TestSettings): Step {
  return {
    name: "fast",
    about: "the tests without random cases, hostile input, servers and installs (not among all)",
    native: true,
    together: settings.spread > 1,
    get commands() {
      const modules = areas().filter((area) => area !== END_TO_END).flatMap(modulesAt)
        .filter(({ text }) => !SLOW.test(text));
      return testCommands(modules, settings);
    },
  };
}

/** The tests against a real model; each says in its name what it lacks. */
export function modelsStep(deno: string): Step {
  return {
    name: "models",
    about: "the tests against a real local model and real embeddings (not among all)",
    commands: [{ line: [deno, ...DENO_TEST, ...SANITIZERS, "--no-check", REAL_MODELS] }],
  };
}

function testCommands(
  modules: readonly Module[],
  { deno, libraries, spread, cases }: TestSettings,
): Command[] {
  const random: Record<string, string> = cases === undefined
    ? {}
    : { AGENT_TEST_CASES: `${cases}` };
  const command = (env: Record<string, string>, ...args: string[]): Command => ({
    line: [deno, ...DENO_TEST, ...SANITIZERS, "--no-check", ...args],
    env: { ...random, ...env },
  });
  // The programs that the end-to-end tests start choose as those of a person do.
  const endToEnd = modules.some(({ file }) => file.startsWith(END_TO_END));
  const twin = libraries() ? "native" : "pure";
  const first: Record<string, string> = endToEnd ? {} : { AGENT_IMPLEMENTATION: twin };
  const filesWith = (pattern: RegExp): string[] =>
    modules.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
  const again = endToEnd || twin === "pure" ? [] : filesWith(BY_DEFAULT);
  const commands: Command[] = [];
  const files = filesWith(/^/);
  if (spread > 1) {
    const alone = filesWith(COUNTING);
    const others = files.filter((file) => !alone.includes(file));
    if (others.length > 0) {
      commands.push(command({ ...first, DENO_JOBS: `${spread}` }, "--parallel", ...others));
    }
    if (alone.length > 0) commands.push(command(first, ...alone));
  } else {
    commands.push(command(first, ...files));
  }
  if (again.length > 0) commands.push(command({ AGENT_IMPLEMENTATION: "pure" }, ...again));
  return commands;
}

/** A test module. */
interface Module {
  file: string;
  text: string;
}

/** The test modules at a path, in all folders below it, with their text. */
function modulesAt(path: string): Module[] {
  if (path.endsWith("_test.ts")) return [{ file: path, text: Deno.readTextFileSync(path) }];
  return [...Deno.readDirSync(path)]
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"))
    .map(({ name }) => `${path}/${name}`).sort()
    .flatMap(modulesAt);
}

/** The files that deno.json exports. */
function publicModules(): string[] {
  const { exports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  return Object.values(exports as Record<string, string>);
}
