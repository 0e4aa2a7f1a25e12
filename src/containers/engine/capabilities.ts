/**
 * What an engine can do, read from its `/info`; null where it does not say.
 *
 * @module
 */

import type { WireInfo } from "./wire.ts";

/** What an engine and its host offer. */
export interface EngineCapabilities {
  /** The host's operating system, such as `linux`. */
  readonly os: string | null;
  /** Its architecture as the engine writes it, such as `x86_64`. */
  readonly arch: string | null;
  /** Its kernel. */
  readonly kernel: string | null;
  /** Processors of the machine that the engine runs on; null if it does not say. */
  readonly cpus: number | null;
  /** Its memory, bytes. */
  readonly memoryBytes: number | null;
  /** Whether the engine runs without root. */
  readonly rootless: boolean;
  /** Whether containers' users are other users of the host (userns-remap). */
  readonly userNamespaces: boolean;
  /** Whether the engine can filter system calls. */
  readonly seccomp: boolean;
  /** Whether AppArmor is used. */
  readonly apparmor: boolean;
  /** Whether SELinux is used. */
  readonly selinux: boolean;
  /** Whether a container can have a cgroup namespace of its own; null where the engine does not say. */
  readonly cgroupNamespaces: true | null;
  /** Which cgroups the engine uses. */
  readonly cgroupVersion: 1 | 2 | null;
  /** Who makes them: `systemd` or `cgroupfs`. */
  readonly cgroupDriver: string | null;
  /** Whether the host's cgroups enforce these limits. */
  readonly limits: {
    readonly memory: boolean | null;
    readonly swap: boolean | null;
    readonly cpu: boolean | null;
    readonly pids: boolean | null;
  };
  /** The OCI runtimes by name, such as `runc` and `runsc`. */
  readonly runtimes: readonly string[];
  /** The runtime that is used if none is named. */
  readonly defaultRuntime: string | null;
  /** Where images are kept, such as `overlay2`. */
  readonly storageDriver: string | null;
  /** What can keep logs. */
  readonly logDrivers: readonly string[];
  /** What networks there can be. */
  readonly networkDrivers: readonly string[];
  /** `active` where the engine is a manager of a swarm; null where it has no swarm mode at all. */
  readonly swarm: "inactive" | "worker" | "active" | null;
  /** The engine's own warnings. */
  readonly warnings: readonly string[];
}

/** Reads them. */
export function readCapabilities(info: WireInfo, engine: "docker" | "podman"): EngineCapabilities {
  const options = (info.SecurityOptions ?? []).map(optionName);
  const has = (name: string): boolean => options.includes(name);
  const isCgroupV2 = info.CgroupVersion === "2";
  return {
    os: info.OSType ?? null,
    arch: info.Architecture ?? null,
    kernel: info.KernelVersion ?? null,
    cpus: info.NCPU ?? null,
    memoryBytes: info.MemTotal ?? null,
    rootless: has("rootless"),
    userNamespaces: has("userns"),
    seccomp: has("seccomp"),
    apparmor: has("apparmor"),
    selinux: has("selinux"),
    // Listed where it is the default; where it is not, an engine may have it all the same.
    cgroupNamespaces: has("cgroupns") || isCgroupV2 ? true : null,
    cgroupVersion: isCgroupV2 ? 2 : info.CgroupVersion === "1" ? 1 : null,
    cgroupDriver: info.CgroupDriver ?? null,
    limits: {
      memory: info.MemoryLimit ?? null,
      swap: info.SwapLimit ?? null,
      cpu: info.CpuCfsQuota ?? info.CPUCfsQuota ?? null,
      pids: info.PidsLimit ?? null,
    },
    runtimes: Object.keys(info.Runtimes ?? {}).sort(),
    defaultRuntime: info.DefaultRuntime || null,
    storageDriver: info.Driver ?? null,
    logDrivers: info.Plugins?.Log ?? [],
    networkDrivers: info.Plugins?.Network ?? [],
    swarm: swarmOf(info, engine),
    warnings: info.Warnings ?? [],
  };
}

/** `name=seccomp,profile=default` is seccomp; older engines say `seccomp` alone. */
function optionName(option: string): string {
  return /(?:^|,)name=([^,]*)/.exec(option)?.[1] ?? option;
}

function swarmOf(info: WireInfo, engine: "docker" | "podman"): EngineCapabilities["swarm"] {
  const state = info.Swarm?.LocalNodeState;
  if (engine === "podman" || state === undefined) return null;
  if (state !== "active") return "inactive";
  return info.Swarm?.ControlAvailable === true ? "active" : "worker";
}
