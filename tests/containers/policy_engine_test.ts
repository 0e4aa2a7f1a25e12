/**
 * The policy on real engines: what is asked is there, read from inside, and programs still run. The
 * system calls are made by their numbers on x86-64, so that no library stands between.
 */

import assert from "assertions";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import {
  type ContainerSpec,
  createBody,
  factsOf,
  writeProfiles,
} from "../../src/containers/policy/mod.ts";
import { engineMissing, sharedDocker } from "../support/docker.ts";
import type { TestEngine } from "../support/engine.ts";
// Opens the native library before the first test, which would else seem to leak it.
import "../support/twins.ts";
import { BUSYBOX, PYTHON } from "../support/images.ts";
import { testNeeding } from "../support/needs.ts";
import { podmanMissing, sharedPodman } from "../support/podman.ts";

/** Numbers of x86-64; each is called with zeros, which those that are allowed take for wrong arguments. */
const CALLS = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  userfaultfd: 323,
  bpf: 321,
  perf_event_open: 298,
  ptrace: 101,
  process_vm_readv: 310,
  process_vm_writev: 311,
  pidfd_getfd: 438,
  process_madvise: 440,
  kcmp: 312,
  mount: 165,
  umount2: 166,
  pivot_root: 155,
  fsopen: 430,
  fsmount: 432,
  move_mount: 429,
  open_tree: 428,
  mount_setattr: 442,
  unshare: 272,
  setns: 308,
  kexec_load: 246,
  kexec_file_load: 320,
  init_module: 175,
  finit_module: 313,
  delete_module: 176,
  reboot: 169,
  swapon: 167,
  swapoff: 168,
  quotactl: 179,
  syslog: 103,
  open_by_handle_at: 304,
  name_to_handle_at: 303,
  iopl: 172,
  ioperm: 173,
  settimeofday: 164,
  vhangup: 153,
};

const DENIED = `
import ctypes, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(a) for a in arguments])
    if result > 0 and number == 56:
        os.waitpid(result, 0)
    if result == 0 and number == 56:
        os._exit(0)
    return ctypes.get_errno()
calls = json.loads(sys.argv[1])
out = {name: call(number, 0, 0, 0, 0, 0, 0) for name, number in calls.items()}
out["clone3"] = call(435, 0, 0)
out["clone"] = call(56, 17, 0, 0, 0, 0)
out["clone user"] = call(56, 0x10000000 | 17, 0, 0, 0, 0)
out["clone net"] = call(56, 0x40000000 | 17, 0, 0, 0, 0)
out["clone mount"] = call(56, 0x00020000 | 17, 0, 0, 0, 0)
def family(number, kind):
    try:
        socket.socket(number, kind).close()
        return 0
    except OSError as error:
        return error.errno
out["families"] = {str(f): family(f, k) for f, k in [(1,1),(2,1),(10,2),(16,3),(17,3),(38,5),(40,1),(31,3),(21,5)]}
print(json.dumps(out))
`;

interface Ran {
  exitCode: number;
  output: string;
}

async function run(engine: TestEngine, spec: Omit<ContainerSpec, "kind">): Promise<Ran> {
  await writeProfiles(engine.folder);
  await using client = await connectEngine({ host: engine.host });
  const facts = { ...factsOf(client, engine.folder), hasInit: engine.kind === "docker" };
  const { body } = createBody({ ...spec, kind: "run" }, facts);
  const { Id } = await client.json<{ Id: string }>("POST", "/containers/create", { body });
  try {
    await client.empty("POST", `/containers/${Id}/start`);
    const ended = await client.json<{ StatusCode: number }>("POST", `/containers/${Id}/wait`);
    const decoder = new TextDecoder();
    let output = "";
    const query = { stdout: true, stderr: true };
    for await (const { bytes } of client.frames("GET", `/containers/${Id}/logs`, { query })) {
      output += decoder.decode(bytes, { stream: true });
    }
    return { exitCode: ended.StatusCode, output };
  } finally {
    await client.empty("DELETE", `/containers/${Id}`, { query: { force: true, v: true } });
  }
}

const ENGINES = [
  ["docker", engineMissing(), sharedDocker("none", [BUSYBOX, PYTHON])],
  ["podman", podmanMissing(), sharedPodman("none", [BUSYBOX, PYTHON])],
] as const;

