/** The commands about containers by their names, as programs and consoles say them, on a real engine. */

import assert from "assertions";
import type { CommandResult } from "../../src/agent/types.ts";
import { buildStandIn, STAND_IN } from "../containers/deploy_support.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import { sharedEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { deno, ROOT, temporary } from "../support/programs.ts";

const MISSING = engineMissing() ?? BUSYBOX.missing;
const engine = sharedEngine(MISSING, async () => {
  const started = await startDocker("bridge", [BUSYBOX]);
  await buildStandIn(started);
  return started;
});

const NAME = "my-lab";

interface Listed {
  readonly name: string;
  readonly state: string;
}

testNeeding(
  [MISSING],
  "commands: a container is deployed, listed, stopped, started and removed by name",
  async () => {
    await temporary(async (home) => {
      const options = { baseImage: STAND_IN };
      const { code, stdout, stderr } = await deno(
        [
          ...["run", "-A", "--quiet", "--no-check", "--cached-only"],
          `${ROOT}tests/commands/engine_program.ts`,
          JSON.stringify([
            ["deploy_container", { template: "data-science", name: NAME, options }],
            ["list_containers", { ours: true }],
            ["stop_container", { container: NAME, graceMs: 100 }],
            ["list_containers", { ours: true }],
            ["list_containers", { ours: true, running: true }],
            ["start-container", { container: NAME }],
            ["list_containers", { running: true }],
            ["remove_container", { container: NAME }],
            ["remove_container", { container: NAME, force: true }],
            ["list_containers", {}],
            ["start_container", { container: NAME }],
            ["deploy_container", { template: "no-such-template" }],
          ]),
        ],
        { DOCKER_HOST: engine().host, XDG_DATA_HOME: home },
      );
      assert.equal(code, 0, stderr);
      const results = JSON.parse(stdout) as CommandResult[];
      const failures = results.map(({ ok, error }) => ok ? null : error!.code);
      assert.deepEqual(
        failures,
        [...Array(7).fill(null), "UNAVAILABLE", null, null, "NOT_FOUND", "NOT_FOUND"],
        JSON.stringify(results),
      );
      const [deployed, whole, stopped, ...rest] = results;
      const { name, template, token, loginUrl } = deployed!.data;
      assert.deepEqual([name, template], [NAME, "data-science"]);
      assert.ok(String(loginUrl).includes(String(token)), "the token is told with the address");
      const listed = (result: CommandResult) => result.data["containers"] as Listed[];
      assert.deepEqual(listed(whole!).map(({ name, state }) => [name, state]), [[NAME, "running"]]);
      assert.deepEqual(stopped!.data, { container: NAME, stopped: true });
      assert.deepEqual(listed(rest[0]!).map(({ state }) => state), ["exited"]);
      assert.deepEqual(listed(rest[1]!), []);
      assert.deepEqual(rest[2]!.data, { container: NAME, started: true });
      assert.deepEqual(listed(rest[3]!).map(({ name }) => name), [NAME]);
      const { also, kept, ...gone } = rest[5]!.data as Record<string, { kind: string }[]>;
      assert.deepEqual(gone, { container: NAME, removed: true });
      // Its network goes with it, its data stays until its time is over.
      assert.ok(also!.some(({ kind }) => kind === "network"));
      assert.deepEqual(kept!.map(({ kind }) => kind), ["volume"]);
      assert.deepEqual(listed(rest[6]!), []);
    });
  },
);
