/**
 * One picture of a host: what is open, who holds it, what it is. Types only.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import type { ContainerRef } from "../host/types.ts";
import type { Threat } from "../threats/types.ts";

/** What is told of TLS at a port. */
export interface PictureTls {
  /** Protocol version, such as `TLS 1.3`; null if not told. */
  version: string | null;
  /** Name that the certificate is for; null if not told. */
  subject: string | null;
  /** When the certificate ends: an ISO date; null if not told. */
  validTo: string | null;
}

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
  containers?: { list(): Promise<readonly PictureContainer[]> };
  /**
   * Looks at TLS of a TCP listener: what is there, false for none, null where that cannot be told. It is called once for each port.
   */
  inspectTls?: (
    address: string,
    port: number,
    signal: AbortSignal,
  ) => Promise<PictureTls | false | null>;
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
  /** False for none; null where nobody looked or nothing could be told. */
  tls: PictureTls | false | null;
  /** What rules say of the port and its processes. */
  findings: Threat[];
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
