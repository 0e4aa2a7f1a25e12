/** Which twin `auto` takes for a probe, and what no real connection shows at will. */

import assert from "assertions";
import { probePort } from "../../src/security/mod.ts";
import { selfConnected } from "../../src/security/pure.ts";
import { withSilentPort } from "../support/servers.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { native } = twins("security");

testOf("probePort", native, "auto takes the native twin from 16 probes at once", async () => {
  const held = heldBy("security");
  await withSilentPort(async (port) => {
    const enough = new AbortController();
    const { signal } = enough;
    const start = (count: number): Promise<unknown>[] =>
      Array.from(
        { length: count },
        () => probePort("127.0.0.1", port, { implementation: "auto", timeoutMs: 60_000, signal }),
      );
    const probes = start(16);
    await delay(20);
    assert.equal(held.inFlight(), 0, "the first sixteen are pure");
    probes.push(...start(5));
    await delay(20);
    assert.equal(held.inFlight(), 5, "what comes on top is native");
    enough.abort();
    for (const { status } of await Promise.allSettled(probes)) assert.equal(status, "rejected");
    await native.idle();
  });
});

Deno.test("selfConnected() tells a socket that is its own peer", () => {
  const address = (hostname: string, port: number): Deno.NetAddr => ({
    transport: "tcp",
    hostname,
    port,
  });
  const own = address("127.0.0.1", 40_000);
  assert.equal(selfConnected({ localAddr: own, remoteAddr: { ...own } }), true);
  for (const other of [address("127.0.0.1", 40_001), address("127.0.0.2", 40_000)]) {
    assert.equal(selfConnected({ localAddr: own, remoteAddr: other }), false);
  }
});
