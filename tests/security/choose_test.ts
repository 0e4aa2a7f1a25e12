/** Which twin `auto` takes, what a connect goes to, and what no real connection shows at will. */

import assert from "assertions";
import { scanPorts } from "../../src/security/mod.ts";
import { connect, selfConnected } from "../../src/security/scan/connect.ts";
import { unusedPort, withSilentPort } from "../support/servers.ts";
import { heldBy, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { native } = twins("security");

testOf("scanPorts", native, "auto takes the native twin from 16 probes", async () => {
  const held = heldBy("security");
  await withSilentPort(async (port) => {
    const enough = new AbortController();
    const { signal } = enough;
    for (const [ports, inFlight] of [[`1-14,${port}`, 0], [`1-15,${port}`, 1]] as const) {
      const scanned = scanPorts("127.0.0.1", {
        ports,
        implementation: "auto",
        timeoutMs: 60_000,
        signal,
      });
      scanned.catch(() => {});
      await delay(20);
      assert.equal(held.inFlight(), inFlight, ports);
      if (inFlight === 0) continue;
      enough.abort();
      await assert.rejects(scanned);
    }
    await native.idle();
  });
});

Deno.test("connect() by a name goes to the address that was checked", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { signal } = new AbortController();
  const echoed = (async () => {
    using accepted = await listener.accept();
    const buffer = new Uint8Array(8);
    const count = await accepted.read(buffer);
    await accepted.write(buffer.subarray(0, count!));
  })();
  const connection = await connect("127.0.0.1", listener.addr.port, "localhost", signal);
  assert.equal(connection.remoteAddr.hostname, "127.0.0.1");
  assert.equal(await connection.write(Uint8Array.of(1, 2, 3)), 3);
  const buffer = new Uint8Array(2);
  assert.equal(await connection.read(buffer), 2);
  assert.deepEqual([...buffer], [1, 2]);
  assert.equal(await connection.read(buffer), 1);
  assert.equal(await connection.read(buffer), null);
  await echoed;
  connection.close();
  listener.close();
  await assert.rejects(connect("127.0.0.1", unusedPort(), "localhost", signal), {
    code: "ECONNREFUSED",
  });
});

Deno.test("connect() by a name that leads elsewhere by now sends nothing there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const counting = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  // The name was checked when it led to another address.
  const { signal } = new AbortController();
  await assert.rejects(connect("127.0.0.9", listener.addr.port, "localhost", signal), {
    code: "IO",
    message: /localhost resolves to 127\.0\.0\.1 now, which was not checked/,
  });
  await delay(20);
  listener.close();
  await counting;
  assert.equal(connections, 0);
});

Deno.test("connect() by a name ends with its signal", async () => {
  await withSilentPort(async (port) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const connecting = connect("127.0.0.1", port, "localhost", controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(connecting, (error) => error === reason);
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
