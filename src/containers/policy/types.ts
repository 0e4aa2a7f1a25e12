/**
 * What a container is to be, in the words of this package, before it becomes the engine's JSON: the one shape that
 * sandboxes, deployments and the egress proxy are described in. Types only.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * How a container is held.
 *
 * - `sandbox`: runs what nobody has read. No capability at all, never root, no port, and no network but one without a
 *   way out.
 * - `service`: a program that one wants to use. The same, and it may have a network and ports of the loopback.
 * - `lab`: tools that need raw packets. The same, capabilities by name, and no network but one without a way out.
 */
export type Profile = "sandbox" | "service" | "lab";

/** What a container of ours is for; its label `agent.kind`. */
export type ContainerKind = "run" | "session" | "pool" | "deployment" | "egress";

/** Bounds of a container. Every one has a default, which depends on the profile. */
export interface ContainerLimits {
  /** Bytes of memory; swap is never added to them. At least 6 MiB. */
  memoryBytes?: number;
  /** Processors, such as 1.5. */
  cpus?: number;
  /** Processes and threads at once. */
  pids?: number;
  /** Open files of one process. */
  openFiles?: number;
  /** Bytes of the largest file that can be written. */
  fileBytes?: number;
  /** Bytes of output that the engine keeps. */
  logBytes?: number;
  /** Bytes of shared memory. Default: a quarter of the memory, at most 64 MiB. */
  sharedMemoryBytes?: number;
}

/** A folder in memory: gone with the container, and counted as its memory. */
export interface TmpfsMount {
  /** Where, an absolute path in the container. */
  path: string;
  /** The most that it holds, bytes. */
  sizeBytes: number;
  /** Its mode. Default `0o1777`. */
  mode?: number;
  /** Whom it belongs to; root if left out. */
  uid?: number;
  /** Its group; root if left out. */
  gid?: number;
  /** Whether programs in it can be started directly. Default false; an interpreter reads them anyway. */
  exec?: boolean;
}

/** A folder of the machine, or a volume of the engine, in the container. */
export type ContainerMount =
  | {
    kind: "bind";
    /** An absolute path of the machine, inside of a folder that the policy allows. */
    source: string;
    /** An absolute path in the container. */
    target: string;
    /** Default true. */
    readOnly?: boolean;
  }
  | {
    kind: "volume";
    /** The name of a volume, which must be one of ours. */
    name: string;
    /** An absolute path in the container. */
    target: string;
    /** Default false. */
    readOnly?: boolean;
    /** Labels of a volume that the engine makes for this. */
    labels?: Record<string, string>;
  };

/** A port of the container that the machine listens for. */
export interface PublishedPort {
  /** The port in the container. */
  container: number;
  /** The port of the machine; a free one if left out or 0. */
  host?: number;
  /** Default `"tcp"`. */
  protocol?: "tcp" | "udp";
  /** The address of the machine. Default `127.0.0.1`; another than the loopback needs `exposeToNetwork`. */
  hostAddress?: string;
}

/** What a container is connected to. */
export type ContainerNetwork =
  | { kind: "none" }
  | {
    /** `internal` has no way out, `bridge` has one. Which it is, who made the network knows. */
    kind: "internal" | "bridge";
    /** The name or id of a network of ours. */
    name: string;
    /** Names for it in that network. */
    aliases?: readonly string[];
    /** Its address in that network; the engine chooses if left out. */
    address?: string;
  };

/** How the engine finds out whether a container is healthy. */
export interface HealthCheck {
  /** The program and its arguments; no shell reads it. */
  command: readonly string[];
  /** Milliseconds between two looks. Default 2,000. */
  intervalMs?: number;
  /** Milliseconds that a look may take. Default 5,000. */
  timeoutMs?: number;
  /** Milliseconds in which failures do not count. Default 0. */
  startMs?: number;
  /** So many failures in a row are unhealthy. Default 3. */
  retries?: number;
}

/** What a container is to be. Unknown fields are errors. */
export interface ContainerSpec {
  /** How it is held. */
  profile: Profile;
  /** What it is for. */
  kind: ContainerKind;
  /** The image: a reference, or an id. */
  image: string;
  /** Its name; the engine makes one up if left out. */
  name?: string | undefined;
  /** What follows the entrypoint; the image's own if left out. */
  command?: readonly string[] | undefined;
  /** The program that starts; the image's own if left out. */
  entrypoint?: readonly string[] | undefined;
  /** Where it starts, an absolute path. */
  workdir?: string | undefined;
  /** Who runs it, numbers only: `uid:gid`. Default `65534:65534`. Root is for a lab with capabilities only. */
  user?: string | undefined;
  /** The environment, beside what the image has. Nothing of the caller's own is added. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Labels; those that begin with `agent.` are ours and come from `ownership`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Labels of ours, as `ownerLabels()` makes them. */
  ownership?: Readonly<Record<string, string>> | undefined;
  /** Its name for itself. */
  hostname?: string | undefined;
  /** Whether something is written to its input. Default false. */
  stdin?: boolean | undefined;
  /** Whether it has a terminal. Default false. */
  tty?: boolean | undefined;
  /** Its bounds. */
  limits?: ContainerLimits | undefined;
  /** Whether the root file system can be written. Default false; never in a sandbox. */
  writableRoot?: boolean | undefined;
  /** Folders in memory. Default: `/tmp`; `/workspace` too in a sandbox. */
  tmpfs?: readonly TmpfsMount[] | undefined;
  /** Folders and volumes. Default: none. */
  mounts?: readonly ContainerMount[] | undefined;
  /** What it is connected to. Default: nothing. */
  network?: ContainerNetwork | undefined;
  /** Ports. Default: none. */
  ports?: readonly PublishedPort[] | undefined;
  /** Whether ports may be opened to other machines. Default false; never in a sandbox or a lab. */
  exposeToNetwork?: boolean | undefined;
  /** Names that the container resolves without asking anybody: a name and its address. */
  hosts?: Readonly<Record<string, string>> | undefined;
  /** Name servers; the engine's choice if left out. */
  dns?: readonly string[] | undefined;
  /** Capabilities without `CAP_`. Default: none; never in a sandbox. */
  capAdd?: readonly string[] | undefined;
  /** Graphics processors: all of them, or how many. Default: none; for a service only. */
  gpu?: boolean | number | undefined;
  /** The runtime by the engine's name for it, such as `runsc`; the engine's default if left out. */
  runtime?: string | undefined;
  /** How the engine looks whether it is healthy; the image's own way if left out. */
  healthCheck?: HealthCheck | undefined;
  /** What `stop` sends first; the image's own if left out. */
  stopSignal?: string | undefined;
  /** Seconds until `stop` kills. */
  stopSeconds?: number | undefined;
}

