/** Scans in a namespace where nothing but this program listens; prints what came of them as JSON. */

import { scanPorts } from "@agent/runtime/security";
import { echo } from "../../../src/security/scan/native.ts";
import type { TwinName } from "../../support/twins.ts";

const [what, twin] = Deno.args as [string, TwinName];
const implementation = twin;

function print(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value)));
}

/** Twenty listeners over the whole range, the ephemeral ports among them. */
function listeners(): number[] {
  return Array.from({ length: 20 }, (_, at) => {
    const port = 1 + at * 3_276;
    Deno.listen({ hostname: "127.0.0.1", port });
    return port;
  });
}

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

switch (what) {
  case "all": {
    const own = listeners();
    const rounds = [];
    for (let round = 0; round < Number(Deno.args[2]); round++) {
      const { ports, counts } = await scanPorts("127.0.0.1", { ports: "all", implementation });
      rounds.push({ found: ports.map(({ port }) => port), counts });
    }
    print({ own, rounds });
    break;
  }
  case "tarpit": {
    // Two thousand ports that accept and then say nothing for ever.
    const own = Array.from({ length: 2_000 }, (_, at) => 1_000 + at);
    for (const port of own) {
      const listener = Deno.listen({ hostname: "127.0.0.1", port });
      listener.accept().then(() => {}, () => {});
    }
    const { ports } = await scanPorts("127.0.0.1", { ports: "900-3100", implementation });
    print({ own, rounds: [{ found: ports.map(({ port }) => port) }] });
    break;
  }
  case "ephemeral": {
    const wrong = [];
    for (let round = 0; round < Number(Deno.args[2]); round++) {
      const { ports } = await scanPorts("127.0.0.1", { ports: "32768-60999", implementation });
      wrong.push(...ports);
    }
    print(wrong);
    break;
  }
  case "silent": {
    const { counts } = await scanPorts("10.99.0.2", {
      ports: "1-1500",
      implementation,
      timeoutMs: 200,
      rate: Infinity,
      hostRate: Infinity,
    });
    print(counts);
    break;
  }
  case "echo": {
    // Two addresses of loopback, and one of a network where nobody answers.
    const addresses = ["127.0.0.1", "127.0.0.9", "::1", "10.99.0.2"];
    print(await echo({ addresses, timeoutMs: 300, limitMs: 60_000, rate: 1_000 }));
    break;
  }
  case "hundred": {
    const scan = async (times: number): Promise<void> => {
      for (let at = 0; at < times; at++) {
        await scanPorts("127.0.0.1", { ports: "1-1000", implementation });
      }
    };
    await scan(30);
    const before = { descriptors: descriptors(), rss: Deno.memoryUsage().rss };
    await scan(100);
    const after = { descriptors: descriptors(), rss: Deno.memoryUsage().rss };
    print({ before, after });
    break;
  }
}
Deno.exit(0);
