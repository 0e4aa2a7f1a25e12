/** What a program's configuration says of scans, and no call can widen. */

import assert from "assertions";
import { createRuntime } from "@agent/runtime";
import { type AuditEntry, scanPorts } from "@agent/runtime/security";
import { preloadNative } from "../../../src/native/status.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { unusedPort } from "../../support/servers.ts";
import { temporary } from "../../support/programs.ts";

// Scans may open the library, which the sanitizer would take for a leak.
preloadNative();

const authorization = {
  scope: ["203.0.113.0/24"],
  reference: "ticket 7",
  expires: "2999-01-01",
};

Deno.test("scans: an authorisation of the configuration opens its scope to a dry run", async () => {
  await using runtime = createRuntime({ security: { authorization } });
  const report = await runtime.security.scanPorts("203.0.113.9", { dryRun: true, ports: "80" });
  assert.deepEqual([report.authorization, report.planned], ["ticket 7", 1]);
  const { security } = runtime;
  assert.equal((await security.probePort("203.0.113.9", 80, { dryRun: true })).state, "unprobed");
  const service = await security.detectService("203.0.113.9", 80, { dryRun: true });
  assert.deepEqual([service.dryRun, service.service, service.how], [true, null, "none"]);
  const hosts = await security.discoverHosts("203.0.113.8/31", { dryRun: true });
  assert.deepEqual(hosts.map(({ address, up, by }) => [address, up, by]), [
    ["203.0.113.8", null, null],
    ["203.0.113.9", null, null],
  ]);
});

Deno.test("scans: no call brings its own authorisation, limits or log to a configuration", async () => {
  const entries: AuditEntry[] = [];
  const write = (entry: AuditEntry): void => void entries.push(entry);
  await using runtime = createRuntime({ security: { maxProbes: 10, audit: { write } } });
  const { security } = runtime;
  const wide = { scope: ["0.0.0.0/0"], reference: "my own word", expires: "2999-01-01" };
  await assert.rejects(
    security.scanPorts("8.8.8.8", { authorization: wide, dryRun: true }),
    { code: "SCOPE" },
  );
  await assert.rejects(
    security.scanPorts("127.0.0.1", { maxProbes: 1_000, ports: "1-11", dryRun: true }),
    { code: "TOO_LARGE" },
  );
  await assert.rejects(
    security.discoverHosts("8.8.8.0/30", { authorization: wide, audit: {} }),
    { code: "SCOPE" },
  );
  await assert.rejects(
    security.probePort("8.8.8.8", 53, { authorization: wide, audit: {}, dryRun: true }),
    { code: "SCOPE" },
  );
  await assert.rejects(
    security.detectService("8.8.8.8", 53, { authorization: wide, audit: {}, dryRun: true }),
    { code: "SCOPE" },
  );
  assert.deepEqual(
    entries.map(({ event, operation }) => [event, operation]),
    [
      ["refused", "scanPorts"],
      ["refused", "scanPorts"],
      ["refused", "discoverHosts"],
      ["refused", "probePort"],
      ["refused", "detectService"],
    ],
  );
});

Deno.test("scans: the audit log has a line before and after, and nothing made up", async () => {
  await temporary(async (folder) => {
    const path = `${folder}/audit.jsonl`;
    const ports = String(unusedPort());
    await scanPorts("127.0.0.1", { ports, audit: { path } });
    await assert.rejects(scanPorts("8.8.8.8", { audit: { path, who: "a test" } }));
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    const [start, end, refused] = lines.map((line) => JSON.parse(line) as AuditEntry);
    const { at, ...rest } = start!;
    assert.ok(Date.parse(at) > 0);
    assert.deepEqual(rest, {
      event: "start",
      operation: "scanPorts",
      who: null,
      target: "127.0.0.1",
      addresses: 1,
      ports: 1,
      probes: 1,
      rate: null,
      hostRate: null,
      authorization: null,
      reason: null,
    });
    assert.deepEqual([end!.event, end!.probes], ["end", 1]);
    assert.deepEqual([refused!.event, refused!.who, refused!.probes], ["refused", "a test", null]);
    assert.match(refused!.reason!, /8\.8\.8\.8/);
  });
});

Deno.test("scans: without its log a scan is not begun", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ports = String(listener.addr.port);
  const accepted = listener.accept().catch(() => undefined);
  await assert.rejects(
    scanPorts("127.0.0.1", { ports, audit: { path: "/dev/null/audit.jsonl" } }),
    (error) => AgentError.is(error, "IO"),
  );
  const refusal = new Error("the log is full");
  const write = (): never => {
    throw refusal;
  };
  await assert.rejects(scanPorts("127.0.0.1", { ports, audit: { write } }), refusal);
  listener.close();
  assert.equal(await accepted, undefined);
});
