/** The tests' own engines: that they run what they are given, and leave nothing behind. */

import assert from "assertions";
import { engineMissing, sharedDocker, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX, HELLO } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { start } from "../support/programs.ts";
import { registryMissing, TestRegistry } from "../support/registry.ts";
import { podmanMissing, sharedPodman, startPodman } from "../support/podman.ts";

const engines = [
  ["Docker", engineMissing(), sharedDocker("none", [BUSYBOX, HELLO])],
  ["Podman", podmanMissing(), sharedPodman("none", [BUSYBOX, HELLO])],
] as const;

/** Runs a container to its end, and gives what it wrote. */
async function run(engine: TestEngine, spec: object): Promise<string> {
  const created = await engine.ask("POST", "/containers/create", spec);
  assert.equal(created.status, 201, created.text);
  const { Id } = created.json() as { Id: string };
  const started = await engine.ask("POST", `/containers/${Id}/start`);
  assert.equal(started.status, 204, started.text);
  await engine.ask("POST", `/containers/${Id}/wait`);
  const { text } = await engine.ask("GET", `/containers/${Id}/logs?stdout=1&stderr=1`);
  await engine.ask("DELETE", `/containers/${Id}?force=1`);
  return text;
}

for (const [name, missing, engine] of engines) {
  testNeeding([missing, BUSYBOX.missing], `a container of busybox runs on ${name}`, async () => {
    const HostConfig = { NetworkMode: "none" };
    const written = await run(engine(), {
      Image: BUSYBOX.name,
      Cmd: ["sh", "-c", "echo user $(id -u); ls /sys/class/net"],
      User: "65534",
      HostConfig,
    });
    assert.match(written, /user 65534\n/);
    assert.match(written, /lo\n/);
    assert.match(await run(engine(), { Image: HELLO.name, HostConfig }), /hello\n/);
  });
}

for (const [name, missing] of engines) {
  testNeeding(
    [missing, BUSYBOX.missing, registryMissing],
    `an image comes from the tests' registry to ${name}`,
    async () => {
      await using registry = await TestRegistry.start();
      await using engine = name === "Docker"
        ? await startDocker("none", [HELLO])
        : await startPodman("none", [HELLO], [registry.address]);
      const image = await registry.take(engine, HELLO.name, "a/hello:1");
      assert.equal((await engine.ask("GET", `/images/${image}/json`)).status, 404);
      const query = new URLSearchParams({ fromImage: image.slice(0, -2), tag: "1" });
      const { text } = await engine.ask("POST", `/images/create?${query}`);
      assert.doesNotMatch(text, /error/);
      const written = await run(engine, { Image: image, HostConfig: { NetworkMode: "none" } });
      assert.match(written, /hello\n/);
    },
  );
}

testNeeding(
  [engineMissing()],
  "an engine that was killed starts again, and leaves nothing",
  async () => {
    let folder: string;
    {
      await using engine = await startDocker("namespace", [BUSYBOX]);
      folder = engine.folder;
      const created = await engine.ask("POST", "/containers/create", {
        Image: BUSYBOX.name,
        Cmd: ["sleep", "1000"],
        StopSignal: "SIGKILL",
      });
      const { Id } = created.json() as { Id: string };
      assert.equal((await engine.ask("POST", `/containers/${Id}/start`)).status, 204);
      const { stdout } = await engine.enter(["ip", "-o", "link"]);
      assert.match(stdout, /docker0/);
      await engine.kill();
      await assert.rejects(engine.ask("GET", "/_ping"));
      await engine.start();
      assert.equal((await engine.ask("GET", `/containers/${Id}/json`)).status, 200);
    }
    assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
    const { stdout } = await start("cat", ["/proc/mounts"]);
    assert.equal(stdout.includes(folder), false);
  },
);
