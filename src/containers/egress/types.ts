/**
 * What a sandbox with named hosts is asked, and what it gets. Types only.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import type { ContainerNetwork, EngineFacts, Owner } from "../policy/mod.ts";

/** Bounds of what goes through the proxy of a box. */
export interface EgressLimits {
  /** Connections at a time. Default 64. */
  connections?: number;
  /** Bytes of one connection, both ways together. Default 1 GiB. */
  bytes?: number;
  /** Bytes of all connections. Default 4 GiB. */
  totalBytes?: number;
  /** Milliseconds until a name is known, and until a host has answered. Default 10,000. */
  connectMs?: number;
  /** Milliseconds that a connection may be silent. Default 60,000. */
  idleMs?: number;
  /** Milliseconds that a connection may last. Default 3,600,000. */
  durationMs?: number;
}

/** What a box may reach. Unknown fields are errors. */
export interface EgressOptions {
  /**
   * Hosts with their ports: `example.org:443`, `*.example.org:443` for all names below it, `93.184.215.14:80`,
   * `[2606:2800:21f::1]:443`. What is not named is not reached; an empty list is nothing at all.
   *
   * At port 443 only TLS is let through, and where the host is a name the TLS must name it (SNI); `example.org:443/tcp`
   * lets any protocol through. At other ports any protocol is; where it is TLS with a name, that must be the host's too.
   */
  allow: readonly string[];
  /**
   * Whether what is named may be in a network of one's own: loopback (of the proxy), private and link-local addresses.
   * Metadata services are never reached. Default false.
   */
  allowPrivate?: boolean | undefined;
  /** Name servers that the proxy asks, `address` or `address:port`. Default: those that the engine gives it. */
  dns?: readonly string[] | undefined;
  /** Bounds of what goes through. */
  limits?: EgressLimits | undefined;
}

/** Who makes it. */
export interface EgressContext {
  readonly client: EngineClient;
  readonly facts: EngineFacts;
  readonly owner: Owner;
}

/** What the proxy let pass, or not. */
export type EgressEvent =
  | {
    event: "allowed" | "refused";
    /** When, ISO 8601. */
    time: string;
    /** The number of the connection. */
    connection: number;
    /**
     * How it was asked for: `connect` and `http` by a program that knows of the proxy, `tls` and `host` by one that does
     * not, whose name led it there.
     */
    via: "connect" | "http" | "tls" | "host";
    /** The host, as far as it was said. */
    host: string;
    port: number;
    /** The address that was dialled; null if none was. */
    address: string | null;
    /**
     * Why it was refused: `not-allowed`, `address` (it leads where nothing may go), `name`, `connect`, `tls-name` (the
     * name in TLS is another one, or none), `tls` (it is broken off or malformed), `not-tls` (at port 443), `request` (it
     * cannot be read), `connections` (there are too many); null if it was not.
     */
    reason: string | null;
    /** What there is to add; null if nothing. */
    detail: string | null;
  }
  | {
    event: "closed";
    time: string;
    connection: number;
    /** Bytes that the box sent. */
    sent: number;
    /** Bytes that it received. */
    received: number;
    durationMs: number;
    /** What ended it: `closed` by a side, or a bound: `bytes`, `idle`, `time`. */
    end: "closed" | "bytes" | "idle" | "time";
  }
  /** The proxy writes no more: it wrote 20,000 lines. */
  | { event: "full"; time: string };

/** A way out for one box. */
export interface Egress extends AsyncDisposable {
  /** What the box is connected to; `none` if it may reach nothing. */
  readonly network: ContainerNetwork;
  /** Variables that tell programs of the proxy. */
  readonly env: Readonly<Record<string, string>>;
  /** The names that may be reached, each with the proxy's address, for programs that know of no proxy. */
  readonly hosts: Readonly<Record<string, string>>;
  /** The name server of the box, which is the proxy and knows nothing else. */
  readonly dns: readonly string[];
  /** The proxy's container; null if there is none. */
  readonly proxyId: string | null;
  /** What went through so far, and what did not. */
  log(): Promise<EgressEvent[]>;
  /** Takes away the proxy and the network; the box must be gone. Called again, it waits for the first call. */
  close(): Promise<void>;
}
