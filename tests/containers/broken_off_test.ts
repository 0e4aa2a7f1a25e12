/**
 * What of an engine's failure is a command's end: where the engine never answered its start, or could not start it, nothing
 * was run, and no empty output is made up; where it cut the streams of one that has ended, what came is the output.
 */

import assert from "assertions";
import type { Attached } from "../../src/containers/engine/client.ts";
import { EngineError } from "../../src/containers/engine/errors.ts";
import { type Frame, withoutLastWords } from "../../src/containers/engine/frames.ts";
import { drive } from "../../src/containers/sandbox/drive.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { twins } from "../support/twins.ts";
import { testOfFake } from "./fake_support.ts";
import { DOCKER, GENERATIONS } from "./generations.ts";

const PODMAN = GENERATIONS.find(({ engine }) => engine === "podman")!;
const OUT: Frame = { stream: "stdout", bytes: new TextEncoder().encode("out"), begins: true };

for (const brokeOff of [true, false]) {
  for (const isOver of [true, false]) {
    const name = `${brokeOff ? "cut" : "unanswered"} streams of one that ${
      isOver ? "has" : "has not"
    } ended`;
    Deno.test(`command: ${name}`, async () => {
      const error = new EngineError("IO", "gone", { path: "x", operation: "y" }, null);
      error.brokeOff = brokeOff;
      async function* frames(): AsyncGenerator<Frame> {
        await Promise.resolve();
        if (brokeOff) yield OUT;
        throw error;
      }
      const none = (): Promise<void> => Promise.resolve();
      const process: Attached = { frames: frames(), write: none, closeWrite: none, close() {} };
      let kills = 0;
      const driven = drive(process, {
        ...{ stdin: undefined, timeoutMs: 60_000, maxOutputBytes: 100 },
        ...{ onOutput: undefined, signal: undefined },
        kill: () => Promise.resolve(void kills++),
        isOver: () => Promise.resolve(isOver),
      });
      if (brokeOff && isOver) assert.equal((await driven).capture.text("stdout"), "out");
      else await assert.rejects(driven, (thrown) => thrown === error);
      assert.equal(kills, isOver ? 0 : 1);
    });
  }
}

Deno.test("Podman's words of its own connection are no output, where they are the last", async () => {
  const frame = (stream: Frame["stream"], text: string): Frame => ({
    ...{ stream, bytes: new TextEncoder().encode(text), begins: true },
  });
  const words = frame(
    "stderr",
    "Error: read unixpacket @->/proc/self/fd/15/attach: read: connection reset by peer\n",
  );
  const all = [OUT, frame("stderr", "Error: mine\n"), words, frame("stdout", "more"), words];
  const gone = new Error("gone");
  const kept = async (given: readonly Frame[]): Promise<[Frame[], unknown]> => {
    const frames: Frame[] = [];
    const source = async function* () {
      await Promise.resolve();
      yield* given;
    };
    try {
      for await (const one of withoutLastWords(source(), () => gone)) frames.push(one);
    } catch (error) {
      return [frames, error];
    }
    return [frames, undefined];
  };
  assert.deepEqual(await kept(all), [all.slice(0, 4), gone]);
  assert.deepEqual(await kept(all.slice(0, 4)), [all.slice(0, 4), undefined]);
  const out: Frame = { ...words, stream: "stdout" };
  assert.deepEqual(await kept([out]), [[out], undefined]);
});

for (const twin of twins("containers").each) {
  for (const generation of [DOCKER, PODMAN]) {
    testOfFake(
      twin,
      `exec() whose start ${generation.engine} does not answer`,
      async (containers, engine) => {
        // Of a program that was never started Docker says no exit code, and Podman 0.
        const ExitCode = generation.engine === "docker" ? null : 0;
        engine.before = ({ path }) => {
          if (path.endsWith("/exec")) return { status: 201, json: { Id: "e1" } };
          if (path === "/exec/e1/start") throw new Error("the connection is closed");
          return path === "/exec/e1/json" ? { json: { Running: false, ExitCode } } : undefined;
        };
        await using session = await containers.session({ image: "some/image:1", verify: false });
        await assert.rejects(
          session.exec(["echo", "out"]),
          (error) => AgentError.is(error, "IO") && /before the answer did/.test(error.message),
        );
        assert.equal(session.closed, undefined);
      },
      generation,
    );
  }

  testOfFake(
    twin,
    "run() of a program that is not there, and what else is not",
    async (...given) => {
      const [containers, engine] = given;
      const fails = "runc create failed: unable to start container process:";
      let message = "";
      engine.before = ({ path }) =>
        path.endsWith("/start") ? { status: 500, json: { message } } : undefined;
      const run = () => containers.run({ image: "some/image:1", command: ["x"] });
      for (
        const words of [
          `${fails} exec: "no-such": executable file not found in $PATH: unknown`,
          `${fails} exec: "/no such": stat /no such: no such file or directory: unknown`,
          `${fails} exec /script: no such file or directory`,
          "crun: executable file `no-such` not found in $PATH: No such file or directory",
          "crun: open executable: No such file or directory",
          'error finding executable "no-such" in PATH [/bin]: no such file or directory',
        ]
      ) {
        message = words;
        const { exitCode, stderr } = await run();
        assert.equal(exitCode, 127, words);
        assert.ok(stderr.includes(words), stderr);
      }
      for (
        const words of [
          `${fails} unable to apply cgroup configuration: open /sys/fs/cgroup/pids/x/cgroup.procs: no such file or directory`,
          `${fails} error mounting "/gone" to rootfs at "/data": stat /gone: no such file or directory`,
          "cannot start a container: open /run/runc/x/exec.fifo: no such file or directory",
        ]
      ) {
        message = words;
        await assert.rejects(
          run(),
          (error) => AgentError.is(error) && error.message.includes(words),
        );
      }
    },
  );
}
