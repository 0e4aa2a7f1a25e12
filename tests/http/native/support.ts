/** Exchanges of the native transport itself, without the client above it. */

import { openNativeTransport } from "../../../src/http/transport/native/mod.ts";
import type { Transport } from "../../../src/http/transport/types.ts";
import { heldBy, testOf, twins } from "../../support/twins.ts";

export { exchangeWith } from "./support_exchange.ts";

const { native } = twins("http");
/** What the library holds. */
export const HELD = heldBy("http");

/** Registers a test with a transport, after which nothing may be left in the library. */
export function transportTest(name: string, body: (transport: Transport) => Promise<void>): void {
  testOf("http transport", native, name, async () => {
    const before = HELD.handles();
    const transport = openNativeTransport({
      caCerts: [],
      idlePerHost: 8,
      idleTimeoutMs: 20_000,
    });
    try {
      await body(transport);
    } finally {
      transport.close();
    }
    await native.idle();
    await HELD.ended();
    if (HELD.handles() !== before) throw new Error(`${HELD.handles() - before} handles are left`);
  });
}
