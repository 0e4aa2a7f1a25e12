/** No connection is left open by those that are given up, in whatever moment. */

import assert from "assertions";
import net from "node:net";
import { connectTcp } from "../../src/shared/connect.ts";
import { delay } from "../support/values.ts";

Deno.test("connections given up at any moment leave nothing open", async () => {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => {}).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as net.AddressInfo;
    let givenUp = 0;
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 20 }, async (_, at) => {
        const controller = new AbortController();
        const reason = new Error("enough");
        abortSoon(at, () => controller.abort(reason));
        try {
          (await connectTcp({ hostname: "127.0.0.1", port }, controller.signal)).close();
        } catch (error) {
          assert.equal(error, reason);
          givenUp++;
        }
      }));
    }
    assert.ok(givenUp > 0);
    for (let wait = 0; wait < 40 && open.size > 0; wait++) await delay(50);
    assert.equal(open.size, 0, "connections that are left open");
  } finally {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("what was given up before is not begun, and a refusal is told", async () => {
  const reason = new Error("before");
  const target = { hostname: "127.0.0.1", port: 1 };
  await assert.rejects(
    connectTcp(target, AbortSignal.abort(reason)),
    (error) => error === reason,
  );
  await assert.rejects(
    connectTcp(target, new AbortController().signal),
    Deno.errors.ConnectionRefused,
  );
});

/** In the same turn, when another operation is done, or some time later, by a program that was busy meanwhile. */
function abortSoon(at: number, abort: () => void): void {
  const afterWork = (): void => {
    const end = performance.now() + Math.random();
    while (performance.now() < end);
    abort();
  };
  if (at % 5 === 0) queueMicrotask(abort);
  else if (at % 5 === 1) void Deno.stat(".").then(afterWork);
  else setTimeout(afterWork, Math.random() * 20);
}
