/**
 * This host: a thousand sockets with their owners, and the picture, beside `ss` and `lsof` whose output a script reads.
 */

import { connections, picture } from "@agent/runtime/security";
import { type Area, atLeast, type Context } from "./lib/area.ts";
import type { Group, Row, Twin } from "./lib/group.ts";
import { register } from "./lib/register.ts";

const SOCKETS = 1_000;
const LIST = "sockets with their owners";
const PICTURE = "picture of open ports";

/** Holds a third as many listeners, each with a connection to itself, until its input ends. */
const HOLDER = `
const held = [];
for (let i = 0; i < ${Math.ceil(SOCKETS / 3)}; i++) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  held.push(listener, await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }));
  held.push(await listener.accept());
}
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
Deno.exit();
`;

/** The area. */
export const area: Area = {
  name: "host",
  tools: [["connections", LIST, SOCKETS], ["picture", PICTURE, SOCKETS]],
  groups(context) {
    const isAllowed = Deno.build.os === "linux" && context.may({ name: "sys" }) &&
      context.may({ name: "read", path: "/" });
    if (!isAllowed) {
      context.leaveOut("sockets and processes: they need Linux, --allow-read=/ and --allow-sys");
      return [];
    }
    return [
      group(
        context,
        LIST,
        async (implementation) => (await connections({ implementation })).length,
        [
          reader("ss -tnap, read", "ss", ["-Htnap"], ssLine),
          reader("lsof -i, read", "lsof", ["-nP", "-i"], lsofLine),
        ],
      ),
      group(context, PICTURE, async (implementation) => {
        // Neither ss nor lsof asks anybody for a certificate.
        return (await picture({ implementation, certificates: false })).ports.length;
      }, [
        reader("ss -tunlp, read", "ss", ["-Htunlp"], ssLine),
        reader("lsof -i, read", "lsof", ["-nP", "-i"], lsofLine),
      ]),
    ];
  },
  bars(figures) {
    return [
      atLeast("1,000 sockets with owners", figures.times(LIST, SOCKETS, "auto"), 5),
      atLeast("Picture of open ports", figures.times(PICTURE, SOCKETS, "auto"), 5),
    ];
  },
};

function group(
  context: Context,
  operation: string,
  once: (twin: Twin) => Promise<number>,
  peers: readonly (Row | undefined)[],
): Group {
  let holder: Deno.ChildProcess | undefined;
  // Deno lets the pure twin read /proc only where everything is allowed.
  const twins = (["native", "auto"] as const).filter((twin) => context.twins.includes(twin));
  return {
    operation,
    size: SOCKETS,
    unit: "sockets",
    slow: true,
    front: true,
    rows: [
      ...twins.map((twin): Row => ({ name: twin, role: twin, once: async () => await once(twin) })),
      ...peers.filter((row) => row !== undefined),
    ],
    async prepare() {
      holder ??= await hold();
    },
    async finish() {
      await holder?.stdin.close();
      await holder?.stdout.cancel();
      await holder?.status;
      holder = undefined;
    },
  };
}

async function hold(): Promise<Deno.ChildProcess> {
  const script = `data:text/javascript,${encodeURIComponent(HOLDER)}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", script],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  output.releaseLock();
  return child;
}

/** A program whose output is read line by line; none where it is not allowed or not there. */
function reader(
  name: string,
  program: string,
  args: string[],
  read: (line: string) => number,
): Row | undefined {
  try {
    new Deno.Command(program, { args: ["-V"], stdout: "null", stderr: "null" }).outputSync();
  } catch {
    return undefined;
  }
  return {
    name,
    role: "peer",
    once: async () => {
      const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
      let sum = 0;
      for (const line of new TextDecoder().decode(stdout).split("\n")) sum += read(line);
      return sum;
    },
  };
}

/** Addresses, state and owners of a line of `ss`. */
function ssLine(line: string): number {
  const [state, , , local, peer] = line.split(/ +/);
  if (state === undefined || local === undefined || peer === undefined) return 0;
  const owners = Array.from(line.matchAll(/\("([^"]*)",pid=(\d+)/g), ([, name, pid]) => ({
    name,
    pid: Number(pid),
  }));
  return owners.length + 1;
}

/** Program, pid, user and addresses of a line of `lsof`. */
function lsofLine(line: string): number {
  const [, pid, , , , , , , name] = line.split(/ +/);
  return name === undefined ? 0 : Number.isNaN(Number(pid)) ? 0 : 1;
}

await register(area, import.meta.url);
