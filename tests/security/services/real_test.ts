/** Real servers, on ports that are not their own: the product is right for each, the version where it is told. */

import assert from "assertions";
import { detectOne } from "../../../src/security/services/detect.ts";
import { testNeeding } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";
import { REAL_SERVERS, serverMissing, versionOf, withServer } from "./servers.ts";

const { each, native } = twins("security");

for (const server of REAL_SERVERS) {
  testNeeding(
    [native.missing, serverMissing(server)],
    `detectService: ${server.name} itself`,
    async () => {
      const version = await versionOf(server);
      await withServer(server, async (port) => {
        for (const twin of each) {
          const report = await detectOne("127.0.0.1", port, {
            transport: server.transport,
            implementation: twin.name,
            timeoutMs: 5_000,
          });
          assert.deepEqual(
            [report.service, report.product, report.version],
            [server.service, server.product, version],
            `${twin.name}: ${JSON.stringify(report)}`,
          );
          assert.equal(report.tls !== null, server.tls === true);
          if (report.tls === null) continue;
          assert.ok(report.tls.versions.includes("TLS 1.2"), `${report.tls.versions}`);
          assert.equal(report.tls.chain[0]?.subject, "O=Tests, CN=localhost");
          assert.equal(report.tls.verifyReason, "self-signed");
        }
      });
      await native.idle();
    },
  );
}
