/**
 * The machine and the versions that figures belong to.
 */

import { cpus, release, type as system } from "node:os";
import { loadPeers } from "./peers.ts";
import { ROOT } from "./programs.ts";

/** Names and values, in the order of the report. */
export type Machine = [name: string, value: string][];

/** Asks the machine. What it does not say is left out. */
export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  const gigabytes = Deno.systemMemoryInfo().total / 2 ** 30;
  const { versions } = await loadPeers();
  const commit = await output("git", "rev-parse", "--short=12", "HEAD");
  const changes = await output("git", "status", "--porcelain", "--", "src", "rust", "bench/*.ts");
  const machine: [string, string | undefined][] = [
    ["Processor", processors[0]?.model.trim()],
    ["Cores", String(processors.length)],
    ["Memory", `${gigabytes.toFixed(1)} GiB`],
    ["System", `${system()} ${release()}, ${Deno.build.arch}`],
    ["Deno", `${Deno.version.deno} (V8 ${Deno.version.v8}, TypeScript ${Deno.version.typescript})`],
    ["Rust", (await output("rustc", "--version"))?.replace("rustc ", "")],
    ...Object.entries(versions),
    ["Commit", commit && commit + (changes ? ", with changes that are not committed" : "")],
    ["Date", new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC"],
  ];
  return machine.filter((line): line is [string, string] => line[1] !== undefined);
}

/** What a program printed, or undefined if it is not there. */
async function output(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, cwd: ROOT }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
