/**
 * Runs a scripted task with a journal and kills itself at the n-th point. Points are before and after each entry of the journal,
 * each answer of the model and each work of a tool. Arguments: the folder, n. Writes a line to `done` for each work of a tool and
 * to `paid` for each answer of the model, at once.
 */

import { Journal } from "../../../src/agent/loop/journal.ts";
import { Runner } from "../../../src/agent/loop/runner.ts";
import type { Tool } from "../../../src/agent/loop/types.ts";
import { asks, call, type Said, says, scripted } from "./scripted.ts";

/** Turns that ask for calls, before the last. */
export const TURNS = 12;

/** The task's models and tools; `point` is called at each point. */
export function task(folder: string, point: () => void): { script: Said[]; tools: Tool[] } {
  const line = (file: string, text: string): void => {
    Deno.writeTextFileSync(`${folder}/${file}`, `${text}\n`, { append: true });
  };
  const script: Said[] = Array.from({ length: TURNS }, (_, at) => () => {
    point();
    line("paid", `${at}`);
    point();
    return asks(call("once", { at }, `once-${at}`), call("safe", { at }, `safe-${at}`));
  });
  script.push(() => {
    point();
    line("paid", `${TURNS}`);
    point();
    return says("All is done.");
  });
  const input = { type: "object" };
  const run = (name: string) => (_: unknown, { call }: { call: { id: string } }): string => {
    point();
    line("done", `${name} ${call.id}`);
    point();
    return "ok";
  };
  const tools: Tool[] = [
    { name: "once", description: "Must not be done twice.", input, run: run("once") },
    { name: "safe", description: "May be done twice.", input, retry: "safe", run: run("safe") },
  ];
  return { script, tools };
}

if (import.meta.main) {
  const [folder = "", at = ""] = Deno.args;
  let points = 0;
  const point = (): void => {
    if (++points === Number(at)) Deno.kill(Deno.pid, "SIGKILL");
  };
  const take = Journal.prototype.take;
  Journal.prototype.take = function (name) {
    const session = take.call(this, name);
    return {
      ...session,
      write(...entries): void {
        point();
        session.write(...entries);
        point();
      },
    };
  };
  const { script, tools } = task(folder, point);
  const runner = new Runner({
    models: [scripted(script)],
    tools,
    budget: { steps: 50 },
    sessions: { path: `${folder}/journal` },
  });
  await runner.run("Do it.", { session: "s" });
  // The number of all points, for whoever wants to try each.
  Deno.writeTextFileSync(`${folder}/points`, `${points}`);
}
