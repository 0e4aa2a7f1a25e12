/**
 * Commands that let the model do tasks with tools. Which tools there are, the bounds and the folders they stay in are the
 * program's to say; a caller says the task.
 *
 * @module
 */

import type { Decision, RunEvent, RunResult } from "../agent/loop/types.ts";
import { define, LOOKS } from "./define.ts";
import { LIST, ROWS, textField, THING, WORDS } from "./fields.ts";

const RESULT = {
  text: WORDS,
  messages: ROWS,
  steps: ROWS,
  usage: THING,
  finish: THING,
  "session?": WORDS,
} as const;
const EVENTS = [
  ...[
    "domain",
    "step-start",
    "text",
    "tool-call",
    "approval",
    "tool-result",
    "context-cut",
    "step-end",
  ],
] as const;
const DOES = {
  ...{ readOnly: false, destructive: true, idempotent: false, openWorld: true },
} as const;

async function* told(
  events: AsyncIterable<RunEvent>,
): AsyncGenerator<RunEvent | { type: "done"; result: RunResult }> {
  yield* events;
}

const run = define({
  name: "run",
  summary: "Does a task with the model and the tools that this program has",
  details:
    "Calls that need somebody's word wait for it: the run then ends with finish.reason `waiting`, and `resume` goes on.",
  fields: {
    task: textField("The task, in words"),
    "session?": textField("A session's name: the run is kept under it, and goes on where it was"),
    "domain?": textField("Whose tools and instructions are used"),
  },
  result: RESULT,
  events: EVENTS,
  examples: [{ title: "A task", input: { task: "How many words are in notes.md?" } }],
  annotations: DOES,
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http", "mcp"],
  remote: ["task", "session", "domain"],
  cli: {
    name: "run",
    arguments: ["task"],
  },
  run: ({ task, ...options }, { runtime, signal }) =>
    runtime.agent.run(task, { ...options, signal }),
  stream: ({ task, ...options }, { runtime, signal }) =>
    told(runtime.agent.runStream(task, { ...options, signal })),
});

const resume = define({
  name: "resume",
  summary: "Goes on with a session: after a crash, after a bound, after somebody's word",
  details:
    'A decision is "allow", { "deny": reason } or { "allow": changed input }, by the call\'s id. It is a person\'s to make, so this is no tool of models.',
  fields: {
    session: textField("The session's name"),
    "decisions?": {
      type: "object",
      description: "Somebody's word for calls that wait, by their ids",
      additionalProperties: { type: ["string", "object"] },
    },
  },
  result: RESULT,
  events: EVENTS,
  examples: [{
    title: "A call is allowed",
    input: { session: "mail", decisions: { letter: "allow" } },
  }],
  annotations: DOES,
  permissions: ["net", "read", "write"],
  surfaces: ["cli", "http"],
  remote: ["session", "decisions"],
  cli: { name: "resume", flags: { decisions: "allow" } },
  run: ({ session, decisions }, { runtime, signal }) =>
    runtime.agent.resume(session, read(decisions), { signal }),
  stream: ({ session, decisions }, { runtime, signal }) =>
    told(runtime.agent.resumeStream(session, read(decisions), { signal })),
});

const sessions = define({
  name: "list_sessions",
  summary: "Lists the sessions that are kept, the last one used first",
  fields: {},
  result: { sessions: LIST },
  examples: [{ title: "All of them", input: {} }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["http", "mcp"],
  remote: [] as never[],
  run: async (_, { runtime }) => ({ sessions: await runtime.agent.sessions() }),
});

/** Decisions in one of their three forms; anything else is no decision. */
function read(decisions: Readonly<Record<string, unknown>> = {}): Record<string, Decision> {
  const known: Record<string, Decision> = {};
  for (const [call, said] of Object.entries(decisions)) {
    if (said === "allow") known[call] = said;
    else if (said !== null && typeof said === "object" && "allow" in said) {
      known[call] = { allow: said.allow };
    } else if (said !== null && typeof said === "object" && "deny" in said) {
      known[call] = { deny: String(said.deny) };
    } else {
      throw new TypeError(
        `resume: decisions.${call} must be "allow", { "deny": reason } or { "allow": input }`,
      );
    }
  }
  return known;
}

/** The commands. */
export const runCommands = [run, resume, sessions] as const;
