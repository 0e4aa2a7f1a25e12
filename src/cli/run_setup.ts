/**
 * What `run`, `resume` and `chat` share: which model, tools, documents, bounds and session a command line means.
 *
 * @module
 */

import type { Approve, Budget, Tool } from "../agent/loop/types.ts";
import type { BuiltInToolName, ToolRuntime } from "../agent/tools/types.ts";
import type { DomainToolsName } from "../agent/domains/types.ts";
import type { Agent } from "../agent/types.ts";
import type { CommandRuntime } from "../commands/mod.ts";
import type { Call, OptionSpec } from "./command.ts";
import { duration } from "./containers_text.ts";
import { FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { MODEL_OPTIONS, modelOf } from "./model.ts";
import { UsageError } from "./options.ts";
import { existingPath, knowledgeFile } from "./paths.ts";
import { stateOf } from "./state.ts";

/** The options of all three. */
export const RUN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...MODEL_OPTIONS,
  tools: {
    value: "LIST",
    help:
      "The tools, with commas between, or none (default: texts, and those of --folder and --docs)",
  },
  folder: { value: "DIR", help: "The folder that tools for files stay in" },
  docs: { value: "DIR", help: "Documents to search in" },
  ...FOLDER_OPTIONS,
  domain: { value: "NAME", help: "Whose tools and instructions: developer, trader, lawyer" },
  budget: {
    value: "NAME=N",
    many: true,
    help: "A bound: steps, input-tokens, output-tokens, usd, time (as in 5m), calls, repeated",
  },
  yes: {
    value: "TOOL",
    many: true,
    help: "Let this tool run without asking; may be repeated, or several with commas",
  },
  "allow-host": {
    value: "HOST",
    many: true,
    help: "A host that tools may fetch pages from, or scan",
  },
};

/** Tools that look at texts alone. */
const TEXT_TOOLS: readonly BuiltInToolName[] = [
  ...["count_tokens", "redact_text", "compare_texts", "extract_keywords"] as const,
];
const FILE_TOOLS: readonly BuiltInToolName[] = ["list_files", "read_file", "write_file"];
const BOUNDS: Readonly<Record<string, keyof Budget>> = {
  steps: "steps",
  "input-tokens": "inputTokens",
  "output-tokens": "outputTokens",
  usd: "usd",
  time: "wallMs",
  calls: "toolCalls",
  repeated: "repeated",
};

/** The name of the one session in a session's file. */
export const SESSION = "session";

/** What was made of a command line. */
export interface RunSetup extends AsyncDisposable {
  /** What commands work with. */
  readonly runtime: CommandRuntime;
  /** The agent of it. */
  readonly agent: Agent;
  /** Its tools. */
  readonly tools: readonly Tool[];
  /** The file of the session, if there is one. */
  readonly session: string | undefined;
  /** The domain, if one is named. */
  readonly domain: string | undefined;
}

/**
 * Makes it.
 *
 * @param session The file of the session, if there is one.
 * @param approve Asked for calls that need somebody's word.
 */
export async function openRun(
  call: Call,
  session: string | undefined,
  approve: Approve,
  signal: AbortSignal,
): Promise<RunSetup> {
  const { options, output } = call;
  const model = await modelOf(call);
  const budget = budgetOf(options.list("budget"));
  const folder = options.text("folder");
  const root = folder === undefined ? undefined : existingPath(folder);
  const domain = options.text("domain");
  const docs = options.text("docs");
  const place = docs === undefined ? undefined : existingPath(docs);
  const file = place && await knowledgeFile(place, options.text("data"));
  const [{ createRuntime }, { makeAgent }, { withAgent }] = await Promise.all([
    import("../runtime.ts"),
    import("../agent/make.ts"),
    import("../agent/commands.ts"),
  ]);
  await using closing = new AsyncDisposableStack();
  const base = closing.use(
    createRuntime({ ...(file !== undefined && { knowledge: { path: file } }) }),
  );
  if (place !== undefined) {
    const { skipped } = await updateKnowledge(base.knowledge, place, options, signal);
    noteSkipped(skipped, output, false);
  }
  const tools = await toolsOf(call, base, { folder: root, domain, search: docs !== undefined });
  checkAllowed(allowedTools(call), tools);
  const state = stateOf(call);
  const agent = closing.use(makeAgent({
    ...{ model, tools, budget, approve, knowledge: base.knowledge },
    ...(session !== undefined && { sessions: { path: session } }),
    ...(state !== undefined && { state }),
  }, base));
  const runtime = withAgent(base, agent);
  const held = closing.move();
  return {
    ...{ runtime, agent, tools, session, domain },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** On what tools stand that nobody named. */
export interface ToolPlaces {
  /** The folder that tools for files stay in. */
  readonly folder: string | undefined;
  /** Whose tools come too. */
  readonly domain: string | undefined;
  /** Whether there are documents to search in. */
  readonly search: boolean;
}

/** The tools that `--tools` names, or those that the other options are for. */
export async function toolsOf(
  { options }: Call,
  runtime: ToolRuntime,
  { folder, domain, search }: ToolPlaces,
): Promise<Tool[]> {
  const [{ builtInTools }, { domainTools }] = await Promise.all([
    import("../agent/tools/mod.ts"),
    import("../agent/domains/mod.ts"),
  ]);
  const given = options.text("tools");
  const names = given === undefined
    ? [
      ...TEXT_TOOLS,
      ...(folder === undefined ? [] : FILE_TOOLS),
      ...(search ? ["search_knowledge"] : []),
    ]
    : given === "none"
    ? []
    : given.split(",");
  return inOurWords(() => [
    ...builtInTools(runtime, names as BuiltInToolName[], { folder }),
    ...(domain === undefined ? [] : domainTools(domain as DomainToolsName, { folder })),
  ]);
}

function inOurWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const words = error.message.replace("options.folder", "--folder").replace(/^names/, "--tools")
      .replace(/^name\b/, "--domain");
    throw new UsageError(words);
  }
}

/** The tools that run without asking. */
export function allowedTools({ options }: Call): string[] {
  return options.list("yes").flatMap((names) => names.split(","));
}

/** A misspelt name would let nobody through, and nobody would know why. */
export function checkAllowed(names: readonly string[], tools: readonly Tool[]): void {
  for (const name of names) {
    if (tools.some((tool) => tool.name === name)) continue;
    const there = tools.map((tool) => tool.name).join(", ") || "none";
    throw new UsageError(`--yes ${name}: there is no such tool in this run; there are ${there}`);
  }
}

/** The bounds that `--budget` names. */
export function budgetOf(given: readonly string[]): Budget {
  const budget: Record<string, number> = {};
  for (const text of given.flatMap((one) => one.split(","))) {
    const [name = "", value = ""] = text.split(/=(.*)/s);
    const field = Object.hasOwn(BOUNDS, name) ? BOUNDS[name] : undefined;
    if (field === undefined) {
      throw new UsageError(
        `Option --budget is NAME=N, where NAME is one of ${Object.keys(BOUNDS).join(", ")}`,
      );
    }
    const bound = name === "time" ? duration(value, "--budget time")! : Number(value);
    if (value.trim() === "" || !(bound >= 0)) {
      throw new UsageError(
        `--budget ${name} must be a number from 0 on, got "${value.slice(0, 40)}"`,
      );
    }
    budget[field] = bound;
  }
  return budget;
}
