/** gVisor as the wall of a sandbox, on a real Docker Engine that has it beside its usual runtime. */

import assert from "assertions";
import { connectContainers } from "../../src/containers/mod.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
import { BUSYBOX } from "../support/images.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
import { twins } from "../support/twins.ts";

/**
 * How Debian's is started: it makes its root in a folder that everybody may enter, which that of the test's engine is not,
 * and cannot have a network of its own within another namespace.
 */
const START = `#!/bin/sh
TMPDIR=/tmp exec runsc --platform=ptrace --network=none "$@"
`;

const missing = engineMissing() ?? programMissing("runsc", "runsc") ?? BUSYBOX.missing;
const image = BUSYBOX.name;
let engine: TestEngine | undefined;
let folder = "";
if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "agent-runsc-" });
    await Deno.writeTextFile(`${folder}/runsc`, START, { mode: 0o755 });
    engine = await startDocker("none", [BUSYBOX], [`--add-runtime=runsc=${folder}/runsc`]);
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
        const shared = await containers.run({
          image,
          isolation: "required:runc",
          command: ["true"],
        });
        assert.equal(shared.security.isolation, "shared-kernel");
        // It has no bounds by which a command is known, so that the whole sandbox is ended.
        await using box = await containers.session({ image, verify: false });
        assert.match((await box.exec(["dmesg"])).stdout, /gVisor/);
        const late = await box.exec(["sleep", "600"], { timeoutMs: 1_000 });
        assert.equal(late.timedOut, true);
        assert.match(box.closed ?? "", /could not be killed alone/);
      }
      await twin.idle();
    },
  );
}
