/** Scans behind a link that delays every packet and forgets some: what listens is found all the same. */

import assert from "assertions";
import { inNamespace, noNamespace } from "../../support/namespaces.ts";
import { testNeeding } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";

// Deno shows /dev only to programs that may do everything.
const hasTun = noNamespace === undefined &&
  new Deno.Command("test", { args: ["-c", "/dev/net/tun"] }).outputSync().success;
const noTun = hasTun ? undefined : "there is no /dev/net/tun";

for (const twin of twins("security").each) {
  testNeeding(
    [twin.missing, noNamespace, noTun],
    `scanPorts (${twin.name}): 20 ms away and 2 % of all packets lost, every listener is found`,
    async () => {
      const args = ["scan", twin.name, "1-3000", "10", "0.02", "2"];
      const { code, stdout, stderr } = await inNamespace(
        "tests/security/scan/lossy_program.ts",
        args,
      );
      assert.equal(code, 0, stderr);
      const { own, results } = JSON.parse(stdout) as {
        own: number[];
        results: { found: number[] }[];
      };
      assert.equal(own.length, 20);
      for (const { found } of results) assert.deepEqual(found, own);
    },
  );
}
