/** Network namespaces of the tests' own: no packet of theirs leaves the machine. */

import { DENO, finish, type Finished, ROOT } from "./programs.ts";

/** What stands before a command that is to run in a fresh namespace. */
const UNSHARE = ["--net", "--map-root-user"];

/** Why there can be no namespace here; undefined if there can. */
export const noNamespace: string | undefined = missing();

function missing(): string | undefined {
  if (Deno.build.os !== "linux") return `${Deno.build.os} has no network namespaces`;
  try {
    const { success, stderr } = new Deno.Command("unshare", { args: [...UNSHARE, "ip", "link"] })
      .outputSync();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch {
    return "unshare is not installed (Debian: apt-get install util-linux)";
  }
}

/**
 * Runs a program of the tests in a namespace whose loopback is up and nothing else is there.
 *
 * @param program Its path in the checkout.
 * @param args Its arguments.
 * @param setUp Lines of shell that run before, in the namespace.
 */
export async function inNamespace(
  program: string,
  args: readonly string[],
  setUp = "",
): Promise<Finished> {
  const script = `set -e; ip link set lo up; ${setUp}\nexec "$@"`;
  const child = new Deno.Command("unshare", {
    args: [
      ...UNSHARE,
      "sh",
      "-c",
      script,
      "sh",
      DENO,
      "run",
      "--no-prompt",
      "--allow-all",
      `${ROOT}${program}`,
      ...args,
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await finish(child);
}
