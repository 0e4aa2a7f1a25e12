/**
 * Reads the arguments of a command with `node:util` and answers every mistake with one sentence.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Implementation } from "../implementation.ts";
import { type Command, COMMON_OPTIONS, type OptionSpec } from "./command.ts";

/** A mistake in the command line; exit code 2. */
export class UsageError extends Error {
  /** The command whose help explains more, if the mistake is in one. */
  readonly command: string | undefined;

  /**
   * @param message What was wrong, with the value.
   * @param command The command whose help explains more.
   */
  constructor(message: string, command?: string) {
    super(message);
    this.name = "UsageError";
    this.command = command;
  }
}

/** The options given to a command, with checks. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #command: string;

  /**
   * @param values The values by option name, as `node:util` gives them.
   * @param command The command's name, for messages.
   */
  constructor(values: Readonly<Record<string, unknown>>, command: string) {
    this.#values = values;
    this.#command = command;
  }

  /** All values by option name. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** Whether a switch is on. */
  on(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The text of an option, or `undefined` if it was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (typeof value !== "string") return undefined;
    if (value === "") throw new UsageError(`Option --${name} is empty`, this.#command);
    return value;
  }

  /** All texts of an option that may be given several times. */
  list(name: string): string[] {
    const values = this.#values[name];
    if (!Array.isArray(values)) return [];
    if (values.includes("")) throw new UsageError(`Option --${name} is empty`, this.#command);
    return values;
  }

  /** The text of an option that must be given. */
  required(name: string, what: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`Give ${what} with --${name}`, this.#command);
    return value;
  }

  /** A number between two bounds, or `undefined`. */
  number(name: string, min: number, max: number, kind: "whole" | "any"): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (
      text.trim() === "" || !(value >= min && value <= max) ||
      (kind === "whole" && !Number.isInteger(value))
    ) {
      const wanted = kind === "whole" ? "a whole number" : "a number";
      throw new UsageError(
        `Option --${name} must be ${wanted} from ${min} to ${max}, not "${text}"`,
        this.#command,
      );
    }
    return value;
  }

  /** One of some words, or `undefined`. */
  choice<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return oneOf(text, words, `Option --${name}`, this.#command);
  }

  /** The twin asked for with `--implementation`, as an option to spread into a call. */
  implementation(): { implementation?: Implementation } {
    const implementation = this.choice("implementation", ["auto", "native", "pure"]);
    return implementation === undefined ? {} : { implementation };
  }
}

/** The word, if it is one of those allowed. */
export function oneOf<T extends string>(
  text: string,
  words: readonly T[],
  what: string,
  command: string,
): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) {
    throw new UsageError(`${what} must be one of ${words.join(", ")}, not "${text}"`, command);
  }
  return word;
}

/** The options of a command with those that all share. */
export function allOptions(command: Command): Record<string, OptionSpec> {
  return { ...command.options, ...COMMON_OPTIONS };
}

/** The options and arguments of one call. */
export interface Parsed {
  /** The options. */
  options: Options;
  /** The other arguments. */
  positionals: string[];
}

/**
 * Reads what follows the command's name.
 *
 * @param command The command.
 * @param args The arguments after its name.
 * @returns Options and arguments; their number is not checked yet, so that `--help` always works.
 * @throws {UsageError} If an option is unknown, repeated or lacks its value.
 */
export function parse(command: Command, args: readonly string[]): Parsed {
  const config: NonNullable<ParseArgsConfig["options"]> = {};
  const specs = allOptions(command);
  for (const [name, { value, many = false }] of Object.entries(specs)) {
    config[name] = value === undefined ? { type: "boolean" } : { type: "string", multiple: many };
  }
  config["help"] = { type: "boolean", short: "h" };
  let result;
  try {
    result = parseArgs({ args: [...args], options: config, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new UsageError(mistake(error, args), command.name);
  }
  const seen = new Set<string>();
  for (const token of result.tokens) {
    if (token.kind !== "option") continue;
    if (seen.has(token.name) && typeof token.value === "string" && !specs[token.name]?.many) {
      throw new UsageError(`Option --${token.name} is given twice`, command.name);
    }
    seen.add(token.name);
  }
  return {
    options: new Options(result.values, command.name),
    positionals: result.positionals,
  };
}

/** Checks the number of arguments. */
export function checkCount(command: Command, positionals: readonly string[]): void {
  const [fewest, most] = command.positionals;
  if (positionals.length < fewest) {
    throw new UsageError(
      `${command.expects ?? "An argument"} is missing: ${command.name} ${command.usage}`,
      command.name,
    );
  }
  if (positionals.length > most) {
    const extra = positionals[most] ?? "";
    throw new UsageError(
      `Argument "${extra}" is one too many (quote a text of several words)`,
      command.name,
    );
  }
}

/** The sentence for what `node:util` refused. */
function mistake(error: unknown, args: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const option = /'(-[^'\s]*)/.exec(message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const given = args.find((arg) => arg === option || arg.startsWith(`${option}=`)) ?? option;
    return `Option ${
      given.split("=")[0]
    } is unknown (an argument that begins with a dash goes after --)`;
  }
  if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
    const name = /--[a-z-]+/.exec(message)?.[0] ?? option;
    return /does not take an argument/.test(message)
      ? `Option ${name} takes no value`
      : `Option ${name} needs a value (one that begins with a dash as ${name}=VALUE)`;
  }
  return message.split("\n")[0] ?? message;
}
