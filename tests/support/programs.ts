/** The checkout, folders that go away with a test, and child programs. */

import { fileURLToPath } from "node:url";
import type { LibraryName } from "../../src/areas.ts";
import { fileName } from "../../src/native/libraries.ts";

/** The root of the checkout, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
/** Where `cargo build --release` leaves the libraries. */
export const BUILT = `${ROOT}target/release/`;
/** The Deno that runs the tests. */
export const DENO: string = Deno.execPath();

/** The file of a built library. */
export function builtFile(name: LibraryName = "core-utils"): string {
  return `${BUILT}${fileName(name)}`;
}

/** Runs a body with a folder of its own, whose path is resolved, and removes it afterwards. */
export async function temporary<T>(body: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "agent-test-" }));
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a program left behind. */
export interface Finished {
  /** The exit code; 128 and the signal's number if one ended it. */
  code: number;
  /** The signal that ended it, if one did. */
  signal: Deno.Signal | null;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/** How to start a program. */
export interface StartOptions {
  /** The working folder. Default: the checkout. */
  cwd?: string;
  /** The whole environment. Default: {@linkcode bareEnvironment}. */
  env?: Record<string, string>;
  /** Standard input. Default: empty. */
  stdin?: string | Uint8Array;
}

/** Starts a program, gives it its input and waits for its end. */
export async function start(
  program: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Finished> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: options.cwd ?? ROOT,
    clearEnv: true,
    env: options.env ?? bareEnvironment(),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { stdin = "" } = options;
  const feed = async (): Promise<void> => {
    const writer = child.stdin.getWriter();
    try {
      await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
      await writer.close();
    } catch {
      // A program that ends without reading all of its input is no fault of the test.
    }
  };
  const [finished] = await Promise.all([finish(child), feed()]);
  return finished;
}

/** Runs the same Deno with these arguments; the environment is bare but for what is given. */
export function deno(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd: string = ROOT,
): Promise<Finished> {
  return start(DENO, args, { env: { ...bareEnvironment(), ...env }, cwd });
}

/** Waits for a child and reads what it wrote; its output has to be piped. */
export async function finish(child: Deno.ChildProcess): Promise<Finished> {
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** No home, no colours, and Deno's downloads where they are, so that nothing is fetched anew. */
export function bareEnvironment(): Record<string, string> {
  return { NO_COLOR: "1", HOME: "/nonexistent", DENO_DIR: denoDirectory() };
}

let cacheFolder: string | undefined;

/** Where Deno keeps its downloads. */
export function denoDirectory(): string {
  if (cacheFolder === undefined) {
    const { stdout } = new Deno.Command(DENO, { args: ["info", "--json"] }).outputSync();
    cacheFolder = String(JSON.parse(new TextDecoder().decode(stdout)).denoDir);
  }
  return cacheFolder;
}
