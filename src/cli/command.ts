/**
 * What a command is: its words, options and examples as data, from which parsing, help and the
 * permission check are made, and one function that does the work.
 *
 * @module
 */

import type { Options } from "./options.ts";
import type { Output } from "./output.ts";

/** An option of a command. */
export interface OptionSpec {
  /** What stands for its value in the help, such as `DIR`; without it the option is a switch. */
  value?: string | undefined;
  /** Whether it may be given several times. */
  many?: boolean | undefined;
  /** One line of help. */
  help: string;
}

/** What a running command is given. */
export interface Call {
  /** The options, by name. */
  options: Options;
  /** The arguments after the command's name. */
  positionals: readonly string[];
  /** Where results and notes go. */
  output: Output;
  /** From now on Ctrl-C aborts this signal instead of ending the process at once. */
  interruptible(): AbortSignal;
}

/** A command of the command line. */
export interface Command {
  /** Its name: one word, or two such as `text hash`. */
  readonly name: string;
  /** One line: what it does. */
  readonly summary: string;
  /** What follows the name, such as `QUESTION --docs DIR`. */
  readonly usage: string;
  /** Its own options; the common ones are added to each command. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** The fewest and the most arguments. */
  readonly positionals: readonly [number, number];
  /** What the arguments are called, for the message when one is missing. */
  readonly expects?: string;
  /** A paragraph for the help, if the options do not say all. */
  readonly details?: string;
  /** Whether `--json` prints a value a line, as things happen, and not one document. */
  readonly lines?: boolean;
  /** Whole command lines that work, shown by the help. */
  readonly examples: readonly string[];
  /** Does the work and returns the exit code: 0 ok, 1 failed. */
  run(call: Call): Promise<number>;
}

/** The options that every command has. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  implementation: { value: "WHICH", help: "auto (default), native (Rust) or pure (TypeScript)" },
  "require-native": { help: "Fail if the native libraries cannot be built and used" },
  json: { help: "Print one JSON document on standard output; notes go to standard error" },
  "print-permissions": { help: "Print the Deno permissions that this call would get, and stop" },
  help: { help: "Print this help" },
};
