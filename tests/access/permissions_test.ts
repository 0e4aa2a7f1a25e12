/**
 * What each call needs of Deno's permissions: the documented set suffices, each part of it is needed,
 * and native code, which the operating system lets do everything, does nothing more. Each call runs in
 * a program of its own with exactly the flags under test, on both twins.
 */

import assert from "assertions";
import { BUILT, deno, ROOT, temporary } from "../support/programs.ts";
import { testOf, type TwinName, twins } from "../support/twins.ts";
import type { Call, Result } from "./call.ts";

/** What loading the native libraries needs, and nothing else. */
const NATIVE = [`--allow-ffi=${BUILT}`, `--allow-read=${BUILT}`];

async function call(flags: readonly string[], what: Call): Promise<Result> {
  const program = `${ROOT}tests/access/call.ts`;
  const { code, stdout, stderr } = await deno(
    ["run", "--no-prompt", ...merged(flags), program, JSON.stringify(what)],
    { AGENT_IMPLEMENTATION: "pure" },
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Result;
}

/** Deno takes each flag once; several values of one are joined. */
function merged(flags: readonly string[]): string[] {
  const values = new Map<string, string[]>();
  for (const flag of flags) {
    const [name, value] = flag.split("=", 2) as [string, string | undefined];
    values.set(name, [...(values.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  return [...values].map(([name, list]) => list.length === 0 ? name : `${name}=${list.join(",")}`);
}

/** The flags for a twin: the native one also has to be loaded. */
function withLoading(twin: TwinName, flags: readonly string[]): string[] {
  return twin === "native" ? [...NATIVE, ...flags] : [...flags];
}

function denied(result: Result, permission: string, target: string): void {
  assert.deepEqual(
    [result.error?.name, result.error?.code, result.error?.details],
    ["AgentError", "PERMISSION", { permission, target }],
    JSON.stringify(result),
  );
}

for (const tested of twins("security").each) {
  const { name: twin } = tested;
  const options = { implementation: twin };

  testOf("memoryInfo", tested, "needs sys=systemMemoryInfo and no more", async () => {
    const what: Call = { name: "memoryInfo", args: [options] };
    const allowed = await call(withLoading(twin, ["--allow-sys=systemMemoryInfo"]), what);
    assert.ok(allowed.value, JSON.stringify(allowed));
    denied(await call(withLoading(twin, []), what), "sys", "systemMemoryInfo");
    denied(
      await call(withLoading(twin, ["--allow-sys", "--deny-sys=systemMemoryInfo"]), what),
      "sys",
      "systemMemoryInfo",
    );
  });

  testOf("probePort", tested, "needs the host, and nothing is connected without", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    let connections = 0;
    const counting = (async () => {
      for await (const connection of listener) {
        connections++;
        connection.close();
      }
    })();
    const probe = (host: string, ...flags: string[]): Promise<Result> =>
      call(withLoading(twin, flags), { name: "probePort", args: [host, port, options] });
    try {
      const own = `127.0.0.1:${port}`;
      denied(await probe("127.0.0.1"), "net", own);
      denied(await probe("127.0.0.1", "--allow-net=localhost"), "net", own);
      denied(await probe("127.0.0.1", "--allow-net=127.0.0.1:1"), "net", own);
      denied(await probe("127.0.0.1", "--allow-net", "--deny-net=127.0.0.1"), "net", own);
      denied(await probe("0x7f.1", "--allow-net=0x7f.1"), "net", own);
      denied(await probe("localhost"), "net", `localhost:${port}`);
      // Deno resolves a name only where it is granted without a port.
      denied(await probe("localhost", `--allow-net=localhost:${port}`), "net", "localhost");
      denied(await probe("localhost", "--allow-net", "--deny-net=127.0.0.1"), "net", own);
      denied(await probe("localhost", "--allow-net=localhost", `--deny-net=${own}`), "net", own);
      assert.equal(connections, 0);
      for (
        const [host, flag] of [
          ["127.0.0.1", "--allow-net=127.0.0.1"],
          ["127.0.0.1", `--allow-net=${own}`],
          ["0x7f.1", `--allow-net=${own}`],
          ["localhost", "--allow-net=localhost"],
        ] as const
      ) {
        const { value, error } = await probe(host, flag);
        assert.equal((value as { state?: string })?.state, "open", error?.message);
      }
    } finally {
      listener.close();
      await counting;
    }
    assert.equal(connections, 4);
  });

  testOf("scanPorts", tested, "by UDP needs the port that it leaves from as well", async () => {
    const wanted = { ...options, ports: "none", udp: "9", timeoutMs: 30 };
    const scan = (...flags: string[]): Promise<Result> => {
      const args = ["127.0.0.1", wanted];
      return call(withLoading(twin, flags), { name: "scanPorts", args });
    };
    denied(await scan(), "net", "127.0.0.1:9");
    denied(await scan("--allow-net=127.0.0.1:9"), "net", "127.0.0.1:0");
    const { value, error } = await scan("--allow-net=127.0.0.1:9,127.0.0.1:0");
    assert.equal((value as { udp: unknown[] })?.udp.length, 1, error?.message);
    const named = { name: "scanPorts", args: ["localhost", wanted] } as const;
    const byName = ["--allow-net=localhost,127.0.0.1:0"];
    // Its address is what datagrams go to.
    denied(
      await call(withLoading(twin, byName), { ...named, args: [...named.args] }),
      "net",
      "127.0.0.1:9",
    );
  });

  testOf("pingEngine", tested, "over TCP needs the host", async () => {
    let requests = 0;
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      requests++;
      return Response.json({ ApiVersion: "1.41" });
    });
    const { port } = server.addr;
    const ping = (host: string, ...flags: string[]): Promise<Result> => {
      const args = [{ ...options, host: `tcp://${host}:${port}` }];
      return call(withLoading(twin, flags), { name: "pingEngine", args });
    };
    try {
      const own = `127.0.0.1:${port}`;
      denied(await ping("127.0.0.1"), "net", own);
      denied(await ping("localhost", "--allow-net", "--deny-net=127.0.0.1"), "net", own);
      denied(await ping("localhost", `--allow-net=localhost:${port}`), "net", "localhost");
      assert.equal(requests, 0);
      for (
        const [host, flag] of [
          ["127.0.0.1", `--allow-net=${own}`],
          ["localhost", "--allow-net=localhost"],
        ] as const
      ) {
        const { value, error } = await ping(host, flag);
        assert.equal((value as { apiVersion?: string })?.apiVersion, "1.41", error?.message);
      }
    } finally {
      await server.shutdown();
    }
    assert.equal(requests, 2);
  });

  testOf("pingEngine", tested, "over a socket needs read, write and net of it", async () => {
    await temporary(async (folder) => {
      const path = `${folder}/engine.sock`;
      const wanted = [`--allow-read=${path}`, `--allow-write=${path}`, `--allow-net=unix:${path}`];
      const ping = (flags: readonly string[]): Promise<Result> => {
        const args = [{ ...options, host: `unix://${path}` }];
        return call(withLoading(twin, flags), { name: "pingEngine", args });
      };
      denied(await ping(wanted.slice(1)), "read", path);
      denied(await ping([wanted[0]!, wanted[2]!]), "write", path);
      denied(await ping(wanted.slice(0, 2)), "net", `unix:${path}`);
      const absent = await ping(wanted);
      assert.deepEqual(
        [absent.error?.code, absent.error?.details],
        ["NOT_FOUND", { what: path }],
        JSON.stringify(absent),
      );
      Deno.writeTextFileSync(path, "a file is no socket");
      const plain = await ping(wanted);
      assert.deepEqual(
        [plain.error?.code, plain.error?.details],
        ["IO", { path: `unix://${path}`, operation: "pingEngine" }],
        JSON.stringify(plain),
      );
    });
  });
}
