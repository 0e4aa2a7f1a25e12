/**
 * What scans need of Deno's permissions: each port of each address, a denied one among granted ones too; nothing is
 * connected without, by either twin. Each call runs in a program of its own with exactly the flags under test.
 */

import assert from "assertions";
import { BUILT, deno, ROOT } from "../support/programs.ts";
import { testOf, type Twin, twins } from "../support/twins.ts";
import type { Call, Result } from "./call.ts";

async function call(twin: Twin, flags: readonly string[], what: Call): Promise<Result> {
  const loading = twin.name === "native" ? [`--allow-ffi=${BUILT}`, `--allow-read=${BUILT}`] : [];
  const program = `${ROOT}tests/access/call.ts`;
  const args = ["run", "--no-prompt", ...loading, ...flags, program, JSON.stringify(what)];
  const { code, stdout, stderr } = await deno(args, { AGENT_IMPLEMENTATION: "pure" });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Result;
}

for (const twin of twins("security").each) {
  testOf("scanPorts", twin, "needs its hosts and ports, and connects to no other", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    let connections = 0;
    const counting = (async () => {
      for await (const connection of listener) {
        connections++;
        connection.close();
      }
    })();
    const options = { implementation: twin.name, ports: String(port) };
    const scan = (host: string, ...flags: string[]): Promise<Result> =>
      call(twin, flags, { name: "scanPorts", args: [host, options] });
    const refused = async (target: string, host: string, ...flags: string[]): Promise<void> => {
      const { error } = await scan(host, ...flags);
      assert.deepEqual(
        [error?.name, error?.code, error?.details],
        ["AgentError", "PERMISSION", { permission: "net", target }],
        JSON.stringify(error),
      );
    };
    try {
      const own = `127.0.0.1:${port}`;
      await refused(own, "127.0.0.1");
      await refused(own, "127.0.0.1", "--allow-net=localhost");
      await refused(own, "127.0.0.1", "--allow-net=127.0.0.1", `--deny-net=${own}`);
      await refused(own, "127.0.0.1", "--allow-net", `--deny-net=${own}`);
      await refused(own, "localhost", "--allow-net=localhost", `--deny-net=${own}`);
      await refused("localhost", "localhost", `--allow-net=localhost:${port}`);
      assert.equal(connections, 0);
      for (
        const [host, flag] of [
          ["127.0.0.1", "--allow-net=127.0.0.1"],
          ["127.0.0.1", `--allow-net=${own}`],
          ["127.0.0.1", "--allow-net=127.0.0.0/8"],
          ["localhost", "--allow-net=localhost"],
        ] as const
      ) {
        const { value, error } = await scan(host, flag);
        assert.equal((value as { counts?: { open: number } })?.counts?.open, 1, error?.message);
      }
    } finally {
      listener.close();
      await counting;
    }
    assert.equal(connections, 4);
  });

  testOf("scanHosts", twin, "of a private network needs to know the machine's own", async () => {
    const what: Call = {
      name: "scanHosts",
      args: ["10.255.255.0/30", { implementation: twin.name, dryRun: true, ports: "1" }],
    };
    const { error } = await call(twin, ["--allow-net"], what);
    assert.equal(error?.code, "SCOPE");
    assert.match(error!.message, /--allow-sys=networkInterfaces/);
    const told = await call(twin, ["--allow-net", "--allow-sys=networkInterfaces"], what);
    assert.doesNotMatch(told.error?.message ?? "", /--allow-sys/);
  });
}
