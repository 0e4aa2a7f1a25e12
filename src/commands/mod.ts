/**
 * The one registry of commands: the command line, HTTP and MCP are made from it, and `Agent.command` calls it.
 *
 * Each command says what it takes and gives, what it may do, where it is offered and what a remote caller may say; see
 * {@linkcode RegisteredCommand}. {@linkcode callCommand} and {@linkcode streamCommand} hold every caller to that.
 *
 * @module
 */

import { answerCommands } from "./answers.ts";
import { containerCommands } from "./containers.ts";
import { machineCommands } from "./machine.ts";
import { runCommands } from "./runs.ts";
import { serviceCommands } from "./services.ts";
import { statusCommands } from "./status.ts";
import { textCommands } from "./texts.ts";
import type { RegisteredCommand, Surface } from "./types.ts";

export { OWN_MACHINE } from "./bounds.ts";
export { callCommand, callCommandText, streamCommand } from "./call.ts";
export type * from "./types.ts";

/** Every command. */
export const REGISTRY: readonly RegisteredCommand[] = [
  ...answerCommands,
  ...runCommands,
  ...statusCommands,
  ...machineCommands,
  ...containerCommands,
  ...serviceCommands,
  ...textCommands,
];

/** The commands of a surface. */
export function commandsOf(surface: Surface): RegisteredCommand[] {
  return REGISTRY.filter(({ surfaces }) => surfaces.includes(surface));
}

/** The command of a name, with `_` or `-` between its words; undefined if there is none. */
export function commandNamed(name: string): RegisteredCommand | undefined {
  const spelt = name.replaceAll("-", "_");
  return REGISTRY.find((command) => command.name === spelt);
}
