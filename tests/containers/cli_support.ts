/** Commands of `agent containers` as they run, in this process and with what they write kept. */

import type { Command } from "../../src/cli/command.ts";
import { containerCommands } from "../../src/cli/containers.ts";
import { Options } from "../../src/cli/options.ts";
import { Output } from "../../src/cli/output.ts";
// Opens the native library before the first test, which would else seem to leak it.
import "../support/twins.ts";

/** What a command wrote, and its exit code. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly notes: readonly string[];
}

class Kept extends Output {
  stdout = "";
  readonly notes: string[] = [];

  override write(text: string): void {
    this.stdout += text;
  }

  override note(text: string): void {
    this.notes.push(text);
  }
}

/**
 * Runs a command.
 *
 * @param name Without `containers`.
 * @param positionals Its arguments.
 * @param values Its options.
 * @throws What it throws, in the words of the command line.
 */
export async function call(
  name: string,
  positionals: readonly string[],
  values: Readonly<Record<string, unknown>> = {},
): Promise<Said> {
  const command: Command = containerCommands.find((one) => one.name === `containers ${name}`)!;
  const output = new Kept(values["json"] === true);
  const signal = new AbortController().signal;
  const code = await command.run({
    options: new Options(values, command.name),
    positionals,
    output,
    interruptible: () => signal,
  });
  return { code, stdout: output.stdout, notes: output.notes };
}
