/**
 * Programs that are measured as whole processes, and where things are.
 */

import { fileURLToPath } from "node:url";

/** The root of the checkout, in which every program runs. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a program needs that uses the native libraries. */
export const NATIVE = ["--allow-read=.", "--allow-ffi=target/release"];

/** How a program is run. */
export interface ProgramOptions {
  /** Flags of `deno run` beside `--quiet --no-prompt`. */
  flags?: string[];
  /** Arguments of the program. */
  args?: string[];
  /** Variables of the environment that are set beside ours. */
  env?: Record<string, string>;
}

/**
 * Runs a program with Deno and waits for its end.
 *
 * @param path Its file, seen from the folder `bench/lib`.
 * @param options Flags and arguments.
 * @returns What it wrote to standard output.
 * @throws {Error} If it failed; what it wrote to standard error went to ours.
 */
export async function runProgram(
  path: string,
  { flags = [], args = [], env = {} }: ProgramOptions = {},
): Promise<string> {
  const url = new URL(path, import.meta.url);
  const { success, code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...flags, url.href, ...args],
    cwd: ROOT,
    env,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${url.pathname} ended with status ${code}`);
  return new TextDecoder().decode(stdout);
}
