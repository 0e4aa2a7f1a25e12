/**
 * What engines of several years answer: Docker 25 to 29 (API 1.44 to 1.52, and one that is newer than what is spoken
 * here) and Podman 5. Written after the published history of the API; only what differs is told apart.
 */

import type { FakeContainer } from "./fake_engine.ts";

/** A make of engine. */
export interface Generation {
  readonly name: string;
  readonly engine: "docker" | "podman";
  /** Its own version. */
  readonly own: string;
  /** The newest and the oldest API that it speaks. */
  readonly newest: string;
  readonly oldest: string;
  /** The fields of its answer to `/_ping`. */
  readonly ping: Readonly<Record<string, string>>;
  /** Its answers to `/version`, `/info` and about an image. */
  readonly version: unknown;
  readonly info: unknown;
  readonly image: unknown;
}

const DIGEST = `sha256:${"d".repeat(64)}`;
const minorOf = ({ newest }: Pick<Generation, "newest">): number => Number(newest.split(".")[1]);

function docker(own: string, newest: string, oldest: string): Generation {
  const minor = Number(newest.split(".")[1]);
  return {
    ...{ name: `Docker ${own}, API ${newest}`, engine: "docker", own, newest, oldest },
    ping: {
      "Api-Version": newest,
      "Builder-Version": "2",
      "Docker-Experimental": "false",
      Ostype: "linux",
      Server: `Docker/${own} (linux)`,
      Swarm: "inactive",
    },
    version: {
      Platform: { Name: "Docker Engine - Community" },
      Components: [{ Name: "Engine", Version: own, Details: { ApiVersion: newest } }],
      ...{ Version: own, ApiVersion: newest, MinAPIVersion: oldest, Os: "linux", Arch: "amd64" },
    },
    info: {
      ...{ OSType: "linux", Architecture: "x86_64", NCPU: 4, MemTotal: 8e9, Driver: "overlayfs" },
      ...{ CgroupDriver: "systemd", CgroupVersion: "2", PidsLimit: true, MemoryLimit: true },
      ...{ SwapLimit: true, CpuCfsPeriod: true, CpuCfsQuota: true, DefaultRuntime: "runc" },
      Runtimes: {
        runc: { path: "runc", status: { "org.opencontainers.runtime-spec.features": "{}" } },
        "io.containerd.runc.v2": { path: "runc" },
      },
      SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
      Plugins: { Volume: ["local"], Network: ["bridge"], Log: ["json-file", "local"] },
      Swarm: { NodeID: "", LocalNodeState: "inactive", ControlAvailable: false },
      Warnings: null,
      ...(minor >= 49 ? { FirewallBackend: { Driver: "nftables" } } : { BridgeNfIptables: false }),
      ...(minor >= 50 ? { DiscoveredDevices: [] } : {}),
    },
    image: {
      Id: DIGEST,
      RepoTags: ["some/image:1"],
      RepoDigests: [`some/image@${DIGEST}`],
      Created: "2026-01-01T00:00:00Z",
      Size: 1_000,
      Os: "linux",
      Architecture: "amd64",
      RootFS: { Type: "layers", Layers: [DIGEST] },
      ...(minor < 45 ? { Container: "", ContainerConfig: { Cmd: null } } : {}),
      ...(minor < 52 ? { Parent: "", Comment: "", DockerVersion: "", Author: "" } : {}),
      ...(minor >= 48 ? { Descriptor: { mediaType: "application/x", digest: DIGEST } } : {}),
      Config: {
        Cmd: ["sh"],
        ...(minor < 50 ? { Hostname: "", Tty: false, AttachStdout: false, Image: "" } : {}),
        ...(minor < 52 ? { User: "", WorkingDir: "", Entrypoint: null, Env: null } : {}),
        ...(minor < 52 ? { Labels: null, OnBuild: null, Volumes: null } : {}),
      },
    },
  };
}

