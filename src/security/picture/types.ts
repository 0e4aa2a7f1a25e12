/**
 * One picture of a host: what is open, who holds it, what it is. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import type { ContainerRef } from "../host/types.ts";
import type { ListenerTls, Threat, TlsInspector } from "../threats/types.ts";

/** What a container engine says of a container. */
export interface PictureContainer {
  /** Its id. */
  id: string;
  /** Its name. */
  name: string;
  /** Its image, where that is known. */
  image?: string;
}

/** Options of `picture`. */
export interface PictureOptions extends Pick<CallOptions, "implementation" | "signal"> {
  /** Who knows the containers by name, such as a container engine's list; without it they have ids only. */
  containers?: { list(): Promise<readonly PictureContainer[]> } | undefined;
  /**
   * Whether TCP listeners are asked for TLS and their certificates, over connections of which each needs `--allow-net`. Default true:
   * that is the longer part of a picture.
   */
  certificates?: boolean | undefined;
  /** Who looks at TLS instead; called once for each port. */
  inspectTls?: TlsInspector | undefined;
}

/** A process behind a port. */
export interface PictureProcess {
  /** The number of the process. */
  pid: number;
  /** Its name. */
  name: string;
  /** Who runs it; null where that cannot be read. */
  user: string | null;
  /** The path of its program; null where that cannot be read. */
  executable: string | null;
  /** Whether the file of its executable is gone; null where that cannot be read. */
  deleted: boolean | null;
  /** Redacted. */
  command: string | null;
  /** When it was started, milliseconds since 1970; null where that cannot be read. */
  startedAt: number | null;
  /** Its container, with name and image where an engine was given that knows it. */
  container: (ContainerRef & { name: string | null; image: string | null }) | null;
}

/** An open port. */
export interface PicturePort {
  /** How it is spoken. */
  protocol: "tcp" | "udp";
  /** The port. */
  port: number;
  /** Where it listens, literally; `0.0.0.0` and `::` are all addresses. */
  addresses: string[];
  /** `machine`: from this machine only. `network`: from elsewhere too, as far as no firewall is between. */
  reach: "machine" | "network";
  /** Every process that holds it, by pid; empty with a `reason`. */
  processes: PictureProcess[];
  /** Why no process is known; null if one is. */
  reason: "denied" | "not found" | "no process" | null;
  /** TLS and its certificate; false for none; null for UDP, and where nobody asked or nothing could be told, with a `tlsReason`. */
  tls: ListenerTls | false | null;
  /** Why `tls` is null; null if it is not. */
  tlsReason: string | null;
  /** What rules say of the port and its processes. */
  findings: Threat[];
}

/** Options of `renderPicture`. */
export interface RenderOptions {
  /** How many columns text has: 80 if left out, 40 at least; Infinity cuts nothing. */
  width?: number | undefined;
  /** Default `"text"`. */
  format?: "text" | "svg" | undefined;
}

/** One picture of a host. */
export interface HostPicture {
  /** When it was taken: an ISO date. */
  takenAt: string;
  /** By protocol and port. */
  ports: PicturePort[];
  /** Connections that are established, by TCP, in all. */
  established: number;
  /** What could not be found out, and why. */
  unavailable: Record<string, string>;
  /** Of what it is a picture: containers with a network of their own are not in it. */
  scope: string;
}
