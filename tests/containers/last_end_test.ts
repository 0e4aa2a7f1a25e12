/** Boxes whose program was killed end by themselves: their engine ends them, and nobody has to sweep. */

import assert from "assertions";
import { Container } from "../../src/containers/container/container.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { Beside } from "../support/needs.ts";
import { podmanMissing, startPodman } from "../support/podman.ts";
import { DENO, ROOT } from "../support/programs.ts";
import { twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";
import { connected, PODMAN_LACKS } from "./sandbox_engines.ts";

const image = BUSYBOX.name;
const ENGINES = [
  ["Docker", engineMissing(), () => startDocker("none", [BUSYBOX]), []],
  ["Podman", podmanMissing(), () => startPodman("none", [BUSYBOX]), PODMAN_LACKS],
] as const;
/** More than any of them has, with what a machine at work takes. */
const MOST_MS = 120_000;

/** Waits until so many containers are in one of these states. */
async function reached(engine: TestEngine, states: string[], count: number): Promise<void> {
  const end = performance.now() + MOST_MS;
  for (;;) {
    const { text } = await engine.ask("GET", "/containers/json?all=1");
    const all = JSON.parse(text) as { State: string }[];
    if (all.filter(({ State }) => states.includes(State)).length === count) return;
    assert.ok(performance.now() < end, text);
    await delay(100);
  }
}

/** The programs that the boxes run, by the machine's own word. */
async function programs(engine: TestEngine): Promise<number> {
  const { stdout } = await engine.enter(["ps", "ax", "-o", "args"]);
  return stdout.split("\n").filter((line) => /^sleep 4711$/.test(line.trim())).length;
}

const beside = new Beside();
for (const [name, missing, starting, acceptWeaker] of ENGINES) {
  for (const twin of twins("containers").each) {
    beside.add(
      [missing, BUSYBOX.missing, twin.missing],
      "what a killed program ran ends at its time",
      `${name}, ${twin.name}`,
      async () => {
        await using engine = await starting();
        const child = new Deno.Command(DENO, {
          args: [
            ...["run", "--no-prompt", "--allow-all", "--config", `${ROOT}deno.json`],
            `${ROOT}tests/containers/last_end_client.ts`,
            ...[engine.host, engine.folder, engine.kind, twin.name],
            JSON.stringify({ image, acceptWeaker }),
          ],
          stdin: "null",
          stdout: "piped",
          stderr: "inherit",
        }).spawn();
        const reader = child.stdout.getReader();
        try {
          await reader.read();
          await reached(engine, ["running", "stopping"], 3);
          // The engine is told after a second.
          await delay(2_500);
          assert.equal(await programs(engine), 2);
        } finally {
          child.kill("SIGKILL");
          await child.status;
          await reader.cancel();
        }
        // The one of the pool too: the input that it waits for has ended.
        await reached(engine, ["exited"], 3);
        assert.equal(await programs(engine), 0);
      },
    );

    beside.add(
      [missing, BUSYBOX.missing, twin.missing],
      "a command that takes its time ends as it would, and one that is removed meanwhile is gone",
      `${name}, ${twin.name}`,
      async () => {
        {
          await using engine = await starting();
          await using context = await connected(engine, twin.name);
          const spec = { image, acceptWeaker };
          const script = 'trap "echo a child" CHLD; sleep 3; echo out; exit 7';
          const slow = runSandbox(context, { ...spec, command: ["sh", "-c", script] });
          const { stdout, exitCode, timedOut, oomKilled } = await slow;
          // With an init, not even the shell is told; without one, once more than of its own child.
          assert.match(stdout, /^(a child\n){1,2}out\n$/);
          assert.deepEqual({ exitCode, timedOut, oomKilled }, {
            exitCode: 7,
            timedOut: false,
            oomKilled: false,
          });
          const long = runSandbox(context, { ...spec, command: ["sleep", "4711"] })
            .catch((error) => error);
          await reached(engine, ["running", "stopping"], 1);
          await delay(2_500);
          const [box] = [...context.boxes] as unknown as { id: string }[];
          assert.equal(await programs(engine), 1);
          await new Container(context.client, box!.id).remove({ force: true });
          assert.equal(await programs(engine), 0);
          const ended = await long;
          assert.ok(ended instanceof Error || ended.exitCode === 137, JSON.stringify(ended));
        }
        await twin.idle();
      },
    );
  }
}
beside.register();
