/**
 * Facts of the system, all read: what cannot be is null, with the reason by its name.
 *
 * Most of it Deno gives itself, each kind with a permission of its own; only the list of mounts comes from a twin.
 *
 * @module
 */

import { nodeFs, nodeOs } from "../../shared/builtin.ts";
import { AgentError } from "../../shared/errors.ts";
import { unlessAborted } from "../../shared/abort.ts";
import { checkOptions } from "../../shared/arguments.ts";
import { HOST_ROOTS, hostReader, type HostRoots } from "./reader.ts";
import { checkNames } from "../scope/names.ts";
import type { DiskInfo, HostOptions, InterfaceInfo, SystemInfo } from "./types.ts";

const MOUNTS_MOST = 2 ** 22;
/** Milliseconds until a file system that does not answer (a server that is gone) is given up. */
const DISK_MS = 2_000;

/** Kinds of file systems that lie on no disk. */
const NOT_ON_DISK = new Set(
  ("autofs bpf binfmt_misc cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs " +
    "mqueue nsfs proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs")
    .split(" "),
);

/** See `systemInfo` in `mod.ts`. */
export async function readSystem(
  options: HostOptions = {},
  roots: HostRoots = HOST_ROOTS,
): Promise<SystemInfo> {
  checkOptions(options);
  checkNames(options, "host");
  const unavailable: Record<string, string> = {};
  const fact = <T>(name: string, kind: SysKind, read: () => T | null): T | null => {
    if (Deno.permissions.querySync({ name: "sys", kind }).state !== "granted") {
      unavailable[name] = `needs --allow-sys=${kind}`;
      return null;
    }
    try {
      const value = read();
      if (value === null) unavailable[name] = "the system does not tell";
      return value;
    } catch (error) {
      unavailable[name] = (error as Error).message;
      return null;
    }
  };
  const uptime = fact("uptimeSeconds", "osUptime", () => Deno.osUptime());
  if (uptime === null) unavailable["bootedAt"] = unavailable["uptimeSeconds"]!;
  return {
    hostname: fact("hostname", "hostname", () => Deno.hostname()),
    os: osName(roots, unavailable),
    kernel: fact("kernel", "osRelease", () => Deno.osRelease()),
    arch: Deno.build.arch,
    uptimeSeconds: uptime,
    bootedAt: uptime === null ? null : Math.round(Date.now() / 1000 - uptime) * 1000,
    cpu: fact("cpu", "cpus", cpu),
    memory: fact("memory", "systemMemoryInfo", () => {
      const { total, available, swapTotal, swapFree } = Deno.systemMemoryInfo();
      return { total, available, swapTotal, swapFree };
    }),
    disks: await disks(options, roots, unavailable),
    interfaces: fact("interfaces", "networkInterfaces", interfaces),
    unavailable,
  };
}

type SysKind = Exclude<Deno.SysPermissionDescriptor["kind"], undefined>;

function osName(roots: HostRoots, unavailable: Record<string, string>): string | null {
  if (Deno.build.os !== "linux") return Deno.build.os;
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      const text = Deno.readTextFileSync(`${roots.files}${path}`);
      const name = /^PRETTY_NAME=(?:"([^"\n]*)"|'([^'\n]*)'|([^"'\n]*))$/m.exec(text);
      const found = name?.[1] ?? name?.[2] ?? name?.[3];
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) {
        unavailable["os"] = `needs --allow-read=${path}`;
        return null;
      }
    }
  }
  unavailable["os"] = "no os-release file names it";
  return null;
}

function cpu(): { model: string; count: number } | null {
  const found = nodeOs().cpus();
  const model = found[0]?.model.trim();
  return model === undefined || model === "" ? null : { model, count: found.length };
}

function interfaces(): InterfaceInfo[] {
  const found = new Map<string, InterfaceInfo>();
  for (const { name, mac, address, family, cidr } of Deno.networkInterfaces()) {
    let entry = found.get(name);
    if (entry === undefined) {
      entry = { name, mac: /[1-9a-f]/i.test(mac) ? mac : null, addresses: [] };
      found.set(name, entry);
    }
    entry.addresses.push({ address, version: family === "IPv4" ? 4 : 6, cidr });
  }
  return [...found.values()];
}

async function disks(
  options: HostOptions,
  roots: HostRoots,
  unavailable: Record<string, string>,
): Promise<DiskInfo[] | null> {
  try {
    const reader = hostReader(options, roots);
    const [mounts] = await reader.files(roots.proc, ["self/mounts"], MOUNTS_MOST, options.signal);
    if (typeof mounts !== "string") {
      unavailable["disks"] = `the list of mounts is ${mounts?.error ?? "absent"}`;
      return null;
    }
    const found = mountsOf(mounts);
    const sizes = await Promise.all(
      found.map(({ mount }) => sizeOf(mount, options.signal, unavailable)),
    );
    return found.map((disk, index) => ({ ...disk, ...sizes[index]! }));
  } catch (error) {
    if (!AgentError.is(error, "PERMISSION") && !AgentError.is(error, "UNSUPPORTED")) throw error;
    unavailable["disks"] = error.message;
    return null;
  }
}

/** What is mounted from a disk or a server; a device that is mounted several times counts at its first place. */
export function mountsOf(text: string): Pick<DiskInfo, "device" | "mount" | "type" | "readOnly">[] {
  const seen = new Set<string>();
  const found = [];
  for (const line of text.split("\n")) {
    const [device, mount, type, flags] = line.split(" ").map(unescaped);
    if (device === undefined || mount === undefined || type === undefined || flags === undefined) {
      continue;
    }
    if (NOT_ON_DISK.has(type) || type.startsWith("fuse.gvfs") || type === "fuse.portal") continue;
    // Layers of containers share a name without a device behind it.
    const key = device.includes("/") ? device : `${device} ${mount}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ device, mount, type, readOnly: flags.split(",").includes("ro") });
  }
  return found;
}

/** Spaces, tabs, line breaks and backslashes stand there in octal. */
function unescaped(text: string): string {
  return text.replace(
    /\\([0-7]{3})/g,
    (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

type Size = Pick<DiskInfo, "total" | "free" | "available">;

async function sizeOf(
  mount: string,
  signal: AbortSignal | undefined,
  unavailable: Record<string, string>,
): Promise<Size> {
  const nothing: Size = { total: null, free: null, available: null };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`gave no answer in ${DISK_MS} ms`)), DISK_MS);
  });
  try {
    const { bsize, blocks, bfree, bavail } = await unlessAborted(
      Promise.race([nodeFs().promises.statfs(mount), late]),
      signal,
    );
    return { total: blocks * bsize, free: bfree * bsize, available: bavail * bsize };
  } catch (error) {
    signal?.throwIfAborted();
    unavailable[`disks.${mount}`] = (error as Error).message;
    return nothing;
  } finally {
    clearTimeout(timer);
  }
}
