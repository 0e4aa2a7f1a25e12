/**
 * This machine itself: a thousand sockets of known owners beside what `ss` says, processes that end and begin while they are
 * read, and what each permission is good for.
 */

import assert from "assertions";
import { readConnections } from "../../../src/security/host/connections.ts";
import { readProcesses } from "../../../src/security/host/processes.ts";
import type { Connection } from "../../../src/security/host/types.ts";
import { DENO, deno, ROOT, temporary } from "../../support/programs.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { NATIVE, twins } from "../../support/twins.ts";

const { native } = twins("security");
const noLinux = Deno.build.os === "linux" ? undefined : "only Linux has /proc";
const needs = [native.missing, noLinux];

/** A program that holds a number of listeners, of which some have a connection to themselves. */
const HOLDER = `
const held = [];
for (let i = 0; i < 125; i++) {
  const listener = Deno.listen({ hostname: i % 2 ? "127.0.0.1" : "::1", port: 0 });
  held.push(listener, await Deno.connect({ hostname: listener.addr.hostname, port: listener.addr.port }));
  held.push(await listener.accept());
}
console.log("ready");
await new Promise((resolve) => Deno.stdin.read(new Uint8Array(1)).then(resolve));
for (const one of held) one.close();
`;

/** Runs a body while programs of ours hold 1,125 sockets, and gives it their pids. */
async function withHolders(body: (pids: number[]) => Promise<void>): Promise<void> {
  const children = [];
  try {
    for (let i = 0; i < 3; i++) {
      const child = new Deno.Command(DENO, {
        args: [
          "run",
          "--no-prompt",
          "--allow-net=127.0.0.1,[::1]",
          `data:text/javascript,${encodeURIComponent(HOLDER)}`,
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      children.push(child);
    }
    for (const { stdout } of children) {
      const reader = stdout.getReader();
      assert.match(new TextDecoder().decode((await reader.read()).value), /ready/);
      reader.releaseLock();
    }
    await body(children.map(({ pid }) => pid));
  } finally {
    for (const child of children) {
      await child.stdin.close();
      await child.stdout.cancel();
      await child.status;
    }
  }
}

/** A socket in one word: protocol, both ends, state. */
function key(connection: Connection): string {
  const { local, remote, state } = connection;
  const end = (one: typeof local): string => one === null ? "*" : `${one.address}|${one.port}`;
  return `${end(local)} ${end(remote)} ${state === "listen" ? "LISTEN" : "ESTAB"}`;
}

/** What `ss` says of TCP sockets of some processes, in the same words. */
async function bySs(pids: readonly number[]): Promise<Map<string, number[]>> {
  const { stdout } = await new Deno.Command("ss", { args: ["-Htanp"] }).output();
  const found = new Map<string, number[]>();
  const end = (text: string): string => {
    const colon = text.lastIndexOf(":");
    return `${text.slice(0, colon).replace(/[[\]]/g, "")}|${text.slice(colon + 1)}`;
  };
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const [state, , , local, remote] = line.split(/ +/);
    const owners = [...line.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
    if (!owners.some((pid) => pids.includes(pid))) continue;
    const peer = state === "LISTEN" ? "*" : end(remote!);
    found.set(`${end(local!)} ${peer} ${state}`, [...new Set(owners)].sort((a, b) => a - b));
  }
  return found;
}

testNeeding(
  [...needs, programMissing("ss", "iproute2")],
  "host (native): 1,125 sockets have the owners that ss names",
  async () => {
    await withHolders(async (pids) => {
      const found = new Map<string, number[]>();
      for (const connection of await readConnections(NATIVE)) {
        const owners = connection.owners.map(({ pid }) => pid);
        if (connection.protocol !== "tcp" || !owners.some((pid) => pids.includes(pid))) continue;
        found.set(key(connection), owners);
      }
      assert.equal(found.size, 1_125);
      const expected = await bySs(pids);
      assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
    });
  },
);

testNeeding(needs, "host (both): the pure twin with all permissions finds the same", async () => {
  const script = `
    import { readConnections } from "${ROOT}src/security/host/connections.ts";
    import { readProcesses } from "${ROOT}src/security/host/processes.ts";
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const found = [];
    for (const implementation of ["pure", "native"]) {
      const all = await readConnections({ implementation });
      const processes = await readProcesses({ implementation });
      found.push({
        socket: all.find(({ local, protocol }) => protocol === "tcp" && local.port === listener.addr.port),
        self: processes.find(({ pid }) => pid === Deno.pid),
      });
    }
    console.log(JSON.stringify(found));`;
  const { code, stdout, stderr } = await deno(["eval", "--no-check", script]);
  assert.equal(code, 0, stderr);
  const [pure, other] = JSON.parse(stdout);
  assert.equal(pure.socket.pid, pure.self.pid);
  assert.equal(pure.socket.state, "listen");
  // Which thread of a program runs at the moment is no fact that lasts.
  assert.deepEqual({ ...other.self, state: "" }, { ...pure.self, state: "" });
  assert.deepEqual(other.socket, pure.socket);
});

testNeeding(needs, "host (native): processes that end and begin while they are read", async () => {
  const churn = new Deno.Command("sh", {
    args: ["-c", "i=0; while [ $i -lt 400 ]; do true & i=$((i+1)); done; wait"],
  }).spawn();
  for (let round = 0; round < 30; round++) {
    for (const { pid, name, startedAt } of await readProcesses(NATIVE)) {
      assert.ok(pid > 0 && name !== "" && startedAt !== null && startedAt > 0);
    }
  }
  await churn.status;
});

testNeeding(needs, "host (native): a process's own facts are those that Deno tells", async () => {
  const own = (await readProcesses(NATIVE)).find(({ pid }) => pid === Deno.pid)!;
  assert.equal(own.parent, Deno.ppid);
  assert.equal(own.uid, Deno.uid());
  assert.equal(own.executable, await Deno.realPath(DENO));
  assert.equal(own.deleted, false);
});

for (
  const [name, flags, expected] of [
    ["nothing", [], "PERMISSION read"],
    ["--allow-read", ["--allow-read"], "PERMISSION sys"],
    ["a part of --allow-read", ["--allow-read=/proc", "--allow-sys"], "PERMISSION read"],
    ["something denied", ["--allow-read", "--deny-read=/etc", "--allow-sys"], "PERMISSION read"],
    ["--allow-read --allow-sys", ["--allow-read", "--allow-sys"], "ok"],
  ] as const
) {
  testNeeding(needs, `host (native): with ${name}`, async () => {
    assert.equal(await outcome("native", ["--allow-ffi", ...flags]), expected);
  });
}

testNeeding([noLinux], "host (pure): /proc needs --allow-all, and the error says so", async () => {
  assert.equal(await outcome("pure", ["--allow-read", "--allow-sys"]), "PERMISSION all");
});

/** What `readConnections` comes to with some permissions. */
async function outcome(implementation: string, flags: readonly string[]): Promise<string> {
  const script = `
    import { readConnections } from "${ROOT}src/security/host/connections.ts";
    try {
      await readConnections({ implementation: "${implementation}" });
      console.log("ok");
    } catch (error) {
      console.log(error.code, error.details.permission);
    }`;
  // The library is found beside the sources, for which a look at the files is needed.
  const looks = flags.some((flag) => flag === "--allow-read")
    ? []
    : [`--allow-read=${ROOT}target/release`];
  return await temporary(async (folder) => {
    Deno.writeTextFileSync(`${folder}/main.ts`, script);
    const args = ["run", "--no-prompt", "--no-check", ...merged([...flags, ...looks])];
    const { stdout, stderr } = await deno([...args, `${folder}/main.ts`]);
    return stdout.trim() || stderr;
  });
}

/** Deno takes each permission once. */
function merged(flags: readonly string[]): string[] {
  const reads = flags.filter((flag) => flag.startsWith("--allow-read="));
  const rest = flags.filter((flag) => !flag.startsWith("--allow-read="));
  if (reads.length === 0) return rest;
  return [
    ...rest,
    `--allow-read=${reads.map((flag) => flag.slice("--allow-read=".length)).join(",")}`,
  ];
}
