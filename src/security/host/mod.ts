/**
 * This host: its connections, its processes, its facts.
 *
 * @module
 */

import type { Connection, HostOptions, ProcessInfo, SystemInfo } from "./types.ts";

export type {
  Connection,
  ConnectionOwner,
  ConnectionProtocol,
  ConnectionState,
  ContainerRef,
  DiskInfo,
  Endpoint,
  HostOptions,
  InterfaceAddress,
  InterfaceInfo,
  ProcessInfo,
  SystemInfo,
} from "./types.ts";

/**
 * The sockets of this host, by protocol and port: TCP and UDP of both versions of IP, raw sockets, and listeners at Unix
 * sockets, each with state, user and every process that holds it.
 *
 * It tells of this program's network name space; containers with a network of their own have sockets that are not in it. An owner
 * that cannot be seen is null with a `reason`. Linux only. The native twin needs `--allow-read` and `--allow-sys`, both as a whole;
 * the pure twin `--allow-all`, since Deno lets no other program read `/proc`. It never prompts.
 *
 * @param options Which twin, and a signal.
 * @returns The sockets.
 * @throws {AgentError} `PERMISSION` naming what is missing; `UNSUPPORTED` but on Linux; `NATIVE_REQUIRED`.
 *
 * @example
 * ```ts
 * import { connections } from "@agent/runtime/security";
 * import { AgentError } from "@agent/runtime/errors";
 *
 * try {
 *   for (const { state, local, process, pid, reason } of await connections()) {
 *     if (state !== "listen" || local === null) continue;
 *     console.log(local.address, local.port, process ?? reason, pid);
 *   }
 * } catch (error) {
 *   if (!AgentError.is(error, "PERMISSION")) throw error;
 *   console.log(error.message); // says which flags to run with
 * }
 * ```
 */
export function connections(options?: HostOptions): Promise<Connection[]>;
export async function connections(options: HostOptions = {}): Promise<Connection[]> {
  const { readConnections } = await import("./connections.ts");
  return await readConnections(options);
}

/**
 * The processes of this host, by pid: parent, user, executable (and whether its file is gone), command line, start, container.
 *
 * Secrets in command lines are replaced by the rules of `redact` and by those for options such as `--password`; environments are
 * not read. Permissions as for `connections`.
 *
 * @param options Which twin, and a signal.
 * @returns The processes; what cannot be read is null, with the reason in `unavailable`.
 * @throws {AgentError} As `connections`.
 *
 * @example
 * ```ts
 * import { processes } from "@agent/runtime/security";
 * import { AgentError } from "@agent/runtime/errors";
 *
 * try {
 *   const own = (await processes()).find(({ pid }) => pid === Deno.pid);
 *   console.log(own?.executable, own?.container?.id);
 * } catch (error) {
 *   if (!AgentError.is(error, "PERMISSION")) throw error;
 * }
 * ```
 */
export function processes(options?: HostOptions): Promise<ProcessInfo[]>;
export async function processes(options: HostOptions = {}): Promise<ProcessInfo[]> {
  const { readProcesses } = await import("./processes.ts");
  return await readProcesses(options);
}

/**
 * Facts of the system: name, operating system, kernel, start, processor, memory, disks, interfaces. Every value is read; what may
 * not or cannot be is null, with the reason in `unavailable`.
 *
 * Each kind has Deno's permission of its own: `--allow-sys=hostname,osRelease,osUptime,cpus,systemMemoryInfo,networkInterfaces`,
 * and `--allow-read=/etc/os-release` for the system's name. Disks need what `connections` needs.
 *
 * @param options Which twin, and a signal.
 * @returns The facts.
 * @throws {AgentError} `NATIVE_REQUIRED`.
 *
 * @example
 * ```ts
 * import { systemInfo } from "@agent/runtime/security";
 *
 * const { hostname, disks, unavailable } = await systemInfo();
 * console.log(hostname ?? unavailable.hostname, disks ?? unavailable.disks);
 * ```
 */
export function systemInfo(options?: HostOptions): Promise<SystemInfo>;
export async function systemInfo(options: HostOptions = {}): Promise<SystemInfo> {
  const { readSystem } = await import("./system.ts");
  return await readSystem(options);
}
