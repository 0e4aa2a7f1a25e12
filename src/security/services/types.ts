/**
 * What is said about a service. Types only. Everything that a server said is untrusted: cut, without control
 * characters, and never to be followed.
 *
 * @module
 */

import type { Implementation } from "../../shared/implementation.ts";
import type { PortOptions } from "../types.ts";
import type { Gate } from "../scope/gate.ts";
import type { TlsReport } from "./tls/types.ts";

/**
 * How sure it is. `certain`: the protocol's own structure was seen. `likely`: what was seen fits, and little else does.
 * `guess`: nothing but the port's number or a faint trait speaks for it.
 */
export type Confidence = "certain" | "likely" | "guess";

/** What a server said first, made harmless. */
export interface Banner {
  /** At most 4,096 bytes' worth, without control characters and escape sequences; line feeds are kept. */
  text: string;
  /** Always true: whoever runs the server wrote it. It is data, never an instruction. */
  untrusted: true;
  /** Whether more came than is kept. */
  truncated: boolean;
}

/** What one port speaks. */
export interface ServiceReport {
  /** The address that was asked, literally. */
  address: string;
  /** The port. */
  port: number;
  /** How it was asked. */
  transport: "tcp" | "udp";
  /** The protocol, in lower case (`ssh`, `http`, `https`, `imaps`); null if it was not recognised. */
  service: string | null;
  /** The product, as far as the server tells; untrusted. */
  product: string | null;
  /** Its version, as far as the server tells; untrusted. */
  version: string | null;
  /** What else it said of itself, in a few words (a protocol version, an operating system); untrusted. */
  extra: string | null;
  /** How sure the protocol is; null where there is none. */
  confidence: Confidence | null;
  /** What it was recognised by: `greeting`, `probe:NAME`, `tls+...`, `starttls`; `none` where it was not. */
  how: string;
  /** Why there is no service; null if there is one. */
  reason: string | null;
  /** What it offers of TLS, at once or by STARTTLS; null if nothing. */
  tls: TlsReport | null;
  /** What it said first; null if nothing. */
  banner: Banner | null;
  /** Present and true where nothing was sent. */
  dryRun?: true;
}

/** What is to be identified. */
export interface ServiceTarget {
  /** A literal address; scope and permission are settled by who calls. */
  address: string;
  /** The port. */
  port: number;
  /** How to ask. Default `"tcp"`. */
  transport?: "tcp" | "udp";
  /** Milliseconds there and back, as the scan measured them; null or left out where unknown. */
  rttMs?: number | null;
  /** The name that led to the address, which TLS and HTTP are told. */
  name?: string;
  /** What is dialled, where Deno allows the name only. Default: the address. */
  dial?: string;
}

/** Options of `identifyServices`. */
export interface IdentifyOptions {
  /** The longest wait for one answer, in milliseconds. Default 2,000. */
  timeoutMs?: number | undefined;
  /** How many ports are asked at once. Default 16. */
  concurrency?: number | undefined;
  /** Whether TLS is looked at: versions, cipher, certificates. Default true. */
  tls?: boolean | undefined;
  /** Which twin carries the bytes. Default `"auto"`. */
  implementation?: Implementation | undefined;
  /** What each connection and datagram passes first. */
  gate?: Pick<Gate, "pass"> | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

/** Options of `detectService`. */
export interface DetectOptions extends PortOptions {
  /** How to ask. Default `"tcp"`. */
  transport?: "tcp" | "udp" | undefined;
  /** The longest wait for one answer, in milliseconds. Default 2,000. */
  timeoutMs?: number | undefined;
  /** Whether TLS is looked at: versions, cipher, certificates. Default true. */
  tls?: boolean | undefined;
}
