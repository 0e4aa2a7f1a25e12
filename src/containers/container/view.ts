/**
 * From the engine's JSON to the views of `types.ts`: one form for all engines, null for what is not said.
 *
 * @module
 */

import { LABEL } from "../policy/mod.ts";
import type {
  ContainerDetails,
  ContainerInfo,
  ContainerState,
  MountInfo,
  NetworkAttachment,
  PortMapping,
} from "./types.ts";
import type { WireContainer, WireListed } from "./wire.ts";

/** The engines' words for states; Podman has some of its own. */
const STATES: Readonly<Record<string, ContainerState>> = {
  created: "created",
  configured: "created",
  initialized: "created",
  running: "running",
  stopping: "running",
  paused: "paused",
  restarting: "restarting",
  removing: "removing",
  exited: "exited",
  stopped: "exited",
  dead: "dead",
};

/** A container in a list. */
export function viewListed(listed: WireListed): ContainerInfo {
  const labels = listed.Labels ?? {};
  return {
    id: listed.Id ?? "",
    name: listed.Names?.[0]?.replace(/^\//, "") || null,
    image: listed.Image ?? "",
    imageId: listed.ImageID || null,
    command: listed.Command ?? null,
    createdAt: listed.Created == null ? null : new Date(listed.Created * 1_000).toISOString(),
    state: stateOf(listed.State),
    status: listed.Status || null,
    labels,
    ports: (listed.Ports ?? []).map(({ IP, PrivatePort, PublicPort, Type }) => ({
      containerPort: PrivatePort ?? 0,
      protocol: Type ?? "tcp",
      hostAddress: PublicPort == null ? null : IP || null,
      hostPort: PublicPort ?? null,
    })),
    kind: labels[LABEL.runtime] === "1" ? labels[LABEL.kind] ?? null : null,
  };
}

/** All of a container. */
export function viewContainer(
  wire: WireContainer,
  engine: "docker" | "podman",
  secrets = false,
): ContainerDetails {
  const { State: state, Config: config, HostConfig: host, NetworkSettings: network } = wire;
  const stateText = state?.Status ?? "";
  const known = stateOf(stateText);
  const hasEnded = known === "exited" || known === "dead";
  const health = state?.Health?.Status;
  return {
    id: wire.Id ?? "",
    name: (wire.Name ?? "").replace(/^\//, ""),
    image: config?.Image ?? "",
    imageId: wire.Image || null,
    command: [...(wire.Path ? [wire.Path] : []), ...(wire.Args ?? [])],
    env: (config?.Env ?? []).map((text) => secrets ? text : text.replace(/=.*$/s, "=[redacted]")),
    user: config?.User || null,
    workdir: config?.WorkingDir || null,
    hostname: config?.Hostname || null,
    tty: config?.Tty === true,
    labels: config?.Labels ?? {},
    createdAt: timeOf(wire.Created),
    startedAt: timeOf(state?.StartedAt),
    finishedAt: timeOf(state?.FinishedAt),
    state: known,
    stateText,
    running: state?.Running === true || stateText === "stopping",
    paused: state?.Paused === true,
    exitCode: hasEnded ? state?.ExitCode ?? null : null,
    oomKilled: oomOf(state?.OOMKilled, engine),
    error: state?.Error || null,
    health: health === "starting" || health === "healthy" || health === "unhealthy" ? health : null,
    pid: state?.Pid || null,
    restarts: wire.RestartCount ?? null,
    ports: portsOf(network?.Ports ?? {}),
    networks: Object.entries(network?.Networks ?? {}).map((
      [name, endpoint],
    ): NetworkAttachment => ({
      name,
      ipv4: endpoint?.IPAddress || null,
      ipv6: endpoint?.GlobalIPv6Address || null,
      mac: endpoint?.MacAddress || null,
      gateway: endpoint?.Gateway || null,
    })),
    mounts: (wire.Mounts ?? []).map((mount): MountInfo => ({
      kind: mount.Type ?? "",
      source: (mount.Type === "volume" ? mount.Name : mount.Source) || null,
      target: mount.Destination ?? "",
      readOnly: mount.RW === false,
    })),
    limits: {
      memoryBytes: host?.Memory || null,
      cpus: cpusOf(host),
      pids: host?.PidsLimit != null && host.PidsLimit > 0 ? host.PidsLimit : null,
    },
    logDriver: host?.LogConfig?.Type || null,
    runtime: host?.Runtime || null,
  };
}

function stateOf(text: string | null | undefined): ContainerState {
  return STATES[text?.toLowerCase() ?? ""] ?? "unknown";
}

/** The first year is the engine's word for never. */
function timeOf(text: string | null | undefined): string | null {
  return text == null || text === "" || text.startsWith("0001-") ? null : text;
}

/** Podman says false also of what was killed. */
function oomOf(value: boolean | null | undefined, engine: "docker" | "podman"): boolean | null {
  if (value === true) return true;
  return value == null || engine === "podman" ? null : false;
}

function cpusOf(host: WireContainer["HostConfig"]): number | null {
  if (host?.NanoCpus) return host.NanoCpus / 1e9;
  if (host?.CpuQuota && host.CpuQuota > 0) return host.CpuQuota / (host.CpuPeriod || 100_000);
  return null;
}

function portsOf(
  ports: NonNullable<NonNullable<WireContainer["NetworkSettings"]>["Ports"]>,
): PortMapping[] {
  return Object.entries(ports).flatMap(([name, bindings]): PortMapping[] => {
    const [port, protocol = "tcp"] = name.split("/");
    const containerPort = Number(port);
    if (bindings == null || bindings.length === 0) {
      return [{ containerPort, protocol, hostAddress: null, hostPort: null }];
    }
    return bindings.map(({ HostIp, HostPort }) => ({
      containerPort,
      protocol,
      hostAddress: HostIp || "0.0.0.0",
      hostPort: Number(HostPort),
    }));
  });
}
