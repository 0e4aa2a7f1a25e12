/** An option that no call has is refused, and the one that is meant is named. */

import assert from "assertions";
import {
  connections,
  detectService,
  detectThreats,
  discoverHosts,
  type HostPicture,
  picture,
  probePort,
  processes,
  renderPicture,
  scanHosts,
  scanPorts,
  systemInfo,
} from "../../src/security/mod.ts";

const NOTHING: HostPicture = {
  takenAt: "",
  ports: [],
  established: 0,
  unavailable: {},
  scope: "",
};

const CALLS: readonly [string, (options: object) => Promise<unknown>][] = [
  ["scanPorts", (options) => scanPorts("127.0.0.1", options)],
  ["scanHosts", (options) => scanHosts("127.0.0.1", options)],
  ["discoverHosts", (options) => discoverHosts("127.0.0.1", options)],
  ["probePort", (options) => probePort("127.0.0.1", 1, options)],
  ["detectService", (options) => detectService("127.0.0.1", 1, options)],
  ["connections", (options) => connections(options)],
  ["processes", (options) => processes(options)],
  ["systemInfo", (options) => systemInfo(options)],
  ["picture", (options) => picture(options)],
  ["renderPicture", (options) => renderPicture(NOTHING, options)],
  ["detectThreats", (options) => detectThreats(options)],
];

for (const [name, call] of CALLS) {
  Deno.test(`security: ${name} refuses options that it has not`, async () => {
    await assert.rejects(call({ zzzzzz: 1 }), {
      name: "TypeError",
      message: /^options has no field "zzzzzz"; there are /,
    });
  });
}

Deno.test("security: a limit or an authorisation that is misspelt is none in silence", async () => {
  const cases: readonly [object, RegExp][] = [
    [{ hostrate: 1 }, /^options has no field "hostrate"; did you mean hostRate\?$/],
    [{ dryrun: true }, /did you mean dryRun\?$/],
    [{ audit: { pth: "x" } }, /^options\.audit has no field "pth"; did you mean path\?$/],
    [{ authorization: { scopes: [] } }, /^options\.authorization has no field "scopes"; did you/],
  ];
  for (const [options, message] of cases) {
    for (const [name, call] of CALLS.slice(0, 5)) {
      await assert.rejects(call(options), { name: "TypeError", message }, name);
    }
  }
});
