/**
 * The help texts, made from the command table.
 *
 * @module
 */

import { allOptions } from "./args.ts";
import type { Command } from "./command.ts";
import { asCalled, PROGRAM } from "./program.ts";

/** The help of one command: usage, options and examples. */
export function commandHelp(command: Command): string {
  const options = Object.entries(allOptions(command)).map((
    [name, spec],
  ): [string, string] => [`--${name}${spec.value ? ` ${spec.value}` : ""}`, spec.help]);
  return [
    `${command.summary}.`,
    "",
    `Usage: ${PROGRAM} ${command.name} ${command.usage}`.trimEnd(),
    ...(command.details === undefined ? [] : ["", asCalled(command.details)]),
    "",
    "Options:",
    ...columns(options),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${asCalled(example)}`),
    "",
  ].join("\n");
}

/** The help of the whole program, or of a group of commands such as `text`. */
export function overview(commands: readonly Command[], group?: string): string {
  const listed = group === undefined
    ? commands
    : commands.filter((command) => command.name.startsWith(`${group} `));
  const rows = listed.map((command): [string, string] => [command.name, command.summary]);
  const name = group === undefined ? "COMMAND" : `${group} COMMAND`;
  const examples = listed.flatMap((command) => command.examples.slice(0, 1));
  return [
    `Usage: ${PROGRAM} ${name} [ARGUMENTS] [OPTIONS]`,
    "",
    "Commands:",
    ...columns(rows),
    "",
    "Examples:",
    ...examples.map((example) => `  ${asCalled(example)}`),
    "",
    `Each command explains itself: ${PROGRAM} ${name} --help`,
    "Exit codes: 0 done, 1 failed, 2 a mistake in the command line, 130 stopped with Ctrl-C",
    "",
  ].join("\n");
}

/** The same facts as a value, for `--help --json`. */
export function helpDocument(command: Command): Record<string, unknown> {
  return {
    command: command.name,
    summary: command.summary,
    usage: `${PROGRAM} ${command.name} ${command.usage}`.trimEnd(),
    options: Object.entries(allOptions(command)).map(([name, spec]) => ({ name, ...spec })),
    examples: command.examples.map(asCalled),
  };
}

/** Two columns, the first as wide as its longest entry. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
