/**
 * What the kernel says inside of a sandbox, read by a shell of the image before anything of the caller's runs. It finds
 * what an engine dropped without a word. An image that lies about what its own shell reads is not found out: the image is
 * the caller's choice, and is what the code runs in anyway.
 *
 * gVisor is a kernel of its own, which says less, and holds some things otherwise: that it is there is seen first, by its
 * name for itself, and then what it has in their place counts.
 *
 * @module
 */

import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { type ControlName, isGvisor, type RequestedControls } from "../policy/mod.ts";
import { Capture } from "./capture.ts";
import { execState, startExec } from "../container/process.ts";
import type { Finding } from "./inspected.ts";

const FILES = [
  "/proc/version",
  "/proc/self/status",
  "/proc/self/mountinfo",
  "/proc/self/limits",
  "/proc/net/dev",
  "/sys/fs/cgroup/memory.max",
  "/sys/fs/cgroup/memory.swap.max",
  "/sys/fs/cgroup/pids.max",
  "/sys/fs/cgroup/cpu.max",
  "/sys/fs/cgroup/memory/memory.limit_in_bytes",
  "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes",
  "/sys/fs/cgroup/pids/pids.max",
  "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
  "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
] as const;

/** What its user may do with each folder in memory, under the name of a file that there is not. */
const ACCESS = "access";
/** By words that shells have built in: no further process begins. */
const SCRIPT = `for f; do echo "==> $f"; [ -r "$f" ] && while IFS= read -r l || [ "$l" ]; do
printf '%s\\n' "$l"; done <"$f"; done 2>/dev/null
echo "==> ${ACCESS}"; while read -r a b c d p r; do case $r in *' - tmpfs '*) m=; [ -r "$p" ] && m=r
[ -w "$p" ] && m="$m"w; [ -x "$p" ] && m="$m"x; printf '%s\\n' "$p $m";; esac
done 2>/dev/null </proc/self/mountinfo`;
const KNOWN: readonly string[] = [...FILES, ACCESS];
const MOST_BYTES = 1 << 20;
/** The programs are the image's, which may never end. */
const MOST_MS = 10_000;

/** The files that were read, by path; those that cannot be are missing. */
export type Inside = ReadonlyMap<string, string>;

/**
 * Reads them in a running container.
 *
 * @throws {AgentError} `UNSUPPORTED` if the image has no `sh`; `TIMEOUT` if it does not end.
 */
export async function readInside(
  client: EngineClient,
  container: string,
  signal?: AbortSignal,
): Promise<Inside> {
  const command = ["sh", "-c", SCRIPT, "sh", ...FILES];
  const capture = new Capture(MOST_BYTES);
  const bounds = { operation: "reading from inside a sandbox", timeoutMs: MOST_MS, signal };
  const id = await withDeadline(bounds, async (signal) => {
    const process = await startExec(client, container, { command, signal });
    for await (const frame of process.frames) capture.add(frame);
    return process.id;
  });
  const files = parseInside(capture.text("stdout"));
  if (files.size === 0) {
    const { exitCode } = await execState(client, id);
    const what = "sh in the image";
    const message =
      `Reading from inside what holds a sandbox needs ${what} (exit code ${exitCode}); ` +
      "verify: false does without";
    throw new AgentError("UNSUPPORTED", message, { what });
  }
  return files;
}

/** The output of the script as files. */
export function parseInside(text: string): Inside {
  const files = new Map<string, string>();
  for (const part of text.split(/^==> /m).slice(1)) {
    const end = part.indexOf("\n");
    const path = part.slice(0, end);
    const content = part.slice(end + 1);
    if (content !== "" && KNOWN.includes(path)) files.set(path, content);
  }
  return files;
}

/** What gVisor calls its kernel: older ones have a number, and the time at which they say they were made. */
const GVISOR = /gvisor|^Linux version 4\.4\.0 .*Sun Jan 10 15:06:54 PST 2016/i;
const OWN_KERNEL = "gVisor's own kernel";

