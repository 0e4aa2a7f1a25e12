/**
 * The agent's loop with a model in memory: a task of two steps with a tool, with and without a journal on the disk; streams in
 * small pieces; memory with many runs.
 */

import { type Agent, type ChatProvider, createAgent, type Tool } from "@agent/runtime/agent";
import { aiLoop, aiStream } from "./lib/agent_peer.ts";
import { type Area, atLeast, atMost, type Context, type Fact } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { NATIVE, ROOT, runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const LOOP = "a task of two steps with a tool";
const STREAM = "stream in pieces of 4 bytes";
/** The agent, by `run` and `runStream`. */
const OURS = "auto";
const JOURNAL = "run, journal on the disk";
const MEGABYTE = 2 ** 20;
const FOLDER = `${ROOT}target/bench`;
const MEMORY = "1,000 runs at once, resident memory above none";
const SYNC = "4 KB written and synced, by itself";
const GROWTH = "10,000 runs, growth from the 5,000th on";

/** The area. */
export const area: Area = {
  name: "agent",
  tools: [["run", LOOP, 2]],
  async groups(context) {
    return [
      await looping(context),
      await streaming(context, context.quick ? MEGABYTE / 16 : MEGABYTE),
    ];
  },
  facts,
  bars(figures) {
    const [journal, memory] = [JOURNAL, OURS].map((name) => figures.milliseconds(LOOP, 2, name));
    const added = journal === undefined || memory === undefined
      ? undefined
      : (journal - memory) / 2;
    return [
      atLeast("Two steps with a tool, against ai", figures.times(LOOP, 2, OURS), 3),
      atMost("A journal on the disk, more a step", added, 3, " ms"),
      atLeast("Streaming 1 MB in 4-byte pieces, against streamText", times(), 2),
      atMost("1,000 runs at once", figures.fact(MEMORY), 300, " MB"),
      atMost("10,000 runs, growth of the second half", figures.fact(GROWTH), 5, " MB"),
    ];

    function times(): number | undefined {
      return figures.times(STREAM, MEGABYTE, OURS);
    }
  },
};

const ADD: Tool = {
  name: "add",
  description: "Adds one.",
  input: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
  run: (input) => Promise.resolve((input as { n: number }).n + 1),
};
const USAGE = { inputTokens: 10, outputTokens: 5 };

const MODEL: ChatProvider = {
  name: "memory",
  tools: true,
  chat(messages) {
    if (messages.at(-1)!.role === "tool") {
      return Promise.resolve({ text: "It is 2.", usage: USAGE, finishReason: "stop" });
    }
    const toolCalls = [{ id: "1", name: "add", arguments: '{"n":1}' }];
    return Promise.resolve({ text: "", toolCalls, usage: USAGE, finishReason: "tool-calls" });
  },
};

/** The text depends on the call, so that nobody can know it beforehand. */
async function runOnce(agent: Agent, call: number): Promise<number> {
  const { text, steps } = await agent.run(`What is 1 and 1? ${call}`);
  return text.length + steps.length;
}

async function looping(context: Context): Promise<Group> {
  const peer = await aiLoop(context.peers);
  const path = `${FOLDER}/agent-${Deno.pid}.sessions`;
  // Made when they are first used: groups open nothing.
  let agent: Agent | undefined;
  let kept: Agent | undefined;
  const rows: Row[] = [
    {
      ...{ name: OURS, role: "auto" },
      async once(call): Promise<number> {
        agent ??= createAgent({ model: MODEL, tools: [ADD] });
        return await runOnce(agent, call);
      },
    },
    ...(peer === undefined ? [] : [{ name: "ai generateText", role: "peer", once: peer } as const]),
  ];
  if (mayWrite(context)) {
    rows.push({
      ...{ name: JOURNAL, role: "other" },
      async once(call): Promise<number> {
        kept ??= createAgent({ model: MODEL, tools: [ADD], sessions: { path } });
        return await runOnce(kept, call);
      },
    });
  }
  return {
    ...{ operation: LOOP, size: 2, unit: "steps", front: true, rows },
    prepare(): void {
      if (mayWrite(context)) Deno.mkdirSync(FOLDER, { recursive: true });
    },
    async finish(): Promise<void> {
      await agent?.close();
      await kept?.close();
      if (kept === undefined) return;
      for (const ending of ["", "-wal", "-shm", "-sessions"]) {
        await Deno.remove(path + ending, { recursive: true }).catch(() => {});
      }
    },
  };
}

function mayWrite(context: Context): boolean {
  const may = ["read", "write"].every((name) =>
    context.may({ name: name as "read" | "write", path: FOLDER })
  );
  if (!may) context.leaveOut("journals (needs --allow-read --allow-write=target/bench)");
  return may;
}

async function streaming(context: Context, bytes: number): Promise<Group> {
  const pieces = bytes / 4;
  const model: ChatProvider = {
    ...MODEL,
    async *stream() {
      for (let at = 0; at < pieces; at++) yield { type: "text", text: "abcd" };
      yield { type: "done", reply: { text: "abcd".repeat(pieces), usage: USAGE } };
    },
  };
  let agent: Agent | undefined;
  const peer = await aiStream(context.peers, pieces);
  return {
    ...{ operation: STREAM, size: bytes, unit: "bytes", slow: true },
    rows: [
      {
        name: OURS,
        role: "auto",
        async once(): Promise<number> {
          agent ??= createAgent({ model });
          let length = 0;
          for await (const event of agent.runStream("Go.")) {
            if (event.type === "text") length += event.text.length;
          }
          return length;
        },
      },
      ...(peer === undefined ? [] : [{ name: "ai streamText", role: "peer", once: peer } as const]),
    ],
    finish: async () => await agent?.close(),
  };
}

/** In a process of its own, whose memory is that of the runs. */
async function facts(context: Context): Promise<Fact[]> {
  context.note("memory of many runs");
  const flags = [...NATIVE, "--v8-flags=--expose-gc"];
  const said = JSON.parse(
    await runProgram("programs/agent_memory.ts", {
      flags,
      args: [context.quick ? "2000" : "10000"],
    }),
  ) as { together: number; growth: number };
  return [
    ...(mayWrite(context) ? [{ name: SYNC, value: syncMs(), unit: "ms" }] : []),
    { name: MEMORY, value: said.together / 1e6, unit: "MB" },
    { name: GROWTH, value: said.growth / 1e6, unit: "MB" },
  ];
}

/** What this disk takes by itself: a step waits for it once. */
function syncMs(): number {
  const path = `${FOLDER}/agent-sync`;
  const times = 50;
  using file = Deno.openSync(path, { create: true, write: true });
  const page = new Uint8Array(4096);
  const begun = performance.now();
  for (let i = 0; i < times; i++) {
    file.writeSync(page);
    file.syncSync();
  }
  const took = performance.now() - begun;
  Deno.removeSync(path);
  return took / times;
}

await register(area, import.meta.url);
