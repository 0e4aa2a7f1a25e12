/**
 * The program behind `scripts/agent`: finds the command, parses, runs it, and turns what happens
 * into an exit code: 0 done, 1 failed, 2 a mistake in the command line, 130 stopped with Ctrl-C.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { seekPackageFolder } from "../native/package_folder.ts";
import { AgentError } from "../shared/errors.ts";
import { suggestion } from "../shared/known_fields.ts";
import { checkPositionals, parse } from "./args.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, helpDocument, overview } from "./help.ts";
import { UsageError } from "./options.ts";
import { PROGRAM } from "./program.ts";
import { Output, OutputClosed, OutputFailed } from "./output.ts";
import { environment } from "./paths.ts";
import { aliasOf, permissionFlags } from "./permissions.ts";

const INTERRUPTED = 130;

/** Ctrl-C as an abort signal, from the moment that a command asks for it. */
class Interrupt {
  readonly #controller = new AbortController();
  #listening = false;

  get signal(): AbortSignal {
    if (!this.#listening) {
      this.#listening = true;
      Deno.addSignalListener("SIGINT", this.#onSignal);
    }
    return this.#controller.signal;
  }

  get happened(): boolean {
    return this.#controller.signal.aborted;
  }

  stop(): void {
    if (this.#listening) Deno.removeSignalListener("SIGINT", this.#onSignal);
    this.#listening = false;
  }

  readonly #onSignal = (): void => {
    // Whoever presses it twice does not want to wait for the work to come to a clean end.
    if (this.happened) Deno.exit(INTERRUPTED);
    this.#controller.abort(new DOMException("Stopped with Ctrl-C", "AbortError"));
  };
}

/**
 * Runs a command line.
 *
 * @param args The arguments, the command's name first.
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf("--");
  const output = new Output(args.slice(0, end < 0 ? args.length : end).includes("--json"));
  const interrupt = new Interrupt();
  try {
    return await dispatch(args, output, interrupt);
  } catch (error) {
    try {
      return report(error, output, interrupt.happened);
    } catch (later) {
      if (later instanceof OutputClosed) return 0;
      // What could not be printed was said on standard error.
      if (later instanceof OutputFailed) return 1;
      throw later;
    }
  } finally {
    interrupt.stop();
  }
}

async function dispatch(
  args: readonly string[],
  output: Output,
  interrupt: Interrupt,
): Promise<number> {
  const [word = "", ...behind] = args;
  const meant = aliasOf(word);
  if (meant !== undefined) return await dispatch([...meant, ...behind], output, interrupt);
  const [first = "", second = ""] = args;
  const command = COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
  if (command === undefined) return withoutCommand(args, output);
  const { options, positionals } = parse(command, args.slice(command.name.split(" ").length));
  if (options.on("help")) {
    if (output.json) output.document(helpDocument(command));
    else output.write(commandHelp(command));
    return 0;
  }
  if (options.on("print-permissions")) {
    const permissions = permissionFlags(command.name.replace(" ", "."), {
      options: options.values,
      positionals,
      env: environment,
    });
    if (output.json) output.document({ command: command.name, permissions });
    else output.write(permissions.map((flag) => `${flag}\n`).join(""));
    return 0;
  }
  output.lines = command.lines ?? false;
  checkPositionals(command, positionals);
  if (options.implementation().implementation !== "pure") await seekPackageFolder();
  if (options.on("require-native")) await requireNative();
  const interruptible = (): AbortSignal => interrupt.signal;
  try {
    return await command.run({ options, positionals, output, interruptible });
  } catch (error) {
    if (!(error instanceof UsageError) || error.command !== undefined) throw error;
    // Its own help explains more, wherever the mistake was found.
    throw new UsageError(error.message, command.name);
  }
}

/** The meaning of `--require-native`: throws `NATIVE_REQUIRED` if a native library cannot be used. */
async function requireNative(): Promise<void> {
  const { preloadNative } = await import("../../mod.ts");
  for (const { library, state, reason } of preloadNative()) {
    if (state === "loaded") continue;
    throw new AgentError(
      "NATIVE_REQUIRED",
      `--require-native: ${library} is ${state}${
        reason ? ` (${reason})` : ""
      }; ${PROGRAM} doctor tells more`,
      { library, state },
    );
  }
}

/** What is answered when no command is named: help, the version, or a mistake. */
function withoutCommand(args: readonly string[], output: Output): number {
  const words = args.filter((arg) => arg !== "--json");
  const [first = "--help"] = words;
  const group = COMMANDS.some(({ name }) => name.startsWith(`${first} `)) ? first : undefined;
  const [next = "--help"] = group === undefined ? words : words.slice(1);
  if (next === "--version" && group === undefined) {
    if (output.json) output.document({ version: config.version, deno: Deno.version.deno });
    else output.line(`agent ${config.version} (Deno ${Deno.version.deno})`);
    return 0;
  }
  if (next === "--help" || next === "-h") {
    const listed = COMMANDS.filter(({ name }) => !group || name.startsWith(`${group} `));
    if (output.json) output.document({ commands: listed.map(helpDocument) });
    else output.write(overview(COMMANDS, group));
    return args.length === 0 || (group !== undefined && words.length === 1) ? 2 : 0;
  }
  if (next.startsWith("-")) {
    throw new UsageError(`Name the command before the option ${next}`, group);
  }
  throw new UsageError(
    `There is no command "${group ? `${group} ` : ""}${next}"${meant(next, group)}`,
    group,
  );
}

/** Which command was meant, or which there are: those of the group, else the first word of each. */
function meant(word: string, group: string | undefined): string {
  const names = COMMANDS.map(({ name }) => name);
  const whole = names.find((name) => name.endsWith(` ${word}`));
  if (whole !== undefined) return `; did you mean ${whole}?`;
  if (group === undefined) return suggestion(word, names.map((name) => name.split(" ")[0]!));
  const ofGroup = names.filter((name) => name.startsWith(`${group} `));
  return suggestion(word, ofGroup.map((name) => name.slice(group.length + 1)));
}

/** Says what went wrong and chooses the exit code. */
function report(error: unknown, output: Output, interrupted: boolean): number {
  if (error instanceof OutputClosed) return 0;
  const message = error instanceof Error ? error.message : String(error);
  const code = interrupted
    ? "INTERRUPTED"
    : error instanceof UsageError
    ? "USAGE"
    : AgentError.is(error)
    ? error.code
    : error instanceof Error
    ? error.name
    : "Error";
  output.note(interrupted ? "stopped" : message);
  if (error instanceof UsageError && !interrupted) {
    output.note(`${PROGRAM} ${error.command ? `${error.command} ` : ""}--help shows how`);
  }
  if (output.json && !(error instanceof OutputFailed)) {
    output.document({ error: { code, message } });
  }
  return interrupted ? INTERRUPTED : error instanceof UsageError ? 2 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
