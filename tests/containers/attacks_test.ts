/** What hostile code does in a sandbox, on real engines; bounded, so that it hurts nobody when it succeeds. */

import assert from "assertions";
import { getFiles } from "../../src/containers/files/get.ts";
import { putFiles } from "../../src/containers/files/put.ts";
import { openPool } from "../../src/containers/sandbox/pool.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import { openSession } from "../../src/containers/sandbox/session.ts";
import type {
  PoolRunSpec,
  RunResult,
  RunSpec,
  SessionSpec,
} from "../../src/containers/sandbox/types.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { BUSYBOX, DEAF, PYTHON, STUCK } from "../support/images.ts";
import { containersOfTest, matrix, type SandboxCase } from "./sandbox_engines.ts";

const image = BUSYBOX.name;
const MIB = 1024 * 1024;
const sh = (script: string): string[] => ["sh", "-c", script];
const SMALL = {
  limits: { memoryBytes: 64 * MIB, pids: 64, logBytes: 64 * 1024 },
  tmpfs: [
    { path: "/tmp", sizeBytes: 8 * MIB },
    { path: "/workspace", sizeBytes: 8 * MIB },
  ],
} as const;

const WITHIN = (operation: string): RegExp => new RegExp(`${operation} was not finished within`);

const run = ({ context, acceptWeaker }: SandboxCase, spec: Partial<RunSpec>) =>
  runSandbox(context, { image, acceptWeaker, ...SMALL, command: ["true"], ...spec });

const session = ({ context, acceptWeaker }: SandboxCase, spec: Partial<SessionSpec> = {}) =>
  openSession(context, { image, acceptWeaker, ...SMALL, ...spec });

/** Runs a command in a sandbox that waits, so that its time is all its own, however slow the engine is. */
async function runWarm(
  { context, acceptWeaker }: SandboxCase,
  spec: PoolRunSpec,
): Promise<RunResult> {
  const pool = openPool(context, { image, acceptWeaker, ...SMALL, verify: false });
  try {
    await pool.warm();
    return await pool.run(spec);
  } finally {
    await pool.close();
  }
}

async function refused(
  work: Promise<unknown>,
  message: RegExp,
  code: AgentErrorCode = "UNSUPPORTED",
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(AgentError.is(error, code), String(error));
    assert.match(error.message, message);
    return true;
  });
}

