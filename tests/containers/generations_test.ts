/** Engines of later years, as both twins understand them: see `generations.ts`. */

import assert from "assertions";
import { connectContainers, type Containers } from "../../src/containers/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { testOf, twins } from "../support/twins.ts";
import { FakeEngine, type Reply } from "./fake_engine.ts";
import { type Generation, GENERATIONS } from "./generations.ts";

/** The newest version that this side speaks. */
const SPOKEN = 53;

for (const twin of twins("containers").each) {
  const test = (what: string, body: () => Promise<void>): void =>
    testOf("generations", twin, what, async () => {
      await body();
      await twin.idle();
    });
  const connected = (engine: FakeEngine): Promise<Containers> =>
    connectContainers({
      host: engine.host,
      implementation: twin.name,
      lockFolder: `${engine.folder}/owners`,
    });
  /** Of all of them, beside each other: most of the time is waiting. */
  const ofEach = (
    what: string,
    body: (containers: Containers, engine: FakeEngine, generation: Generation) => Promise<void>,
  ): void =>
    test(what, async () => {
      await Promise.all(GENERATIONS.map(async (generation) => {
        try {
          await using engine = await FakeEngine.start(generation);
          await using containers = await connected(engine);
          await body(containers, engine, generation);
        } catch (error) {
          throw new Error(generation.name, { cause: error });
        }
      }));
    });

  ofEach("the version is settled, and named in every request after that", async (...given) => {
    const [containers, engine, { engine: kind, own, newest }] = given;
    const spoken = `1.${Math.min(SPOKEN, Number(newest.split(".")[1]))}`;
    const { apiVersion, engine: found, version } = containers.info;
    assert.deepEqual([apiVersion, found, version], [spoken, kind, own]);
    await containers.list();
    const asked = engine.asked.map(({ method, path, version }) => `${version} ${method} ${path}`);
    assert.deepEqual(asked, [
      "null GET /_ping",
      // Podman has said all in its first answer.
      ...(kind === "docker" ? ["null GET /version"] : []),
      `${spoken} GET /info`,
      `${spoken} GET /containers/json`,
    ]);
    const { cgroupVersion, seccomp, limits, runtimes, swarm, logDrivers } = containers.capabilities;
    const isDocker = kind === "docker";
    assert.deepEqual([cgroupVersion, seccomp, swarm], [2, true, isDocker ? "inactive" : null]);
    assert.deepEqual(limits, { memory: true, swap: true, cpu: true, pids: true });
    assert.ok(runtimes.includes("runc") && logDrivers.includes(isDocker ? "local" : "k8s-file"));
  });

  ofEach("a container is inspected, listed, waited for and measured", async (...given) => {
    const [containers, engine, { engine: kind }] = given;
    const isDocker = kind === "docker";
    const body = {
      ...{ Image: "some/image:1", User: "1000", Env: ["A=b"], Labels: { a: "b" } },
      Healthcheck: { Test: ["CMD", "true"] },
      HostConfig: {
        ...{ NetworkMode: "bridge", Memory: 4096, NanoCpus: 5e8, PidsLimit: 64 },
        ...{ Runtime: "runc", LogConfig: { Type: "local" } },
        PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
      },
    };
    const id = "c".repeat(64);
    engine.containers.set(id, { id, name: "one", body, state: "created", exitCode: 0 });
    const one = containers.get("one");
    const created = await one.inspect();
    assert.deepEqual([created.state, created.startedAt, created.exitCode, created.ports], [
      ...["created", null, null, []],
    ]);
    await one.start();
    const running = await one.inspect();
    assert.deepEqual(running.networks, [{
      ...{ name: "bridge", ipv4: "172.17.0.2", ipv6: null, mac: "02:42:ac:11:00:02" },
      gateway: "172.17.0.1",
    }]);
    const published = {
      ...{ containerPort: 80, protocol: "tcp", hostAddress: "127.0.0.1", hostPort: 49153 },
    };
    assert.deepEqual(running.ports, [published]);
    assert.deepEqual([running.name, running.state, running.health, running.pid], [
      ...["one", "running", "healthy", 4242],
    ]);
    assert.deepEqual([running.user, running.env, running.labels], [
      ...["1000", ["A=[redacted]"], { a: "b" }],
    ]);
    assert.deepEqual(running.limits, { memoryBytes: 4096, cpus: 0.5, pids: 64 });
    const [listed] = await containers.list();
    const exposed = { containerPort: 53, protocol: "udp", hostAddress: null, hostPort: null };
    assert.deepEqual([listed!.name, listed!.state, listed!.labels, listed!.ports], [
      ...["one", "running", { a: "b" }, [published, exposed]],
    ]);
    const stats = await one.stats();
    assert.ok(Math.abs(stats.cpuPercent! - 50) < 1, `${stats.cpuPercent}`);
    assert.equal(stats.memory.usedBytes, isDocker ? 4_000 : null);
    assert.deepEqual([stats.memory.usageBytes, stats.memory.limitBytes], [5_000, 4096]);
    assert.deepEqual([stats.network!.receivedBytes, stats.disk, stats.pids.current], [7, null, 3]);
    await one.kill();
    assert.deepEqual(await one.wait(), { exitCode: 137, error: null });
    const ended = await one.inspect();
    assert.deepEqual([ended.state, ended.exitCode, ended.oomKilled, ended.pid], [
      ...["exited", 137, isDocker ? false : null, null],
    ]);
    const image = await containers.images.inspect("some/image:1");
    assert.match(image.digests[0]!, /some\/image@sha256:d{64}$/);
    assert.equal(image.id, `sha256:${"d".repeat(64)}`);
    assert.deepEqual([image.command, image.entrypoint, image.env], [["sh"], [], []]);
    assert.deepEqual([image.user, image.workdir, image.labels], [null, null, {}]);
  });

  ofEach("a sandbox is held as was asked, gives its output, and is removed", async (...given) => {
    const [containers, engine] = given;
    const started = Promise.withResolvers<void>();
    engine.before = ({ path }): Reply | undefined => {
      if (path.endsWith("/start")) started.resolve();
      if (!path.endsWith("/attach")) return undefined;
      return {
        stream: async (line) => {
          await started.promise;
          const [made] = engine.containers.values();
          await line.send(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 3, 104, 105, 10]));
          made!.state = "exited";
          await line.end();
        },
      };
    };
    const { stdout, exitCode, security } = await containers.run({
      image: "some/image:1",
      command: ["echo", "hi"],
    });
    assert.deepEqual([stdout, exitCode, security.ok], ["hi\n", 0, true]);
    const wrong = security.controls.filter(({ ok }) => ok !== true).map(({ control }) => control);
    assert.deepEqual(wrong, containers.info.engine === "docker" ? [] : ["log-size"]);
    assert.deepEqual([...engine.containers], []);
  });

  test("what this side speaks no more, or not yet, is said", async () => {
    const [first, , , , , , , , , last] = GENERATIONS;
    const old = { ...first!, newest: "1.40", ping: { "Api-Version": "1.40" } };
    const young = {
      ...last!,
      ...{ newest: "1.70", oldest: "1.60", ping: { "Api-Version": "1.70" } },
      version: { Version: "35.0.0", ApiVersion: "1.70", MinAPIVersion: "1.60" },
    };
    for (
      const [generation, words] of [[old, /1\.40 at most.*1\.41/], [
        young,
        /1\.60 at least/,
      ]] as const
    ) {
      await using engine = await FakeEngine.start(generation);
      await assert.rejects(connected(engine), (error) => {
        assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
        assert.match(error.message, words);
        return true;
      });
    }
  });
}
