/** Sandboxes on real engines: commands, sessions, pools, files, and what holds them. */

import assert from "assertions";
import { Container } from "../../src/containers/container/container.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import { openPool } from "../../src/containers/sandbox/pool.ts";
import { openSession } from "../../src/containers/sandbox/session.ts";
import type { RunSpec, SessionProcess } from "../../src/containers/sandbox/types.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { BUSYBOX, HELLO, PYTHON, SHUT } from "../support/images.ts";
import { containersOfTest, matrix, type SandboxCase } from "./sandbox_engines.ts";

const image = BUSYBOX.name;
const sh = (script: string): string[] => ["sh", "-c", script];

/** Runs a command with what the engine cannot give accepted. */
const run = ({ context, acceptWeaker }: SandboxCase, spec: Partial<RunSpec>) =>
  runSandbox(context, { image, acceptWeaker, command: ["true"], ...spec });

/** Reads what a process writes until a word is in it. */
async function until(process: SessionProcess, word: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(word)) {
    const piece = await process.read();
    assert.ok(piece !== undefined, `it ended after ${JSON.stringify(text)}`);
    // An interpreter's prompts are on stderr, wherever they fall between the pieces of what it prints.
    if (piece.stream === "stdout") text += decoder.decode(piece.bytes, { stream: true });
  }
  return text;
}

