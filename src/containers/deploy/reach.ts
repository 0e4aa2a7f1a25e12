/**
 * Where a container listens, and where its published ports lead: by the kernel's tables of sockets in it, and by connections
 * from here. They differ where an engine publishes no ports, or a program listens at its own loopback alone.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Container } from "../container/container.ts";
import type { ContainerDetails } from "../container/types.ts";
import { isLoopback } from "../policy/mod.ts";

/** What looking into a container may take. */
export const LOOK_MS = 10_000;
/** The loopback in the kernel's tables of sockets: of IPv4, of IPv6, and the first as the second. */
const OWN_LOOPBACK = /^(?:0{24}01000000|(?:0{16}FFFF0000)?[0-9A-F]{6}7F)$/;
/** `LISTEN` in the kernel's tables of sockets. */
const LISTENING = "0A";
/** Where the kernel has them. */
export const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/** An address of this machine. */
export interface Address {
  hostname: string;
  port: number;
}

/** Where this machine reaches a port of the container; null if nowhere. */
export function publishedAt(
  { ports }: ContainerDetails,
  port: number,
): Address | null {
  const found = ports.find((mapping) =>
    mapping.containerPort === port && mapping.protocol === "tcp" && mapping.hostPort !== null
  );
  if (found === undefined || found.hostPort === null) return null;
  const address = found.hostAddress ?? "127.0.0.1";
  // All addresses are the loopback's too.
  const hostname = isLoopback(address) ? address : address === "::" ? "::1" : "127.0.0.1";
  return { hostname, port: found.hostPort };
}

/** The whole host is named: the engine gives another port each time. */
export function needsNet(
  { hostname }: { hostname: string },
  cause: Error,
): AgentError<"PERMISSION"> {
  const target = hostname.includes(":") ? `[${hostname}]` : hostname;
  const message = `Looking whether it is there needs a permission; run with --allow-net=${target}`;
  return new AgentError("PERMISSION", message, { permission: "net", target }, { cause });
}

/** The sockets at a port, by a table of `/proc/net`. */
function socketsAt(table: string, port: number): { address: string; state: string | undefined }[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const at = local.lastIndexOf(":");
    return local.slice(at + 1) === wanted ? [{ address: local.slice(0, at), state }] : [];
  });
}

/** The addresses at which sockets listen at a port, by a table of `/proc/net` and in its digits. */
export function listenersAt(table: string, port: number): string[] {
  return socketsAt(table, port).filter(({ state }) => state === LISTENING)
    .map(({ address }) => address);
}

/** Whether anybody is or was lately connected to a port, by a table of `/proc/net`. */
export function isConnected(table: string, port: number): boolean {
  return socketsAt(table, port).some(({ state }) => state !== LISTENING);
}

/** Why a published port leads to no program; null if none listens, if somebody came, or if that cannot be seen. */
export async function whyUnreached(
  container: Container,
  port: number,
  { hostname, port: published }: Address,
  signal: AbortSignal,
): Promise<string | null> {
  const looked = container.exec(["cat", ...TABLES], { timeoutMs: LOOK_MS, signal });
  const table = await looked.then(({ stdout }) => stdout, () => "");
  const listeners = listenersAt(table, port);
  if (listeners.length === 0 || isConnected(table, port)) return null;
  const place = hostname.includes(":") ? `[${hostname}]:${published}` : `${hostname}:${published}`;
  return listeners.every((address) => OWN_LOOPBACK.test(address))
    ? `it listens at port ${port} of its own loopback alone, where no published port leads; let it listen at 0.0.0.0`
    : `it listens at port ${port}, and nothing comes to it from ${place}, where the engine says that it publishes it. ` +
      `An engine that is on another machine, in a network of its own, or without both its firewall's rules and its ` +
      `userland proxy publishes no port here`;
}

/** Whether a connection is not closed at once by a proxy that found nobody. */
export async function staysOpen(
  at: { hostname: string; port: number },
  signal: AbortSignal,
): Promise<boolean> {
  let connection: Deno.TcpConn;
  try {
    connection = await Deno.connect({ ...at, transport: "tcp" });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw needsNet(at, error);
    return false;
  }
  const pause = Promise.withResolvers<true>();
  const timer = setTimeout(() => pause.resolve(true), 300);
  try {
    const read = connection.read(new Uint8Array(1)).then((bytes) => bytes !== null, () => false);
    return await unlessAborted(Promise.race([read, pause.promise]), signal);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
