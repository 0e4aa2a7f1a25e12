/** What the killing of a command reaches, on real engines: whatever it started, and nothing else. */

import assert from "assertions";
import { Container } from "../../src/containers/container/container.ts";
import { openSession } from "../../src/containers/sandbox/session.ts";
import type { SessionSpec } from "../../src/containers/sandbox/types.ts";
import { BUSYBOX, PYTHON } from "../support/images.ts";
import { matrix, type SandboxCase } from "./sandbox_engines.ts";

const sh = (script: string): string[] => ["sh", "-c", script];
const session = ({ context, acceptWeaker }: SandboxCase, spec: Partial<SessionSpec> = {}) =>
  openSession(context, { image: BUSYBOX.name, acceptWeaker, verify: false, ...spec });

/** A program that leaves its environment, its session and its parent, and says so; then what started it waits. */
const hiding = (before = ":"): string =>
  `${before}; env -i /bin/setsid /bin/sh -c '/bin/setsid /bin/sh -c "echo hidden; exec /bin/sleep 654" &' &
   while :; do sleep 1; done`;
/** What of it is seen in a list of processes. */
const SEEN = /sleep 654|sleep 1$|while :/m;

matrix([BUSYBOX, PYTHON], (test) => {
  test("a command that hides is killed with all that it started, and alone", async (given) => {
    await using box = await session(given);
    const other = box.exec(sh("read x; echo lived"), { stdin: "", timeoutMs: 60_000 });
    const kept = await box.start(["cat"]);
    await other;
    for (const before of [":", "ulimit -w 5; ulimit -m 7", "ulimit -w 5"]) {
      const stop = new AbortController();
      const reason = new Error("enough");
      const running = box.exec(sh(hiding(before)), {
        signal: stop.signal,
        onOutput: () => stop.abort(reason),
      });
      await assert.rejects(running, (error) => error === reason);
      assert.equal(box.closed, undefined, before);
      assert.doesNotMatch((await box.exec(["ps"])).stdout, SEEN, before);
    }
    // What runs beside them is not touched.
    await kept.write("still there\n");
    assert.equal(new TextDecoder().decode((await kept.read())!.bytes), "still there\n");
    await kept.kill();
    assert.doesNotMatch((await box.exec(["ps", "-o", "comm"])).stdout, /^cat$/m);
  });

  test("a process that is spoken with is killed with what hid itself", async (given) => {
    await using box = await session(given);
    const process = await box.start(sh(hiding()));
    assert.equal(new TextDecoder().decode((await process.read())!.bytes), "hidden\n");
    await process.kill();
    assert.equal(box.closed, undefined);
    assert.doesNotMatch((await box.exec(["ps"])).stdout, SEEN);
  });

  test("the bounds of a command cannot be raised, nor made those of another", async (given) => {
    await using box = await session(given, { image: PYTHON.name });
    const script = `import resource as r
n = 10
soft, hard = r.getrlimit(n)
print(0 < hard < 2**40, hard + r.getrlimit(r.RLIMIT_RSS)[1] // 1024 == 2**40)
for limit in (hard + 1, r.RLIM_INFINITY):
    try:
        r.setrlimit(n, (limit, limit))
        print("raised")
    except (ValueError, OSError):
        print("refused")`;
    const { stdout, stderr } = await box.exec(["python3", "-c", script], { timeoutMs: 60_000 });
    assert.equal(stdout, "True True\nrefused\nrefused\n", stderr);
  });

  test("a command has its own variables, whatever those of the shell that starts it are called", async (given) => {
    await using box = await session(given);
    const names = ["n", "f", "k", "v", "i", "s", "p", "q", "m", "x", "L", "A"];
    const env = Object.fromEntries(names.map((name) => [name, `its ${name}`]));
    const { stdout } = await box.exec(["env"], { env, timeoutMs: 60_000 });
    for (const name of names) assert.match(stdout, new RegExp(`^${name}=its ${name}$`, "m"));
    assert.doesNotMatch(stdout, /_agent/);
  });

  test("in a container of somebody else only the command is killed", async ({ context, engine }) => {
    const created = await engine.ask("POST", "/containers/create", {
      Image: BUSYBOX.name,
      // A service that starts processes of its own, before and after.
      Cmd: sh("while :; do sleep 321 & sleep 1; done"),
      HostConfig: {
        NetworkMode: "none",
        Ulimits: ["nofile", "nproc"].map((Name) => ({ Name, Soft: 1024, Hard: 1024 })),
      },
    });
    const { Id } = created.json() as { Id: string };
    try {
      const container = new Container(context.client, Id);
      await container.start();
      const result = await container.exec(sh(hiding()), { timeoutMs: 1_000 });
      assert.equal(result.timedOut, true);
      assert.equal(result.killed, "process");
      let seen = "";
      while (!seen.includes("sleep 321")) {
        seen = (await container.exec(["ps"])).stdout;
        assert.doesNotMatch(seen, /sleep 654/);
      }
    } finally {
      await engine.ask("DELETE", `/containers/${Id}?force=1`);
    }
  });
});
