/** What happens to sandboxes when the engine, or whoever uses them, goes away in the middle. */

import assert from "assertions";
import { buildImage } from "../../src/containers/container/images.ts";
import { Container } from "../../src/containers/container/container.ts";
import { sweep } from "../../src/containers/deploy/sweep.ts";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import { newOwner } from "../../src/containers/policy/mod.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import { openSession } from "../../src/containers/sandbox/session.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { Beside } from "../support/needs.ts";
import { podmanMissing, startPodman } from "../support/podman.ts";
import { DENO, ROOT } from "../support/programs.ts";
import { twins } from "../support/twins.ts";
import { connected, containersOf, PODMAN_LACKS } from "./sandbox_engines.ts";

const image = BUSYBOX.name;
const sh = (script: string): string[] => ["sh", "-c", script];

const ENGINES = [
  ["Docker", engineMissing(), () => startDocker("none", [BUSYBOX]), []],
  ["Podman", podmanMissing(), () => startPodman("none", [BUSYBOX]), PODMAN_LACKS],
] as const;

/** The engine is gone: it cannot be reached, or its connection broke off. */
function isGone(error: unknown): boolean {
  return AgentError.is(error, "IO") || AgentError.is(error, "NOT_FOUND");
}

const beside = new Beside();
for (const [name, missing, starting, acceptWeaker] of ENGINES) {
  for (const twin of twins("containers").each) {
    const spec = { image, acceptWeaker };
    beside.add(
      [missing, BUSYBOX.missing, twin.missing],
      "an engine that is killed under a command and a session",
      `${name}, ${twin.name}`,
      async () => {
        {
          await using engine = await starting();
          await using context = await connected(engine, twin.name);
          const session = await openSession(context, { ...spec, verify: false });
          const started = Promise.withResolvers<void>();
          const both = Promise.withResolvers<void>();
          const command = sh("echo started; sleep 60");
          const exec = session.exec(command, { onOutput: () => started.resolve() });
          const run = runSandbox(context, { ...spec, command, onOutput: () => both.resolve() });
          await Promise.race([Promise.all([started.promise, both.promise]), exec, run]);
          await engine.kill();
          await assert.rejects(exec, isGone);
          await assert.rejects(run, isGone);
          await assert.rejects(runSandbox(context, { ...spec, command }), isGone);
          await engine.start();
          assert.equal(
            (await runSandbox(context, { ...spec, command: ["echo", "again"] })).stdout,
            "again\n",
          );
          await session.close();
          // What could not be removed carries its end, after which anybody's sweep takes it away.
          const { client, owner } = context;
          const later = Date.now() + 3_600_000;
          await sweep(client, owner, { now: later });
          assert.deepEqual(await containersOf(engine), []);
        }
        await twin.idle();
      },
    );

    beside.add(
      [missing, BUSYBOX.missing, twin.missing],
      "an engine that is killed under logs and a build",
      `${name}, ${twin.name}`,
      async () => {
        {
          await using engine = await starting();
          await using context = await connected(engine, twin.name);
          const { client } = context;
          const id = await writing(engine);
          const dockerfile = `FROM ${image}\nRUN echo building; sleep 60\n`;
          const logs = broken(new Container(client, id).logs({ follow: true }), () => {});
          const building = Promise.withResolvers<void>();
          const build = broken(
            buildImage(client, { Dockerfile: dockerfile }, { tags: ["agent-test/never:1"] }),
            () => building.resolve(),
          );
          await Promise.race([building.promise, build]);
          await engine.kill();
          assert.ok(isGone(await logs) || await logs === undefined, String(await logs));
          assert.ok(isGone(await build), String(await build));
          await engine.start();
          await engine.ask("DELETE", `/containers/${id}?force=1`);
        }
        await twin.idle();
      },
    );
  }

  beside.add(
    [missing, BUSYBOX.missing],
    "what a killed client leaves is found and swept",
    name,
    async () => {
      await using engine = await starting();
      const child = new Deno.Command(DENO, {
        args: [
          "run",
          "--no-prompt",
          "--allow-all",
          "--config",
          `${ROOT}deno.json`,
          `${ROOT}tests/containers/attacks_client.ts`,
          engine.host,
          engine.folder,
          JSON.stringify(spec(acceptWeaker)),
        ],
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      const client = await connectEngine({ host: engine.host, implementation: "pure" });
      const owner = await newOwner();
      try {
        assert.equal((await containersOf(engine)).length, 2);
        // As long as it lives, nothing of it is swept.
        assert.deepEqual((await sweep(client, owner)).removed, []);
        child.kill("SIGKILL");
        await child.status;
        const { removed } = await sweep(client, owner);
        assert.deepEqual(removed.map(({ reason }) => reason), ["orphaned", "orphaned"]);
        assert.deepEqual(await containersOf(engine), []);
      } finally {
        await reader.cancel();
        owner[Symbol.dispose]();
        await client[Symbol.asyncDispose]();
      }
    },
  );
}
beside.register();

function spec(acceptWeaker: readonly string[]): object {
  return { image, acceptWeaker, verify: false };
}

/** A container that writes lines, as others make them. */
async function writing(engine: TestEngine): Promise<string> {
  const Ulimits = ["nofile", "nproc"].map((Name) => ({ Name, Soft: 1024, Hard: 1024 }));
  const created = await engine.ask("POST", "/containers/create", {
    Image: image,
    Cmd: sh("while :; do echo line; sleep 1; done"),
    HostConfig: { NetworkMode: "none", Ulimits },
  });
  const { Id } = created.json() as { Id: string };
  assert.equal((await engine.ask("POST", `/containers/${Id}/start`)).status, 204);
  return Id;
}

/** Goes through a stream to its end; what it ended with, undefined if properly. */
async function broken(stream: AsyncIterable<unknown>, each: () => void): Promise<unknown> {
  try {
    for await (const _ of stream) each();
    return undefined;
  } catch (error) {
    return error;
  }
}