function podman(own: string): Generation {
  return {
    ...{ name: `Podman ${own}`, engine: "podman", own, newest: "1.41", oldest: "1.24" },
    ping: {
      "Api-Version": "1.41",
      "Buildah-Version": "1.39.0",
      "Builder-Version": "1",
      "Docker-Experimental": "true",
      "Libpod-Api-Version": own,
      Server: `Libpod/${own} (linux)`,
    },
    version: {
      Platform: { Name: "linux/amd64/debian-13" },
      Components: [{
        ...{ Name: "Podman Engine", Version: own },
        Details: { APIVersion: own, MinAPIVersion: "4.0.0" },
      }],
      ...{ Version: own, ApiVersion: "1.41", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" },
    },
    info: {
      ...{ OSType: "linux", Architecture: "amd64", NCPU: 4, MemTotal: 8e9, Driver: "overlay" },
      ...{ CgroupDriver: "systemd", CgroupVersion: "2", PidsLimit: true, MemoryLimit: true },
      ...{ SwapLimit: true, CpuCfsPeriod: true, CPUCfsQuota: true, DefaultRuntime: "crun" },
      Runtimes: { crun: { path: "/usr/bin/crun" }, runc: { path: "/usr/bin/runc" } },
      SecurityOptions: ["name=seccomp,profile=default", "name=rootless"],
      Plugins: { Volume: ["local"], Network: ["bridge", "macvlan"], Log: ["k8s-file", "none"] },
      Swarm: { LocalNodeState: "inactive", ControlAvailable: false },
      Warnings: [],
    },
    image: {
      // Without the word before it, as Podman has ids.
      Id: "d".repeat(64),
      RepoTags: ["localhost/some/image:1"],
      RepoDigests: [`localhost/some/image@${DIGEST}`],
      Created: "2026-01-01T00:00:00Z",
      ...{ Size: 1_000, SharedSize: -1, VirtualSize: 1_000, Os: "linux", Architecture: "amd64" },
      RootFS: { Type: "layers", Layers: [DIGEST] },
      Config: { Cmd: ["sh"], Env: null, Labels: null, ExposedPorts: {} },
    },
  };
}

/** All of them. */
export const GENERATIONS: readonly Generation[] = [
  docker("25.0.5", "1.44", "1.24"),
  docker("26.1.4", "1.45", "1.24"),
  docker("27.1.0", "1.46", "1.24"),
  docker("27.5.1", "1.47", "1.24"),
  docker("28.0.4", "1.48", "1.24"),
  docker("28.1.1", "1.49", "1.24"),
  docker("28.2.2", "1.50", "1.24"),
  docker("28.5.2", "1.51", "1.24"),
  docker("29.0.4", "1.52", "1.44"),
  docker("29.9.0", "1.56", "1.44"),
  podman("5.0.3"),
  podman("5.7.1"),
];

/** The first of the two makes, for tests that are about neither. */
export const DOCKER = GENERATIONS[8]!;

type Words = Record<string, unknown>;

/** Its answer about a container. */
export function inspected(generation: Generation, container: FakeContainer): unknown {
  const { id, name, body, state, exitCode } = container;
  const { HostConfig: host = {}, NetworkingConfig: _, ...config } = body as {
    HostConfig?: Words;
    NetworkingConfig?: unknown;
  };
  const isPodman = generation.engine === "podman";
  const minor = minorOf(generation);
  const mode = String(host["NetworkMode"] ?? "bridge");
  const isRunning = state === "running";
  const address = isRunning ? "172.17.0.2" : "";
  const endpoint = {
    ...{ IPAMConfig: null, Links: null, Aliases: null, NetworkID: "n".repeat(64) },
    ...{ IPAddress: address, IPPrefixLen: 16, Gateway: "172.17.0.1", GlobalIPv6Address: "" },
    MacAddress: isRunning ? "02:42:ac:11:00:02" : "",
    ...(isPodman ? {} : { DNSNames: [name], DriverOpts: null }),
    ...(minor >= 48 ? { GwPriority: 0 } : {}),
  };
  return {
    Id: id,
    Name: isPodman ? name : `/${name}`,
    Created: "2026-01-01T00:00:00.5Z",
    ...{ Path: "sleep", Args: ["600"], RestartCount: 0, Image: DIGEST, ExecIDs: null },
    State: {
      ...{ Status: state, Running: isRunning, Paused: false, OOMKilled: false, Dead: false },
      ...{ Pid: isRunning ? 4242 : 0, ExitCode: exitCode, Error: "" },
      StartedAt: state === "created" ? "0001-01-01T00:00:00Z" : "2026-01-01T00:00:01Z",
      FinishedAt: state === "exited" ? "2026-01-01T00:00:02Z" : "0001-01-01T00:00:00Z",
      // Podman has the field also where nothing is checked.
      ...("Healthcheck" in config ? { Health: { Status: "healthy", FailingStreak: 0 } } : {}),
      ...(isPodman && !("Healthcheck" in config) ? { Health: { Status: "", Log: null } } : {}),
    },
    Config: { ...config, ...(minor < 52 ? { OnBuild: null } : {}) },
    HostConfig: isPodman ? podmanHost(host) : { Runtime: "runc", ...host },
    Mounts: [],
    NetworkSettings: {
      ...{ SandboxID: "s", SandboxKey: "/run/netns/s", Ports: portsOf(host, isRunning) },
      // Until then the first network's addresses stood at the top too.
      ...(minor >= 52 ? {} : {
        ...{ Bridge: "", HairpinMode: false, LinkLocalIPv6Address: "", EndpointID: "" },
        ...{ IPAddress: address, Gateway: "172.17.0.1", MacAddress: "02:42:ac:11:00:02" },
      }),
      Networks: { [mode]: endpoint },
    },
    ...(minor >= 48 ? { ImageManifestDescriptor: { digest: DIGEST } } : {}),
  };
}

/** What Podman makes of what it was asked. */
function podmanHost(host: Words): Words {
  const limits = (host["Ulimits"] ?? []) as { Name: string }[];
  return {
    ...host,
    Runtime: "oci",
    CapDrop: [...USUAL],
    SecurityOpt: ((host["SecurityOpt"] ?? []) as string[]).map((word) =>
      word === "no-new-privileges:true" ? "no-new-privileges" : word
    ),
    Ulimits: limits.map((one) => ({ ...one, Name: `RLIMIT_${one.Name.toUpperCase()}` })),
    IpcMode: "shareable",
    PidMode: "private",
    UTSMode: "private",
    LogConfig: { Type: "k8s-file", Config: null, Size: "4MB" },
  };
}

const USUAL = [
  ...["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETUID"],
  ...["CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SYS_CHROOT"],
];

function portsOf(host: Words, isRunning: boolean): Words {
  if (!isRunning) return {};
  const wanted = (host["PortBindings"] ?? {}) as Record<string, { HostIp?: string }[]>;
  return Object.fromEntries(
    Object.entries(wanted).map(([port, bindings]) => [
      port,
      bindings.map(({ HostIp = "0.0.0.0" }) => ({ HostIp, HostPort: "49153" })),
    ]),
  );
}

/** The same in a list. */
export function listed(generation: Generation, container: FakeContainer): unknown {
  const { id, name, body, state } = container;
  const minor = minorOf(generation);
  const isPodman = generation.engine === "podman";
  return {
    ...{ Id: id, Names: [`/${name}`], Image: "some/image:1", Command: "sleep 600" },
    ImageID: isPodman ? "d".repeat(64) : DIGEST,
    ...{ Created: 1_767_225_600, State: state, Status: "Up 1 second", Labels: body["Labels"] },
    Ports: [
      { IP: "127.0.0.1", PrivatePort: 80, PublicPort: 49153, Type: "tcp" },
      { PrivatePort: 53, Type: "udp" },
    ],
    HostConfig: { NetworkMode: "bridge", ...(minor >= 46 ? { Annotations: { a: "b" } } : {}) },
    NetworkSettings: { Networks: { bridge: {} } },
    Mounts: isPodman ? [] : null,
    ...(minor >= 48 ? { ImageManifestDescriptor: { digest: DIGEST } } : {}),
    ...(minor >= 52 ? { Health: { Status: "none", FailingStreak: 0 } } : {}),
  };
}

/** What it counts of one, so many milliseconds after some time: half a processor is used. */
export function sampled(generation: Generation, ms: number): unknown {
  const isPodman = generation.engine === "podman";
  const read = new Date(1_767_225_600_000 + ms).toISOString();
  return {
    ...{ read, preread: "0001-01-01T00:00:00Z" },
    ...(minorOf(generation) >= 52 ? { os_type: "linux" } : {}),
    pids_stats: { current: 3, limit: 64 },
    cpu_stats: {
      cpu_usage: { total_usage: Math.round(ms * 500_000), usage_in_kernelmode: 0 },
      ...{ system_cpu_usage: 1e12, online_cpus: 4, throttling_data: { periods: 0 } },
    },
    precpu_stats: isPodman ? { cpu_usage: { total_usage: 0 } } : { cpu_usage: {} },
    memory_stats: isPodman
      ? { usage: 5_000, max_usage: 8e9, limit: 8e9 }
      : { usage: 5_000, limit: 8e9, stats: { inactive_file: 1_000, file: 2_000 } },
    blkio_stats: { io_service_bytes_recursive: null },
    networks: { eth0: { rx_bytes: 7, tx_bytes: 8, rx_packets: 1, tx_packets: 1 } },
  };
}