matrix([BUSYBOX, PYTHON, DEAF, STUCK], (test) => {
  test("an image whose shell never ends holds nothing up", async (given) => {
    const { context, acceptWeaker } = given;
    const deaf = { image: DEAF.name, timeoutMs: 500 };
    const pooled = async (): Promise<void> => {
      // More than a pipe holds: the gate is not read either.
      await using pool = openPool(context, { image: DEAF.name, acceptWeaker, verify: false });
      const command = ["true", ...Array<string>(10).fill("x".repeat(100_000))];
      await pool.warm();
      assert.equal((await pool.run({ command, timeoutMs: 500 })).timedOut, true);
      const signal = AbortSignal.timeout(500);
      await assert.rejects(pool.run({ command, signal }), (error) => error === signal.reason);
    };
    const abandoned = async (): Promise<void> => {
      const signal = AbortSignal.timeout(500);
      const files = { "a": "b" };
      const opening = session(given, { image: DEAF.name, files, verify: false, signal });
      await assert.rejects(opening, (error) => error === signal.reason);
    };
    await Promise.all([
      refused(run(given, { ...deaf, files: { "a": "b" } }), /within 500 ms/, "TIMEOUT"),
      pooled(),
      abandoned(),
      refused(session(given, { image: DEAF.name }), /inside/, "TIMEOUT"),
    ]);
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("files that do not fit say so, though their connection is reset", async (given) => {
    await using box = await session(given, { verify: false });
    // Again, as it depends on what is on the way when the tar ends.
    for (let i = 0; i < 5; i++) {
      const put = box.putFiles({ "big": new Uint8Array(64 * MIB) }, "/tmp");
      await refused(put, /^putFiles \/tmp failed in the container \(exit code 1\)/, "IO");
    }
    await box.exec(["rm", "/tmp/big"]);
    await box.putFiles({ "small": "here" }, "/tmp");
    assert.equal((await box.exec(["cat", "/tmp/small"])).stdout, "here");
  });

  test("a tar that never ends is given up, and killed", async (given) => {
    const stuck = { image: STUCK.name, verify: false } as const;
    type Box = Awaited<ReturnType<typeof session>>;
    // Each time it is killed alone, or the whole sandbox with it.
    const late = async (box: Box, work: Promise<unknown>, words: RegExp): Promise<void> => {
      const error = await work.then(() => undefined, (error) => error);
      if (AgentError.is(error, "CLOSED")) assert.match(box.closed ?? "", /killed alone/);
      else await refused(Promise.reject(error), words, "TIMEOUT");
    };
    const gone = async (box: Box): Promise<void> => {
      if (box.closed !== undefined) return;
      assert.doesNotMatch((await box.exec(["ps"])).stdout, /sleep 3600|cat \/dev|bin\/tar/);
      assert.equal((await box.exec(["echo", "alive"])).stdout, "alive\n");
    };
    const taken = async (): Promise<void> => {
      await using box = await session(given, stuck);
      await box.exec(sh("echo x >file"));
      await late(box, box.getFiles("file", { timeoutMs: 500 }), WITHIN("getFiles"));
      await gone(box);
    };
    const put = async (): Promise<void> => {
      await using box = await session(given, stuck);
      // More than all buffers on the way hold.
      const held = { "big": new Uint8Array(4 * MIB) };
      await late(box, box.putFiles(held, "d", { timeoutMs: 500 }), WITHIN("putFiles"));
      await gone(box);
    };
    const endless = async (): Promise<void> => {
      await using box = await session(given, stuck);
      await box.exec(sh("echo x >file; echo x >zeros"));
      // It is no archive, which is seen before its time is over; it is killed all the same.
      await refused(box.getFiles("file"), /bytes of zeros behind its end/, "TOO_LARGE");
      await gone(box);
    };
    const opened = async (): Promise<void> => {
      const signal = AbortSignal.timeout(500);
      const opening = session(given, { ...stuck, files: { "a": "b" }, signal });
      await assert.rejects(opening, (error) => error === signal.reason);
    };
    await Promise.all([taken(), put(), endless(), opened()]);
    // A pipe is no file, however long somebody holds it open.
    await using box = await session(given, { verify: false });
    await box.exec(sh("mkfifo pipe"));
    const holding = await box.start(sh("exec 3<>pipe; cat"));
    await refused(box.getFiles("pipe", { timeoutMs: 5_000 }), /named pipe/);
    await holding.kill();
  });

  test("what runs in a session ends with it, and is told so", async (given) => {
    const box = await session(given, { verify: false });
    const process = await box.start(["cat"]);
    await process.write("unread");
    const running = box.exec(["sleep", "60"]);
    const told = refused(running, /session is closed/, "CLOSED");
    await box.close();
    await told;
    assert.deepEqual(await process.ended(), { exitCode: null });
    await process.kill();
    await using short = await session(given, { verify: false, ttlMs: 1_000 });
    await refused(short.exec(["sleep", "60"]), /time of 1000 ms is over/, "CLOSED");
  });

  test("what is over the bound of the output is dropped where files are taken out too", async (given) => {
    const flood = "dd if=/dev/zero bs=1M count=300; echo made >/workspace/made";
    const outputs = ["/workspace/made"];
    const result = await run(given, { command: sh(flood), outputs, maxOutputBytes: 1_000 });
    assert.equal(result.truncated, true);
    assert.equal(new TextDecoder().decode(result.files[0]!.bytes), "made\n");
  });

  test("a fork bomb ends with its time", async (given) => {
    const bomb = "b() { b | b & b; }; b 2>/dev/null; sleep 60";
    const result = await runWarm(given, { command: sh(bomb), timeoutMs: 800 });
    assert.ok(result.timedOut || result.exitCode !== 0);
    assert.deepEqual(await containersOfTest(given), []);
  });

  test("a memory bomb is killed, and said to be one", async (given) => {
    const bomb = "x=aaaaaaaa; while :; do x=$x$x; done";
    const result = await run(given, { command: sh(bomb), timeoutMs: 30_000 });
    assert.equal(result.exitCode, 137);
    assert.equal(result.timedOut, false);
    // Podman does not say why, and it is not made up.
    assert.equal(result.oom, given.engine.kind === "docker" ? "killed" : "unknown");
    assert.equal(result.oomKilled, given.engine.kind === "docker");
    await using box = await session(given, { verify: false });
    const inside = await box.exec(sh(bomb), { timeoutMs: 30_000 });
    assert.equal(inside.oomKilled, true);
    assert.equal((await box.exec(["echo", "alive"])).stdout, "alive\n");
    assert.equal((await box.exec(["false"])).oomKilled, false);
  });

  test("a disk fill ends at the bound of the folder", async (given) => {
    const fill = (path: string) => `dd if=/dev/zero of=${path}/fill bs=1M count=32`;
    for (const path of ["/workspace", "/tmp"]) {
      const result = await run(given, { command: sh(`${fill(path)}; wc -c <${path}/fill`) });
      assert.match(result.stderr, /No space left/);
      assert.equal(result.stdout.trim(), String(8 * MIB));
    }
    const limits = { ...SMALL.limits, fileBytes: 4096 };
    const result = await run(given, { command: sh(fill("/workspace")), limits });
    assert.notEqual(result.exitCode, 0);
  });

  test("output without end is dropped, and the engine's log stays small", async (given) => {
    let largest = 0;
    const look = setInterval(() => {
      largest = Math.max(largest, logBytes(`${given.engine.folder}/data`));
    }, 50);
    try {
      const command = sh("yes & yes >&2");
      const result = await runWarm(given, { command, timeoutMs: 3_000, maxOutputBytes: 1_000 });
      assert.equal(result.timedOut, true);
      assert.equal(result.stdout.length, 1_000);
      assert.equal(result.stderr.length, 1_000);
      // More than the pipe holds, so that it was read on.
      assert.ok(result.truncated && result.dropped.stdout > 65_536, String(result.dropped.stdout));
    } finally {
      clearInterval(look);
    }
    // The engine turns the file over when it has become too large, not before.
    assert.ok(largest < MIB, `the log had ${largest} bytes`);
  });

  test("signals that ask are not waited for", async (given) => {
    const deaf = "trap '' TERM INT HUP QUIT; while :; do sleep 60; done";
    const result = await runWarm(given, { command: sh(deaf), timeoutMs: 300 });
    assert.equal(result.timedOut, true);
    assert.equal(result.exitCode, null);
    await using box = await session(given, { verify: false });
    assert.equal((await box.exec(sh(deaf), { timeoutMs: 300 })).timedOut, true);
    if (box.closed === undefined) {
      assert.doesNotMatch((await box.exec(["ps"])).stdout, /trap/);
    }
    assert.ok((await containersOfTest(given)).length <= 1);
  });

  test("a command that has taken all processes is killed all the same, alone or with its session", async (given) => {
    await using box = await session(given, {
      image: PYTHON.name,
      limits: { ...SMALL.limits, pids: 16 },
      verify: false,
    });
    // It takes each place again that becomes free, so that there is none for what would kill it alone.
    const greedy = `import os, time
told = False
while True:
    try:
        if os.fork() == 0:
            time.sleep(600)
    except OSError:
        if not told: print("full", flush=True)
        told = True`;
    const stop = new AbortController();
    const running = box.exec(["python3", "-c", greedy], {
      signal: stop.signal,
      onOutput: () => stop.abort(new Error("enough")),
    });
    const failure = await running.then(() => undefined, (error) => error);
    // Whether one more process comes in from outside is the runtime's affair; that none is left is not.
    if (box.closed === undefined) {
      assert.equal(failure, stop.signal.reason);
      // Where there is no init nobody takes away what has ended, which is shown in brackets.
      assert.doesNotMatch((await box.exec(["ps"])).stdout, /^ *\d+ +\S+ +[^[]*python/m);
    } else {
      assert.ok(AgentError.is(failure, "CLOSED"), String(failure));
      assert.match(box.closed, /could not be killed alone/);
      assert.deepEqual(await containersOfTest(given), []);
    }
  });

  test("nothing is written outside of its folders, and nothing is reached", async (given) => {
    const paths = ["/x", "/etc/x", "/usr/x", "/bin/sh", "/proc/sys/kernel/core_pattern", "/sys/x"];
    const script = `for p in ${paths.join(" ")}; do (echo x >$p) 2>/dev/null && echo wrote $p; done
      cp /bin/busybox /workspace/b 2>/dev/null; chmod 755 /workspace/b; /workspace/b true 2>/dev/null && echo ran
      mount -t tmpfs none /tmp 2>/dev/null && echo mounted
      mknod /workspace/d b 8 0 2>/dev/null && echo made
      chown 0:0 /workspace/b 2>/dev/null && echo owned
      ls /sys/class/net 2>/dev/null | grep -v -x -E 'lo|.*0'
      python3 -c 'import socket; s = socket.socket(); print(s.connect_ex(("169.254.169.254", 80)))'
      ls -d /var/run/docker.sock /run/docker.sock /run/podman 2>/dev/null; id -u`;
    const spec = { image: PYTHON.name, command: sh(script), network: { allow: [] } };
    const result = await run(given, spec);
    assert.doesNotMatch(result.stdout, /wrote|ran|mounted|made|owned|sock|podman/);
    // ENETUNREACH: there is no route to it.
    assert.match(result.stdout, /^101$/m);
    assert.match(result.stdout, /^65534$/m);
  });

  test("links that a sandbox plants are not followed, in or out", async (given) => {
    await using box = await session(given, { verify: false });
    await box.exec(sh(`mkdir /tmp/outside; echo safe >/tmp/outside/f; echo own >own
      ln -s /tmp/outside d; ln -s /tmp/outside/f f; ln -s /etc/passwd p; mkdir up; ln -s ../../etc up/l
      mkdir good; ln -s ../own good/l; mkdir fifo; mkfifo fifo/x; mkdir hard; ln own hard/h`));
    // Into the box: a folder that is a link is refused, a file that is one is replaced.
    await refused(box.putFiles({ "d/f": "evil" }), /symbolic link/);
    await refused(box.putFiles({ "x": "evil" }, "/workspace/d"), /symbolic link/);
    await refused(box.putFiles({ "x": "evil" }, "/workspace/d/new"), /symbolic link/);
    await box.putFiles({ "f": "new" });
    assert.equal((await box.exec(["cat", "/tmp/outside/f", "f"])).stdout, "safe\nnew");
    assert.equal((await box.exec(["ls", "/tmp/outside"])).stdout, "f\n");
    // Out of it.
    await refused(box.getFiles("/workspace/d/f"), /symbolic link/);
    for (const path of ["/workspace/p", "/workspace/d", "/workspace/up", "/workspace/good"]) {
      await refused(box.getFiles(path), /symbolic link that leaves/);
    }
    await refused(box.getFiles("/workspace/fifo"), /named pipe/);
    const [folder, hard] = await box.getFiles("/workspace/hard");
    assert.equal(folder!.kind, "directory");
    assert.equal(new TextDecoder().decode(hard!.bytes), "own\n");
    // A link that stays inside of what is asked for comes as a link.
    await box.exec(sh("rm -rf d p f up fifo; ln -s own l"));
    const all = await box.getFiles("/workspace");
    const links = all.filter(({ kind }) => kind === "symlink");
    assert.deepEqual(
      links.map(({ name, target }) => [name, target]),
      [
        ["workspace/good/l", "../own"],
        ["workspace/l", "own"],
      ].sort((a, b) =>
        all.findIndex(({ name }) => name === a[0]) - all.findIndex(({ name }) => name === b[0])
      ),
    );
  });

  test("names and sizes that a sandbox makes up are refused", async (given) => {
    await using box = await session(given, { verify: false });
    await box.exec(sh(`mkdir n c s many; touch "n/$(printf 'a\\nb')"; touch c/a c/A
      truncate -s 1G s/big 2>/dev/null || dd if=/dev/zero of=s/big bs=1 seek=1073741000 count=1
      i=0; while [ $i -lt 30 ]; do : >many/$i; i=$((i+1)); done
      mkdir l; dd if=/dev/zero of=l/0 bs=1M count=8; i=1; while [ $i -lt 9 ]; do ln l/0 l/$i; i=$((i+1)); done`));
    // What links stand for would be as many copies here.
    await refused(box.getFiles("/workspace/l"), /bytes/, "TOO_LARGE");
    await refused(box.getFiles("/workspace/n"), /control character/);
    await refused(box.getFiles("/workspace/c"), /case alone/);
    assert.equal((await box.getFiles("/workspace/c", { caseSensitive: true })).length, 3);
    await refused(box.getFiles("/workspace/s"), /bytes/, "TOO_LARGE");
    await refused(box.getFiles("/workspace/many", { maxEntries: 10 }), /entries/, "TOO_LARGE");
    assert.equal((await box.exec(["echo", "alive"])).stdout, "alive\n");
  });

  test("an engine's own archives follow no planted link either", async ({ context, engine }) => {
    const { client } = context;
    // A container as others make them: its root can be written, and the engine unpacks as root.
    const created = await engine.ask("POST", "/containers/create", {
      Image: image,
      Cmd: sh(
        "mkdir /data /safe; echo safe >/safe/f; ln -s /safe /data/d; ln -s /etc/passwd /data/p; sleep 60",
      ),
      HostConfig: {
        NetworkMode: "none",
        Ulimits: ["nofile", "nproc"].map((Name) => ({ Name, Soft: 1024, Hard: 1024 })),
      },
    });
    const { Id } = created.json() as { Id: string };
    try {
      assert.equal((await engine.ask("POST", `/containers/${Id}/start`)).status, 204);
      while (
        (await getFiles(client, Id, "/data/p").then(
          () => false,
          (error) => AgentError.is(error, "NOT_FOUND"),
        ))
      ) await new Promise((resolve) => setTimeout(resolve, 10));
      await refused(putFiles(client, Id, { "d/f": "evil" }, "/data"), /symbolic link/);
      await refused(putFiles(client, Id, { "f": "evil" }, "/data/d"), /symbolic link/);
      await refused(putFiles(client, Id, { "f": "evil" }, "/data/d/new"), /symbolic link/);
      await refused(getFiles(client, Id, "/data/d/f"), /symbolic link/);
      await refused(getFiles(client, Id, "/data/p"), /symbolic link/);
      await refused(getFiles(client, Id, "/data"), /symbolic link that leaves/);
      const [safe] = await getFiles(client, Id, "/safe/f");
      assert.equal(new TextDecoder().decode(safe!.bytes), "safe\n");
      assert.deepEqual(await putFiles(client, Id, { "a/b": "fine" }, "/data/made"), {
        files: 1,
        bytes: 4,
      });
      const [fine] = await getFiles(client, Id, "/data/made/a/b");
      assert.equal(new TextDecoder().decode(fine!.bytes), "fine");
    } finally {
      await engine.ask("DELETE", `/containers/${Id}?force=1`);
    }
  });

  test("a sandbox that somebody removes is said to be removed", async (given) => {
    const running = run(given, {
      command: sh("echo started; sleep 60"),
      onOutput: async () => {
        for (const id of await containersOfTest(given)) {
          await given.engine.ask("DELETE", `/containers/${id}?force=1`);
        }
      },
    });
    await refused(running, /removed|no such container|No such container/i, "NOT_FOUND");
    await using box = await session(given, { verify: false });
    const exec = box.exec(sh("echo started; sleep 60"), {
      onOutput: async () => {
        await given.engine.ask("DELETE", `/containers/${box.id}?force=1`);
      },
    });
    await assert.rejects(exec, (error) => AgentError.is(error), "a session's command");
  });

  test("what is secret in the environment is in no error and no report", async (given) => {
    const secret = "s3cr3t-value";
    const result = await run(given, { env: { TOKEN: secret }, command: ["no-such-program"] });
    assert.doesNotMatch(JSON.stringify(result), new RegExp(secret));
    const wrong = run(given, { env: { TOKEN: `${secret}\0` } });
    await assert.rejects(wrong, (error) => !String(error).includes(secret));
  });
});

/** Bytes of the logs below an engine's data, as far as they can be seen. */
function logBytes(folder: string): number {
  let sum = 0;
  const walk = (path: string): void => {
    try {
      for (const { name, isDirectory, isFile } of Deno.readDirSync(path)) {
        const inner = `${path}/${name}`;
        if (isDirectory && name !== "overlay2" && name !== "overlay") walk(inner);
        else if (isFile && /\.log(\.\d+)?$/.test(name)) sum += Deno.statSync(inner).size;
      }
    } catch (error) {
      // What was there a moment ago may be gone.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  walk(folder);
  return sum;
}
