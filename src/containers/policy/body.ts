/**
 * The one way from a spec to the engine's JSON. Sandboxes, deployments and the egress proxy all come through here, so
 * that what holds a container is written once.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { gapsOf } from "./facts.ts";
import { type JudgedSpec, judgeSpec } from "./judge.ts";
import { enginePids } from "./limits.ts";
import { isLoopback, portWords } from "./ports.ts";
import { profileFile, seccompProfile } from "./seccomp.ts";
import type {
  ContainerSpec,
  ControlName,
  CreateBody,
  EngineFacts,
  JsonObject,
  MountPolicy,
  Profile,
  RequestedControls,
  TmpfsMount,
} from "./types.ts";

/** When memory is short the kernel ends these first, a sandbox before all. */
export const OOM_SCORE: Readonly<Record<Profile, number>> = {
  sandbox: 500,
  lab: 300,
  service: 100,
};
/** Podman's own default may be above what it is allowed to set; the bound that counts is `PidsLimit`. */
const PODMAN_PROCESSES = 4096;
const NANOSECONDS = 1_000_000;

/**
 * What the engine is asked, for a spec.
 *
 * @param spec What the container is to be.
 * @param engine What decides what can be asked of the engine.
 * @param policy Which folders may be mounted; none if left out.
 * @returns The body, what was asked as data, and what this engine cannot give.
 * @throws {TypeError | RangeError} For a spec that is wrong or not allowed.
 * @throws {AgentError} `NOT_FOUND` or `PERMISSION` for a folder that cannot be mounted.
 */
export function createBody(
  spec: ContainerSpec,
  engine: EngineFacts,
  policy: MountPolicy = {},
): CreateBody {
  const judged = judgeSpec(spec, engine, policy);
  if (engine.engine === "podman") judged.tmpfs = podmanTmpfs(judged);
  const gaps = gapsOf(judged.runtime, engine);
  const body = {
    Image: judged.image,
    Cmd: judged.command,
    Entrypoint: judged.entrypoint,
    WorkingDir: judged.workdir,
    User: `${judged.user.uid}:${judged.user.gid}`,
    Env: judged.env,
    Labels: { ...judged.labels, "agent.runtime": "1", "agent.kind": judged.kind },
    Hostname: judged.hostname,
    OpenStdin: judged.stdin,
    StdinOnce: judged.stdin,
    AttachStdin: judged.stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: judged.tty,
    StopSignal: judged.stopSignal,
    StopTimeout: judged.stopSeconds,
    Healthcheck: healthWords(judged),
    ExposedPorts: portWords(judged.ports).exposed,
    HostConfig: hostConfig(judged, engine, gaps),
    NetworkingConfig: networkWords(judged),
  };
  return {
    body: withoutUndefined(body),
    requested: requestedOf(judged, gaps),
    gaps: [...gaps],
    warnings: warningsOf(judged, engine),
  };
}

function hostConfig(
  spec: JudgedSpec,
  engine: EngineFacts,
  gaps: ReadonlySet<ControlName>,
): Fields {
  const { limits } = spec;
  const isPodman = engine.engine === "podman";
  const ulimit = (Name: string, bound: number): JsonObject => ({ Name, Soft: bound, Hard: bound });
  const unless = <T>(gap: ControlName, value: T): T | undefined =>
    gaps.has(gap) ? undefined : value;
  return {
    Privileged: false,
    CapDrop: ["ALL"],
    CapAdd: spec.capabilities,
    SecurityOpt: securityWords(spec, engine, gaps),
    ReadonlyRootfs: !spec.writableRoot,
    Tmpfs: Object.fromEntries(
      spec.tmpfs.map((mount) => [mount.path, tmpfsWords(mount, isPodman)]),
    ),
    Mounts: spec.mounts.map((mount) => mountWords(mount, isPodman)),
    Memory: unless("memory", limits.memoryBytes),
    // Both together, so the same number is no swap at all.
    MemorySwap: unless("swap", limits.memoryBytes),
    PidsLimit: unless("pids", enginePids(spec.runtime, limits.pids)),
    NanoCpus: unless("cpus", Math.round(limits.cpus * 1e9)),
    ShmSize: limits.sharedMemoryBytes,
    Ulimits: [
      ulimit("nofile", limits.openFiles),
      ulimit("core", 0),
      ...(limits.fileBytes === null ? [] : [ulimit("fsize", limits.fileBytes)]),
      ...(isPodman ? [ulimit("nproc", PODMAN_PROCESSES)] : []),
    ],
    NetworkMode: spec.network.kind === "none" ? "none" : spec.network.name,
    PortBindings: portWords(spec.ports).bindings,
    PublishAllPorts: false,
    ExtraHosts: spec.hosts.length === 0
      ? undefined
      : spec.hosts.map(([name, address]) => `${name}:${address}`),
    Dns: spec.dns.length === 0 ? undefined : spec.dns,
    Sysctls: kernelWords(spec, isPodman),
    IpcMode: "private",
    CgroupnsMode: unless("cgroup-namespace", "private"),
    Devices: [],
    DeviceRequests: spec.gpus === 0
      ? undefined
      : [{ Driver: "", Count: spec.gpus, Capabilities: [["gpu"]] }],
    Runtime: unless("runtime", spec.runtime),
    Init: unless("init", true),
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: false,
    LogConfig: logWords(limits.logBytes, engine),
    OomScoreAdj: OOM_SCORE[spec.profile],
  };
}

