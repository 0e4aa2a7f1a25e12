/** Containers, images and programs in containers, on real engines: Docker and Podman, each by both twins. */

import assert from "assertions";
import {
  connectContainers,
  type Container,
  type Containers,
  type LogLine,
} from "../../src/containers/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { engineMissing, sharedDocker, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX, HELLO } from "../support/images.ts";
import { Beside } from "../support/needs.ts";
import { podmanMissing, sharedPodman, startPodman } from "../support/podman.ts";
import { temporary } from "../support/programs.ts";
import { registryMissing, TestRegistry } from "../support/registry.ts";
import { twins } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

interface Given {
  readonly engine: TestEngine;
  readonly containers: Containers;
  /** Makes a container that is removed after the test; started unless said otherwise. */
  make(command: readonly string[], host?: object, starts?: boolean): Promise<Container>;
}

const sh = (script: string): string[] => ["sh", "-c", script];
const SLEEP = ["sleep", "600"];

async function fails(code: AgentErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(AgentError.is(error, code), `${error}`);
    return true;
  });
}

/** What is made for a test goes with it, however it ends. */
async function given(
  engine: TestEngine,
  implementation: "pure" | "native",
  body: (given: Given) => Promise<void>,
): Promise<void> {
  const ids: string[] = [];
  await using containers = await connectContainers({ host: engine.host, implementation });
  const make: Given["make"] = async (command, host = {}, starts = true) => {
    const answer = await engine.ask("POST", "/containers/create", {
      Image: BUSYBOX.name,
      Cmd: command,
      HostConfig: { NetworkMode: "none", ...host },
    });
    assert.equal(answer.status, 201, answer.text);
    const { Id } = answer.json() as { Id: string };
    ids.push(Id);
    const container = containers.get(Id);
    if (starts) await container.start();
    return container;
  };
  try {
    await body({ engine, containers, make });
  } finally {
    for (const id of ids) await engine.ask("DELETE", `/containers/${id}?force=1&v=1`);
  }
}

const ENGINES = [
  ["Docker", engineMissing(), sharedDocker("none", [BUSYBOX, HELLO])],
  ["Podman", podmanMissing(), sharedPodman("none", [BUSYBOX, HELLO])],
] as const;

