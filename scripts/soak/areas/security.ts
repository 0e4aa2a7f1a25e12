/**
 * Security: scans of loopback find the ports that are open and no others, services are told by how they speak, and this
 * process is seen with its listeners. Servers come and go, so that answers change.
 */

import {
  connections,
  detectService,
  detectThreats,
  discoverHosts,
  picture,
  probePort,
  processes,
  scanPorts,
  systemInfo,
} from "@agent/runtime/security";
import { inTurn, type Open, type Work } from "../work.ts";

const open: Open = (context): Promise<Work> => {
  const { twins, lost, did, below } = context;
  let turn = 0;
  const expect = (what: string, holds: boolean): void => {
    if (!holds) lost(what);
    did();
  };
  return Promise.resolve({
    everyMs: 3_000,
    async step() {
      const implementation = inTurn(twins, turn++);
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        () => new Response("hello", { headers: { server: "soak/1.0" } }),
      );
      const { port } = server.addr;
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const shut = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      shut.close();
      const first = 20_000 + below(20_000);
      const ports = `${port},${silent.addr.port},${shut.addr.port},${first}-${first + 200}`;
      const report = await scanPorts("127.0.0.1", { ports, implementation });
      const found = new Set(
        report.ports.filter(({ state }) => state === "open").map((one) => one.port),
      );
      expect(
        `a scan (${implementation}) missed an open port`,
        found.has(port) && found.has(silent.addr.port),
      );
      expect(`a scan (${implementation}) is not complete`, report.complete);
      const { state } = await probePort("127.0.0.1", port, { implementation });
      expect("a probe finds no open port", state === "open");
      const { service } = await detectService("127.0.0.1", port);
      expect(`a server is taken for ${service}`, service === "http");
      const sockets = await connections({ implementation });
      expect(
        `connections (${implementation}) do not have a listener of this process`,
        sockets.some(({ local, state, pid }) =>
          local?.port === port && state === "listen" && pid === Deno.pid
        ),
      );
      const running = await processes({ implementation });
      expect("processes do not have this one", running.some(({ pid }) => pid === Deno.pid));
      switch (turn % 6) {
        case 0:
          await detectThreats({ implementation });
          break;
        case 2:
          expect(
            "a picture has no ports",
            (await picture({ certificates: false, implementation })).ports.length > 0,
          );
          break;
        case 4:
          await systemInfo({ implementation });
          await discoverHosts("127.0.0.1", { implementation });
      }
      did();
    },
    close: () => Promise.resolve(),
  });
};

export default open;
