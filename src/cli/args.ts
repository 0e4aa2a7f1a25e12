/**
 * Reads the arguments of a command with `node:util` and answers every mistake with one sentence.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Command, COMMON_OPTIONS, type OptionSpec } from "./command.ts";
import { Options, UsageError } from "./options.ts";

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
export function checkPositionals(command: Command, positionals: readonly string[]): void {
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
