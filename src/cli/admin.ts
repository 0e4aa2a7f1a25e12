/**
 * The commands about the agent of this machine's user: how it is set up, its counts, its domains, the answers that it keeps.
 *
 * @module
 */

import type { AgentOptions } from "../agent/types.ts";
import type { JsonValue } from "../shared/json.ts";
import type { Call, Command } from "./command.ts";
import { plain } from "./containers_text.ts";
import { MODEL_OPTIONS, modelOf } from "./model.ts";
import { existingPath, knowledgeFile, STDIN } from "./paths.ts";
import { isAddress } from "./permissions.ts";
import { type Form, registered } from "./registered.ts";
import { stateOf } from "./state.ts";

const DATA = {
  data: { value: "DIR", help: "Where knowledge files and counts are kept ($XDG_DATA_HOME/agent)" },
} as const;
const DOCS = {
  docs: { value: "DIR", help: "The folder whose indexed documents are meant" },
  ...DATA,
} as const;

/** A runtime with the agent's state, and the documents of a folder where one is named. */
async function opened(
  call: Call,
  agent: Pick<AgentOptions, "model"> = {},
): ReturnType<Form["open"]> {
  const { createRuntime } = await import("../runtime.ts");
  const docs = call.options.values["docs"];
  const state = stateOf(call);
  const place = typeof docs !== "string" || docs === STDIN
    ? undefined
    : isAddress(docs)
    ? docs
    : existingPath(docs);
  const path = place && await knowledgeFile(place, call.options.text("data"));
  const runtime = createRuntime({
    agent: { ...agent, ...(state && { state }) },
    ...(path !== undefined && { knowledge: { path } }),
  });
  return { runtime, [Symbol.asyncDispose]: () => runtime.close() };
}

/** Each value on a line of its own. */
function showAll(result: Record<string, JsonValue>, { output }: Call): void {
  for (const [name, value] of Object.entries(result)) {
    if (value !== null && typeof value === "object" && Object.keys(value).length === 0) continue;
    const words = typeof value === "string" ? value : JSON.stringify(value);
    output.line(`${output.bold(name)}: ${plain(words)}`);
  }
}

const EXAMPLE = "scripts/agent";

/** The commands. */
export const adminCommands: readonly Command[] = [
  registered("status", {
    options: DOCS,
    examples: [`${EXAMPLE} status`, `${EXAMPLE} status --docs docs --json`],
    open: (call) => opened(call),
    show: showAll,
  }),
  registered("get_metrics", {
    options: DOCS,
    examples: [`${EXAMPLE} get-metrics --json`],
    open: (call) => opened(call),
    show: showAll,
  }),
  registered("reset_metrics", {
    options: DOCS,
    examples: [`${EXAMPLE} reset-metrics`],
    open: (call) => opened(call),
    show: (_, { output }) => output.line("The counts are at zero"),
  }),
  registered("clear_cache", {
    options: DOCS,
    examples: [`${EXAMPLE} clear-cache --docs docs`],
    async open(call) {
      call.options.required("docs", "the folder whose answers are to be dropped");
      return await opened(call);
    },
    show: (_, { output }) => output.line("The answers are dropped"),
  }),
  registered("update_domain", {
    options: DOCS,
    examples: [
      `${EXAMPLE} update-domain developer --weight 1`,
      `${EXAMPLE} update-domain gardener --description "Gardens" --word soil --word seed`,
    ],
    open: (call) => opened(call),
    show: showAll,
  }),
  registered("reload_model", {
    options: { ...MODEL_OPTIONS, ...DATA },
    examples: [`${EXAMPLE} reload-model --model http://127.0.0.1:11434/v1 --model-name llama3.2`],
    open: async (call) => await opened(call, { model: await modelOf(call) }),
    show: showAll,
  }),
];
