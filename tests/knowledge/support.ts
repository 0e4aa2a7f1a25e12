/**
 * What the knowledge tests share: files, and child processes with chosen permissions.
 *
 * @module
 */
import { DENO } from "../support/programs.ts";

/** Writes files, named by their path below a folder. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
}

/**
 * What starts a program so that the modes of files bind it: nothing for a user; for root, whom the system refuses nothing,
 * a start without the capabilities that this comes from (setpriv is part of util-linux).
 */
const BOUND_BY_MODES: readonly string[] = Deno.uid() === 0
  ? [
    "setpriv",
    "--inh-caps=-dac_override,-dac_read_search",
    "--bounding-set=-dac_override,-dac_read_search",
  ]
  : [];

/**
 * Starts the child script with exactly these permissions and arguments.
 *
 * @param permissions Deno's flags.
 * @param args The script's arguments.
 * @param options Whether the modes of files must bind it, also when the tests run as root.
 */
export function startChild(
  permissions: readonly string[],
  args: readonly string[],
  options: { boundByModes?: boolean } = {},
): Deno.ChildProcess {
  const [program = "", ...first] = [
    ...(options.boundByModes === true ? BOUND_BY_MODES : []),
    DENO,
  ];
  return new Deno.Command(program, {
    args: [
      ...first,
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      ...permissions,
      new URL("./child.ts", import.meta.url).pathname,
      ...args,
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
