/**
 * What is left in an engine of something that was not finished: the caller gave up, or the engine failed, at each request
 * that its making takes, one after the other.
 */

import assert from "assertions";
import type { Containers } from "../../src/containers/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { type Twin, twins } from "../support/twins.ts";
import { until } from "../support/values.ts";
import { FakeEngine, type Reply } from "./fake_engine.ts";
import { connectTo, plainTemplate, testOfFake } from "./fake_support.ts";
import { DOCKER } from "./generations.ts";
import { testOf } from "../support/twins.ts";

const IMAGE = { image: "some/image:1" };
const WHOLE = plainTemplate({
  network: "internal",
  volumes: [{ name: "work", target: "/data" }, { name: "more", target: "/more" }],
  token: { file: "/secrets/token" },
});

/** What is made, and how it is taken away again. */
type Making = (containers: Containers, signal: AbortSignal) => Promise<AsyncDisposable>;

const MAKINGS: Readonly<Record<string, Making>> = {
  "a deployment": (containers, signal) =>
    containers.deploy(WHOLE, { signal, ttlMs: 60_000, detach: true }),
  "a session": (containers, signal) => containers.session({ ...IMAGE, signal, verify: false }),
};

/** Makes it with an engine that is disturbed at the nth request; gives how many there were. */
async function disturbed(
  twin: Twin,
  make: Making,
  at: number,
  how: "aborted" | "refused" | "broken",
): Promise<number> {
  await using engine = await FakeEngine.start(DOCKER);
  await using containers = await connectTo(engine, twin);
  const stop = new AbortController();
  const reason = new Error("enough");
  let count = 0;
  let isOver = false;
  engine.before = (asked): Reply | undefined => {
    if (isOver || ++count !== at) return undefined;
    isOver = how !== "aborted";
    if (how === "aborted") stop.abort(reason);
    else if (how === "refused") return { status: 500, json: { message: "no" } };
    else {
      // It is done, and the answer says nothing that could be read.
      engine.does(asked);
      return { status: 200, json: "?" };
    }
    return undefined;
  };
  try {
    const made = await make(containers, stop.signal);
    // Whatever could be done without an answer, or was done before the caller gave up.
    isOver = true;
    if (at > 0) assert.notEqual(how, "refused", `${how} at ${at} of ${count}: it was made`);
    if ("remove" in made) await (made as { remove(): Promise<void> }).remove();
    else await made[Symbol.asyncDispose]();
  } catch (error) {
    if (how === "aborted") assert.equal(error, reason, `${how} at ${at}`);
    else assert.ok(AgentError.is(error), `${how} at ${at}: ${error}`);
  }
  const left = (): unknown[] =>
    [engine.containers, engine.volumes, engine.networks].flatMap((all) => [...all.keys()]);
  await until(() => left().length === 0, () => `${how} at ${at}: ${engine.lines.join("\n")}`);
  return count;
}

for (const twin of twins("containers").each) {
  for (const [what, make] of Object.entries(MAKINGS)) {
    testOf("given up", twin, `${what} leaves nothing, at whatever request it ends`, async () => {
      const whole = await disturbed(twin, make, 0, "aborted");
      assert.ok(whole > 2, String(whole));
      const cases = Array.from({ length: whole }, (_, at) => at + 1)
        .flatMap((at) =>
          (["aborted", "refused", "broken"] as const).map((how) => [at, how] as const)
        );
      const outcomes = await Promise.allSettled(
        cases.map(([at, how]) => disturbed(twin, make, at, how)),
      );
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      await twin.idle();
    });
  }

  testOfFake(
    twin,
    "what another one is removing already is waited for",
    async (containers, engine) => {
      await using made = await containers.deploy(WHOLE, {
        ...{ ttlMs: 60_000, detach: true, name: "lab" },
      });
      let refused = 0;
      engine.before = ({ method, path }): Reply | undefined => {
        if (
          method !== "DELETE" || !path.includes("/containers/") || ++refused > 3
        ) return undefined;
        const message = `removal of container ${made.containerId} is already in progress`;
        return { status: 409, json: { message } };
      };
      const { removed, kept } = await containers.remove("lab", { force: true });
      assert.equal(refused, 4);
      assert.equal(removed.length, 3, JSON.stringify(removed));
      assert.deepEqual(kept.map(({ reason }) => reason), ["data", "data"]);
      assert.deepEqual([...engine.containers.keys(), ...engine.networks.keys()], []);
      // What is left of it goes when its time is over, or when it is asked for.
      assert.deepEqual((await containers.sweep()).removed, []);
      const now = Date.now() + 3_600_000;
      assert.equal((await containers.sweep({ now, dryRun: true })).removed.length, 2);
      const swept = await containers.sweep({ volumes: true });
      assert.deepEqual(swept.removed.map(({ reason }) => reason), ["unused", "unused"]);
    },
  );
}
