/**
 * What an agent does by name: the table behind `Agent.command`.
 *
 * @module
 */
import { checkString, checkStrings } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { Knowledge } from "../knowledge/types.ts";
import type { Metrics } from "./metrics.ts";
import type { AnswerStore } from "./answer_store.ts";
import type { CommandName, CommandResult } from "./types.ts";

/** What commands work on. */
export interface CommandTarget {
  /** The documents. */
  knowledge: Knowledge;
  /** The answers kept. */
  answers: AnswerStore;
  /** The counts. */
  metrics: Metrics;
}

type Parameters = Readonly<Record<string, unknown>>;
type Data = Record<string, unknown>;

interface Command {
  parameters: readonly string[];
  run: (target: CommandTarget, parameters: Parameters) => Data | Promise<Data>;
}

const COMMANDS: Readonly<Record<CommandName, Command>> = {
  get_metrics: { parameters: [], run: ({ metrics }) => ({ ...metrics.read() }) },
  reset_metrics: {
    parameters: [],
    run: ({ metrics }) => {
      metrics.reset();
      return {};
    },
  },
  clear_cache: {
    parameters: [],
    run: ({ answers }) => {
      answers.clear();
      return { cache: answers.kind };
    },
  },
  index_folder: {
    parameters: ["folder"],
    run: async ({ knowledge }, { folder }) => {
      checkString(folder, "folder");
      return { ...await knowledge.addFolder(folder) };
    },
  },
  remove_documents: {
    parameters: ["documents"],
    run: ({ knowledge }, { documents }) => {
      checkStrings(documents, "documents");
      return { removed: knowledge.remove(documents) };
    },
  },
};

/** Does what a name says; failures are in the result. */
export async function runCommand(
  target: CommandTarget,
  name: string,
  parameters: Parameters,
): Promise<CommandResult> {
  const failed = (code: NonNullable<CommandResult["error"]>["code"], message: string) => ({
    command: name,
    ok: false,
    data: {},
    error: { code, message },
  });
  if (!Object.hasOwn(COMMANDS, name)) {
    return failed(
      "INVALID_COMMAND",
      `There is no command "${name}"; there are ${Object.keys(COMMANDS).join(", ")}.`,
    );
  }
  const command = COMMANDS[name as CommandName];
  const unknown = Object.keys(parameters).filter((key) => !command.parameters.includes(key));
  if (unknown.length > 0) {
    const takes = command.parameters.join(", ") || "no parameters";
    return failed("INVALID_COMMAND", `${name} takes ${takes}, not ${unknown.join(", ")}.`);
  }
  try {
    return { command: name, ok: true, data: await command.run(target, parameters) };
  } catch (error) {
    if (error instanceof AgentError) return failed(error.code, error.message);
    if (error instanceof TypeError || error instanceof RangeError) {
      return failed("INVALID_COMMAND", error.message);
    }
    throw error;
  }
}