/**
 * What the kernel is told for the container's network. Docker does it by itself; with Podman a network without a way out
 * would still lead to the machine, by the addresses that IPv6 gives to every link.
 */
function kernelWords({ network, kind }: JudgedSpec, isPodman: boolean): JsonObject | undefined {
  if (!isPodman) return undefined;
  const words = {
    ...(network.kind === "internal" ? { "net.ipv6.conf.all.disable_ipv6": "1" } : {}),
    // The egress proxy answers at the ports that the box believes to reach.
    ...(kind === "egress" ? { "net.ipv4.ip_unprivileged_port_start": "0" } : {}),
  };
  return Object.keys(words).length === 0 ? undefined : words;
}

/** A file of bounded size; the newest one is kept. */
function logWords(bytes: number, { engine, logDrivers }: EngineFacts): JsonObject {
  if (engine === "podman") return { Type: "k8s-file", Config: { "max-size": `${bytes}b` } };
  const config = { "max-size": String(bytes), "max-file": "1" };
  if (logDrivers?.includes("local") === false) return { Type: "json-file", Config: config };
  // With a single file the engine refuses to compress.
  return { Type: "local", Config: { ...config, compress: "false" } };
}

function securityWords(
  spec: JudgedSpec,
  engine: EngineFacts,
  gaps: ReadonlySet<ControlName>,
): string[] {
  const words = ["no-new-privileges:true"];
  if (gaps.has("seccomp")) return words;
  const profile = engine.engine === "podman"
    ? profileFile(engine.seccompFolder!, spec.capabilities)
    : seccompProfile(spec.capabilities);
  return [...words, `seccomp=${profile}`];
}

/**
 * Podman's folders in memory are root's or the container's user's: one that is to be somebody else's is everybody's
 * there. Over a root that is read only it puts two of its own, without a bound; ours take their place.
 */
function podmanTmpfs({ tmpfs, writableRoot, limits, user }: JudgedSpec): Required<TmpfsMount>[] {
  const mounts = tmpfs.map((mount) => {
    const isRoots = mount.uid === 0 && mount.gid === 0;
    const isUsers = mount.uid === user.uid && mount.gid === user.gid;
    return isRoots || isUsers ? mount : { ...mount, mode: 0o1777, uid: 0, gid: 0 };
  });
  if (writableRoot) return mounts;
  const sizeBytes = Math.floor(limits.memoryBytes / 8);
  for (const path of ["/run", "/var/tmp"]) {
    if (mounts.some((mount) => mount.path === path)) continue;
    mounts.push({ ...user, mode: 0o1777, path, sizeBytes, exec: false });
  }
  return mounts;
}

/** Podman knows no numbers for the owner, and has a word for the container's user. */
function tmpfsWords(
  { sizeBytes, mode, uid, gid, exec }: Required<TmpfsMount>,
  isPodman: boolean,
): string {
  const owner = uid === 0 && gid === 0 ? "" : isPodman ? ",U" : `,uid=${uid},gid=${gid}`;
  return `rw,nosuid,nodev,${exec ? "exec" : "noexec"},size=${sizeBytes},mode=${
    mode.toString(8)
  }${owner}`;
}

