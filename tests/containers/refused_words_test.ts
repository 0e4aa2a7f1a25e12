/** What is said of what cannot be had: all that an engine lacks at once, and what to do with a container that does not run. */

import assert from "assertions";
import { inWords } from "../../src/cli/containers_words.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { twins } from "../support/twins.ts";
import type { Asked, FakeEngine, Reply } from "./fake_engine.ts";
import { plainTemplate, testOfFake } from "./fake_support.ts";
import { DOCKER, type Generation, GENERATIONS } from "./generations.ts";

const NEW_PODMAN = GENERATIONS.find(({ engine }) => engine === "podman")!;
/** One that gives no cgroup namespace, on a machine whose cgroups are the old ones. */
const OLD_PODMAN: Generation = {
  ...NEW_PODMAN,
  info: { ...NEW_PODMAN.info as object, CgroupVersion: "1" },
};
const NO_INIT: Reply = {
  status: 500,
  json: { message: "container-init binary not found on the host: stat /usr/bin/catatonit" },
};
/** How engines and their helpers say that a port is taken. */
const TAKEN: readonly (readonly [Generation, string])[] = [
  [
    DOCKER,
    "driver failed programming external connectivity on endpoint lab (a1): " +
    "Bind for 127.0.0.1:18222 failed: port is already allocated",
  ],
  [
    DOCKER,
    "failed to bind host port for 127.0.0.1:18222:172.17.0.2:8000/tcp: address already in use",
  ],
  [
    NEW_PODMAN,
    "cannot listen on the TCP port: listen tcp4 127.0.0.1:18222: bind: address already in use",
  ],
  [NEW_PODMAN, "rootlessport listen tcp 127.0.0.1:18222: bind: address already in use"],
];
const IMAGE = "some/image:1";

/** Whether it was asked to make a container with an init. */
function wantsInit({ method, path, body }: Asked): boolean {
  const host = (body as { HostConfig?: { Init?: boolean } } | null)?.HostConfig;
  return method === "POST" && path === "/containers/create" && host?.Init === true;
}

/** An engine with these images that has an init or not. */
function lacking(engine: FakeEngine, images: readonly object[], init: boolean): void {
  engine.before = (asked) => {
    if (asked.path === "/images/json") return { json: images };
    return wantsInit(asked) && !init ? NO_INIT : undefined;
  };
}

async function refusedFor(asked: Promise<unknown>, what: string): Promise<void> {
  await assert.rejects(asked, (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.deepEqual(error.details, { what });
    const names = JSON.stringify(what.split(", "));
    assert.ok(error.message.includes(`acceptWeaker: ${names} goes on without`), error.message);
    return true;
  });
}

