/**
 * What containers and images are, as this package shows them: the engine's answers in one form for all engines. What an
 * engine does not say is null. Types only.
 *
 * @module
 */

/**
 * Where a container is in its life. `unknown` is a word of the engine that this package does not know; it is in
 * `status` or `stateText` then.
 */
export type ContainerState =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "removing"
  | "exited"
  | "dead"
  | "unknown";

/** A port of a container that the machine listens for. */
export interface PortMapping {
  /** The port in the container. */
  containerPort: number;
  /** `tcp`, `udp` or `sctp`. */
  protocol: string;
  /** The address of the machine; null where the port is only exposed. */
  hostAddress: string | null;
  /** The port of the machine; null where the port is only exposed. */
  hostPort: number | null;
}

/** A container in a list. */
export interface ContainerInfo {
  /** 64 hexadecimal digits. */
  id: string;
  /** Without a slash; null where it has none. */
  name: string | null;
  /** The image's name, or its id. */
  image: string;
  /** The image's id; null if the engine does not say. */
  imageId: string | null;
  /** The program and its arguments, as one text. */
  command: string | null;
  /** ISO 8601. */
  createdAt: string | null;
  /** Where it is in its life. */
  state: ContainerState;
  /** The engine's own words, such as `Up 2 minutes (healthy)`. */
  status: string | null;
  /** Its labels. */
  labels: Record<string, string>;
  /** Its ports, published and exposed. */
  ports: PortMapping[];
  /** What it is for, if it is one of ours: `run`, `session`, `pool`, `deployment` or `egress`; null for others'. */
  kind: string | null;
}

/** A network that a container is in. */
export interface NetworkAttachment {
  /** The network's name. */
  name: string;
  /** Its address there; null if it has none. */
  ipv4: string | null;
  /** The same for IPv6. */
  ipv6: string | null;
  /** The address of its interface; null if there is none. */
  mac: string | null;
  /** Where it sends what leaves the network; null if nothing does. */
  gateway: string | null;
}

/** Something mounted into a container. */
export interface MountInfo {
  /** Such as `bind`, `volume` or `tmpfs`. */
  kind: string;
  /** A path of the machine or the name of a volume; null for others. */
  source: string | null;
  /** The path in the container. */
  target: string;
  /** Whether it cannot be written. */
  readOnly: boolean;
}

/** All of a container. */
export interface ContainerDetails {
  /** 64 hexadecimal digits. */
  id: string;
  /** Without a slash. */
  name: string;
  /** As it was named when the container was made. */
  image: string;
  /** The image's id; null if the engine does not say. */
  imageId: string | null;
  /** The program and its arguments. */
  command: string[];
  /** Variables as `NAME=value`; the values are `[redacted]` unless they were asked for, since they may be secrets. */
  env: string[];
  /** Who runs its program; null for the image's own. */
  user: string | null;
  /** Where its program starts; null for the image's own. */
  workdir: string | null;
  /** What it calls itself; null if the engine does not say. */
  hostname: string | null;
  /** Whether it has a terminal. */
  tty: boolean;
  /** Its labels. */
  labels: Record<string, string>;
  /** ISO 8601. */
  createdAt: string | null;
  /** ISO 8601; null until it was started. */
  startedAt: string | null;
  /** ISO 8601; null until it has ended. */
  finishedAt: string | null;
  /** Where it is in its life. */
  state: ContainerState;
  /** The engine's own word for the state. */
  stateText: string;
  /** Whether its program runs, paused or not. */
  running: boolean;
  /** Whether it is paused. */
  paused: boolean;
  /** Null until it has ended. */
  exitCode: number | null;
  /** Whether the kernel killed it for memory; null where the engine does not find out (Podman says false of all). */
  oomKilled: boolean | null;
  /** The engine's words about a failed start; null if there are none. */
  error: string | null;
  /** `starting`, `healthy` or `unhealthy`; null where nobody looks. */
  health: "starting" | "healthy" | "unhealthy" | null;
  /** The first process, by the host's count; null where none runs. */
  pid: number | null;
  /** How often the engine started it again; null if it does not count. */
  restarts: number | null;
  /** Its ports, published and exposed. */
  ports: PortMapping[];
  /** The networks that it is in. */
  networks: NetworkAttachment[];
  /** What is mounted into it. */
  mounts: MountInfo[];
  /** Its bounds; null where there is none. */
  limits: { memoryBytes: number | null; cpus: number | null; pids: number | null };
  /** What keeps its log; null if the engine does not say. */
  logDriver: string | null;
  /** The engine's name of what started it, such as `runc`; null if it does not say. */
  runtime: string | null;
}