/** All controls that can be seen from inside, of a container that the engine says has this runtime. */
export function insideFindings(
  requested: RequestedControls,
  inside: Inside,
  runtime: string | null = null,
): Finding[] {
  const findings: Finding[] = [];
  const say = (
    control: ControlName,
    wanted: string,
    effective: string | null,
    ok = wanted === effective,
    note?: string,
  ): void => {
    const known = effective === null ? { ok: null, note: "it cannot be read inside" } : { ok };
    findings.push({
      control,
      requested: wanted,
      effective,
      how: "inside",
      ...known,
      ...(note === undefined ? {} : { note }),
    });
  };
  const isOwnKernel = isGvisor(runtime) && GVISOR.test(inside.get("/proc/version") ?? "");
  if (isGvisor(runtime)) {
    // A runtime of that name which is another one has none of what gVisor holds.
    const kernel = inside.get("/proc/version")?.trim() ?? null;
    say("runtime", OWN_KERNEL, isOwnKernel ? OWN_KERNEL : kernel);
  }
  const status = fields(inside.get("/proc/self/status"));
  const { uid, gid } = requested.user;
  say("user", `${uid}:${gid}`, ids(status));
  capabilities(requested, status, isOwnKernel, say);
  say("no-new-privileges", "1", status.get("NoNewPrivs") ?? null);
  if (isOwnKernel) {
    const note =
      "it answers system calls instead of the machine's kernel, which gets few of its own, filtered";
    say("seccomp", "2", OWN_KERNEL, true, note);
  } else say("seccomp", "2", status.get("Seccomp") ?? null);
  mounts(requested, inside, isOwnKernel, say);
  limits(requested, inside.get("/proc/self/limits"), say);
  network(requested, inside.get("/proc/net/dev"), say);
  cgroups(requested, inside, say);
  return findings;
}

type Say = (
  control: ControlName,
  wanted: string,
  effective: string | null,
  ok?: boolean,
  note?: string,
) => void;

function fields(text = ""): Map<string, string> {
  return new Map(
    text.split("\n").map((line) => {
      const [name = "", value = ""] = line.split(/:\s*/, 2);
      return [name, value.trim()];
    }),
  );
}

/** The one user and group that all four sets have; else all of them. */
function ids(status: ReadonlyMap<string, string>): string | null {
  const [uids, gids] = ["Uid", "Gid"].map((name) => status.get(name)?.split(/\s+/));
  if (uids === undefined || gids === undefined) return null;
  const one = (all: readonly string[]): string => [...new Set(all)].join("/");
  return `${one(uids)}:${one(gids)}`;
}

/** The numbers of those that can be asked for. */
const NUMBERS: Readonly<Record<string, number>> = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  NET_BIND_SERVICE: 10,
  NET_ADMIN: 12,
  NET_RAW: 13,
};

function capabilities(
  requested: RequestedControls,
  status: ReadonlyMap<string, string>,
  isOwnKernel: boolean,
  say: Say,
): void {
  const allowed = requested.capabilities.reduce(
    (set, name) => set | (1n << BigInt(NUMBERS[name] ?? 63)),
    0n,
  );
  // gVisor has no capabilities that a program is given by the one that started it.
  const names = ["CapInh", "CapPrm", "CapEff", "CapBnd", ...(isOwnKernel ? [] : ["CapAmb"])];
  const sets = names.map((name) => status.get(name));
  const known = sets.filter((set) => set !== undefined && /^[0-9a-f]{1,16}$/.test(set));
  const all = known.reduce((set, digits) => set | BigInt(`0x${digits}`), 0n);
  const shown = (set: bigint): string => `0x${set.toString(16)}`;
  const effective = known.length === sets.length ? shown(all) : null;
  say("capabilities", shown(allowed), effective, (all & ~allowed) === 0n);
}

