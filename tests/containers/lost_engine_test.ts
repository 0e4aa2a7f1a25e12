/** An engine that goes away while a sandbox runs: what it has when it is back is taken by the next sweep, at once. */

import assert from "assertions";
import { inWords } from "../../src/cli/containers_words.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { testOf, twins } from "../support/twins.ts";
import { until } from "../support/values.ts";
import { FakeEngine, type Reply } from "./fake_engine.ts";
import { connectTo } from "./fake_support.ts";
import { DOCKER } from "./generations.ts";

const SPEC = { image: "some/image:1", command: ["sleep", "40"], verify: false };

/** The locks of owners that are there. */
async function locks(engine: FakeEngine): Promise<string[]> {
  const found = await Array.fromAsync(Deno.readDir(`${engine.folder}/owners`));
  return found.map(({ name }) => name);
}

for (const twin of twins("containers").each) {
  const test = (name: string, body: (engine: FakeEngine) => Promise<void>): void =>
    testOf("lost engine", twin, name, async () => {
      {
        await using engine = await FakeEngine.start(DOCKER);
        await body(engine);
      }
      await twin.idle();
    });

  test("what was left is swept once it is back, though its program ended in order", async (engine) => {
    const lost = Promise.withResolvers<void>();
    let isLost = false;
    engine.before = ({ path }): Reply | undefined => {
      // The connection ends without an answer.
      if (isLost) throw new Error("lost");
      return path.endsWith("/attach") ? { stream: () => lost.promise } : undefined;
    };
    {
      await using containers = await connectTo(engine, twin);
      const running = containers.run(SPEC);
      running.catch(() => {});
      await until(() => engine.lines.some((line) => line.endsWith("/start")), "no start");
      isLost = true;
      lost.resolve();
      await assert.rejects(running, (error) => {
        assert.ok(AgentError.is(error, "IO"), `${error}`);
        const left = /; the sandbox \w+ may be left; sweep\(\) removes it once the engine answers/;
        assert.match(error.message, left);
        assert.match(inWords(error.message), /left; scripts\/agent containers sweep removes it/);
        assert.equal(error.message.match(/may be left/g)?.length, 1);
        return true;
      });
    }
    assert.equal(engine.containers.size, 1);
    isLost = false;
    await using later = await connectTo(engine, twin);
    const { removed, unknown, kept } = await later.sweep();
    assert.deepEqual(removed.map(({ kind, reason }) => [kind, reason]), [[
      "container",
      "orphaned",
    ]]);
    assert.deepEqual([unknown, kept, engine.containers.size], [0, 0, 0]);
    assert.equal((await locks(engine)).length, 1, "the file of the one that is gone is gone too");
  });

  test("where nothing is left after all, no file is", async (engine) => {
    let failures = 0;
    engine.before = ({ method }): Reply | undefined =>
      method === "DELETE" && failures++ === 0
        ? { status: 500, json: { message: "busy" } }
        : undefined;
    {
      await using containers = await connectTo(engine, twin);
      await using session = await containers.session({ image: SPEC.image, verify: false });
      await session.close();
      assert.equal((await locks(engine)).length, 1);
    }
    assert.ok(failures > 1);
    assert.deepEqual([engine.containers.size, await locks(engine)], [0, []]);
  });
}
