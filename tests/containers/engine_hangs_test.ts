/** An engine that takes what it is asked and never answers: every call ends in bounded time, and leaves nothing running. */

import assert from "assertions";
import type { Containers } from "../../src/containers/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { twins } from "../support/twins.ts";
import { until } from "../support/values.ts";
import { type Asked, type FakeEngine, NEVER, type Reply } from "./fake_engine.ts";
import { hurrying, plainTemplate, testOfFake } from "./fake_support.ts";

const IMAGE = { image: "some/image:1" };

/** Does what it is asked, and says nothing. */
function hangs(engine: FakeEngine, at: (asked: Asked) => boolean): void {
  engine.before = (asked): Promise<Reply> | undefined => {
    if (!at(asked)) return undefined;
    engine.does(asked);
    return NEVER;
  };
}

async function fails(
  code: AgentErrorCode,
  work: Promise<unknown>,
  pattern: RegExp,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(AgentError.is(error, code), `${error}`);
    assert.match(error.message, pattern);
    return true;
  });
}

/** That nothing is left; what was given up may still be on its way to be removed. */
async function assertNothing(engine: FakeEngine): Promise<void> {
  await until(() => engine.containers.size === 0, "containers are left");
  assert.deepEqual([[...engine.volumes.keys()], [...engine.networks.keys()]], [[], []]);
}

const CREATE = ({ path }: Asked): boolean => path === "/containers/create";
const START = ({ path }: Asked): boolean => path.endsWith("/start");

for (const twin of twins("containers").each) {
  const test = (
    name: string,
    body: (containers: Containers, engine: FakeEngine) => Promise<void>,
  ): void =>
    testOfFake(twin, name, (containers, engine) => hurrying(() => body(containers, engine)));

  for (const [what, at] of [["create", CREATE], ["start", START]] as const) {
    test(`run() with one that hangs in ${what}`, async (containers, engine) => {
      hangs(engine, at);
      const running = containers.run({ ...IMAGE, command: ["true"], timeoutMs: 300 });
      await fails("TIMEOUT", running, /run was not finished within 300 ms: the engine/);
      const stop = new AbortController();
      const aborted = containers.run({ ...IMAGE, command: ["true"], signal: stop.signal });
      await until(() => engine.asked.filter(at).length === 2);
      stop.abort(new Error("enough"));
      await assert.rejects(aborted, (error) => error === stop.signal.reason);
      // What it still makes is removed with the connection at the latest.
      await containers.dispose();
      await assertNothing(engine);
    });

    test(
      `session(), pool() and deploy() with one that hangs in ${what}`,
      async (...given) => {
        const [containers, engine] = given;
        hangs(engine, at);
        const answer = what === "create"
          ? /did not answer POST \/containers\/create within 60000 ms/
          : /did not answer POST \/containers\/[0-9a-f]{64}\/start within 60000 ms/;
        await fails("TIMEOUT", containers.session(IMAGE), answer);
        await fails("TIMEOUT", containers.deploy(plainTemplate()), answer);
        const pool = await containers.pool(IMAGE);
        await fails("TIMEOUT", pool.warm(), answer);
        await pool.close();
        await assertNothing(engine);
        if (what !== "start") return;
        engine.containers.set("one", {
          ...{ id: "a".repeat(64), name: "one", body: {}, state: "created", exitCode: 0 },
        });
        await fails("TIMEOUT", containers.get("a".repeat(64)).start(), answer);
        engine.containers.clear();
      },
    );

    test(`a session() that is given up while ${what} hangs`, async (containers, engine) => {
      hangs(engine, at);
      const stop = new AbortController();
      const opening = containers.session({ ...IMAGE, signal: stop.signal });
      await until(() => engine.asked.some(at));
      stop.abort(new Error("enough"));
      await assert.rejects(opening, (error) => error === stop.signal.reason);
      await assertNothing(engine);
    });

    test(`a deploy() that is given up while ${what} hangs`, async (...given) => {
      const [containers, engine] = given;
      hangs(engine, at);
      const stop = new AbortController();
      const network = plainTemplate({
        ...{ network: "internal", volumes: [{ name: "work", target: "/data" }] },
      });
      const deploying = containers.deploy(network, { signal: stop.signal });
      await until(() => engine.asked.some(at));
      stop.abort(new Error("enough"));
      await assert.rejects(deploying, (error) => error === stop.signal.reason);
      await assertNothing(engine);
    });
  }

  test("what is made after it was given up is removed too", async (...given) => {
    const [containers, engine] = given;
    const late = Promise.withResolvers<void>();
    engine.before = async (asked): Promise<undefined> => {
      if (CREATE(asked)) await late.promise;
    };
    const stop = new AbortController();
    const deploying = containers.deploy(plainTemplate(), { signal: stop.signal });
    await until(() => engine.asked.some(CREATE));
    stop.abort(new Error("enough"));
    await assert.rejects(deploying, (error) => error === stop.signal.reason);
    late.resolve();
    const isRemoved = (): boolean => engine.lines.some((line) => line.startsWith("DELETE"));
    await until(() => engine.containers.size === 0 && isRemoved());
  });

  testOfFake(
    twin,
    "an engine whose samples stand still is asked no longer than a while",
    async (...given) => {
      const [containers, engine] = given;
      const id = "a".repeat(64);
      engine.containers.set(id, { id, name: "one", body: {}, state: "running", exitCode: 0 });
      const sample = (read: string, used: number): Reply => ({
        json: { read, cpu_stats: { cpu_usage: { total_usage: used } } },
      });
      const at = (ms: number): string => new Date(1_767_225_600_000 + ms).toISOString();
      engine.before = ({ path }): Reply | undefined =>
        path.endsWith("/stats") ? sample(at(0), 0) : undefined;
      const still = await containers.get(id).stats();
      assert.equal(still.cpuPercent, null);
      assert.match(still.missing["cpuPercent"]!, /samples are 0 ms apart, and 500 are needed/);

      // It counts anew each second: the same is said many times.
      const begun = performance.now();
      engine.before = ({ path }): Reply | undefined => {
        const seconds = Math.floor((performance.now() - begun + 300) / 1_000);
        return path.endsWith("/stats") ? sample(at(seconds * 1_000), seconds * 2e8) : undefined;
      };
      const moving = await containers.get(id).stats();
      assert.ok(moving.windowMs >= 500, `${moving.windowMs}`);
      assert.ok(moving.cpuPercent === 20 || moving.missing["cpuPercent"] !== undefined);
      // A clock that jumped says nothing about what was used.
      let jump = 0;
      engine.before = ({ path }): Reply | undefined =>
        path.endsWith("/stats") ? sample(at(jump++ * 3_600_000), jump * 1e9) : undefined;
      const jumped = await containers.get(id).stats();
      assert.equal(jumped.cpuPercent, null);
      assert.match(jumped.missing["cpuPercent"]!, /clock went on by 3600000 ms while/);
    },
  );
}