for (const twin of twins("containers").each) {
  testOfFake(twin, "all that Podman lacks is named at once", async (containers, engine) => {
    const spec = { image: IMAGE, command: ["true"], verify: false };
    const asking: readonly ((acceptWeaker: readonly string[]) => Promise<unknown>)[] = [
      (acceptWeaker) => containers.run({ ...spec, acceptWeaker }),
      (acceptWeaker) => containers.session({ image: IMAGE, verify: false, acceptWeaker }),
      (acceptWeaker) => containers.deploy(plainTemplate(), { acceptWeaker }),
    ];
    for (const ask of asking) {
      lacking(engine, [{ Id: "d".repeat(64) }], false);
      await refusedFor(ask([]), "cgroup-namespace, init");
      await refusedFor(ask(["cgroup-namespace"]), "init");
      await refusedFor(ask(["init"]), "cgroup-namespace");
      // Where there is one, it is not said to be missing, and what was made to see that is gone.
      lacking(engine, [{ Id: "d".repeat(64) }], true);
      await refusedFor(ask([]), "cgroup-namespace");
      // Without an image it cannot be seen.
      lacking(engine, [], false);
      await refusedFor(ask([]), "cgroup-namespace");
      assert.equal(engine.containers.size, 0);
    }
    const looks = engine.asked.filter(wantsInit).filter(({ query }) =>
      query.get("name")?.startsWith("agent-look-")
    );
    assert.equal(looks.length, 2 * asking.length);
    for (const { body } of looks) {
      // Should it be left by a program that is killed, anybody's sweep takes it away.
      const { Labels } = body as { Labels: Record<string, string> };
      assert.equal(Labels["agent.runtime"], "1");
      assert.ok(Date.parse(Labels["agent.expires"]!) < Date.now() + 120_000);
    }
  }, OLD_PODMAN);

  for (const [generation, said] of TAKEN) {
    const name = `a port that is taken is told by its name, ${generation.engine}: ${said}`;
    testOfFake(twin, name, async (containers, engine) => {
      const ports = [{ container: 8000, name: "web" }, { container: 80, name: "more" }];
      const template = plainTemplate({ ports, network: "bridge" });
      engine.before = ({ path }): Reply | undefined =>
        path.endsWith("/start") ? { status: 500, json: { message: said } } : undefined;
      const acceptWeaker = generation === DOCKER ? [] : ["seccomp", "cgroup-namespace", "init"];
      const deploying = (given: Record<string, number>) =>
        containers.deploy(template, { ports: given, acceptWeaker, name: "lab" });
      const chosen: Record<string, number>[] = [{ web: 18_222, more: 8_000 }, { 8000: 18_222 }];
      for (const given of chosen) {
        await assert.rejects(deploying(given), (error) => {
          assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
          const told =
            "The port 18222 of the engine's machine is taken, so lab cannot have it for " +
            "web (8000/tcp); options.ports.web must be another port, or be left out for a free one";
          assert.equal(error.message, told);
          assert.match(inWords(error.message), / --port web must be another port, or /);
          return true;
        });
      }
      assert.equal(engine.containers.size, 0);
      // Where the engine chose the port, its words are all that there is.
      await assert.rejects(deploying({}), (error) => `${error}`.includes(said));
    }, generation);
  }

  for (const generation of [DOCKER, NEW_PODMAN]) {
    const words = generation.engine === "docker" ? [409, "Container x is not running"] as const : [
      500,
      "can only create exec sessions on running containers: container state improper",
    ] as const;
    testOfFake(
      twin,
      `what does not run says what to do, ${generation.engine}`,
      async (...given) => {
        const [containers, engine] = given;
        const answer = await engine.does({
          ...{ method: "POST", path: "/containers/create", version: null },
          ...{ query: new URLSearchParams({ name: "lab" }), body: { Image: IMAGE } },
        });
        const { Id } = answer.json as { Id: string };
        const [status, message] = words;
        let refuses = true;
        engine.before = ({ path }): Reply | undefined =>
          refuses && /\/(exec|pause|kill|unpause)$/.test(path)
            ? { status, json: { message } }
            : undefined;
        const container = await containers.get("lab");
        const told = async (pattern: RegExp): Promise<void> => {
          const asking = [
            () => container.exec(["true"]),
            () => container.pause(),
            () => container.kill(),
          ];
          for (const ask of asking) {
            await assert.rejects(ask(), (error) => {
              assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
              assert.match(error.message, pattern);
              return true;
            });
          }
        };
        const name = container.id;
        await told(
          new RegExp(
            `^The container ${name} does not run, as it was never started; start it first$`,
          ),
        );
        const found = engine.containers.get(Id)!;
        found.state = "exited";
        found.exitCode = 3;
        await told(/ does not run, as it ended with exit code 3; start it first$/);
        found.state = "paused" as never;
        await told(/ is paused; unpause\(\) lets it go on$/);
        // What cannot be told better stays the engine's.
        found.state = "running";
        await told(new RegExp(message));
        engine.containers.clear();
        await told(new RegExp(message));
        refuses = false;
      },
      generation,
    );
  }
}
