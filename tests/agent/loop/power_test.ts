/**
 * Sessions on a machine that loses its power: only what the disk was waited for is there afterwards. SQLite keeps a commit over a
 * power cut if it was made with `synchronous=FULL`, or if one that was followed it.
 */

import assert from "assertions";
import { DatabaseSync } from "node:sqlite";
import { Journal } from "../../../src/agent/loop/journal.ts";
import { Runner } from "../../../src/agent/loop/runner.ts";
import type { Entry } from "../../../src/agent/loop/state.ts";
import type { LoopOptions, Tool } from "../../../src/agent/loop/types.ts";
import { temporary } from "../../support/programs.ts";
import { asks, call, type Said, says, scripted } from "./scripted.ts";

/** What was done at a moment, and what of the journal was on the disk. */
interface Moment {
  readonly entries: readonly Entry[];
  readonly paid: readonly number[];
  readonly done: readonly string[];
}

const INPUT = { type: "object" };

/** A task in which each way through a turn comes once. `at` is called before and after whatever cannot be taken back. */
function task(paid: number[], done: string[], at: () => void): LoopOptions {
  const turns: readonly Said[] = [
    asks(call("once", {}, "a"), call("safe", {}, "b"), call("once", {}, "c")),
    asks(call("nobody", {}, "d")),
    asks(call("careful", {}, "e"), call("once", {}, "f")),
    asks(call("careful", {}, "g")),
    asks(call("once", "{{{", "h")),
    says("All is done."),
  ];
  const script = turns.map((said, turn): Said => () => {
    at();
    paid.push(turn);
    at();
    return said as ReturnType<typeof says>;
  });
  const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
    ...{ name, description: "Does it.", input: INPUT },
    run(_, { call }): string {
      at();
      done.push(`${name} ${call.id}`);
      at();
      return "ok";
    },
    ...more,
  });
  return {
    models: [scripted(script)],
    tools: [tool("once"), tool("safe", { retry: "safe" }), tool("careful", { approval: "always" })],
    approve(): "allow" {
      at();
      return "allow";
    },
  };
}

/** Runs the task once and gives every moment at which the power may go. */
async function moments(folder: string): Promise<{ moments: Moment[]; waits: number }> {
  const exec = DatabaseSync.prototype.exec;
  const take = Journal.prototype.take;
  const all: Moment[] = [];
  const paid: number[] = [];
  const done: string[] = [];
  const written: Entry[] = [];
  let onDisk = 0;
  let waits = 0;
  let isFull = false;
  const at = (): void => {
    all.push({ entries: written.slice(0, onDisk), paid: [...paid], done: [...done] });
  };
  DatabaseSync.prototype.exec = function (sql) {
    const said = /PRAGMA synchronous = (\w+)/.exec(sql);
    if (said !== null) isFull = said[1] === "FULL";
    exec.call(this, sql);
  };
  Journal.prototype.take = function (name) {
    const session = take.call(this, name);
    return {
      ...session,
      write(...entries): void {
        at();
        session.write(...entries);
        written.push(...entries);
        if (isFull) {
          onDisk = written.length;
          waits++;
        }
        at();
      },
    };
  };
  try {
    const runner = new Runner({ ...task(paid, done, at), sessions: { path: `${folder}/whole` } });
    const { finish, steps } = await runner.run("Do it.", { session: "s" });
    runner.close();
    assert.equal(finish.reason, "done");
    assert.deepEqual(
      steps.flatMap(({ calls }) => calls.map(({ outcome }) => outcome)),
      ["done", "done", "done", "unknown-tool", "done", "done", "done", "invalid"],
    );
  } finally {
    DatabaseSync.prototype.exec = exec;
    Journal.prototype.take = take;
  }
  return { moments: all, waits };
}

function times<T>(list: readonly T[], one: T): number {
  return list.filter((other) => other === one).length;
}

Deno.test("sessions: wherever the power goes, nothing is done twice and no kept turn is paid for again", async () => {
  await temporary(async (folder) => {
    const { moments: all, waits } = await moments(folder);
    // Six turns: one wait for each, and for somebody's two words as well: being asked, having said it, and what came of it.
    assert.equal(waits, 11);
    assert.ok(all.length >= 60, `${all.length} moments`);
    const writer = Journal.open(`${folder}/cut`);
    for (const [number, { entries }] of all.entries()) {
      const session = writer.take(`${number}`);
      if (entries.length > 0) session.write(...entries);
      session.end();
    }
    writer.close();
    for (const [number, moment] of all.entries()) {
      const name = `${number}`;
      const paid = [...moment.paid];
      const done = [...moment.done];
      const runner = new Runner({
        ...task(paid, done, () => {}),
        sessions: { path: `${folder}/cut` },
      });
      const result = moment.entries.length === 0
        ? await runner.run("Do it.", { session: name })
        : await runner.resume(name);
      runner.close();
      assert.equal(result.text, "All is done.", name);
      const outcomes = new Map(
        result.steps.flatMap(({ calls }) => calls.map(({ call, outcome }) => [call.id, outcome])),
      );
      for (const id of ["a", "c", "f"]) {
        const did = times(done, `once ${id}`);
        const isOpen = isKept(moment, "call-begun", id) && !isKept(moment, "call", id);
        assert.equal(outcomes.get(id), isOpen ? "unknown" : "done", `${name}: ${id}`);
        assert.ok(did <= 1 && (isOpen || did === 1), `${name}: ${id} was done ${did} times`);
      }
      for (const id of ["e", "g"]) assert.ok(times(done, `careful ${id}`) <= 1, `${name}: ${id}`);
      assert.ok(times(done, "safe b") >= 1, name);
      // Only the turn whose answer came a moment ago may be paid for again.
      const twice = [...new Set(paid)].filter((turn) => times(paid, turn) > 1);
      const last = moment.paid.at(-1);
      assert.ok(
        twice.length === 0 || (twice.length === 1 && twice[0] === last),
        `${name}: ${paid}`,
      );
    }
  });
});

function isKept({ entries }: Moment, kind: "call-begun" | "call", id: string): boolean {
  return entries.some((entry) => entry.kind === kind && entry.call === id);
}
