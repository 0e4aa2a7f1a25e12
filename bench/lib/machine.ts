/**
 * The machine and the versions that figures belong to.
 */

import { cpus, release, type as system } from "node:os";
import peers from "../peers/package.json" with { type: "json" };
import { versionOf } from "./peers.ts";
import { ROOT } from "./programs.ts";

/** Asks the machine: names and values, in the order of the report. What it does not say is left out. */
export async function describeMachine(): Promise<[name: string, value: string][]> {
  const processors = cpus();
  const gigabytes = Deno.systemMemoryInfo().total / 2 ** 30;
  const commit = await output("git", "rev-parse", "--short=12", "HEAD");
  const changes = await output("git", "status", "--porcelain", "--", "src", "rust", "bench/*.ts");
  const rust = (await output("rustc", "--version"))?.replace("rustc ", "Rust ").replace(
    / \(.*/,
    "",
  );
  const { deno, v8 } = Deno.version;
  const installed: string[] = [];
  for (const name of Object.keys(peers.dependencies)) {
    const version = await versionOf(name);
    if (version !== undefined) installed.push(`${name} ${version}`);
  }
  const date = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return [
    [
      "Machine",
      [
        processors[0]?.model.trim(),
        `${processors.length} cores`,
        `${gigabytes.toFixed(1)} GiB`,
        `${system()} ${release()}`,
        Deno.build.arch,
      ].filter((part) => part !== undefined).join(", "),
    ],
    ["Versions", [`Deno ${deno} (V8 ${v8})`, ...(rust === undefined ? [] : [rust])].join(", ")],
    ["Peers", installed.join(", ") || "none installed"],
    [
      "Measured",
      commit === undefined ? date : `${date}, commit ${commit}${changes ? " with changes" : ""}`,
    ],
  ];
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
