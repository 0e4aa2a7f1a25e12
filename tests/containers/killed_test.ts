/**
 * A program that is killed while it makes something: at each request that this takes, when the engine has done what it was
 * asked and the program has not yet heard of it. Whatever is there by then says whose it is, so that the sweep finds it.
 */

import assert from "assertions";
import { DENO, ROOT } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";
import { FakeEngine, NEVER, type Reply } from "./fake_engine.ts";
import { connectTo } from "./fake_support.ts";
import { DOCKER } from "./generations.ts";

/** The requests that the making of each takes, without those that only look; the last one makes nothing any more. */
const REQUESTS = {
  run: ["containers/create", "containers/x/attach", "containers/x/start"],
  session: ["containers/create", "containers/x/start"],
  deployment: [
    ...["networks/create", "volumes/create", "volumes/create", "containers/create"],
    ...["containers/x/archive", "containers/x/start"],
  ],
} as const;
/** More than a program takes to start on a machine at work. */
const MOST_MS = 120_000;

/** An engine that does the nth request that makes something, and never says so. */
async function stuck(at: number): Promise<{ engine: FakeEngine; reached: Promise<string> }> {
  const engine = await FakeEngine.start(DOCKER);
  const { promise: reached, resolve } = Promise.withResolvers<string>();
  let count = 0;
  engine.before = (asked): undefined | Promise<Reply> => {
    if (asked.method === "GET" || count === at || ++count < at) return undefined;
    engine.does(asked);
    resolve(asked.path.replace(/^\/containers\/[^/]+\//, "containers/x/").replace(/^\//, ""));
    return NEVER;
  };
  return { engine, reached };
}

for (const twin of twins("containers").each) {
  testOf("killed", twin, "what it was making is found by the sweep, whenever it is", async () => {
    const cases = Object.entries(REQUESTS).flatMap(([what, requests]) =>
      requests.map((request, index) => ({ what, request, at: index + 1 }))
    );
    await using all = new AsyncDisposableStack();
    const made = await Promise.all(cases.map(async ({ what, request, at }) => {
      const { engine, reached } = await stuck(at);
      all.use(engine);
      return { what, request, at, engine, reached };
    }));
    const engines = made.map(({ engine, what }) => [engine.host, engine.folder, what]);
    const child = new Deno.Command(DENO, {
      args: [
        ...["run", "--no-prompt", "--no-check", "--allow-all", "--config", `${ROOT}deno.json`],
        ...[`${ROOT}tests/containers/killed_client.ts`, twin.name, JSON.stringify(engines)],
      ],
      ...{ stdin: "null", stdout: "null", stderr: "inherit" },
    }).spawn();
    try {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error("It does not get there")), MOST_MS);
      const words = await Promise.race([Promise.all(made.map(({ reached }) => reached)), late])
        .finally(() => clearTimeout(timer));
      assert.deepEqual(words, cases.map(({ request }) => request));
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    for (const { engine, what, at } of made) {
      engine.before = () => undefined;
      await using containers = await connectTo(engine, twin);
      const before = engine.containers.size + engine.volumes.size + engine.networks.size;
      const { removed, failed } = await containers.sweep();
      const where = `${what} at ${at}`;
      assert.ok(before > 0, where);
      assert.deepEqual([removed.length, failed], [before, []], where);
      assert.ok(removed.every(({ reason }) => reason === "orphaned"), where);
      const left = [engine.containers, engine.volumes, engine.networks].map(({ size }) => size);
      assert.deepEqual(left, [0, 0, 0], where);
    }
    await twin.idle();
  });
}
