/**
 * Records what real servers say, for tests on machines without them: writes `tests/vectors/services.json`. Run with all
 * permissions, as root, where the servers are installed; servers whose names are given as arguments, or all.
 */

import { pureCarrier } from "../../../src/security/services/exchange/pure.ts";
import type { Answer, Carrier } from "../../../src/security/services/exchange/types.ts";
import { identifyBy } from "../../../src/security/services/identify.ts";
import { keyOf, type Recording, VECTORS } from "./replay.ts";
import { REAL_SERVERS, type RealServer, serverMissing, versionOf, withServer } from "./servers.ts";

/** Carries bytes as the pure twin does, and writes down what came back. */
function recorder(recording: Recording): Carrier {
  type Said = Recording["answers"];
  // Each connection by itself: on the next the same may be said again.
  const note = (here: Said, send: Uint8Array, { end, bytes }: Answer): void => {
    if (bytes.length === 0 && end !== "closed" && end !== "reset") return;
    const closes = end === "closed" || end === "reset";
    const key = keyOf(send);
    const known = here[key] ?? { bytes: "", closes: false };
    const all = [...Uint8Array.fromBase64(known.bytes), ...bytes];
    recording.answers[key] = here[key] = {
      bytes: Uint8Array.from(all).toBase64(),
      closes: known.closes || closes,
    };
  };
  return {
    implementation: "pure",
    line(address, port, dial) {
      const line = pureCarrier.line(address, port, dial);
      const here: Said = {};
      let last: Uint8Array | undefined;
      return {
        async step(step, signal) {
          const answer = await line.step(step, signal);
          // What comes without a question belongs to the last one.
          last = step.send.length > 0 || last === undefined ? step.send : last;
          if (step.most > 0) note(here, last, answer);
          return answer;
        },
        close: () => line.close(),
        [Symbol.dispose]: () => line.close(),
      };
    },
    async datagram(datagram, signal) {
      const answer = await pureCarrier.datagram(datagram, signal);
      note({}, datagram.send, answer);
      return answer;
    },
  };
}

async function record(server: RealServer): Promise<Recording> {
  const recording: Recording = {
    name: server.name,
    transport: server.transport,
    service: server.service,
    product: server.product,
    version: await versionOf(server),
    answers: {},
  };
  await withServer(server, async (port) => {
    const target = { address: "127.0.0.1", port, transport: server.transport };
    await identifyBy(recorder(recording), target, { tls: false });
  });
  return recording;
}

const known: Recording[] = await Deno.readTextFile(VECTORS).then(JSON.parse, () => []);
for (const server of REAL_SERVERS) {
  if (Deno.args.length > 0 && !Deno.args.includes(server.name)) continue;
  // Inside TLS it is the same server with other bytes each time.
  if (server.service.endsWith("s") && server.tls && server.service !== "dns") continue;
  const missing = serverMissing(server);
  if (missing !== undefined) throw new Error(`${server.name}: ${missing}`);
  const made = await record(server);
  const at = known.findIndex(({ name }) => name === server.name);
  if (at < 0) known.push(made);
  else known[at] = made;
}
await Deno.writeTextFile(VECTORS, JSON.stringify(known, null, 1) + "\n");
