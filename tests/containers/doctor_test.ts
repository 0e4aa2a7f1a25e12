/** What `doctor` says of engines. */

import assert from "assertions";
import { checkEngine, warnings } from "../../src/cli/engine_status.ts";
import { engineMissing, startDocker } from "../support/docker.ts";
import { testNeeding } from "../support/needs.ts";
import { podmanMissing, startPodman } from "../support/podman.ts";

const LIMITS = { memory: true, swap: true, cpu: true, pids: true };

/** The warnings about an engine of this version. */
function about(engine: "docker" | "podman", version: string, runtime?: string): string[] {
  const capabilities = { seccomp: true, limits: LIMITS } as Parameters<
    typeof warnings
  >[0]["capabilities"];
  return warnings({ engine, version, capabilities }, runtime);
}

Deno.test("doctor: old engines and runtimes are warned of, and no others", () => {
  assert.match(about("docker", "20.10.24+dfsg1").join(), /before 28\.0.*20\.10\.24/);
  assert.match(about("docker", "27.5.1").join(), /before 28\.0/);
  assert.deepEqual(about("docker", "28.0.0"), []);
  assert.deepEqual(about("docker", "29.1.0", "runc 1.4.0"), []);
  assert.deepEqual(about("podman", "4.3.1"), []);
  for (const old of ["1.1.5+ds1", "1.2.7", "1.3.0", "1.3.2"]) {
    assert.match(about("podman", "5.0.0", `runc ${old}`).join(), /CVE-2025-31133/, old);
  }
  for (const mended of ["1.2.8", "1.2.10", "1.3.3", "1.10.0", "2.0.0"]) {
    assert.deepEqual(about("podman", "5.0.0", `runc ${mended}`), [], mended);
  }
  assert.deepEqual(about("docker", "", undefined), []);
});

for (
  const [name, missing, start] of [
    ["Docker", engineMissing(), startDocker],
    ["Podman", podmanMissing(), startPodman],
  ] as const
) {
  testNeeding([missing], `doctor: ${name} is told with what it is made of`, async () => {
    await using engine = await start();
    const status = await checkEngine((key) => key === "DOCKER_HOST" ? engine.host : undefined);
    assert.equal(status.ok, true, status.found);
    assert.match(status.found, name === "Docker" ? /\(engine \d+\./ : /\(Podman \d+\./);
    const details = status.details!.join("\n");
    assert.match(details, /^runtime runc \d+\.\d+/m);
    assert.match(details, /^cgroups [12], storage \w+/m);
    assert.match(details, /^security: .*seccomp/m);
  });
}

Deno.test("doctor: where there is no engine it says how to get one", async () => {
  const { ok, found, fix } = await checkEngine(() => "unix:///nowhere/engine.sock");
  assert.equal(ok, false);
  assert.match(found, /^not reachable at unix:\/\/\/nowhere/);
  assert.match(fix!, /apt-get install docker\.io/);
});
