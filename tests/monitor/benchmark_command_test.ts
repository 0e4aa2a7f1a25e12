/** Benchmarks of commands: real programs, without any claim about their speed. */

import assert from "assertions";
import { benchmark } from "../../src/monitor/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { testNeeding } from "../support/needs.ts";
import { DENO, deno, ROOT, temporary } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";

const QUICK = { rounds: 6, warmupMs: 0 } as const;
function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

const needs = [Deno.build.os === "windows" ? "there is no sh" : undefined];

testNeeding(needs, "benchmark: a command is run once a round and once before", async () => {
  await temporary(async (folder) => {
    const log = `${folder}/runs`;
    const command = ["sh", "-c", 'echo "$1" >> "$2"', "sh", "*; $HOME", log];
    const { subject } = await benchmark(command, QUICK);
    // No shell but the one that is the command itself looked at the arguments.
    const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
    assert.deepEqual(lines, new Array(7).fill("*; $HOME"));
    assert.equal(subject.kind, "command");
    assert.equal(subject.calls, 1);
    assert.equal(subject.samples.length, 6);
    assert.ok(subject.samples.every((ms) => ms > 0));
    assert.deepEqual(subject.exitCodes, { 0: 7 });
    assert.equal(subject.name, command.join(" "));
  });
});

testNeeding(
  needs,
  "benchmark: a command beside a function and beside another command",
  async () => {
    const beside = await benchmark(["true"], { ...QUICK, against: () => 1, sampleMs: 0.1 });
    assert.deepEqual([beside.subject.kind, beside.against!.kind], ["command", "function"]);
    assert.equal(beside.verdict, "slower");
    const two = await benchmark(["true"], { ...QUICK, against: ["sh", "-c", "sleep 0.05"] });
    assert.ok(two.ratio!.low <= two.ratio!.value && two.ratio!.value <= two.ratio!.high);
    assert.ok(two.subject.samples.concat(two.against!.samples).every((ms) => ms > 0));
  },
);

testNeeding(
  needs,
  "benchmark: a command that fails is an error with the end of what it wrote",
  async () => {
    const command = [
      "sh",
      "-c",
      'i=0; while [ $i -lt 500 ]; do echo "line $i \x1b[2J" >&2; i=$((i+1)); done; exit 3',
    ];
    await assert.rejects(benchmark(command, QUICK), (error: unknown) => {
      assert.ok(AgentError.is(error, "COMMAND_FAILED"));
      assert.equal(error.details.exitCode, 3);
      assert.ok(error.details.stderr.endsWith("line 499 \x1b[2J"));
      assert.ok(error.details.stderr.length <= 2_000);
      assert.match(error.message, /ended with exit code 3.*line 499/s);
      assert.ok(!error.message.includes("\x1b"));
      return true;
    });
  },
);

testNeeding(needs, "benchmark: exit codes that are no failure are counted", async () => {
  const { subject } = await benchmark(["sh", "-c", "exit 1"], { ...QUICK, exitCodes: [0, 1] });
  assert.deepEqual(subject.exitCodes, { 1: 7 });
});

testNeeding(
  needs,
  "benchmark: a program that a signal ends, one that is not there, a folder",
  async () => {
    await assert.rejects(benchmark(["sh", "-c", "kill -9 $$"], QUICK), /was ended by SIGKILL/);
    await assert.rejects(benchmark(["no-such-program-anywhere"], QUICK), (error: unknown) => {
      assert.ok(AgentError.is(error, "NOT_FOUND"), String(error));
      assert.equal(error.details.what, "no-such-program-anywhere");
      return true;
    });
    await assert.rejects(benchmark([ROOT], QUICK), (error) => AgentError.is(error));
  },
);

testNeeding(
  needs,
  "benchmark: a run that takes too long is killed, and nothing of it is left",
  async () => {
    await temporary(async (folder) => {
      const command = ["sh", "-c", `echo $$ > ${folder}/pid; exec sleep 600`];
      await assert.rejects(benchmark(command, { ...QUICK, timeoutMs: 1_500 }), (error: unknown) => {
        assert.ok(AgentError.is(error, "TIMEOUT"), String(error));
        assert.equal(error.details.timeoutMs, 1_500);
        return true;
      });
      const pid = Number(await Deno.readTextFile(`${folder}/pid`));
      assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
    });
  },
);

testNeeding(needs, "benchmark: an abort kills the command that runs", async () => {
  await temporary(async (folder) => {
    const file = `${folder}/pid`;
    const stop = new AbortController();
    const reason = new Error("enough");
    const command = [
      "sh",
      "-c",
      'echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 600',
      "sh",
      file,
    ];
    const work = benchmark(command, { ...QUICK, signal: stop.signal });
    const begun = setInterval(() => {
      if (exists(file)) stop.abort(reason);
    }, 5);
    try {
      await assert.rejects(work, reason);
    } finally {
      clearInterval(begun);
    }
    const pid = Number(await Deno.readTextFile(file));
    assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
  });
});

testNeeding(needs, "benchmark: what a command leaves running does not hold it up", async () => {
  const { subject } = await benchmark(["sh", "-c", "sleep 5 & exit 0"], {
    ...QUICK,
    timeoutMs: 4_000,
  });
  assert.deepEqual(subject.exitCodes, { 0: 7 });
});

for (const twin of twins("monitor").each) {
  testOf(
    "benchmark",
    twin,
    "CPU time is what the system says, or null with the reason",
    async () => {
      const busy = ["sh", "-c", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done"];
      const { subject } = await benchmark(busy, { ...QUICK, implementation: twin.name });
      if (twin.name === "pure") {
        assert.equal(subject.cpu, null);
        assert.match(subject.cpuReason!, /native library/);
        return;
      }
      const { userMs, systemMs } = subject.cpu!;
      assert.ok(userMs + systemMs > 0);
      assert.ok(userMs >= 0 && systemMs >= 0);
      assert.equal("cpuReason" in subject, false);
    },
  );
}

testNeeding(
  needs,
  "benchmark: exactly the program must be granted, and nothing is asked",
  async () => {
    const program = `import { benchmark } from "${ROOT}src/monitor/mod.ts";
    const said = [];
    for (const command of [["true"], ["false"]]) {
      await benchmark(command, { rounds: 6, warmupMs: 0 })
        .then(({ subject }) => said.push(subject.samples.length))
        .catch(({ code, details }) => said.push(code, details));
    }
    console.log(JSON.stringify(said));`;
    await temporary(async (folder) => {
      await Deno.writeTextFile(`${folder}/program.ts`, program);
      const { stdout, stderr } = await deno(
        [
          ...["run", "--no-prompt", "--quiet", "--config", `${ROOT}deno.json`, "--allow-run=true"],
          `${folder}/program.ts`,
        ],
        { PATH: "/usr/bin:/bin" },
      );
      assert.deepEqual(
        JSON.parse(stdout || "null"),
        [6, "PERMISSION", { permission: "run", target: "false" }],
        stderr + DENO,
      );
    });
  },
);
