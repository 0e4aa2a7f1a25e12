/**
 * `agent run` and `agent resume`: a task done by a model with tools, step by step, kept in a file so that it can go on.
 *
 * @module
 */

import type { RunEvent, RunResult } from "../agent/loop/types.ts";
import { commandNamed, streamCommand } from "../commands/mod.ts";
import type { JsonValue } from "../shared/json.ts";
import { AgentError } from "../shared/errors.ts";
import { approvals, type AskLine } from "./approvals.ts";
import type { Call, Command } from "./command.ts";
import { UsageError } from "./options.ts";
import { PROGRAM } from "./program.ts";
import { allowedTools, openRun, RUN_OPTIONS, type RunSetup, SESSION } from "./run_setup.ts";
import { RunText } from "./run_text.ts";

const INTERRUPTED = 130;
const SESSION_OPTION = {
  session: { value: "FILE", help: "Keep the run in this file, so that it can go on after a crash" },
} as const;
const DETAILS =
  "Steps go to standard error, the model's last words to standard output; --json prints each event as a line.\n" +
  "Calls that need somebody's word are asked for on the terminal; without one the run waits, and resume goes on with\n" +
  "--allow or --deny. Keys come from the environment (AGENT_API_KEY; OPENAI_API_KEY and ANTHROPIC_API_KEY for their\n" +
  "makers) or a file. A script (docs/agent.md) needs neither a key nor a network. Exit code 1: it did not finish.";

/** `run`. */
export const run: Command = {
  name: "run",
  summary: commandNamed("run")!.summary,
  usage: "TASK --model URL [OPTIONS]",
  options: { ...SESSION_OPTION, ...RUN_OPTIONS },
  positionals: [0, 1],
  lines: true,
  details: `${DETAILS}\nWithout a task the run of --session goes on.`,
  examples: [
    'scripts/agent run "Which files speak of ports?" --folder docs --model http://127.0.0.1:11434/v1 --model-name llama3.2',
    'scripts/agent run "Sum up the news" --session news.db --model script:demo.json --budget steps=10',
    "scripts/agent run --session news.db --model script:demo.json",
  ],
  async run(call: Call): Promise<number> {
    const [task] = call.positionals;
    const session = call.options.text("session");
    if (task === undefined && session === undefined) {
      throw new UsageError('The task is missing: run "TASK", or run --session FILE to go on');
    }
    if (task === undefined) return await goOn(call, session!, {});
    return await within(call, session, async (setup, signal) => {
      if (session !== undefined) await checkEnded(setup, session);
      const input = {
        task,
        ...(session !== undefined && { session: SESSION }),
        ...(setup.domain !== undefined && { domain: setup.domain }),
      };
      return await told(call, setup, "run", input, signal);
    });
  },
};

/** `resume`. */
export const resume: Command = {
  name: "resume",
  summary: commandNamed("resume")!.summary,
  usage: "SESSION --model URL [OPTIONS]",
  options: {
    allow: {
      value: "CALL",
      many: true,
      help: "Let this call run, which waits for somebody's word",
    },
    deny: { value: "CALL=WHY", many: true, help: "Do not let it run, and tell the model why" },
    ...RUN_OPTIONS,
  },
  positionals: [1, 1],
  lines: true,
  expects: "The file of the session",
  details:
    `${DETAILS}\nGive the model and the tools again: a file of a session holds no addresses and no keys.`,
  examples: [
    "scripts/agent resume news.db --model script:demo.json",
    "scripts/agent resume mail.db --allow call_1_1 --model http://127.0.0.1:11434/v1 --model-name llama3.2",
  ],
  async run(call: Call): Promise<number> {
    const decisions: Record<string, JsonValue> = {};
    for (const id of call.options.list("allow")) decisions[id] = "allow";
    for (const text of call.options.list("deny")) {
      const [id = "", why = ""] = text.split(/=(.*)/s);
      if (id in decisions) throw new UsageError(`${id} is allowed and denied; say one of both`);
      decisions[id] = { deny: why || "somebody said no" };
    }
    return await goOn(call, call.positionals[0]!, decisions);
  },
};

async function goOn(
  call: Call,
  session: string,
  decisions: Record<string, JsonValue>,
): Promise<number> {
  checkThere(session);
  return await within(call, session, async (setup, signal) => {
    if (!(await setup.agent.sessions()).includes(SESSION)) {
      throw new AgentError("NOT_FOUND", `${session} holds no run`, { what: session });
    }
    return await told(call, setup, "resume", { session: SESSION, decisions }, signal);
  });
}

/** A misspelt name would make an empty file. */
function checkThere(session: string): void {
  try {
    Deno.statSync(session);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return;
    throw new AgentError("NOT_FOUND", `There is no session in ${session}`, { what: session });
  }
}

/** What was cut off is not begun anew: the model would be given the task twice. */
async function checkEnded(setup: RunSetup, session: string): Promise<void> {
  const finish = await setup.agent.sessionEnd(SESSION);
  if (finish === undefined || (finish !== null && finish.reason !== "waiting")) return;
  const why = finish === null ? "was cut off" : `waits (${finish.detail})`;
  throw new AgentError(
    "UNAVAILABLE",
    `The run in ${session} ${why}: go on with ${PROGRAM} resume, or take another file for another task`,
    { server: session },
  );
}

async function within(
  call: Call,
  session: string | undefined,
  work: (setup: RunSetup, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const signal = call.interruptible();
  const isAsked = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
  const approve = approvals(allowedTools(call), isAsked ? askOnTerminal : undefined);
  await using setup = await openRun(call, session, approve, signal);
  return await work(setup, signal);
}

/** Tells what happens, and what to do where the run did not finish. */
async function told(
  call: Call,
  { runtime, session }: RunSetup,
  name: "run" | "resume",
  input: Record<string, JsonValue>,
  signal: AbortSignal,
): Promise<number> {
  const { output } = call;
  const text = new RunText(output);
  let result: RunResult | undefined;
  const context = { runtime, signal, surface: "cli" } as const;
  try {
    for await (const given of streamCommand(commandNamed(name)!, input, context)) {
      const event = given as unknown as RunEvent;
      if (output.json) output.document(event);
      else text.event(event);
      if (event.type === "done") result = event.result;
    }
  } finally {
    text.fresh();
  }
  const { reason, pending = [] } = result!.finish;
  if (reason === "done") return 0;
  if (reason === "cancelled") {
    if (session !== undefined) output.note(`go on with ${PROGRAM} resume ${session}`);
    return INTERRUPTED;
  }
  for (const { id, name: tool } of pending) {
    output.note(
      session === undefined
        ? `${tool} needs somebody's word: run it on a terminal, with --yes ${tool}, or with --session FILE to decide later`
        : `${tool} needs somebody's word: ${PROGRAM} resume ${session} --allow ${id}, or --deny ${id}=WHY, with the options of this run`,
    );
  }
  return 1;
}

/** One line of the terminal, which Ctrl-C ends as well. */
export const askOnTerminal: AskLine = async (question, signal) => {
  const [{ createInterface }, { stdin, stderr }] = await Promise.all([
    import("node:readline/promises"),
    import("node:process"),
  ]);
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const closed = new Promise<undefined>((resolve) =>
      lines.once("close", () => resolve(undefined))
    );
    return await Promise.race([lines.question(question, { signal }), closed]);
  } finally {
    lines.close();
  }
};
