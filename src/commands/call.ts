/**
 * Calls commands: the input is checked, what a remote caller may not say is refused, and the result is plain JSON.
 *
 * @module
 */

import { keepBeside, textBeside } from "../agent/recall.ts";
import { AgentError } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { type PlainJudge, plainJudge } from "../shared/plain_schema.ts";
import { checkTarget, OWN_MACHINE, pathWithin } from "./bounds.ts";
import type { CommandContext, CommandEvent, RegisteredCommand } from "./types.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * Calls a command.
 *
 * @param command One of the registry.
 * @param input Its input, of whatever shape.
 * @param context What it runs with, and where the call came from.
 * @returns Its result, as JSON has it.
 * @throws {TypeError} If the input is not of its shape, or has a field that a remote caller may not set.
 * @throws {AgentError} `PERMISSION` and `SCOPE` for what is out of the caller's bounds, `NOT_FOUND` on a surface where it is not
 * offered, and what the work throws.
 */
export async function callCommand(
  command: RegisteredCommand,
  input: unknown,
  context: CommandContext,
): Promise<JsonValue> {
  const checked = checkCall(command, input, context);
  context.signal.throwIfAborted();
  return plain(await command.run(checked, context));
}

/**
 * Calls a command.
 *
 * @returns Its result as the text of a JSON document.
 * @throws As {@linkcode callCommand}.
 */
export async function callCommandText(
  command: RegisteredCommand,
  input: unknown,
  context: CommandContext,
): Promise<string> {
  const checked = checkCall(command, input, context);
  context.signal.throwIfAborted();
  const result = await command.run(checked, context) as object;
  return textBeside(result, command.name) ??
    keepBeside(result, command.name, JSON.stringify(result) ?? "null");
}

/**
 * Calls a command and tells what happens. One that cannot tell gives its result alone.
 *
 * @returns Events; the last one is `done`. What fails is thrown.
 * @throws As {@linkcode callCommand}, before the first event too.
 */
export async function* streamCommand(
  command: RegisteredCommand,
  input: unknown,
  context: CommandContext,
): AsyncGenerator<CommandEvent> {
  const checked = checkCall(command, input, context);
  context.signal.throwIfAborted();
  if (command.stream === undefined) {
    yield { type: "done", result: plain(await command.run(checked, context)) };
    return;
  }
  for await (const event of command.stream(checked, context)) yield plain(event) as CommandEvent;
}

/** The input as the command is given it: of a remote caller with real paths. */
function checkCall(command: RegisteredCommand, input: unknown, context: CommandContext): Input {
  const { name, surfaces, remote, paths, targets } = command;
  const { surface, bounds = {} } = context;
  if (!surfaces.includes(surface)) {
    throw new AgentError("NOT_FOUND", `There is no command "${name}" here`, { what: name });
  }
  const faults = judgeOf(command)(input);
  if (faults.length > 0) throw new TypeError(`${name}: ${faults.join("; ")}`);
  if (surface === "cli") return input as Input;
  const checked: Record<string, unknown> = { ...input as Input };
  for (const field of Object.keys(checked)) {
    if (!remote.includes(field)) {
      throw new TypeError(`${name}: ${field} is set where the program is started, not by a call`);
    }
  }
  for (const field of paths) {
    if (checked[field] === undefined) continue;
    checked[field] = each(checked[field], (path) => pathWithin(path, bounds.roots ?? []));
  }
  for (const field of targets) {
    each(checked[field], (target) => checkTarget(target, bounds.scope ?? OWN_MACHINE));
  }
  return checked;
}

function each(value: unknown, work: (text: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => work(String(one)));
  return value === undefined ? undefined : work(String(value));
}

const judges = new WeakMap<RegisteredCommand, PlainJudge>();

function judgeOf(command: RegisteredCommand): PlainJudge {
  let judge = judges.get(command);
  if (judge === undefined) {
    judge = plainJudge(command.input);
    if (judge === undefined) throw new Error(`the input of ${command.name} cannot be judged`);
    judges.set(command, judge);
  }
  return judge;
}

/** As JSON has it: what that cannot hold is null or left out, as everywhere. */
function plain(value: unknown): JsonValue {
  return value === undefined ? null : JSON.parse(JSON.stringify(value)) as JsonValue;
}
