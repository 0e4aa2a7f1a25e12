/**
 * TLS of the TCP listeners of this host, each port asked once, some at a time.
 *
 * @module
 */

import type { CallOptions } from "../../shared/implementation.ts";
import { shown } from "../host/command.ts";
import type { Connection } from "../host/types.ts";
import type { TlsReport } from "../services/tls/types.ts";
import type { ListenerTls, TlsInspector } from "./types.ts";

/** How many ports are asked at once: few connections each, of which descriptors are left. */
const AT_ONCE = 32;

/** What was told, by port: TLS, false for none, or why that is not known. */
export type SeenTls = ReadonlyMap<number, ListenerTls | false | { readonly unknown: string }>;

/** The inspector of the services' own look at TLS. */
export async function ownInspector(
  implementation: CallOptions["implementation"],
): Promise<TlsInspector> {
  const { inspectTls } = await import("../services/tls/inspect.ts");
  return async (address, port, signal) => {
    const report = await inspectTls(address, port, { implementation, signal });
    return report === null ? false : listenerTls(report);
  };
}

/** Asks the inspector for every port with a TCP listener. */
export async function seeTls(
  connections: readonly Connection[],
  inspect: TlsInspector,
  signal: AbortSignal,
): Promise<SeenTls> {
  const listeners = new Map<number, Connection>();
  for (const connection of connections) {
    if (connection.protocol !== "tcp" || connection.state !== "listen") continue;
    const { port } = connection.local!;
    if (!listeners.has(port)) listeners.set(port, connection);
  }
  const seen = new Map<number, ListenerTls | false | { unknown: string }>();
  const waiting = listeners.entries();
  const ask = async (): Promise<void> => {
    for (const [port, { local }] of waiting) {
      signal.throwIfAborted();
      seen.set(port, await seeOne(dialled(local!.address), port, inspect, signal));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return seen;
}

async function seeOne(
  address: string,
  port: number,
  inspect: TlsInspector,
  signal: AbortSignal,
): Promise<ListenerTls | false | { unknown: string }> {
  try {
    const found = await inspect(address, port, signal);
    if (found === null) return { unknown: "it cannot be told" };
    return found === false ? false : whole(found === true ? {} : found);
  } catch (error) {
    signal.throwIfAborted();
    return { unknown: shown(error instanceof Error ? error.message : String(error)) };
  }
}

/** Where a listener is reached from here. */
function dialled(address: string): string {
  return address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
}

function listenerTls({ version, versions, startTls, chain, ...rest }: TlsReport): ListenerTls {
  const [own] = chain;
  const { verified, verifyReason } = rest;
  return {
    version,
    versions,
    startTls,
    subject: own?.subject ?? null,
    names: own?.names ?? null,
    issuer: own?.issuer ?? null,
    selfSigned: own?.selfSigned ?? null,
    validFrom: own?.notBefore ?? null,
    validTo: own?.notAfter ?? null,
    expiryDays: own?.expiryDays ?? null,
    key: own?.key ?? null,
    signatureAlgorithm: own?.signatureAlgorithm ?? null,
    verified,
    verifyReason,
  };
}

/** All fields, without what a terminal would act on: a certificate is written by whoever has the port. */
function whole(found: Partial<ListenerTls>): ListenerTls {
  const text = (value: string | null | undefined): string | null =>
    typeof value === "string" ? shown(value) : null;
  return {
    version: text(found.version),
    versions: found.versions?.map(shown) ?? null,
    startTls: text(found.startTls),
    subject: text(found.subject),
    names: found.names?.map(shown) ?? null,
    issuer: text(found.issuer),
    selfSigned: found.selfSigned ?? null,
    validFrom: text(found.validFrom),
    validTo: text(found.validTo),
    expiryDays: found.expiryDays ?? null,
    key: text(found.key),
    signatureAlgorithm: text(found.signatureAlgorithm),
    verified: found.verified ?? null,
    verifyReason: text(found.verifyReason),
  };
}
