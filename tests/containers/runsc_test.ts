/** gVisor as the wall of a sandbox, on a real Docker Engine that has it beside its usual runtime. */

import assert from "assertions";
import { connectContainers } from "../../src/containers/mod.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
import { twins } from "../support/twins.ts";
import { plainTemplate } from "./fake_support.ts";

/**
 * How Debian's is started: it makes its root in a folder that everybody may enter, which that of the test's engine is not,
 * and cannot have a network of its own within another namespace.
 */
const START = `#!/bin/sh
TMPDIR=/tmp exec runsc --platform=ptrace --network=none "$@"
`;

/** One that has the name and is none. */
const OTHER = `#!/bin/sh
exec runc "$@"
`;

const missing = engineMissing() ?? programMissing("runsc", "runsc") ?? BUSYBOX.missing;
const image = BUSYBOX.name;
let engine: TestEngine | undefined;
let folder = "";
if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "agent-runsc-" });
    await Deno.writeTextFile(`${folder}/runsc`, START, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/runsc-not`, OTHER, { mode: 0o755 });
    engine = await startDocker("none", [BUSYBOX], [
      ...["runsc", "runsc-not"].map((name) => `--add-runtime=${name}=${folder}/${name}`),
    ]);
  });
  Deno.test.afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    if (folder !== "") await Deno.remove(folder, { recursive: true });
  });
}

for (const twin of twins("containers").each) {
  testNeeding(
    [missing, twin.missing],
    `gVisor is used where it is asked for, and by itself (${twin.name})`,
    async () => {
      {
        await using containers = await connectContainers({
          host: engine!.host,
          implementation: twin.name,
        });
        assert.ok(containers.capabilities.runtimes.includes("runsc"));
        for (const isolation of ["auto", "runsc", "required:runsc"] as const) {
          const result = await containers.run({ image, isolation, command: ["dmesg"] });
          assert.match(result.stdout, /gVisor/, isolation);
          assert.equal(result.security.isolation, "own-kernel");
          assert.equal(result.security.runtime, "runsc");
        }
        // It starts as many processes as it may, which gVisor's own threads take nothing away from.
        const many =
          "i=0; while [ $i -lt 50 ]; do sleep 60 & i=$((i+1)); done; ls -d /proc/[0-9]* | wc -l";
        const full = await containers.run({ image, command: ["sh", "-c", many] });
        assert.deepEqual([full.exitCode, Number(full.stdout) >= 50], [0, true], full.stderr);
        const { security } = await containers.run({ image, verify: true, command: ["true"] });
        assert.deepEqual([security.ok, security.verified, security.isolation], [
          ...[true, true, "own-kernel"],
        ]);
        const inside = (control: string) =>
          security.controls.find((one) => one.control === control && one.how === "inside");
        assert.match(inside("runtime")!.effective!, /gVisor/);
        assert.match(
          inside("seccomp")!.note!,
          /it answers system calls instead of the machine's kernel/,
        );
        assert.deepEqual(
          ["read-only-root", "tmpfs", "capabilities", "user"].map((name) => inside(name)!.ok),
          [true, true, true, true],
        );
        assert.ok(security.warnings.some((line) => /gVisor has controls of its own/.test(line)));
        const shared = await containers.run({
          image,
          isolation: "required:runc",
          command: ["true"],
        });
        assert.equal(shared.security.isolation, "shared-kernel");
        // It has no bounds by which a command is known, so that the whole sandbox is ended.
        await using box = await containers.session({ image });
        assert.equal(box.security.verified, true);
        assert.match((await box.exec(["dmesg"])).stdout, /gVisor/);
        const late = await box.exec(["sleep", "600"], { timeoutMs: 1_000 });
        assert.equal(late.timedOut, true);
        assert.match(box.closed ?? "", /could not be killed alone/);
        // What only calls itself so is no kernel, and would allow more processes than was asked for.
        const other = await containers.deploy(plainTemplate({ image }), { runtime: "runsc-not" });
        const report = await other.securityReport();
        const wrong = report.controls.filter(({ required, ok }) => required && ok === false);
        assert.deepEqual([report.ok, wrong.map(({ control, how }) => `${control} ${how}`)], [
          ...[false, ["runtime inside", "pids inside"]],
        ]);
      }
      await twin.idle();
    },
  );
}