function mountWords(mount: JudgedSpec["mounts"][number], isPodman: boolean): JsonObject {
  const { kind, source, target, readOnly, labels } = mount;
  const common = { Type: kind, Source: source, Target: target, ReadOnly: readOnly };
  if (kind === "volume") {
    return Object.keys(labels).length === 0
      ? common
      : { ...common, VolumeOptions: { Labels: { ...labels } } };
  }
  // What is mounted below the folder is not part of it: it could be anything, and would stay writable.
  const options = { Propagation: "rprivate", ...(isPodman ? {} : { NonRecursive: true }) };
  return { ...common, BindOptions: options };
}

function healthWords(spec: JudgedSpec): JsonObject | undefined {
  const check = spec.healthCheck;
  // What an image says is run by nobody's order in a sandbox.
  if (check === undefined) return spec.profile === "sandbox" ? { Test: ["NONE"] } : undefined;
  return {
    Test: ["CMD", ...check.command],
    Interval: check.intervalMs * NANOSECONDS,
    Timeout: check.timeoutMs * NANOSECONDS,
    StartPeriod: check.startMs * NANOSECONDS,
    Retries: check.retries,
  };
}

function networkWords({ network }: JudgedSpec): JsonObject | undefined {
  if (network.kind === "none") return undefined;
  const { name, aliases = [], address } = network;
  const family = address?.includes(":") ? "IPv6Address" : "IPv4Address";
  return {
    EndpointsConfig: {
      [name]: withoutUndefined({
        Aliases: aliases.length === 0 ? undefined : aliases,
        IPAMConfig: address === undefined ? undefined : { [family]: address },
      }),
    },
  };
}

/** What was asked, as data. */
export function requestedOf(spec: JudgedSpec, gaps: ReadonlySet<ControlName>): RequestedControls {
  const { limits, network } = spec;
  return {
    profile: spec.profile,
    user: spec.user,
    capabilities: spec.capabilities,
    noNewPrivileges: true,
    seccomp: gaps.has("seccomp") ? "engine" : "own",
    readOnlyRoot: !spec.writableRoot,
    tmpfs: spec.tmpfs,
    mounts: spec.mounts.map(({ kind, source, target, readOnly }) => ({
      kind,
      source,
      target,
      readOnly,
    })),
    memoryBytes: limits.memoryBytes,
    memorySwapBytes: limits.memoryBytes,
    pids: limits.pids,
    nanoCpus: Math.round(limits.cpus * 1e9),
    openFiles: limits.openFiles,
    coreBytes: 0,
    fileBytes: limits.fileBytes,
    sharedMemoryBytes: limits.sharedMemoryBytes,
    network: { kind: network.kind, name: network.kind === "none" ? "none" : network.name },
    ports: spec.ports,
    ipc: "private",
    pid: "private",
    cgroup: "private",
    uts: "private",
    privileged: false,
    devices: [] as never[],
    gpus: spec.gpus,
    runtime: spec.runtime ?? null,
    init: true,
    restart: "no",
    logBytes: limits.logBytes,
    oomScoreAdj: OOM_SCORE[spec.profile],
  };
}

function warningsOf(spec: JudgedSpec, { engine }: EngineFacts): string[] {
  const warnings: string[] = [];
  if (engine === "podman" && spec.network.kind === "internal") {
    warnings.push(
      "Podman gives the machine an address in every network: programs of the machine that listen at all addresses can " +
        "be reached from it",
    );
  }
  for (const { container, protocol, hostAddress } of spec.ports) {
    if (isLoopback(hostAddress)) continue;
    warnings.push(
      `Port ${container}/${protocol} is open to other machines at ${hostAddress}; firewalls of the machine ` +
        `may not see it, because engines write their own rules`,
    );
  }
  if (spec.capabilities.length > 0 && spec.user.uid !== 0) {
    warnings.push(
      `Capabilities (${spec.capabilities.join(", ")}) are of no use to a user other than root`,
    );
  }
  return warnings;
}

/** What JSON is made of, fields that are undefined among it. */
export type Fields = { readonly [key: string]: JsonValue | Fields | undefined };

/** Without the fields that are undefined, so that the same spec is always the same bytes. */
export function withoutUndefined(fields: Fields): JsonObject {
  const out: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    out[key] = isObject ? withoutUndefined(value as Fields) : value as JsonValue;
  }
  return out;
}
