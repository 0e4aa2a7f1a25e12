/**
 * What an engine says of a container, control by control, against what was asked of it. Engines differ in words; where
 * one does not say a thing, that is a null with the reason, and no success.
 *
 * @module
 */

import {
  type ControlName,
  enginePids,
  isGvisor,
  type RequestedControls,
  seccompProfile,
} from "../policy/mod.ts";

/** A field that need not be there. */
type Maybe<T> = T | null | undefined;

/** `GET /containers/{id}/json`, as far as it is read here. */
export interface WireInspect {
  Id?: Maybe<string>;
  AppArmorProfile?: Maybe<string>;
  State?: Maybe<{
    Status?: Maybe<string>;
    Running?: Maybe<boolean>;
    Paused?: Maybe<boolean>;
    OOMKilled?: Maybe<boolean>;
    ExitCode?: Maybe<number>;
    StartedAt?: Maybe<string>;
    FinishedAt?: Maybe<string>;
  }>;
  NetworkSettings?: Maybe<{ Networks?: Maybe<Record<string, unknown>> }>;
  Config?: Maybe<{ User?: Maybe<string>; Labels?: Maybe<Record<string, string>> }>;
  Mounts?: Maybe<
    {
      Type?: Maybe<string>;
      Name?: Maybe<string>;
      Source?: Maybe<string>;
      Destination?: Maybe<string>;
      RW?: Maybe<boolean>;
    }[]
  >;
  HostConfig?: Maybe<WireHostConfig>;
}

/** What the engine was asked, as it took it. */
export interface WireHostConfig {
  Privileged?: Maybe<boolean>;
  CapAdd?: Maybe<string[]>;
  CapDrop?: Maybe<string[]>;
  SecurityOpt?: Maybe<string[]>;
  ReadonlyRootfs?: Maybe<boolean>;
  Tmpfs?: Maybe<Record<string, string>>;
  Memory?: Maybe<number>;
  MemorySwap?: Maybe<number>;
  PidsLimit?: Maybe<number>;
  NanoCpus?: Maybe<number>;
  ShmSize?: Maybe<number>;
  Ulimits?: Maybe<{ Name?: string; Soft?: number; Hard?: number }[]>;
  NetworkMode?: Maybe<string>;
  PortBindings?: Maybe<Record<string, Maybe<{ HostIp?: string; HostPort?: string }[]>>>;
  IpcMode?: Maybe<string>;
  PidMode?: Maybe<string>;
  UTSMode?: Maybe<string>;
  CgroupnsMode?: Maybe<string>;
  Devices?: Maybe<unknown[]>;
  DeviceRequests?: Maybe<unknown[]>;
  Runtime?: Maybe<string>;
  Init?: Maybe<boolean>;
  RestartPolicy?: Maybe<{ Name?: Maybe<string> }>;
  LogConfig?: Maybe<{ Type?: Maybe<string>; Config?: Maybe<Record<string, string>> }>;
  OomScoreAdj?: Maybe<number>;
}

/** A control as one of the two sees it. */
export interface Finding {
  readonly control: ControlName;
  readonly requested: string;
  readonly effective: string | null;
  readonly ok: boolean | null;
  readonly how: "inspect" | "inside";
  readonly note?: string;
}

/** Whether its program runs. One that is being stopped does; Podman says that otherwise. */
export function isRunning({ State }: WireInspect): boolean {
  return State?.Running === true || State?.Status === "stopping";
}

/** What Podman drops if all is to be dropped: what its containers have otherwise. */
const USUAL_CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];
const SILENT = "the engine does not say";

/** What stands for a request that nobody knows, so that what is there can be told: folders in memory are as they are. */
export function unknownRequest({ HostConfig }: WireInspect): RequestedControls {
  const paths = Object.keys(HostConfig?.Tmpfs ?? {});
  return {
    profile: "sandbox",
    user: { uid: 0, gid: 0 },
    capabilities: [],
    noNewPrivileges: true,
    seccomp: "own",
    readOnlyRoot: true,
    tmpfs: paths.map((path) => ({ path, sizeBytes: 0, mode: 0, uid: 0, gid: 0, exec: false })),
    mounts: [],
    memoryBytes: 0,
    memorySwapBytes: 0,
    pids: 0,
    nanoCpus: 0,
    openFiles: 0,
    coreBytes: 0,
    fileBytes: 0,
    sharedMemoryBytes: 0,
    network: { kind: "none", name: "none" },
    ports: [],
    ipc: "private",
    pid: "private",
    cgroup: "private",
    uts: "private",
    privileged: false,
    devices: [] as never[],
    gpus: 0,
    runtime: null,
    init: true,
    restart: "no",
    logBytes: 0,
    oomScoreAdj: 0,
  };
}