const beside = new Beside();
for (const [name, missing, engine] of ENGINES) {
  for (const twin of twins("containers").each) {
    const test = (what: string, body: (given: Given) => Promise<void>): void =>
      // Not the twins: they have the names of images in common.
      beside.add(
        [missing, BUSYBOX.missing, twin.missing],
        `${what} (${twin.name})`,
        name,
        async () => {
          await given(engine(), twin.name, body);
          await twin.idle();
        },
      );

    test("who the engine is, and what it offers", ({ containers, engine }) => {
      const { info, capabilities } = containers;
      assert.equal(info.engine, engine.kind);
      assert.equal(info.host, engine.host);
      assert.equal(info.implementation, twin.name);
      assert.match(info.apiVersion, /^1\.\d+$/);
      assert.equal(capabilities.os, "linux");
      assert.ok(capabilities.cpus! >= 1 && capabilities.memoryBytes! > 0);
      assert.ok(capabilities.runtimes.includes("runc"));
      assert.equal(capabilities.swarm, engine.kind === "docker" ? "inactive" : null);
      return Promise.resolve();
    });
    test("the life of a container, from its making to its removal", async ({ make, containers }) => {
      const container = await make(
        sh("trap 'exit 7' TERM; while :; do sleep 0.05; done"),
        {},
        false,
      );
      const state = async (): Promise<string> => (await container.inspect()).state;
      assert.equal(await state(), "created");
      assert.equal((await container.inspect()).exitCode, null);
      await container.start();
      await container.start();
      assert.equal(await state(), "running");
      await container.pause();
      assert.equal(await state(), "paused");
      await fails("UNAVAILABLE", container.pause());
      await container.unpause();
      await fails("UNAVAILABLE", container.unpause());
      const waiting = container.wait();
      await container.stop({ graceMs: 5_000 });
      assert.deepEqual(await waiting, { exitCode: 7, error: null });
      await container.stop();
      const ended = await container.inspect();
      assert.deepEqual([ended.state, ended.exitCode, ended.pid], ["exited", 7, null]);
      await fails("UNAVAILABLE", container.kill());
      await fails("UNAVAILABLE", container.exec(["true"]));
      await fails("UNAVAILABLE", container.stats());
      await container.start();
      await assert.rejects(container.remove(), AgentError);
      await container.kill();
      assert.equal((await container.wait()).exitCode, 137);
      await container.remove();
      await fails("NOT_FOUND", container.inspect());
      await fails("NOT_FOUND", container.remove());
      await fails("NOT_FOUND", containers.get("nobody").start());
    });

    test("lists and views", async ({ make, containers }) => {
      const container = await make(SLEEP, { Memory: 64 << 20, PidsLimit: 40 });
      const ended = await make(["true"]);
      await ended.wait();
      const ids = async (options?: Parameters<Containers["list"]>[0]): Promise<string[]> =>
        (await containers.list(options)).map(({ id }) => id);
      assert.deepEqual((await ids()).sort(), [container.id, ended.id].sort());
      assert.deepEqual(await ids({ all: false }), [container.id]);
      assert.deepEqual(await ids({ states: ["exited"] }), [ended.id]);
      assert.deepEqual(await ids({ ours: true }), []);
      assert.deepEqual(await ids({ labels: { none: null } }), []);
      const [listed] = await containers.list({ states: ["running"] });
      assert.equal(listed!.kind, null);
      assert.match(listed!.command!, /sleep/);
      assert.deepEqual(await ids({ names: [listed!.name!] }), [container.id]);
      const details = await container.inspect();
      assert.equal(details.name, listed!.name);
      assert.deepEqual(details.command, SLEEP);
      assert.deepEqual(details.limits, { memoryBytes: 64 << 20, cpus: null, pids: 40 });
      assert.ok(details.pid! > 0 && details.running && !details.tty);
      assert.ok(!Number.isNaN(Date.parse(details.startedAt!)));
      assert.equal(details.finishedAt, null);
    });

    test("a program's output, exit code, input and surroundings", async ({ make }) => {
      const container = await make(SLEEP);
      const result = await container.exec(sh("echo out; echo é漢 >&2; exit 3"));
      assert.deepEqual(
        [result.exitCode, result.stdout, result.stderr, result.truncated, result.timedOut],
        [3, "out\n", "é漢\n", false, false],
      );
      assert.equal(result.killed, null);
      assert.ok(result.durationMs > 0);
      const stdin = "héllo\n".repeat(20_000);
      assert.equal((await container.exec(["cat"], { stdin })).stdout, stdin);
      assert.equal((await container.exec(["cat"])).stdout, "");
      const around = await container.exec(sh('echo "$A|$PWD|$(id -u):$(id -g)"'), {
        env: { A: "a b'\"$(x)" },
        workdir: "/tmp",
        user: "1234:5678",
        timeoutMs: 30_000,
      });
      assert.equal(around.stdout, "a b'\"$(x)|/tmp|1234:5678\n");
      const args = ["printf", "%s|", "", "a b", "$HOME", "-n", "'"];
      assert.equal((await container.exec(args)).stdout, "|a b|$HOME|-n|'|");
      assert.equal((await container.exec(args, { timeoutMs: 30_000 })).stdout, "|a b|$HOME|-n|'|");
      for (const options of [{}, { timeoutMs: 30_000 }]) {
        const missing = await container.exec(["/no/such/program"], options);
        assert.ok([126, 127].includes(missing.exitCode!), `${missing.exitCode}`);
        assert.match(missing.stdout + missing.stderr, /no\/such\/program/);
      }
    });

    test("output over the bound is dropped, and characters are whole", async ({ make }) => {
      const container = await make(SLEEP);
      const script = sh("i=0; while [ $i -lt 3000 ]; do printf 漢; printf é >&2; i=$((i+1)); done");
      const whole = await container.exec(script);
      assert.equal(whole.stdout, "漢".repeat(3_000));
      assert.equal(whole.stderr, "é".repeat(3_000));
      const cut = await container.exec(script, { maxOutputBytes: 1_000 });
      assert.equal(cut.stdout, "漢".repeat(333));
      assert.deepEqual(cut.dropped, { stdout: 8_000, stderr: 5_000 });
      assert.ok(cut.truncated);
      const pieces: string[] = [];
      await container.exec(sh("echo a; echo b >&2"), {
        onOutput: ({ stream, bytes }) => {
          pieces.push(`${stream} ${new TextDecoder().decode(bytes)}`);
        },
      });
      assert.deepEqual(pieces.sort(), ["stderr b\n", "stdout a\n"]);
    });

    test("a time limit kills a program and what it started, and nothing else", async ({ make }) => {
      const container = await make(SLEEP);
      const script =
        "trap '' TERM INT HUP; echo begun; sleep 611 & setsid sleep 612 & sleep 613; echo no";
      const result = await container.exec(sh(script), { timeoutMs: 1_500 });
      assert.deepEqual([result.exitCode, result.timedOut, result.stdout], [null, true, "begun\n"]);
      assert.equal(result.killed, "process");
      const { stdout } = await container.exec(["ps", "-o", "args"]);
      assert.match(stdout, /sleep 600/);
      assert.doesNotMatch(stdout, /sleep 61[123]/);
      // One that writes without end is read without end, and ends.
      const yes = await container.exec(["yes"], { timeoutMs: 700, maxOutputBytes: 100 });
      assert.deepEqual([yes.timedOut, yes.truncated, yes.killed], [true, true, "process"]);
      const reason = new Error("enough");
      const controller = new AbortController();
      const waiting = container.exec(sh("echo begun; sleep 614"), {
        signal: controller.signal,
        onOutput: () => controller.abort(reason),
      });
      await assert.rejects(waiting, (error) => error === reason);
      assert.doesNotMatch((await container.exec(["ps", "-o", "args"])).stdout, /sleep 614/);
      assert.equal((await container.inspect()).state, "running");
    });

    test("where a program cannot be killed alone, its container is", async ({ make }) => {
      const container = await make(SLEEP, { PidsLimit: 12 });
      // The parent leaves the cgroup full, so that there is no place for the program that would kill.
      const script = "i=0; while [ $i -lt 30 ]; do sleep 615 & i=$((i+1)); done; exec sleep 616";
      const full = "(" + script + ") 2>/dev/null; while :; do sleep 617; done";
      const result = await container.exec(sh(full), { timeoutMs: 1_500 });
      assert.ok(result.timedOut);
      const { state } = await container.inspect();
      assert.equal(state, result.killed === "container" ? "exited" : "running");
      if (state === "running") {
        assert.doesNotMatch((await container.exec(["ps", "-o", "args"])).stdout, /sleep 61[567]/);
      }
    });

    test("a program that is killed for memory is told apart", async ({ make }) => {
      const container = await make(SLEEP, { Memory: 32 << 20, MemorySwap: 32 << 20 });
      const script = sh("a=x; while :; do a=$a$a$a$a; done");
      const result = await container.exec(script, { timeoutMs: 30_000 });
      assert.deepEqual([result.oomKilled, result.oom, result.timedOut], [true, "killed", false]);
      const killed = await container.exec(sh("kill -9 $$"), { timeoutMs: 30_000 });
      assert.deepEqual([killed.exitCode, killed.oomKilled, killed.oom], [137, false, "no"]);
    });

    test("a container without a shell: programs run, and their end is the container's", async (all) => {
      await temporary(async (folder) => {
        const found = await new Deno.Command("sh", { args: ["-c", "command -v busybox"] }).output();
        const busybox = new TextDecoder().decode(found.stdout).trim();
        await Deno.copyFile(busybox, `${folder}/sleep`);
        await Deno.copyFile(busybox, `${folder}/echo`);
        await Deno.writeTextFile(
          `${folder}/Dockerfile`,
          'FROM scratch\nCOPY sleep /bin/sleep\nCOPY echo /bin/echo\nCMD ["/bin/sleep", "600"]\n',
        );
        let id = "";
        for await (const event of all.containers.build(folder, { tags: ["agent-test/bare:1"] })) {
          if (event.type === "built") id = event.imageId;
        }
        assert.match(id, /^sha256:[0-9a-f]{64}$/);
        const created = await all.engine.ask("POST", "/containers/create", {
          Image: id,
          HostConfig: {
            NetworkMode: "none",
          },
        });
        const container = all.containers.get((created.json() as { Id: string }).Id);
        try {
          await container.start();
          const fine = await container.exec(["/bin/echo", "hello"], { timeoutMs: 30_000 });
          assert.deepEqual([fine.exitCode, fine.stdout], [0, "hello\n"]);
          const late = await container.exec(["/bin/sleep", "618"], { timeoutMs: 800 });
          assert.deepEqual([late.timedOut, late.killed], [true, "container"]);
          assert.equal((await container.inspect()).state, "exited");
        } finally {
          await container.remove({ force: true });
          await all.containers.images.remove("agent-test/bare:1", { force: true });
        }
      });
    });

    test("logs: lines, times, the last ones, following to the end", async ({ make }) => {
      const script = "echo one; echo two >&2; printf '%20000s\\n' x; sleep 0.3; echo last";
      const container = await make(sh(script));
      const followed: LogLine[] = [];
      for await (const line of container.logs({ follow: true, timestamps: true })) {
        followed.push(line);
      }
      const of = (stream: string): string[] =>
        followed.filter((line) => line.stream === stream).map(({ text }) => text);
      assert.deepEqual(of("stdout"), ["one", `${" ".repeat(19_999)}x`, "last"]);
      assert.deepEqual(of("stderr"), ["two"]);
      assert.ok(followed.every(({ time }) => !Number.isNaN(Date.parse(time!))));
      await container.wait();
      const texts = async (options: Parameters<Container["logs"]>[0]): Promise<string[]> =>
        (await Array.fromAsync(container.logs(options))).map(({ text }) => text);
      assert.deepEqual(await texts({ streams: ["stderr"] }), ["two"]);
      assert.deepEqual(await texts({ tail: 1, streams: ["stdout"] }), ["last"]);
      assert.deepEqual(await texts({ since: new Date(Date.now() + 60_000) }), []);
      assert.deepEqual(await texts({ until: 1 }), []);
    });

    test("logs can be left early, and end with a container that is removed", async ({ make }) => {
      const container = await make(sh("while :; do echo tick; sleep 0.02; done"));
      for await (const { text } of container.logs({ follow: true })) {
        assert.equal(text, "tick");
        break;
      }
      const reason = new Error("enough");
      const controller = new AbortController();
      await assert.rejects(async () => {
        for await (const _ of container.logs({ follow: true, signal: controller.signal })) {
          controller.abort(reason);
        }
      }, (error) => error === reason);
      const followed = Array.fromAsync(container.logs({ follow: true, tail: 1 }));
      const running = container.exec(["sleep", "619"]);
      running.catch(() => {});
      await container.stats();
      await container.remove({ force: true });
      await followed.catch((error) => assert.ok(error instanceof AgentError, `${error}`));
      // Its program went with it; whether the engine still knows how, engines differ.
      const outcome = await running.catch((error) => error);
      assert.ok(outcome instanceof AgentError || outcome.exitCode !== 0, JSON.stringify(outcome));
      await fails("NOT_FOUND", Array.fromAsync(container.logs()));
    });

    test("statistics are of now", async ({ make }) => {
      const busy = await make(sh("while :; do :; done"), { Memory: 64 << 20, NanoCpus: 5e8 });
      const idle = await make(SLEEP);
      const hot = await busy.stats();
      const cold = await idle.stats();
      assert.ok(hot.cpuPercent! > 5 && hot.cpuPercent! < 100, `${hot.cpuPercent}`);
      assert.ok(cold.cpuPercent! < hot.cpuPercent!, `${cold.cpuPercent}`);
      assert.equal(hot.memory.limitBytes, 64 << 20);
      assert.ok(hot.memory.usageBytes! > 0 && hot.memory.usageBytes! <= 64 << 20);
      assert.ok(hot.pids.current! >= 1);
      assert.ok(hot.cpuTimeMs! > 0 && hot.windowMs >= 500, `${hot.windowMs}`);
      for (const [field, reason] of Object.entries(hot.missing)) assert.ok(reason !== "", field);
      const again = await busy.stats();
      assert.ok(again.cpuTimeMs! > hot.cpuTimeMs!);
    });

    test("images are built of files, of folders without what is ignored, and named", async (all) => {
      const { containers, engine } = all;
      const tags = ["agent-test/built:1", "agent-test/built:2"];
      const output: string[] = [];
      let imageId = "";
      const context = {
        Dockerfile:
          `FROM ${BUSYBOX.name}\nARG WORD\nCOPY a/b.txt /b.txt\nRUN echo "step $WORD"\nUSER 1234\n`,
        "a/b.txt": "content é",
      };
      const build = containers.build(context, {
        tags,
        args: { WORD: "said" },
        labels: { "agent-test": "yes" },
        network: "none",
      });
      for await (const event of build) {
        if (event.type === "output") output.push(event.text);
        if (event.type === "built") imageId = event.imageId;
      }
      assert.match(output.join(""), /step said/);
      const details = await containers.images.inspect(tags[1]!);
      assert.equal(details.id, imageId);
      assert.equal(details.user, "1234");
      assert.equal(details.labels["agent-test"], "yes");
      assert.ok(details.sizeBytes! > 0 && details.layers! > 0);
      const names = (await containers.images.list()).flatMap((image) => image.tags);
      for (const tag of tags) assert.ok(names.some((name) => name.endsWith(tag)), names.join());
      await temporary(async (folder) => {
        await Deno.mkdir(`${folder}/left/out`, { recursive: true });
        const files = { "left/out/x": "", "kept.log": "", "dropped.log": "", "kept.txt": "" };
        for (const [name, text] of Object.entries(files)) {
          await Deno.writeTextFile(`${folder}/${name}`, text);
        }
        await Deno.writeTextFile(`${folder}/.dockerignore`, "left\n*.log\n!kept.log\nDockerfile\n");
        const list = `FROM ${BUSYBOX.name}\nCOPY . /all\n`;
        await Deno.writeTextFile(`${folder}/Dockerfile`, list);
        for await (const _ of containers.build(folder, { tags: ["agent-test/folder:1"] }));
        const made = await engine.ask("POST", "/containers/create", {
          Image: "agent-test/folder:1",
          Cmd: SLEEP,
          HostConfig: {
            NetworkMode: "none",
          },
        });
        const container = containers.get((made.json() as { Id: string }).Id);
        await container.start();
        const { stdout } = await container.exec(sh("cd /all; find . -type f | sort"));
        await container.remove({ force: true });
        const found = stdout.trim().split("\n");
        assert.ok(found.includes("./kept.log") && found.includes("./kept.txt"), stdout);
        assert.ok(!stdout.includes("dropped.log") && !stdout.includes("left"), stdout);
      });
      for (const tag of [...tags, "agent-test/folder:1"]) {
        await containers.images.remove(tag, { force: true });
      }
      await fails("NOT_FOUND", containers.images.inspect(tags[0]!));
    });

    test("a build that fails says why, and what is wrong is refused before", async ({ containers }) => {
      const failing = { Dockerfile: `FROM ${BUSYBOX.name}\nRUN echo told; exit 9\n` };
      const options = { network: "none" };
      const output: string[] = [];
      await assert.rejects(async () => {
        for await (const event of containers.build(failing, options)) {
          if (event.type === "output") output.push(event.text);
        }
      }, (error) => AgentError.is(error, "JOB_FAILED") && /9/.test(error.message));
      assert.match(output.join(""), /told/);
      await assert.rejects(Array.fromAsync(containers.build({}, {})), AgentError);
      await assert.rejects(Array.fromAsync(containers.build(wrong(5))), TypeError);
      const unknown = wrong({ tag: "x" });
      await assert.rejects(Array.fromAsync(containers.build({}, unknown)), /did you mean tags/);
      await assert.rejects(Array.fromAsync(containers.build({}, { tags: ["-x"] })), TypeError);
    });

    test("wrong arguments are refused before the engine is asked", async ({ make, containers }) => {
      const container = await make(SLEEP);
      for (const command of [[], [""], "true", ["a\0"], [1]]) {
        await assert.rejects(container.exec(wrong(command)), /command/);
      }
      await assert.rejects(
        container.exec(["true"], wrong({ timeout: 5 })),
        /did you mean timeoutMs/,
      );
      await assert.rejects(container.exec(["true"], { env: { "A=B": "x" } }), RangeError);
      await assert.rejects(container.exec(["true"], { env: { A: "\0secret" } }), (error) => {
        assert.ok(error instanceof TypeError && !error.message.includes("secret"));
        return true;
      });
      await assert.rejects(container.exec(["true"], { workdir: "relative" }), RangeError);
      await assert.rejects(container.exec(["true"], { timeoutMs: 0 }), RangeError);
      await assert.rejects(container.kill({ name: "9; true" }), TypeError);
      await assert.rejects(container.stop({ graceMs: -1 }), RangeError);
      await assert.rejects(Array.fromAsync(container.logs({ tail: -1 })), RangeError);
      await assert.rejects(Array.fromAsync(container.logs({ streams: [] })), TypeError);
      for (const id of ["", "..", "a/b", "../images/json", "a b"]) {
        assert.throws(() => containers.get(id), RangeError, id);
      }
      await assert.rejects(containers.list(wrong({ state: "x" })), /did you mean states/);
      await assert.rejects(containers.list({ states: [wrong("x")] }), TypeError);
    });

    test("a closed connection says so", async ({ containers }) => {
      await containers.dispose();
      await containers.dispose();
      assert.throws(() => containers.get("x"), (error) => AgentError.is(error, "CLOSED"));
      await fails("CLOSED", containers.list());
    });
  }

  const starting = (registry: TestRegistry): Promise<TestEngine> =>
    name === "Docker"
      ? startDocker("none", [HELLO])
      : startPodman("none", [HELLO], [registry.address]);
  beside.add(
    [missing, HELLO.missing, registryMissing, twins("containers").native.missing],
    "an image is pulled, with progress, or is not there",
    name,
    async () => {
      await using registry = await TestRegistry.start();
      await using engine = await starting(registry);
      const image = await registry.take(engine, HELLO.name, "a/hello:1");
      for (const twin of twins("containers").each) {
        await using containers = await connectContainers({
          host: engine.host,
          implementation: twin.name,
        });
        await containers.images.remove(image, { force: true }).catch(() => {});
        const events = await Array.fromAsync(containers.pull(image));
        const last = events.at(-1)!;
        assert.ok(last.type === "pulled" && last.image === image, JSON.stringify(last));
        assert.equal((await containers.images.inspect(image)).id, last.imageId);
        assert.match(last.digest!, /^sha256:[0-9a-f]{64}$/);
        assert.ok(events.some(({ type }) => type === "progress"));
        const nothing = image.replace("hello:1", "nothing:1");
        await fails("NOT_FOUND", Array.fromAsync(containers.pull(nothing)));
        await assert.rejects(Array.fromAsync(containers.pull("-x")), TypeError);
        const secret = "very-secret-word";
        const auth = { username: "u", password: wrong([secret]) };
        await assert.rejects(Array.fromAsync(containers.pull(image, { auth })), (error) => {
          assert.ok(error instanceof TypeError && !error.message.includes(secret));
          return true;
        });
        await twin.idle();
      }
    },
  );
}
beside.register();