/** What of an engine decides what can be asked of it. What is left out is not known, and taken to be there. */
export interface EngineFacts {
  /** Which engine. */
  engine: "docker" | "podman";
  /** The API version that is spoken, such as `1.41`. */
  apiVersion: string;
  /** The names of its runtimes; those that are asked for must be among them. */
  runtimes?: readonly string[];
  /** The path of the engine's own socket, which is never mounted; null if it is on another machine. */
  socketPath?: string | null;
  /** Where the engine finds the seccomp profiles, for one that takes only paths: Podman. See `writeProfiles()`. */
  seccompFolder?: string | null;
  /** Whether it filters system calls at all. */
  seccomp?: boolean | null;
  /** The engine's version of cgroups. */
  cgroupVersion?: 1 | 2 | null;
  /** Whether the machine's kernel enforces these. */
  limits?: {
    readonly memory: boolean | null;
    readonly swap: boolean | null;
    readonly cpu: boolean | null;
    readonly pids: boolean | null;
  };
  /** The machine's processors: a bound above them is none, so it becomes this. */
  cpus?: number | null;
  /** Where it can write what containers say. */
  logDrivers?: readonly string[];
  /** Whether it has a program to be the first process; false for a Podman without one. */
  hasInit?: boolean | null;
}

/** What whoever configures the connection allows, and no spec can. */
export interface MountPolicy {
  /** Folders of the machine whose content may be mounted; none by default. */
  roots?: readonly string[];
}

/** The word for each thing that is asked of the engine to hold a container. */
export type ControlName =
  | "user"
  | "capabilities"
  | "no-new-privileges"
  | "seccomp"
  | "read-only-root"
  | "tmpfs"
  | "mounts"
  | "memory"
  | "swap"
  | "pids"
  | "cpus"
  | "open-files"
  | "core-dumps"
  | "file-size"
  | "shared-memory"
  | "network"
  | "ports"
  | "ipc-namespace"
  | "pid-namespace"
  | "cgroup-namespace"
  | "uts-namespace"
  | "privileged"
  | "devices"
  | "runtime"
  | "init"
  | "restart"
  | "log-size"
  | "oom-score";

/** What was asked of the engine, control by control: what a report compares with what is there. */
export interface RequestedControls {
  readonly profile: Profile;
  readonly user: { readonly uid: number; readonly gid: number };
  /** The bounding set, sorted, without `CAP_`; nothing else may be in any set of any process. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: true;
  /** `own`: the profile of this package; `engine`: what the engine does by itself, after a gap that was accepted. */
  readonly seccomp: "own" | "engine";
  readonly readOnlyRoot: boolean;
  readonly tmpfs: readonly Required<TmpfsMount>[];
  readonly mounts: readonly {
    readonly kind: "bind" | "volume";
    /** The resolved path, or the volume's name. */
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
  readonly memoryBytes: number;
  /** Memory and swap together: the same as the memory. */
  readonly memorySwapBytes: number;
  readonly pids: number;
  readonly nanoCpus: number;
  readonly openFiles: number;
  readonly coreBytes: 0;
  /** null: not bounded by a limit of its own. */
  readonly fileBytes: number | null;
  readonly sharedMemoryBytes: number;
  readonly network: { readonly kind: "none" | "internal" | "bridge"; readonly name: string };
  readonly ports: readonly Required<PublishedPort>[];
  readonly ipc: "private";
  readonly pid: "private";
  readonly cgroup: "private";
  readonly uts: "private";
  readonly privileged: false;
  readonly devices: readonly never[];
  /** Graphics processors: 0 none, -1 all. */
  readonly gpus: number;
  /** null: the engine's default. */
  readonly runtime: string | null;
  readonly init: true;
  readonly restart: "no";
  readonly logBytes: number;
  readonly oomScoreAdj: number;
}

/** What {@linkcode createBody} gives. */
export interface CreateBody {
  /** What `POST /containers/create` takes; the name goes into the query. */
  readonly body: JsonObject;
  /** What was asked, as data. */
  readonly requested: RequestedControls;
  /** What this engine cannot give; refuse it unless the caller accepts it by name. */
  readonly gaps: readonly ControlName[];
  /** What the caller should know and may go on with, a sentence each. */
  readonly warnings: readonly string[];
}