matrix([BUSYBOX, HELLO, PYTHON, SHUT], (test) => {
  test("run gives the output, the exit code and nothing is left", async (given) => {
    const result = await run(given, { command: sh("echo out; echo err >&2; exit 3") });
    const { stdout, stderr, exitCode } = result;
    assert.deepEqual({ stdout, stderr, exitCode }, {
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 3,
    });
    assert.equal(result.truncated || result.timedOut || result.oomKilled, false);
    assert.equal(result.oom, "no");
    assert.ok(result.durationMs > 0);
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("run of an image without a shell", async (given) => {
    const result = await run(given, { image: HELLO.name, command: ["/bin/echo", "hello"] });
    assert.equal(result.stdout, "hello\n");
    await assert.rejects(
      run(given, { image: HELLO.name, command: ["/bin/echo"], files: { "a": "b" } }),
      (error) => AgentError.is(error, "UNSUPPORTED") && /sh/.test(error.message),
    );
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("stdin is read to its end", async (given) => {
    const stdin = new Uint8Array(300_000).fill(0x61);
    assert.equal((await run(given, { command: ["wc", "-c"], stdin })).stdout.trim(), "300000");
    assert.equal((await run(given, { command: ["cat"] })).stdout, "");
    assert.equal((await run(given, { command: ["true"], stdin })).exitCode, 0);
  });

  test("output is told as it comes, and its bytes are kept up to the bound", async (given) => {
    const told: string[] = [];
    const result = await run(given, {
      command: sh("printf 12345ü789; printf e >&2"),
      maxOutputBytes: 6,
      onOutput: ({ stream, bytes }) => void told.push(`${stream} ${bytes.length}`),
    });
    assert.equal(result.stdout, "12345");
    assert.equal(result.stderr, "e");
    assert.equal(result.truncated, true);
    assert.deepEqual(result.dropped, { stdout: 4, stderr: 0 });
    assert.ok(told.includes("stderr 1"), told.join());
    const failure = new Error("the caller's own");
    const failing = run(given, {
      command: ["yes"],
      onOutput: () => {
        throw failure;
      },
    });
    await assert.rejects(failing, (error) => error === failure);
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("a program that is not there ends as in a shell", async (given) => {
    const result = await run(given, { command: ["no-such-program"] });
    assert.equal(result.exitCode, 127);
    assert.match(result.stderr, /no-such-program/);
    await assert.rejects(
      run(given, { image: "no-such-image:none" }),
      (error) => AgentError.is(error, "NOT_FOUND"),
    );
  });

  test("an abort kills and removes it", async (given) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = run(given, {
      command: sh("echo started; sleep 60"),
      signal: controller.signal,
      onOutput: () => controller.abort(reason),
    });
    await assert.rejects(running, (error) => error === reason);
    assert.deepEqual(await containersOfTest(given), []);
    await assert.rejects(run(given, { signal: controller.signal }), (error) => error === reason);
  });

  test("files go in and out", async (given) => {
    const result = await run(given, {
      command: sh("tr a-z A-Z <in/a.txt >out.txt; mkdir d; cp in/b.bin d/; ln -s out.txt d/link"),
      files: { "in/a.txt": "hello ü", "in/b.bin": new Uint8Array([0, 255, 10]) },
      outputs: ["/workspace/out.txt"],
    });
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal(new TextDecoder().decode(result.files[0]!.bytes), "HELLO ü");
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("what is asked wrongly is said before the engine is asked", async (given) => {
    const { context } = given;
    const wrong: readonly [object, RegExp][] = [
      [{ comand: ["x"] }, /did you mean command/],
      [{ privileged: true }, /privileged/],
      [{ command: [] }, /command/],
      [{ command: "ls" }, /command/],
      [{ timeoutMs: 0 }, /timeoutMs/],
      [{ user: "0:0" }, /root/],
      [{ limits: { memory: 5 } }, /memoryBytes/],
      [{ isolation: "none" }, /isolation/],
      [{ acceptWeaker: ["seccmp"] }, /seccomp/],
      [{ network: "host" }, /network/],
      [{ network: { allow: "x" } }, /allow/],
      [{ env: { "A=B": "c" } }, /env/],
      [{ workingDirectory: "../x" }, /workingDirectory/],
      [{ outputs: ["../x"] }, /outputs/],
      [{ command: ["x".repeat(131_072)] }, /131072 bytes/],
      [
        { command: Array(40).fill("x".repeat(100_000)) },
        /at most 2031616 bytes together, got 4000/,
      ],
      [{ env: { A: "x".repeat(131_070) } }, /131072 bytes/],
    ];
    for (const [spec, message] of wrong) {
      const asked = { image, command: ["true"], ...spec } as RunSpec;
      await assert.rejects(runSandbox(context, asked), (error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
    assert.equal(context.boxes.size, 0);
  });

  test("a runtime that the engine has not is refused", async (given) => {
    const required = run(given, { isolation: "required:runsc" });
    await assert.rejects(required, (error) => AgentError.is(error) && /runsc/.test(error.message));
    const { security } = await run(given, { isolation: "auto" });
    assert.equal(security.isolation, "shared-kernel");
    assert.match(security.warnings.join(), /shares the machine's kernel/);
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("what holds it is read from the engine and from inside", async (given) => {
    const { security } = await run(given, { verify: true });
    assert.equal(security.ok, true);
    assert.equal(security.verified, true);
    const bad = security.controls.filter(({ ok, control }) =>
      ok !== true && !given.acceptWeaker.includes(control) && control !== "log-size"
    );
    assert.deepEqual(bad, []);
    const inside = security.controls.filter(({ how }) => how === "inside");
    const names = ["user", "capabilities", "no-new-privileges", "seccomp", "read-only-root"];
    for (const name of [...names, "tmpfs", "memory", "swap", "pids", "cpus", "network"]) {
      assert.equal(inside.find(({ control }) => control === name)?.ok, true, name);
    }
    const unverified = await run(given, {});
    assert.equal(unverified.security.verified, false);
    assert.equal(unverified.security.ok, true);
  });

  test("a folder in memory over one that only root may write to", async (given) => {
    const command = sh("echo in >/tmp/a && cp /tmp/a b && cat b");
    const { stdout, security } = await run(given, { image: SHUT.name, command, verify: true });
    assert.equal(stdout, "in\n");
    assert.equal(security.ok, true);
    // One that cannot be what was asked is found inside, whatever the engine says.
    const tmpfs = [{ path: "/tmp", sizeBytes: 1 << 20, uid: 0, gid: 0 }];
    await assert.rejects(
      run(given, { image: SHUT.name, tmpfs, workingDirectory: "/", verify: true }),
      (error) =>
        AgentError.is(error, "UNSUPPORTED") &&
        /tmpfs .*without writing.* by inside/.test(error.message),
    );
  });

  test("a control that is missing ends it before anything runs", async (given) => {
    if (given.acceptWeaker.length === 0) return;
    await assert.rejects(run(given, { acceptWeaker: [] }), (error) => {
      assert.ok(AgentError.is(error, "UNSUPPORTED"), String(error));
      for (const name of given.acceptWeaker.slice(0, 1)) {
        assert.match(error.message, new RegExp(name));
      }
      return true;
    });
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("a session keeps its files and counts its commands apart", async (given) => {
    await using session = await openSession(given.context, {
      image,
      acceptWeaker: given.acceptWeaker,
      env: { BASE: "base" },
      files: { "start.txt": "there" },
    });
    assert.equal(session.security.verified, true);
    assert.equal((await session.exec(["cat", "start.txt"])).stdout, "there");
    const first = await session.exec(sh("echo $BASE $OWN >kept; exit 4"), { env: { OWN: "own" } });
    assert.equal(first.exitCode, 4);
    assert.equal((await session.exec(["cat", "kept"])).stdout, "base own\n");
    assert.equal((await session.exec(["cat"], { stdin: "given" })).stdout, "given");
    assert.equal((await session.exec(["pwd"], { workingDirectory: "/tmp" })).stdout, "/tmp\n");
    assert.deepEqual(await session.putFiles({ "d/x": "put" }), { files: 1, bytes: 3 });
    const files = await session.getFiles(["/workspace/d", "/workspace/kept"]);
    assert.deepEqual(files.map(({ path }) => path), [
      "/workspace/d",
      "/workspace/d/x",
      "/workspace/kept",
    ]);
    assert.equal((await session.securityReport()).ok, true);
    const found = new Container(given.context.client, session.id);
    const report = await found.securityReport();
    assert.deepEqual(report, await session.securityReport());
    assert.equal(report.verified, true);
    const { verified, warnings } = await found.securityReport({ verify: false });
    assert.equal(verified, false);
    assert.match(warnings.join("\n"), /not asked from inside: verify is false/);
    await found.pause();
    assert.match((await found.securityReport()).warnings.join("\n"), /it is paused/);
    await found.unpause();
    await session.close();
    assert.deepEqual(await containersOfTest(given), []);
    await assert.rejects(found.securityReport(), (error) => AgentError.is(error, "NOT_FOUND"));
    await assert.rejects(session.exec(["true"]), (error) => AgentError.is(error, "CLOSED"));
    assert.match(session.closed ?? "", /closed/);
  });

  test("of a container that was made otherwise the report tells what is there, and judges nothing", async (given) => {
    const { client } = given.context;
    // Podman's own bounds may be above what it is allowed to set here.
    const Ulimits = [["nofile", 1024], ["nproc", 4096]].map(([Name, bound]) => (
      { Name: Name!, Soft: bound!, Hard: bound! }
    ));
    const body = {
      Image: image,
      Cmd: ["sleep", "60"],
      Labels: { "agent.runtime": "1", "agent.requested": "{}" },
      HostConfig: { NetworkMode: "none", Memory: 64 * 1024 * 1024, Ulimits },
    };
    const made = await client.json<{ Id: string }>("POST", "/containers/create", { body });
    const other = new Container(client, made.Id);
    try {
      const before = await other.securityReport();
      assert.match(before.warnings.join("\n"), /it does not run/);
      await other.start();
      const report = await other.securityReport();
      assert.equal(report.ok, null);
      assert.equal(report.verified, true);
      for (const { control, requested, ok, required } of report.controls) {
        assert.deepEqual([requested, ok, required], [null, null, false], control);
      }
      const told = (name: string, how: string): string | null | undefined =>
        report.controls.find((one) => one.control === name && one.how === how)?.effective;
      assert.equal(told("privileged", "inspect"), "false");
      assert.equal(told("capabilities", "inspect"), "the engine's usual ones");
      assert.equal(told("memory", "inspect"), String(64 * 1024 * 1024));
      assert.equal(told("read-only-root", "inside"), "false");
      assert.equal(told("user", "inside"), "0:0");
      assert.match(report.warnings.join("\n"), /what was asked of it is not known/);
    } finally {
      await other.remove({ force: true });
    }
  });

  test("an interpreter keeps its state", async (given) => {
    await using session = await openSession(given.context, {
      image: PYTHON.name,
      acceptWeaker: given.acceptWeaker,
    });
    const python = await session.start(["python3", "-u", "-i", "-q"]);
    await python.write("x = 20\nprint('a', x + 1)\n");
    await until(python, "a 21");
    await python.write("print('b', x * 2)\n");
    await until(python, "b 40");
    await python.write("raise SystemExit(7)\n");
    for await (const _ of python.output);
    assert.deepEqual(await python.ended(), { exitCode: 7 });
    const other = await session.start(["cat"]);
    await other.write("echoed");
    await until(other, "echoed");
    await other.kill();
    assert.equal((await other.ended()).exitCode, 137);
    const left = await session.exec(["ps", "-o", "comm"]);
    assert.doesNotMatch(left.stdout, /^(python3|cat)$/m);
  });

  test("a session ends by its own limits", async (given) => {
    const spec = { image, acceptWeaker: given.acceptWeaker, verify: false };
    {
      await using session = await openSession(given.context, {
        ...spec,
        maxTotalOutputBytes: 10_000,
      });
      await session.exec(sh("head -c 9000 /dev/zero"));
      const over = session.exec(sh("head -c 9000 /dev/zero"));
      await assert.rejects(over, (error) => AgentError.is(error, "TOO_LARGE"));
      assert.match(session.closed ?? "", /10000 bytes/);
    }
    for (const limit of [{ idleMs: 1 }, { ttlMs: 1 }]) {
      await using session = await openSession(given.context, { ...spec, ...limit });
      while (session.closed === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      await assert.rejects(session.exec(["true"]), (error) => AgentError.is(error, "CLOSED"));
      await session.close();
    }
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("a command as large as it may be runs, in a sandbox and in a session", async (given) => {
    const command = ["sh", "-c", 'echo $#; printf %s "$*" | wc -c', "sh"];
    command.push(...Array<string>(14).fill("x".repeat(131_000)));
    const words = `14\n${14 * 131_000 + 13}\n`;
    assert.equal((await run(given, { command })).stdout, words);
    await using session = await openSession(given.context, {
      image,
      acceptWeaker: given.acceptWeaker,
      verify: false,
    });
    assert.equal((await session.exec(command, { timeoutMs: 60_000 })).stdout, words);
    const larger = [...command, ...command.slice(-2)];
    await assert.rejects(session.exec(larger), RangeError);
  });

  test("paths are absolute or in the working directory, in and out", async (given) => {
    const spec = { image, acceptWeaker: given.acceptWeaker, verify: false };
    await using session = await openSession(given.context, spec);
    await session.putFiles({ "/workspace/in/a": "A", "in/b": "B" });
    await session.putFiles({ "c": "C" }, "in");
    const found = await session.getFiles(["in/a", "/workspace/in/b", "in/c"]);
    assert.deepEqual(found.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]), [
      ["/workspace/in/a", "A"],
      ["/workspace/in/b", "B"],
      ["/workspace/in/c", "C"],
    ]);
    for (const path of ["../etc/passwd", "", "in/../../x"]) {
      await assert.rejects(session.getFiles(path), RangeError, path);
    }
    await assert.rejects(session.putFiles({ "/etc/x": "X" }), RangeError);
    await assert.rejects(session.putFiles({ "/workspace/d": "1", "d": "2" }), RangeError);
    const result = await run(given, { command: sh("echo made >made"), outputs: ["made"] });
    assert.equal(result.files[0]!.path, "/workspace/made");
  });

  test("a pool that is closed ends what runs in it, and says so", async (given) => {
    const pool = openPool(given.context, { image, acceptWeaker: given.acceptWeaker, size: 1 });
    let started = (): void => {};
    const starting = new Promise<void>((resolve) => started = resolve);
    const told = assert.rejects(
      pool.run({ command: sh("echo started; sleep 600"), onOutput: () => started() }),
      (error) =>
        AgentError.is(error, "CLOSED") && /closed while the command ran/.test(error.message),
    );
    await starting;
    await pool.close();
    await told;
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("a pool runs each command in a sandbox of its own that waited", async (given) => {
    const { context, acceptWeaker } = given;
    const pool = openPool(context, { image, acceptWeaker, size: 2, env: { BASE: "base" } });
    await pool.warm();
    assert.equal(pool.ready, 2);
    const odd = 'it\'s "a"\n$n `x` \\ ü';
    const words = await pool.run({ command: ["printf", "%s", odd] });
    assert.equal(words.stdout, odd);
    assert.equal(words.security.verified, true);
    // One of the variables may have the name of any that the shell uses.
    const named = await pool.run({
      command: ["sh", "-c", 'printf "%s|" "$n"\nprintf "%s|" "$line" "$LAST"'],
      env: { n: "5", line: "a\nb", LAST: "c\nd" },
    });
    assert.equal(named.stdout, "5|a\nb|c\nd|");
    assert.equal((await pool.run({ command: ["-a", "echo"] })).exitCode, 127);
    const env = await pool.run({
      command: sh('pwd; printf "%s|%s" "$BASE" "$ODD"; cat; cat f; echo x >kept; exit 5'),
      env: { ODD: odd },
      stdin: "given",
      files: { "f": "file" },
    });
    assert.equal(env.stdout, `/workspace\nbase|${odd}givenfile`);
    assert.equal(env.exitCode, 5);
    const many = await Promise.all(
      Array.from({ length: 5 }, (_, at) => pool.run({ command: sh(`ls; echo ${at}`) })),
    );
    assert.deepEqual(many.map(({ stdout }) => stdout), ["0\n", "1\n", "2\n", "3\n", "4\n"]);
    assert.equal((await pool.run({ command: ["no-such-program"] })).exitCode, 127);
    await pool.close();
    assert.deepEqual(await containersOfTest(given), []);
    await assert.rejects(
      pool.run({ command: ["true"] }),
      (error) => AgentError.is(error, "CLOSED"),
    );
  });

  test("a sandbox of a pool that somebody removed is passed over", async (given) => {
    const { context, acceptWeaker, engine } = given;
    await using pool = openPool(context, { image, acceptWeaker, size: 1 });
    await pool.warm();
    for (const id of await containersOfTest(given)) {
      await engine.ask("DELETE", `/containers/${id}?force=1`);
    }
    while (pool.ready > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await pool.run({ command: ["echo", "alive"] })).stdout, "alive\n");
  });

  test("twenty at once", async (given) => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => run(given, { command: ["echo", String(at)] })),
    );
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      Array.from({ length: 20 }, (_, at) => `${at}\n`),
    );
    assert.deepEqual(await containersOfTest(given), []);
  });
});
