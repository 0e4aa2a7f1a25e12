/**
 * What an agent does by name: `Agent.command` over the one registry.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { callCommand, commandNamed, type CommandRuntime, REGISTRY } from "../commands/mod.ts";
import type { Agent, CommandResult } from "./types.ts";

/** The parts of a runtime beside the agent itself. */
export type AgentParts = Omit<CommandRuntime, "agent">;

/** Those of an agent that is by itself: what it has, and the functions of the areas. */
export async function ownParts({ knowledge }: Agent): Promise<AgentParts> {
  const [containers, security, monitor, text] = await Promise.all([
    import("../containers/mod.ts"),
    import("../security/mod.ts"),
    import("../monitor/mod.ts"),
    import("../text/mod.ts"),
  ]);
  const absent = (what: string): never => {
    throw new AgentError("UNSUPPORTED", `An agent by itself has no ${what}; createRuntime() does`, {
      what,
    });
  };
  return {
    ...{ knowledge, containers, security, monitor, text },
    get http(): AgentParts["http"] {
      return absent("HTTP client");
    },
    get cache(): AgentParts["cache"] {
      return absent("cache");
    },
    get queue(): AgentParts["queue"] {
      return absent("queue");
    },
  };
}

/** The parts with an agent, each made when it is asked for. */
export function withAgent(parts: AgentParts, agent: Agent): CommandRuntime {
  // Each part is made when it is first asked for, by whoever it belongs to.
  return new Proxy(parts as CommandRuntime, {
    get: (all, name) => name === "agent" ? agent : Reflect.get(all, name, all),
  });
}

/** Does what a name says; failures are in the result. */
export async function runCommand(
  agent: Agent,
  parts: AgentParts,
  name: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<CommandResult> {
  const failed = (code: NonNullable<CommandResult["error"]>["code"], message: string) => ({
    command: name,
    ok: false,
    data: {},
    error: { code, message },
  });
  const command = commandNamed(name);
  if (command === undefined) {
    const names = REGISTRY.map((one) => one.name).join(", ");
    return failed("INVALID_COMMAND", `There is no command "${name}"; there are ${names}.`);
  }
  const runtime = withAgent(parts, agent);
  try {
    const { signal } = new AbortController();
    // A program calls its own agent: it is bound by nothing but its own settings.
    const local = { ...command, surfaces: ["cli"] as const };
    const data = await callCommand(local, parameters, { runtime, signal, surface: "cli" });
    return { command: name, ok: true, data: data as Record<string, unknown> };
  } catch (error) {
    if (error instanceof AgentError) return failed(error.code, error.message);
    if (error instanceof TypeError || error instanceof RangeError) {
      return failed("INVALID_COMMAND", error.message);
    }
    throw error;
  }
}
