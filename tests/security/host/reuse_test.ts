/**
 * Numbers of processes that are given anew while they are read: what is told of one process is never told of another. On a
 * tree whose process changes all the time, and on a real name space whose next number is chosen.
 */

import assert from "assertions";
import * as native from "../../../src/security/host/native.ts";
import * as pure from "../../../src/security/host/pure.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { DENO, denoDirectory, ROOT, temporary } from "../../support/programs.ts";
import { type Twin, twins } from "../../support/twins.ts";
import { NEW, noNameSpaces } from "./spaces.ts";
import { socketLine, withHost } from "./trees.ts";

const both = twins("security");

/** How many looks must have met a change, and how many of the process there must be besides. */
const MET = 3;
const FILES = 50;
const GENERATIONS = 16;

/** Puts process after process in the place of number 5: with each its own start, name, executable and socket. */
const CHANGER = `
import os, sys
root, files, generations = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def write(path, text):
    with open(path, "w") as file: file.write(text)
def make(folder, number):
    os.makedirs(folder + "/fd"); os.makedirs(folder + "/ns")
    name = "gen%d" % number
    for file in range(files): os.symlink("socket:[%d]" % number, folder + "/fd/%d" % file)
    os.symlink("/usr/bin/" + name, folder + "/exe"); os.symlink("net:[%d]" % number, folder + "/ns/net")
    write(folder + "/cmdline", name + "\\0"); write(folder + "/environ", ""); write(folder + "/cgroup", "0::/" + name + "\\n")
    write(folder + "/status", "Tgid:\\t5\\nUid:\\t%d\\t%d\\t0\\t0\\nTracerPid:\\t0\\n" % (number, number))
    stat(folder, number, number)
def stat(folder, number, start):
    write(folder + "/stat", "5 (gen%d) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 0\\n" % (number, start))
ready = []
for number in range(1, generations + 1):
    make("%s/waiting%d" % (root, number), number); ready.append(number)
print("ready", flush=True)
start, current = generations, None
while True:
    number = ready.pop(0)
    # No start comes twice, as on a machine.
    start += 1
    stat("%s/waiting%d" % (root, number), number, start)
    if current is not None: os.rename(root + "/5", "%s/waiting%d" % (root, current)); ready.append(current)
    os.rename("%s/waiting%d" % (root, number), root + "/5")
    current = number
`;

for (const twin of both.each) {
  const reader = twin.name === "native" ? native : pure;
  testNeeding(
    [twin.missing, programMissing("python3", "python3")],
    `host (${twin.name}): a number that is another process's by now tells of one process only`,
    async () => {
      const tcp = Array.from(
        { length: GENERATIONS },
        (_, at) => socketLine("0100007F:0050", "00000000:0000", "0A", at + 1),
      );
      await withHost({ tables: { tcp } }, async ({ proc }) => {
        const args = ["-c", CHANGER, proc, `${FILES}`, `${GENERATIONS}`];
        const child = new Deno.Command("python3", { args, stdout: "piped" }).spawn();
        const output = child.stdout.getReader();
        try {
          await output.read();
          for (const details of [false, true]) {
            let [met, seen] = [0, 0];
            while (met < MET || seen < MET) {
              const want = { sockets: true, processes: true, details, hiddenMost: 0 };
              const { processes, ended } = await reader.scan(proc, want, undefined);
              met += ended;
              for (const { name, sockets, ...more } of processes) {
                const number = Number(name.slice("gen".length));
                // Where its files were not read at all it has none, but never another's.
                if (typeof sockets === "string") continue;
                seen++;
                assert.ok(sockets.every((inode) => inode === number), `${name}: ${sockets}`);
                if (!details) continue;
                const { uid, network, command, executable, groups } = more;
                for (const own of [uid, network]) assert.ok(own === null || own === number, name);
                const words = [[command, `${name}\0`], [executable, `/usr/bin/${name}`]] as const;
                for (const [told, own] of [...words, [groups, `0::/${name}\n`] as const]) {
                  assert.ok(typeof told !== "string" || told === own, `${name}: ${told}`);
                }
              }
            }
          }
        } finally {
          child.kill();
          await output.cancel();
          await child.status;
        }
      });
      await twin.idle();
    },
  );
}

/** Process 900 again and again: by turns one with a name and a port, and another with another name and another port. */
const TURNS = `
import os, socket, time
turn = 0
while True:
    with open("/proc/sys/kernel/ns_last_pid", "w") as file: file.write("899")
    child = os.fork()
    if child == 0:
        name = ["even", "odd"][turn % 2]
        with open("/proc/self/comm", "w") as file: file.write(name)
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held.bind(("0.0.0.0", 40000 + turn % 2))
        time.sleep([0.001, 0.005, 0.02, 0.1][turn // 2 % 4])
        os._exit(0)
    os.waitpid(child, 0)
    turn += 1
`;

const SCRIPT = `
mount -t proc proc /proc || exit 9
python3 -c "$1" &
shift
exec "$@"
`;

for (const twin of both.each) {
  testNeeding(
    [twin.missing, noNameSpaces(), programMissing("python3", "python3")],
    `host (${twin.name}): a number that the kernel gives again and again`,
    () => turns(twin),
  );
}

async function turns({ name }: Twin): Promise<void> {
  await temporary(async (folder) => {
    const program = `${folder}/main.ts`;
    Deno.writeTextFileSync(
      program,
      `
      import { readConnections } from "${ROOT}src/security/host/connections.ts";
      const seen = { even: 0, odd: 0 };
      const wrong = [];
      while (seen.even < 5 || seen.odd < 5) {
        for (const { protocol, local, owners } of await readConnections({ implementation: "${name}" })) {
          if (protocol !== "udp" || local.port < 40_000 || local.port > 40_001) continue;
          const holder = local.port === 40_000 ? "even" : "odd";
          for (const { pid, process } of owners) {
            if (pid === 900 && process === holder) seen[holder]++;
            else wrong.push([local.port, pid, process]);
          }
        }
      }
      console.log(JSON.stringify(wrong));`,
    );
    const run = [
      DENO,
      "run",
      "--allow-all",
      "--no-prompt",
      "--config",
      `${ROOT}deno.json`,
      program,
    ];
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: ["--net", ...NEW, "sh", "-c", SCRIPT, "sh", TURNS, ...run],
      env: { DENO_DIR: denoDirectory(), AGENT_NATIVE_DIR: `${ROOT}target/release` },
    }).output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(said.trim(), "[]", new TextDecoder().decode(stderr));
  });
}
