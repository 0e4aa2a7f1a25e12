/**
 * Runs: a process that does one is killed at a moment that nobody chose, and others go on until it is done; no turn that
 * was finished is paid for again, no tool works twice, and each run comes to its end. And runs in this process that crash
 * at each of their points and are resumed.
 */

import { createAgent } from "@agent/runtime/agent";
import { crashAfter, scriptedProvider } from "@agent/runtime/testing";
import { type Context, inTurn, must, type Open, type Work } from "../work.ts";
import { DONE, STEPS, THINKS_MS } from "./runs_names.ts";

/** A process is started for so many of the runs in this one. */
const KILLED_EVERY = 15;
/** Sessions of one file, after which another is begun. */
const FILE_SESSIONS = 200;
const POINTS = ["step", "answer", "call"] as const;

/** What a log says that must not be. */
export function faultsOf(log: string): string[] {
  const faults: string[] = [];
  let paid = -1;
  let worked = -1;
  for (const line of log.split("\n").filter((line) => line !== "")) {
    const [word, text] = line.split(" ");
    const turn = Number(text);
    if (word === "paid") {
      // The last one may be paid for again: its answer may have been lost with the process. Once its call began, it was kept.
      if (turn < paid || turn <= worked) faults.push(`turn ${turn} was paid for again`);
      if (turn > paid + 1) faults.push(`turn ${paid + 1} was left out`);
      paid = Math.max(paid, turn);
    } else if (word === "done") {
      if (turn <= worked) faults.push(`the tool of turn ${turn} worked twice`);
      worked = Math.max(worked, turn);
    }
  }
  if (!log.endsWith("finished\n")) faults.push("the run did not come to its end");
  return faults;
}

/** A run whose process is killed again and again, until one has the time. */
async function killed(context: Context, number: number): Promise<void> {
  const { folder, chance, lost, did, twins } = context;
  const log = `${folder}/log`;
  await Deno.writeTextFile(log, "");
  const program = new URL("runs_child.ts", import.meta.url).pathname;
  const kills = 1 + Math.floor(chance() * 2);
  for (let start = 0; start <= kills; start++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--no-check", "--cached-only", "--allow-read"],
        ...["--allow-write", "--allow-ffi", "--allow-env", "--allow-sys", program],
        ...[`${folder}/killed.db`, log, `killed ${number}`],
      ],
      env: { AGENT_IMPLEMENTATION: inTurn(twins, number + start) },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
    }).spawn();
    const complaint = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    await reader.read();
    const timer = start === kills
      ? undefined
      : setTimeout(() => child.kill("SIGKILL"), chance() * 2 * STEPS * THINKS_MS);
    const { code, signal } = await child.status;
    clearTimeout(timer);
    await reader.cancel();
    must(code === 0 || signal === "SIGKILL", await complaint);
    await complaint;
    // It may have been quicker than the kill.
    if (code === 0) break;
  }
  for (const fault of faultsOf(await Deno.readTextFile(log))) lost(`a killed run: ${fault}`);
  did();
}

/** A run in this process that crashes once and is resumed by another agent. */
async function crashed(context: Context, path: string, number: number): Promise<void> {
  const { below, lost, did } = context;
  const paid: number[] = [];
  const worked: number[] = [];
  const at = inTurn(POINTS, number);
  const script = Array.from({ length: STEPS + 1 }, (_, turn) => () => {
    paid.push(turn);
    return turn === STEPS ? { text: DONE } : { toolCalls: [{ name: "work", input: { turn } }] };
  });
  const model = scriptedProvider(script);
  const work = {
    ...{ name: "work", description: "Works.", input: { type: "object" } },
    run: (input: unknown) => {
      worked.push((input as { turn: number }).turn);
      return "ok";
    },
  };
  const session = `crashed ${number}`;
  const sessions = { path };
  const crash = crashAfter(1 + below(STEPS), { at });
  {
    await using agent = createAgent({
      ...{ model: crash.model(model), tools: crash.tools([work]), sessions },
    });
    const ended = await agent.run("Do it.", { session }).then(() => true, () => false);
    must(!ended, "a run did not crash");
  }
  await using agent = createAgent({ model, tools: [work], sessions });
  const { text } = await agent.resume(session);
  if (text !== DONE) lost(`a run that crashed (${at}) says ${text}`);
  if (new Set(worked).size !== worked.length) lost(`a tool worked twice (${at}): ${worked}`);
  const again = paid.length - new Set(paid).size;
  // An answer that was in no journal yet is paid for again, and no other.
  if (again !== (at === "answer" ? 1 : 0)) lost(`turns were paid for again (${at}): ${paid}`);
  if (new Set(paid).size !== STEPS + 1) lost(`turns were left out (${at}): ${paid}`);
  did();
}

const open: Open = (context): Promise<Work> => {
  let turn = 0;
  return Promise.resolve({
    everyMs: 400,
    async step() {
      const file = Math.floor(turn / FILE_SESSIONS);
      const path = `${context.folder}/${file}.db`;
      if (turn % FILE_SESSIONS === 0 && file > 0) {
        for await (const { name } of Deno.readDir(context.folder)) {
          if (name.startsWith(`${file - 1}.db`)) await Deno.remove(`${context.folder}/${name}`);
        }
      }
      await crashed(context, path, turn);
      if (turn % KILLED_EVERY === 0) await killed(context, turn);
      turn++;
    },
    close: () => Promise.resolve(),
  });
};

export default open;
