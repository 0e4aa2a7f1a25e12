/**
 * May a host, a socket or a figure of the machine be touched? Asked of Deno before a twin does it:
 * native code is never a way round Deno's permissions, and the pure twin fails with the same error
 * instead of a prompt. One query an operation where one is enough; nothing here ever prompts.
 *
 * @module
 */

import { AgentError } from "./errors.ts";

/** A host that may be reached: what the caller named, and the addresses that were checked. */
export interface AllowedHost {
  /** The name, or the literal address, in canonical spelling. */
  readonly host: string;
  /** What it resolves to, IPv4 first; just the literal if it was one. Never empty. */
  readonly addresses: readonly string[];
}

/** How {@linkcode allowHost} finds addresses. */
export interface AllowOptions {
  /**
   * Resolves names instead of the system, which then needs no permission of Deno to be asked; the addresses that it gives
   * need permissions of their own.
   */
  resolve?: ((name: string) => Promise<readonly string[]>) | undefined;
}

/** Whether a host in canonical spelling is a literal address; 0 says that it is a name. */
function literalFamily(host: string): 0 | 4 | 6 {
  return host.includes(":") ? 6 : /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? 4 : 0;
}

/** Whether a host in canonical spelling is a literal address and no name. */
export function isLiteral(host: string): boolean {
  return literalFamily(host) !== 0;
}

/**
 * Brings a host into canonical spelling, as URLs have it: `0x7f.1` and `127.0.0.1` are one.
 *
 * @param host A name or a literal address; IPv6 with or without brackets.
 * @returns The name in ASCII lower case, or the address without brackets.
 * @throws {TypeError} If it is neither.
 */
