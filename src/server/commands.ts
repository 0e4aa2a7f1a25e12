/**
 * The registry of commands over HTTP: what may be called, and a call's result or events.
 *
 * @module
 */

import type { Agent } from "../agent/types.ts";
import { callCommandText, commandNamed, commandsOf, streamCommand } from "../commands/mod.ts";
import type {
  CommandBounds,
  CommandContext,
  CommandProgress,
  CommandRuntime,
  RegisteredCommand,
} from "../commands/types.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { AgentError, type AgentErrorCode } from "../shared/errors.ts";
import { faultBody, faultOf, HttpFault } from "./faults.ts";
import { remoteSchema } from "./openapi.ts";
import type { ServerEvent } from "./sse.ts";

/** What calls are made with. */
export interface Calls extends AsyncDisposable {
  /** What the work is done with. */
  readonly runtime: CommandRuntime;
  /** What remote callers may reach. */
  readonly bounds: CommandBounds;
}

/** The runtime of calls: the one that was given, or one of the server's own around an agent, which may be another one. */
export function callsOf(
  runtime: Runtime | undefined,
  agent: Agent,
  isOther: boolean,
  bounds: CommandBounds,
): Calls {
  if (runtime !== undefined && !isOther) {
    return { runtime, bounds, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const own = runtime ?? createRuntime();
  return {
    bounds,
    runtime: new Proxy(own, {
      // Its parts are made by getters that look at the runtime itself.
      get: (target, name) =>
        name === "agent"
          ? agent
          : name === "knowledge"
          ? agent.knowledge
          : Reflect.get(target, name, target),
    }),
    [Symbol.asyncDispose]: () => runtime === undefined ? own.close() : Promise.resolve(),
  };
}

/** What is told of each command. */
export function listed(): object[] {
  return commandsOf("http").map((command) => {
    const { name, summary, details, examples, output, events, annotations } = command;
    return {
      name,
      summary,
      ...(details !== undefined && { details }),
      examples: examples.filter(({ input }) => isRemote(command, input)),
      input: remoteSchema(command),
      output,
      ...(events !== undefined && { events }),
      annotations,
    };
  });
}

function isRemote({ remote }: RegisteredCommand, input: unknown): boolean {
  return typeof input === "object" && input !== null &&
    Object.keys(input).every((field) => remote.includes(field));
}

/** The command of a route. */
export function commandOf(name: string): RegisteredCommand {
  const command = commandNamed(name);
  if (command === undefined || command.name !== name || !command.surfaces.includes("http")) {
    throw new HttpFault(404, "not_found", `There is no command ${JSON.stringify(name)} here`);
  }
  return command;
}

/** What a command gives, as the text of a JSON document. */
export async function called(
  command: RegisteredCommand,
  input: unknown,
  calls: Calls,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await callCommandText(command, input, contextOf(calls, signal));
  } catch (error) {
    throw commandFault(error);
  }
}

/** What happens in a call, with how far it has come; the last event is `done` or `error`. */
export async function* events(
  command: RegisteredCommand,
  input: unknown,
  calls: Calls,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  let progress: CommandProgress | undefined;
  let wake: (() => void) | undefined;
  const onProgress = (next: CommandProgress): void => {
    progress = next;
    wake?.();
  };
  const stream = streamCommand(command, input, { ...contextOf(calls, signal), onProgress });
  try {
    let next = stream.next();
    while (true) {
      const woken = new Promise<undefined>((resolve) => wake = () => resolve(undefined));
      // What came while the last event was on its way is told first.
      const result = progress === undefined ? await Promise.race([next, woken]) : undefined;
      if (progress !== undefined) {
        const told = progress;
        progress = undefined;
        yield { event: "progress", data: { type: "progress", ...told } };
      }
      if (result === undefined) continue;
      if (result.done) return;
      yield { event: result.value.type, data: result.value };
      next = stream.next();
    }
  } finally {
    await stream.return(undefined).catch(() => {});
  }
}

/** How a stream of a command tells that it failed. */
export function eventFailure(error: unknown): ServerEvent[] {
  return [{ event: "error", data: { type: "error", ...faultBody(commandFault(error)) } }];
}

function contextOf({ runtime, bounds }: Calls, signal: AbortSignal): CommandContext {
  return { runtime, bounds, signal, surface: "http" };
}

/** Of what a command needs and does not have, the server is not at fault. */
const STATUS: Partial<Record<AgentErrorCode, number>> = {
  UNSUPPORTED: 422,
  UNAVAILABLE: 424,
  TIMEOUT: 424,
  NATIVE_REQUIRED: 424,
  COMMAND_FAILED: 424,
  JOB_FAILED: 424,
  IO: 424,
};

function commandFault(error: unknown): HttpFault {
  if (AgentError.is(error)) {
    const status = STATUS[error.code];
    if (status !== undefined) return new HttpFault(status, error.code.toLowerCase(), error.message);
  }
  if (error instanceof TypeError || error instanceof RangeError) {
    return new HttpFault(400, "invalid_input", error.message);
  }
  return faultOf(error);
}
