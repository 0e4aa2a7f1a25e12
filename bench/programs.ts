/**
 * Programs that are measured as whole processes.
 */

import { fromFileUrl } from "./paths.ts";

/** The root of the checkout, in which every program runs. */
export const ROOT = fromFileUrl(new URL("../", import.meta.url));

/** How a program is run. */
export interface ProgramOptions {
  /** Flags of `deno run` beside `--quiet --no-prompt`. */
  flags?: string[];
  /** Arguments of the program. */
  args?: string[];
}

/**
 * Runs a program with Deno and waits for its end.
 *
 * @param path Its file, seen from the folder `bench`.
 * @param options Flags and arguments.
 * @returns What it wrote to standard output.
 * @throws {Error} If it failed; what it wrote to standard error went to ours.
 */
export async function runProgram(path: string, options: ProgramOptions = {}): Promise<string> {
  const { success, code, stdout } = await command(path, options).output();
  if (!success) throw new Error(`bench/${path} ended with status ${code}`);
  return new TextDecoder().decode(stdout);
}

/** The command that runs a program. */
export function command(path: string, { flags = [], args = [] }: ProgramOptions): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...flags, new URL(path, import.meta.url).href, ...args],
    cwd: ROOT,
    stderr: "inherit",
  });
}