function mounts(
  requested: RequestedControls,
  inside: Inside,
  isOwnKernel: boolean,
  say: Say,
): void {
  const text = inside.get("/proc/self/mountinfo");
  const access = accessOf(inside.get(ACCESS));
  const table = new Map<string, { options: string[]; superOptions: string[]; type: string }>();
  for (const line of text?.split("\n") ?? []) {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , , target, options = ""] = left.split(" ");
    const [type = "", , superOptions = ""] = right.split(" ");
    if (target === undefined) continue;
    table.set(target, { options: options.split(","), superOptions: superOptions.split(","), type });
  }
  const root = table.get("/");
  const isReadOnly = root?.options.includes("ro");
  say(
    "read-only-root",
    String(requested.readOnlyRoot),
    isReadOnly === undefined ? null : String(isReadOnly),
  );
  const wanted = requested.tmpfs.map(({ path, sizeBytes, exec }) =>
    `${path} ${Math.ceil(sizeBytes / 1024)}k${exec ? " exec" : ""}`
  );
  const effective = requested.tmpfs.map((asked) => {
    const { path } = asked;
    const mount = table.get(path);
    if (mount?.type !== "tmpfs") return `${path} none`;
    const size = kibibytes(mount.superOptions.find((word) => word.startsWith("size="))?.slice(5));
    // Where no program gets new privileges none is to be had here either, and gVisor has no devices but its own.
    const wants = isOwnKernel ? [] : ["nosuid", "nodev"];
    const loose = [
      ...wants.filter((word) => !mount.options.includes(word)),
      ...rightsOf(asked, requested.user).filter((right) => !access.get(path)?.includes(right))
        .map((right) => RIGHTS[right]),
    ];
    return `${path} ${size}${mount.options.includes("noexec") ? "" : " exec"}${
      loose.map((word) => ` without ${word}`).join("")
    }`;
  });
  say("tmpfs", wanted.join(", "), root === undefined ? null : effective.join(", "));
}

/** What can be done with a folder, by the letter for it. */
const RIGHTS = { r: "reading", w: "writing", x: "entering" } as const;
type Right = keyof typeof RIGHTS;

/** What a folder's mode lets the user do. */
function rightsOf(
  { mode, uid, gid }: RequestedControls["tmpfs"][number],
  user: RequestedControls["user"],
): Right[] {
  const bits = mode >> (uid === user.uid ? 6 : gid === user.gid ? 3 : 0);
  return (["r", "w", "x"] as const).filter((_, at) => (bits & (4 >> at)) !== 0);
}

function accessOf(text = ""): Map<string, string> {
  return new Map(
    text.split("\n").map((line) => {
      const [path = "", rights = ""] = line.split(" ");
      return [path, rights];
    }),
  );
}

/** Linux writes a size with its unit, gVisor in bytes. */
function kibibytes(size: string | undefined): string {
  if (size === undefined) return "unbounded";
  return /^\d+$/.test(size) ? `${Math.ceil(Number(size) / 1024)}k` : size;
}

function limits(requested: RequestedControls, text: string | undefined, say: Say): void {
  const hard = (name: string): string | null => {
    const line = text?.split("\n").find((one) => one.startsWith(name));
    return line?.slice(name.length).trim().split(/\s+/)[1] ?? null;
  };
  say("open-files", String(requested.openFiles), hard("Max open files"));
  say("core-dumps", "0", hard("Max core file size"));
  if (requested.fileBytes !== null) {
    say("file-size", String(requested.fileBytes), hard("Max file size"));
  }
}

/** Interfaces by name; those of tunnels are in every namespace where the kernel has them, and lead nowhere. */
function network(requested: RequestedControls, text: string | undefined, say: Say): void {
  if (requested.network.kind !== "none") return;
  const names = text?.split("\n").slice(2).map((line) => line.split(":")[0]!.trim()).filter((
    name,
  ) => name !== "" && !/^(tunl|gre|gretap|erspan|ip_vti|ip6_vti|sit|ip6tnl|ip6gre)0$/.test(name));
  say(
    "network",
    "lo",
    names === undefined ? null : names.join(" ") || "none",
    names?.every((name) => name === "lo"),
  );
}

function cgroups(requested: RequestedControls, inside: Inside, say: Say): void {
  const read = (path: string): string | null =>
    inside.get(`/sys/fs/cgroup/${path}`)?.trim() ?? null;
  const { memoryBytes, memorySwapBytes, pids, nanoCpus } = requested;
  const page = (bytes: number): string => String(Math.floor(bytes / 4096) * 4096);
  say("memory", page(memoryBytes), read("memory.max") ?? read("memory/memory.limit_in_bytes"));
  const beyond = read("memory.swap.max");
  if (beyond !== null) say("swap", page(memorySwapBytes - memoryBytes), beyond);
  else say("swap", page(memorySwapBytes), read("memory/memory.memsw.limit_in_bytes"));
  say("pids", String(pids), read("pids.max") ?? read("pids/pids.max"));
  const [quota, period] = read("cpu.max")?.split(" ") ??
    [read("cpu/cpu.cfs_quota_us"), read("cpu/cpu.cfs_period_us")];
  const cpus = quota && period ? String(Number(quota) / Number(period)) : null;
  say("cpus", String(nanoCpus / 1e9), cpus);
}