/** What a container uses at the moment. */
export interface ContainerStats {
  /** When it was measured, ISO 8601. */
  at: string;
  /**
   * Between two samples of ours; 100 is one processor in full. Null if the engine does not count, or its samples are not
   * of a time that has passed.
   */
  cpuPercent: number | null;
  /** Milliseconds between the two samples. */
  windowMs: number;
  /** Processor time since its start, milliseconds. */
  cpuTimeMs: number | null;
  /** Processors that it may use. */
  onlineCpus: number | null;
  /** Share of the window's periods in which it was held back by its limit, 0 to 1; null without a limit. */
  throttledRatio: number | null;
  /** Bytes of memory. */
  memory: {
    /** Without the cache that the kernel can give up; null if the engine does not say how large that is. */
    usedBytes: number | null;
    /** All that is counted. */
    usageBytes: number | null;
    /** Null if there is none. */
    limitBytes: number | null;
  };
  /** Of all its networks; null if the engine counts none. Bytes and packets since its start. */
  network: {
    receivedBytes: number;
    sentBytes: number;
    receivedPackets: number;
    sentPackets: number;
    dropped: number;
    errors: number;
  } | null;
  /** Null if the kernel counts none. Bytes since its start. */
  disk: { readBytes: number; writtenBytes: number } | null;
  /** Processes and threads. */
  pids: { current: number | null; limit: number | null };
  /** For each value above that is null though it could be known: why. */
  missing: Record<string, string>;
}

/** A line of a container's output. */
export interface LogLine {
  /** Where it was written. */
  stream: "stdout" | "stderr";
  /** Without its end. What is no UTF-8 is replaced by U+FFFD. */
  text: string;
  /** ISO 8601, as exact as the engine has it; null unless `timestamps` is asked for. */
  time: string | null;
  /** Whether its end is still to come: a line of more than a mebibyte comes in pieces, and the last one may have no end. */
  partial: boolean;
}

/** Which lines. */
export interface LogOptions {
  /**
   * Waits for further ones until the container ends. Default false. A last line that has no end may be missing then:
   * Docker 20.10 keeps it and hands it on only to who asks afterwards.
   */
  follow?: boolean | undefined;
  /** From when on: a `Date`, or seconds since 1970. */
  since?: Date | number | undefined;
  /** Until when. */
  until?: Date | number | undefined;
  /** Only so many of the last ones. */
  tail?: number | undefined;
  /** Whether lines have a time. Default false. */
  timestamps?: boolean | undefined;
  /** Default both. */
  streams?: readonly ("stdout" | "stderr")[] | undefined;
  /** Ends it; the iteration throws its reason. */
  signal?: AbortSignal | undefined;
}

/** What happens while an image is built. */
export type BuildEvent =
  | { type: "output"; text: string }
  | {
    type: "progress";
    id: string | null;
    status: string;
    current: number | null;
    total: number | null;
  }
  | { type: "built"; imageId: string; tags: string[] };

/** What happens while an image is pulled. */
export type PullEvent =
  | {
    type: "progress";
    id: string | null;
    status: string;
    current: number | null;
    total: number | null;
  }
  | { type: "pulled"; image: string; imageId: string; digest: string | null };

/** An image of the engine. */
export interface ImageInfo {
  /** `sha256:` and 64 hexadecimal digits. */
  id: string;
  /** Its names, with tags. */
  tags: string[];
  /** Its names by content, as registries have them. */
  digests: string[];
  /** ISO 8601. */
  createdAt: string | null;
  /** Its size; null if the engine does not say. */
  sizeBytes: number | null;
  /** Its labels. */
  labels: Record<string, string>;
}

/** All of an image. */
export interface ImageDetails extends ImageInfo {
  /** Its operating system, such as `linux`. */
  os: string | null;
  /** Its processor, such as `amd64`. */
  architecture: string | null;
  /** Who runs its programs; null for root. */
  user: string | null;
  /** Where its programs start. */
  workdir: string | null;
  /** The arguments that a container has where nothing else is said. */
  command: string[];
  /** The program that a container starts. */
  entrypoint: string[];
  /** Variables as `NAME=value`. */
  env: string[];
  /** Ports that its programs listen at, such as `80/tcp`. */
  exposedPorts: string[];
  /** How many layers it has; null if the engine does not say. */
  layers: number | null;
}