export function canonicalHost(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  // Only an address has a colon; whether it is one, the URL says.
  const written = bare.includes(":") ? `[${bare}]` : host;
  const url = /[\s/?#@\\]/.test(written) ? null : URL.parse(`http://${written}:1/`);
  if (url === null || url.port !== "1") {
    throw new TypeError(`${JSON.stringify(host)} is not a host name or address`);
  }
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** `host:port`, with brackets where IPv6 needs them. */
export function authority(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

function bracketed(host: string): string {
  return literalFamily(host) === 6 ? `[${host}]` : host;
}

/**
 * Asks whether a host may be reached, resolves its name and asks for each address whether it is
 * denied. Where all of the network is granted and nothing of it denied, that is a single question.
 *
 * @param host In canonical spelling; see {@linkcode canonicalHost}.
 * @param port The TCP port.
 * @param options Who resolves names; the system if left out.
 * @returns The host with its addresses.
 * @throws {AgentError} `PERMISSION` if the host is not granted, if its name is granted with a port
 * only (Deno resolves names only for those granted without), if an address is denied, or if none that a resolver of
 * one's own gave is granted;
 * `NOT_FOUND` if the name has no address; `IO` if it cannot be resolved now.
 */
export async function allowHost(
  host: string,
  port: number,
  options: AllowOptions = {},
): Promise<AllowedHost> {
  const isOpen = mayReachAll();
  const isResolved = !isLiteral(host) && options.resolve === undefined;
  if (!isOpen && isResolved && netState(host) !== "granted") {
    // One who may reach a port of it only is told what else it takes; who may not, all that it takes, at once.
    if (netState(host, port) === "granted") throw needsNet(`Resolving the name ${host}`, host);
    const target = authority(host, port);
    throw needsNet(`Reaching ${target}`, host, target);
  }
  if (!isOpen) allowName(host, port);
  if (isLiteral(host)) return { host, addresses: [host] };
  const addresses = options.resolve === undefined
    ? await resolve(host)
    : await resolveBy(options.resolve, host);
  if (isOpen) return { host, addresses };
  for (const address of addresses) {
    if (netState(address) === "denied" || netState(address, port) === "denied") {
      throw new AgentError(
        "PERMISSION",
        `${host} resolves to ${address}, which --deny-net forbids; nothing was sent to it`,
        { permission: "net", target: authority(address, port) },
      );
    }
  }
  if (options.resolve === undefined) return { host, addresses };
  // What a program says of a name is no reason to go where it may not go itself: a name that is granted is not every
  // address of the caller's choice.
  const dialled = addresses.filter((address) => mayDial(address, port));
  if (dialled.length === 0) {
    const [address] = addresses as [string];
    const target = authority(address, port);
    throw needsNet(`Reaching ${host} at ${address}, as the resolver says,`, target);
  }
  return { host, addresses: dialled };
}

/**
 * Asks whether a host may be reached, without resolving it. The port is asked about: it may be denied where the host
 * as a whole is granted.
 *
 * @param host In canonical spelling.
 * @param port The TCP port.
 * @throws {AgentError} `PERMISSION` if it is not granted.
 */
export function allowName(host: string, port: number): void {
  if (netState(host, port) === "granted") return;
  throw needsNet(`Reaching ${authority(host, port)}`, authority(host, port));
}

/** Whether every host may be reached, none denied. */
export function mayReachAll(): boolean {
  const status = Deno.permissions.querySync({ name: "net" });
  return status.state === "granted" && status.partial !== true;
}

/** Whether all of a literal address may be reached, and not only a port of it. */
export function mayReach(address: string): boolean {
  return netState(address) === "granted";
}

/** Whether a literal address may be dialled itself, and not only the name that led to it. */
export function mayDial(address: string, port: number): boolean {
  return netState(address, port) === "granted";
}

/**
 * Asks whether a Unix socket may be used: Deno wants to read and write the path, and the socket.
 *
 * @param path The socket's absolute path.
 * @throws {AgentError} `PERMISSION` naming what is missing.
 */
export function allowSocket(path: string): void {
  const wanted = [
    { name: "read", path },
    { name: "write", path },
    { name: "net", host: `unix:${path}` },
  ] as const;
  for (const descriptor of wanted) {
    if (Deno.permissions.querySync(descriptor).state === "granted") continue;
    const target = descriptor.name === "net" ? descriptor.host : path;
    throw new AgentError(
      "PERMISSION",
      `Using the socket ${path} needs permissions; run with --allow-read=${path} ` +
        `--allow-write=${path} --allow-net=unix:${path}`,
      { permission: descriptor.name, target },
    );
  }
}

/**
 * Asks whether a figure of the machine may be read.
 *
 * @param kind Deno's name for it.
 * @throws {AgentError} `PERMISSION` if not.
 */
export function allowSystem(kind: "systemMemoryInfo"): void {
  if (Deno.permissions.querySync({ name: "sys", kind }).state === "granted") return;
  throw new AgentError(
    "PERMISSION",
    `Reading ${kind} needs a permission; run with --allow-sys=${kind}`,
    { permission: "sys", target: kind },
  );
}

/** Deno's word on a host, or on a port of it. */
function netState(host: string, port?: number): Deno.PermissionState {
  const written = port === undefined ? bracketed(host) : authority(host, port);
  return Deno.permissions.querySync({ name: "net", host: written }).state;
}

function needsNet(what: string, granted: string, target = granted): AgentError<"PERMISSION"> {
  return new AgentError(
    "PERMISSION",
    `${what} needs a permission; run with --allow-net=${granted}`,
    { permission: "net", target },
  );
}

async function resolveBy(
  resolve: NonNullable<AllowOptions["resolve"]>,
  host: string,
): Promise<readonly string[]> {
  const found = await resolve(host);
  if (!Array.isArray(found) || found.some((address) => typeof address !== "string")) {
    throw new TypeError(`The resolver must give an array of addresses for ${host}`);
  }
  if (found.length === 0) throw noAddress(host);
  return [...new Set<string>(found)];
}

function noAddress(host: string): AgentError<"NOT_FOUND"> {
  return new AgentError("NOT_FOUND", `The name ${host} has no address; is it spelt right?`, {
    what: host,
  });
}

async function resolve(host: string): Promise<string[]> {
  // Loaded by those who resolve: its start-up is dearer than the rest of the package.
  const { lookup } = await import("node:dns/promises");
  try {
    const found = await lookup(host, { all: true, order: "ipv4first" });
    if (found.length > 0) return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "ENOTFOUND" && code !== "ENODATA") {
      throw new AgentError(
        "IO",
        `The name ${host} cannot be resolved now: ${(error as Error).message}`,
        { path: host, operation: "resolve" },
        { cause: error },
      );
    }
  }
  throw noAddress(host);
}
