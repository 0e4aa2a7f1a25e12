/**
 * What is told of this host: connections, processes, the system. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";

/** Options of everything that looks at this host. */
export type HostOptions = Pick<CallOptions, "implementation" | "signal">;

/** Protocol of a socket. */
export type ConnectionProtocol = "tcp" | "udp" | "raw" | "unix";

/**
 * State of a socket. TCP has its own words (RFC 9293); UDP and raw sockets are `established` with a peer and
 * `unconnected` without; Unix sockets are listed as far as somebody listens.
 */
export type ConnectionState =
  | "established"
  | "syn-sent"
  | "syn-received"
  | "fin-wait-1"
  | "fin-wait-2"
  | "time-wait"
  | "closed"
  | "close-wait"
  | "last-ack"
  | "listen"
  | "closing"
  | "unconnected"
  | "unknown";

/** One end of a connection. */
export interface Endpoint {
  /** A literal address in its canonical spelling; `0.0.0.0` and `::` are all addresses of the host. */
  address: string;
  /** The port; 0 for none. Of a raw socket the number of its protocol. */
  port: number;
}

/** A process that holds a socket. */
export interface ConnectionOwner {
  /** The number of the process. */
  pid: number;
  /** Its name, which it may choose itself: at most 15 bytes, control characters replaced. */
  process: string;
  /** When it began: milliseconds since 1970. Null where the machine's start is not told. Together with `pid` it names one process. */
  startedAt: number | null;
}

/** One socket of this host's network name space. */
export interface Connection {
  /** How it is spoken. */
  protocol: ConnectionProtocol;
  /** IP version; null for a Unix socket. */
  version: 4 | 6 | null;
  /** Null for a Unix socket. */
  local: Endpoint | null;
  /** Null for one that has no peer. */
  remote: Endpoint | null;
  /** Where it stands. */
  state: ConnectionState;
  /** Path of a Unix socket; one in no folder begins with `@`. */
  path?: string;
  /** First of `owners`; null with a `reason`. */
  pid: number | null;
  /** Its name; null with a `reason`. */
  process: string | null;
  /** Name of the user whose socket it is; null where the machine's list of users has none for `uid`. */
  user: string | null;
  /** Number of that user; null for Unix sockets, of which Linux does not tell it. */
  uid: number | null;
  /** Every process that holds it, by pid: a socket may be shared. */
  owners: ConnectionOwner[];
  /**
   * Why `pid` is null. `no process`: nobody holds it any more, it only lasts in the kernel. `denied`: it belongs to a process that
   * may not be looked into (another user's, or one hidden by how `/proc` is mounted). `not found`: no process that this
   * program sees holds it: it ended meanwhile, or is of another container, or is the kernel itself.
   */
  reason: "no process" | "denied" | "not found" | null;
}

/** A container that a process is in, as its control group tells. */
export interface ContainerRef {
  /** The engine: `docker`, `podman`, `containerd`, `cri-o`, `lxc`, or `unknown`. */
  engine: string;
  /** The container's id, 64 hexadecimal digits where the engine has such. */
  id: string;
}

/** One process. */
export interface ProcessInfo {
  /** The number of the process. */
  pid: number;
  /** Pid of its parent; 0 for none. */
  parent: number;
  /** Its name, which it may choose itself. */
  name: string;
  /** Whether it is a thread of the kernel. */
  kernel: boolean;
  /** The kernel's letter: R running, S sleeping, D waiting for a device, Z ended and not collected, T stopped, I idle. */
  state: string;
  /** Number of its user; null where it cannot be read. */
  uid: number | null;
  /** Name of its user; null where there is none. */
  user: string | null;
  /** Path of its executable; null where it cannot be read, or for a thread of the kernel. */
  executable: string | null;
  /** Whether the file of its executable is gone; null where that cannot be read. */
  deleted: boolean | null;
  /** Its command line, secrets replaced, control characters too; null where it cannot be read. At most 4,096 bytes of it. */
  command: string | null;
  /** When it began: milliseconds since 1970; null where the machine's start is not told. */
  startedAt: number | null;
  /** The container that it is in; null for none that is known. */
  container: ContainerRef | null;
  /** Why values are null; empty if none is for want of permission. */
  unavailable: Record<string, string>;
}

/** A disk: a file system that is mounted. */
export interface DiskInfo {
  /** What is mounted. */
  device: string;
  /** Where. */
  mount: string;
  /** The kind of the file system. */
  type: string;
  /** Bytes in all; null with a reason in `unavailable` of the system. */
  total: number | null;
  /** Bytes that are free. */
  free: number | null;
  /** Bytes that a user without privileges can still fill. */
  available: number | null;
  /** Whether it is mounted for reading only. */
  readOnly: boolean;
}

/** An address of an interface. */
export interface InterfaceAddress {
  /** The address, literally. */
  address: string;
  /** Its version. */
  version: 4 | 6;
  /** The network that it is in, such as `192.0.2.0/24`. */
  cidr: string;
}

/** A network interface. */
export interface InterfaceInfo {
  /** The name, such as `eth0`. */
  name: string;
  /** Hardware address; null where it has none. */
  mac: string | null;
  /** Its addresses. */
  addresses: InterfaceAddress[];
}

/** The system. What could not be read is null, with the reason by its name in `unavailable`. */
export interface SystemInfo {
  /** What the machine calls itself. */
  hostname: string | null;
  /** Name of the system and its release, such as `Debian GNU/Linux 13 (trixie)`. */
  os: string | null;
  /** Kernel release. */
  kernel: string | null;
  /** Processor architecture. */
  arch: string;
  /** Seconds since it was started. */
  uptimeSeconds: number | null;
  /** When it was started: milliseconds since 1970. */
  bootedAt: number | null;
  /** The processor by its own name, and how many there are. */
  cpu: { model: string; count: number } | null;
  /** Bytes. `available` is what can be had without swapping. */
  memory: { total: number; available: number; swapTotal: number; swapFree: number } | null;
  /** File systems that hold data. */
  disks: DiskInfo[] | null;
  /** Its interfaces. */
  interfaces: InterfaceInfo[] | null;
  /** Why a value is null, by its name; of one disk by `disks.<mount>`. */
  unavailable: Record<string, string>;
}