/** What it is connected to. Podman has the word `bridge` for every network of that kind; which ones they are it says apart. */
function networkOf({ HostConfig, NetworkSettings }: WireInspect): Maybe<string> {
  const names = Object.keys(NetworkSettings?.Networks ?? {});
  const isVague = HostConfig?.NetworkMode === "bridge" && names.length > 0;
  return isVague ? names.sort().join(", ") : HostConfig?.NetworkMode;
}

/** All controls as the engine has them. */
export function inspected(requested: RequestedControls, found: WireInspect): Finding[] {
  const host = found.HostConfig ?? {};
  const findings: Finding[] = [];
  const say = (
    control: ControlName,
    wanted: unknown,
    effective: unknown,
    ok: boolean = wanted === effective,
    note?: string,
  ): void => {
    const isThere = effective !== null && effective !== undefined;
    findings.push({
      control,
      requested: String(wanted),
      effective: isThere ? String(effective) : null,
      ok: isThere ? ok : null,
      how: "inspect",
      ...(isThere ? (note === undefined ? {} : { note }) : { note: note ?? SILENT }),
    });
  };
  const { uid, gid } = requested.user;
  say("user", `${uid}:${gid}`, found.Config?.User);
  say("privileged", false, host.Privileged ?? false);
  capabilities(requested, host, say);
  const words = host.SecurityOpt ?? [];
  const isHeld = words.some((word) => /^no-new-privileges([:=]true)?$/.test(word));
  say("no-new-privileges", true, isHeld);
  seccomp(requested, words, say);
  say("read-only-root", requested.readOnlyRoot, host.ReadonlyRootfs ?? false);
  tmpfs(requested, host, say);
  mounts(requested, found, say);
  say("memory", requested.memoryBytes, host.Memory);
  say("swap", requested.memorySwapBytes, host.MemorySwap);
  const pids = enginePids(host.Runtime, requested.pids);
  const threads = isGvisor(host.Runtime) && host.PidsLimit === pids
    ? "gVisor's own threads count among them, so that the machine allows more"
    : undefined;
  say("pids", pids, host.PidsLimit, pids === host.PidsLimit, threads);
  say("cpus", requested.nanoCpus, host.NanoCpus);
  const limit = (name: string): number | undefined =>
    host.Ulimits?.find(({ Name }) => Name?.toLowerCase().replace("rlimit_", "") === name)?.Hard;
  say("open-files", requested.openFiles, limit("nofile"));
  say("core-dumps", 0, limit("core"));
  if (requested.fileBytes !== null) say("file-size", requested.fileBytes, limit("fsize"));
  say("shared-memory", requested.sharedMemoryBytes, host.ShmSize);
  say("network", requested.network.name, networkOf(found));
  ports(requested, host, say);
  namespaces(host, say);
  const devices = (host.Devices ?? []).length;
  const gpus = (host.DeviceRequests ?? []).length;
  say("devices", requested.gpus === 0 ? "none" : "graphics", wordOf(devices, gpus));
  say(
    "runtime",
    requested.runtime ?? "the engine's default",
    host.Runtime,
    requested.runtime === null || host.Runtime === requested.runtime,
  );
  say("init", true, host.Init);
  say("restart", requested.restart, host.RestartPolicy?.Name || "no");
  const kept = host.LogConfig?.Config?.["max-size"];
  say("log-size", requested.logBytes, kept === undefined ? undefined : Number.parseInt(kept));
  say("oom-score", requested.oomScoreAdj, host.OomScoreAdj);
  return findings;
}

type Say = (
  control: ControlName,
  wanted: unknown,
  effective: unknown,
  ok?: boolean,
  note?: string,
) => void;

function capabilities(requested: RequestedControls, host: WireHostConfig, say: Say): void {
  const bare = (names: Maybe<string[]>): string[] =>
    (names ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, "")).sort();
  const [added, dropped] = [bare(host.CapAdd), bare(host.CapDrop)];
  const dropsAll = dropped.includes("ALL") ||
    USUAL_CAPABILITIES.every((name) => dropped.includes(name) || added.includes(name));
  const wanted = requested.capabilities.join(" ") || "none";
  const effective = dropsAll ? added.join(" ") || "none" : "the engine's usual ones";
  say("capabilities", wanted, effective);
}