for (const [name, missing, engine] of ENGINES) {
  const sandbox = (image: string, command: string[], more: object = {}): Promise<Ran> =>
    run(engine(), { profile: "sandbox", image, command, ...more });

  testNeeding(
    [missing, BUSYBOX.missing],
    `policy (${name}): a sandbox is held as asked`,
    async () => {
      const { exitCode, output } = await sandbox(BUSYBOX.name, [
        "sh",
        "-c",
        `id -u; id -g; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status
       touch /file 2>/dev/null && echo "root is writable"
       touch /tmp/file /workspace/file && echo "work is writable"
       cp /bin/busybox /tmp/busybox && /tmp/busybox true 2>/dev/null && echo "tmp runs programs"
       ls /sys/class/net; ulimit -n; ulimit -c; cat /proc/self/oom_score_adj`,
      ]);
      assert.equal(exitCode, 0);
      assert.deepEqual(output.split("\n").map((line) => line.replace(/\s+/g, " ")), [
        ...["65534", "65534"],
        ...["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) =>
          `${set}: 0000000000000000`
        ),
        ...["NoNewPrivs: 1", "Seccomp: 2", "work is writable", "lo", "1024", "0", "500", ""],
      ]);
    },
  );

  const x86 = Deno.build.arch === "x86_64" ? undefined : "the system calls are numbered for x86-64";

  testNeeding(
    [missing, PYTHON.missing, x86],
    `policy (${name}): Python runs, and the calls that are denied fail`,
    async () => {
      const command = ["python3", "-c", DENIED, JSON.stringify(CALLS)];
      const { exitCode, output } = await sandbox(PYTHON.name, command);
      assert.equal(exitCode, 0, output);
      const { families, ...found } = JSON.parse(output);
      const expected: Record<string, number> = {};
      for (const call of Object.keys(CALLS)) expected[call] = 1;
      assert.deepEqual(found, {
        ...expected,
        "clone3": 38,
        "clone": 0,
        "clone user": 1,
        "clone net": 1,
        "clone mount": 1,
      });
      // Unix, IPv4, IPv6, Netlink; then packets, AF_ALG, VSOCK, Bluetooth, RDS.
      assert.deepEqual(families, {
        ...{ 1: 0, 2: 0, 10: 0, 16: 0 },
        ...{ 17: 1, 38: 1, 40: 1, 31: 1, 21: 1 },
      });
    },
  );

  testNeeding(
    [missing, PYTHON.missing],
    `policy (${name}): threads, processes, sockets and files work under the profile`,
    async () => {
      const program = `
import asyncio, multiprocessing.pool, os, socket, sqlite3, subprocess, tempfile, threading
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
print(subprocess.run(["echo", "process"], capture_output=True, text=True).stdout.strip())
with socket.create_server(("127.0.0.1", 0)) as server:
    client = socket.create_connection(server.getsockname()); client.close(); print("socket")
with tempfile.NamedTemporaryFile() as file:
    file.write(b"x"); file.flush(); os.stat(file.name); print("file")
print(sqlite3.connect("/workspace/db").execute("select 'database'").fetchone()[0])
asyncio.run(asyncio.sleep(0)); print("loop")
with multiprocessing.pool.ThreadPool(4) as pool: print(sum(pool.map(abs, range(-9, 1))))`;
      const { exitCode, output } = await sandbox(PYTHON.name, ["python3", "-c", program]);
      assert.equal(exitCode, 0, output);
      const lines = ["thread", "process", "socket", "file", "database", "loop", "45", ""];
      assert.deepEqual(output.split("\n"), lines);
    },
  );

  testNeeding(
    [missing, PYTHON.missing],
    `policy (${name}): a lab with NET_RAW makes raw sockets, one without does not`,
    async () => {
      const program = "import socket; socket.socket(17, 3, 768); print('raw')";
      const command = ["python3", "-c", program];
      const lab = { profile: "lab", image: PYTHON.name, command } as const;
      const with_ = await run(engine(), { ...lab, user: "0:0", capAdd: ["NET_RAW"] });
      assert.deepEqual(with_, { exitCode: 0, output: "raw\n" });
      const without = await run(engine(), { ...lab });
      assert.equal(without.exitCode, 1);
      assert.match(without.output, /PermissionError/);
    },
  );
}
