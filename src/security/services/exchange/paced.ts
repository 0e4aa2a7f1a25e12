/** Exchanges that keep a rate: each connection and each datagram waits for its turn. @module */

import type { Gate } from "../../scope/gate.ts";
import type { Carrier, Line } from "./types.ts";

/** A carrier whose connections and datagrams pass a gate first. */
export function paced(carrier: Carrier, gate: Pick<Gate, "pass">): Carrier {
  return {
    implementation: carrier.implementation,
    line(address, port, dial): Line {
      const line = carrier.line(address, port, dial);
      let isDialled = false;
      return {
        async step(step, signal) {
          // The first step makes the connection.
          if (!isDialled) await gate.pass(address, signal);
          isDialled = true;
          return await line.step(step, signal);
        },
        close: () => line.close(),
        [Symbol.dispose]: () => line[Symbol.dispose](),
      };
    },
    async datagram(datagram, signal) {
      await gate.pass(datagram.address, signal);
      return await carrier.datagram(datagram, signal);
    },
  };
}