/** Docker keeps the profile itself, Podman where it is. */
function seccomp(requested: RequestedControls, words: readonly string[], say: Say): void {
  const profile = words.find((word) => word.startsWith("seccomp="))?.slice("seccomp=".length);
  const wanted = requested.seccomp === "own" ? "own profile" : "the engine's profile";
  const isOwn = profile === seccompProfile(requested.capabilities) ||
    profile !== undefined && /^\/.*\/agent-seccomp-(plain|packets)\.json$/.test(profile);
  const named = profile === "unconfined" ? profile : "another profile";
  say(
    "seccomp",
    wanted,
    isOwn ? "own profile" : profile === undefined ? "the engine's profile" : named,
  );
}

/** The mode of a folder in memory of which none is said. */
const USUAL_MODE = 0o1777;

function modeWords(mode: number): string {
  return mode === USUAL_MODE ? "" : ` mode ${mode.toString(8)}`;
}

function tmpfs(requested: RequestedControls, host: WireHostConfig, say: Say): void {
  const there = host.Tmpfs ?? {};
  const wanted = requested.tmpfs.map(({ path, sizeBytes, mode, exec }) =>
    `${path} ${sizeBytes}${modeWords(mode)}${exec ? " exec" : ""}`
  );
  const effective = Object.entries(there).map(([path, options]) => {
    const words = options.split(",");
    const size = words.find((word) => word.startsWith("size="))?.slice(5) ?? "unbounded";
    const mode = words.find((word) => word.startsWith("mode="))?.slice(5);
    const loose = ["nosuid", "nodev"].filter((word) => !words.includes(word));
    return `${path} ${size}${
      modeWords(mode === undefined ? USUAL_MODE : Number.parseInt(mode, 8))
    }${words.includes("noexec") ? "" : " exec"}${loose.map((word) => ` without ${word}`).join("")}`;
  });
  const extra = effective.filter((text) => !wanted.includes(text));
  // Podman adds folders in memory of its own where the root is read-only: bounded, and without programs.
  const isFine = wanted.every((text) => effective.includes(text)) &&
    extra.every((text) => /^\/(run|tmp|var\/tmp) \d+$/.test(text));
  const note = isFine && extra.length > 0 ? `the engine adds ${extra.join(", ")}` : undefined;
  say("tmpfs", wanted.join(", "), effective.join(", "), isFine, note);
}

function mounts(requested: RequestedControls, found: WireInspect, say: Say): void {
  const wanted = requested.mounts.map(({ target, readOnly }) =>
    `${target} ${readOnly ? "ro" : "rw"}`
  ).sort();
  const effective = (found.Mounts ?? []).filter(({ Type }) => Type !== "tmpfs").map((
    { Destination, RW },
  ) => `${Destination} ${RW === false ? "ro" : "rw"}`).sort();
  const isSame = effective.length === wanted.length && wanted.every((at) => effective.includes(at));
  const note = isSame
    ? undefined
    : "volumes of the image are on the machine's disk, without a bound";
  say("mounts", wanted.join(", ") || "none", effective.join(", ") || "none", isSame, note);
}

function ports(requested: RequestedControls, host: WireHostConfig, say: Say): void {
  const wanted = requested.ports.map(({ container, protocol, hostAddress }) =>
    `${container}/${protocol} ${hostAddress}`
  ).sort();
  const effective = Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp }) => `${port} ${HostIp || "every address"}`)
  ).sort();
  say("ports", wanted.join(", ") || "none", effective.join(", ") || "none");
}

function namespaces(host: WireHostConfig, say: Say): void {
  const own = (mode: Maybe<string>): string =>
    mode === "" || mode === null || mode === undefined ? "private" : mode;
  const ipc = own(host.IpcMode);
  // Podman's word for one of its own that others could be told to join; nobody is.
  const isShareable = ipc === "shareable";
  const note = isShareable ? "its own, which another container could be told to join" : undefined;
  say("ipc-namespace", "private", ipc, isShareable || ipc === "private" || ipc === "none", note);
  say("pid-namespace", "private", own(host.PidMode));
  // Without a word it is the machine's where cgroups are the old ones.
  say("cgroup-namespace", "private", host.CgroupnsMode || undefined);
  say("uts-namespace", "private", own(host.UTSMode));
}

function wordOf(devices: number, gpus: number): string {
  if (devices > 0) return `${devices} devices`;
  return gpus > 0 ? "graphics" : "none";
}
