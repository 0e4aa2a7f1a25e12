/** When deployments end, on an engine of the tests' own, which can be slow, away, or asked at a moment that matters. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { twins } from "../support/twins.ts";
import { delay, until } from "../support/values.ts";
import type { FakeEngine, Reply } from "./fake_engine.ts";
import { connectTo, plainTemplate, testOfFake } from "./fake_support.ts";

const TEMPLATE = plainTemplate();
const FAILED = { status: 500, json: { message: "the disk is full" } };

/** What the engine says of a thing's end, milliseconds since 1970. */
function labelOf(thing: Record<string, unknown> | undefined): number {
  const labels = thing?.["Labels"] as Record<string, string>;
  return Date.parse(labels["agent.expires"]!);
}

/** How often the engine was asked to remove a container. */
const removals = ({ lines }: FakeEngine): number =>
  lines.filter((line) => line.startsWith("DELETE /containers/")).length;

for (const twin of twins("containers").each) {
  for (const how of ["asked", "touched", "renewed"] as const) {
    testOfFake(twin, `what is ${how} while its end is looked at goes on`, async (...given) => {
      const [containers, engine] = given;
      const deployment = await containers.deploy(TEMPLATE, { idleMs: 200 });
      const looked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<void>();
      const waited = Promise.withResolvers<void>();
      engine.before = async ({ method, path }): Promise<undefined> => {
        if (method === "GET" && path.endsWith("/json")) {
          looked.resolve();
          await answer.promise;
        }
        if (path.endsWith("/wait")) await waited.promise;
      };
      await looked.promise;
      const use = how === "asked"
        ? deployment.container.wait()
        : how === "touched"
        ? deployment.touch()
        : deployment.renew(60_000);
      if (how === "renewed") await use;
      else await until(() => how === "touched" || engine.lines.at(-1)!.endsWith("/wait"));
      answer.resolve();
      await delay(100);
      assert.equal(removals(engine), 0);
      if (how === "asked") {
        // It is asked for longer than it may be unused.
        await delay(300);
        assert.equal(removals(engine), 0);
      }
      waited.resolve();
      await use;
      await until(() => engine.containers.size === 0);
      assert.throws(() => deployment.container, (error) => AgentError.is(error, "CLOSED"));
    });
  }

  testOfFake(twin, "an engine that fails at its end is asked again", async (containers, engine) => {
    const deployment = await containers.deploy(TEMPLATE, { idleMs: 100 });
    let failures = 0;
    // First it cannot say whether it is used, then it cannot remove it.
    engine.before = ({ method, path }): Reply | undefined => {
      const isNext = failures === 0
        ? path.endsWith("/json")
        : failures === 1 && method === "DELETE";
      if (!isNext) return undefined;
      failures++;
      return FAILED;
    };
    await until(() => engine.containers.size === 0);
    assert.equal(failures, 2);
    assert.throws(() => deployment.container, (error) => AgentError.is(error, "CLOSED"));
  });

  testOfFake(twin, "one that somebody removed is forgotten at its end", async (...given) => {
    const [containers, engine] = given;
    const deployment = await containers.deploy(TEMPLATE, { idleMs: 100 });
    await deployment.renew(3_600_000);
    engine.containers.clear();
    await until(() => engine.volumes.size === 0, "its lease is left");
    await delay(50);
    assert.throws(() => deployment.container, (error) => AgentError.is(error, "CLOSED"));
  });

  testOfFake(
    twin,
    "its time counts from when it is ready, for itself and others",
    async (...given) => {
      const [containers, engine] = given;
      await using other = await connectTo(engine, twin);
      const slowly = Promise.withResolvers<void>();
      engine.before = async ({ path }): Promise<undefined> => {
        if (path.endsWith("/start")) await slowly.promise;
      };
      const deploying = containers.deploy(TEMPLATE, { ttlMs: 400 });
      const keeping = containers.deploy(TEMPLATE, { ttlMs: 3_600_000, detach: true });
      await until(() => engine.lines.filter((line) => line.endsWith("/start")).length === 2);
      await delay(600);
      // Over by now, if it counted from when it was asked for.
      assert.deepEqual((await other.sweep()).removed, []);
      slowly.resolve();
      const deployment = await deploying;
      const left = deployment.expiresMs! - Date.now();
      assert.ok(left > 200 && left <= 400, `${left} ms are left`);
      const made = engine.containers.get(deployment.containerId!);
      assert.ok(labelOf(made!.body) >= deployment.expiresMs!);
      await until(() => !engine.containers.has(deployment.containerId!));

      const kept = await keeping;
      assert.equal(kept.expiresMs! - Date.now() > 3_599_000, true);
      const [lease] = engine.volumes.values();
      assert.equal(labelOf(lease), kept.expiresMs);
      await kept[Symbol.asyncDispose]();
      const before = await other.sweep({ now: kept.expiresMs! - 1 });
      assert.deepEqual([before.removed, before.kept], [[], 2]);
      const after = await other.sweep({ now: kept.expiresMs! });
      assert.deepEqual(after.removed.map(({ kind, reason }) => `${kind} ${reason}`), [
        ...["container expired", "volume expired"],
      ]);
    },
  );

  testOfFake(twin, "renewals at once leave one lease, and none after its end", async (...given) => {
    const [containers, engine] = given;
    const deployment = await containers.deploy(TEMPLATE, { ttlMs: 60_000 });
    await Promise.all([70_000, 80_000, 90_000].map((ms) => deployment.renew(ms)));
    assert.equal(engine.volumes.size, 1);
    assert.ok(deployment.expiresMs! - Date.now() > 85_000);
    const slowly = Promise.withResolvers<void>();
    engine.before = async ({ path }): Promise<undefined> => {
      if (path === "/volumes/create") await slowly.promise;
    };
    const renewing = deployment.renew(100_000);
    await until(() => engine.lines.at(-1) === "POST /volumes/create");
    const removing = deployment.remove();
    slowly.resolve();
    await Promise.all([renewing, removing]);
    assert.deepEqual([engine.volumes.size, engine.containers.size], [0, 0]);
    await assert.rejects(deployment.renew(1_000), (error) => AgentError.is(error, "CLOSED"));
  });
}
