/** The locks of sessions: one holder at a time however many come and go, and nothing is left behind. */

import assert from "assertions";
import { Runner } from "../../../src/agent/loop/runner.ts";
import { scriptedProvider } from "../../../src/agent/testing/mod.ts";
import { temporary } from "../../support/programs.ts";

Deno.test("sessions: no lock stays after a run, nor its folder", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/journal`;
    const runner = new Runner({
      models: [scriptedProvider(["ok", "ok"])],
      tools: [],
      sessions: { path },
    });
    await runner.run("Go.", { session: "one" });
    await runner.run("Go.", { session: "two" });
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names.filter((name) => name.includes("sessions")), []);
    runner.close();
  });
});

Deno.test("sessions: of many that want the same one, one has it at a time", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/journal`;
    let inside = 0;
    let most = 0;
    let done = 0;
    const model = {
      name: "slow",
      async chat() {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside--;
        return { text: "ok" };
      },
    };
    const runners = Array.from(
      { length: 8 },
      () => new Runner({ models: [model], tools: [], sessions: { path } }),
    );
    await Promise.all(runners.map(async (runner) => {
      for (let turns = 0; turns < 5;) {
        try {
          await runner.run("Go.", { session: "shared" });
          turns++;
          done++;
        } catch (error) {
          assert.equal((error as { code?: string }).code, "UNAVAILABLE");
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      runner.close();
    }));
    assert.deepEqual([done, most], [40, 1]);
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name.includes("sessions")));
  });
});
