/**
 * Port probes in TypeScript, on `Deno.connect`; defines what the twin in `native.ts` must do.
 *
 * @module
 */

import { type AllowedHost, authority, mayDial } from "../shared/access.ts";
import { AgentError } from "../shared/errors.ts";
import type { PortProbe, PortReason, PortState } from "./types.ts";

/** A probe that may be made: host and scope checked, time limit read. */
export interface Target {
  /** The host and its addresses; the first is probed. */
  readonly allowed: AllowedHost;
  /** The TCP port. */
  readonly port: number;
  /** Whole milliseconds. */
  readonly timeoutMs: number;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
}

/** What the operating system's refusal says about the port. */
export const REFUSALS: Readonly<Record<string, readonly [PortState, PortReason]>> = {
  ECONNREFUSED: ["closed", "refused"],
  ECONNRESET: ["closed", "reset"],
  ETIMEDOUT: ["filtered", "timeout"],
  EHOSTUNREACH: ["filtered", "unreachable"],
  ENETUNREACH: ["filtered", "unreachable"],
  EACCES: ["filtered", "prohibited"],
  EPERM: ["filtered", "prohibited"],
};

/**
 * One TCP connect to one port.
 *
 * @param target What to probe.
 * @returns What the outcome says.
 * @throws {AgentError} `IO` if the probe itself was not possible; the signal's reason.
 */
export async function probe(target: Target): Promise<PortProbe> {
  const { allowed, port, timeoutMs, signal } = target;
  signal?.throwIfAborted();
  const address = allowed.addresses[0]!;
  const over = new AbortController();
  const giveUp = (): void => over.abort();
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  const start = performance.now();
  const found = (state: PortState, reason: PortReason): PortProbe => ({
    address,
    port,
    state,
    reason,
    rttMs: state === "filtered" ? null : performance.now() - start,
  });
  try {
    using connection = await Deno.connect({
      // Where only the name is granted, the name must be dialled; Deno then resolves it once more.
      hostname: mayDial(address, port) ? address : allowed.host,
      port,
      signal: over.signal,
    });
    const result = selfConnected(connection)
      ? found("closed", "self-connect")
      : found("open", "accepted");
    return { ...result, address: checkedAddress(allowed, connection) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (over.signal.aborted) return found("filtered", "timeout");
    if (error instanceof AgentError) throw error;
    const refusal = REFUSALS[(error as { code?: string }).code ?? ""];
    if (refusal !== undefined) return found(...refusal);
    throw new AgentError(
      "IO",
      `${authority(address, port)} cannot be probed: ${(error as Error).message}`,
      { path: authority(address, port), operation: "connect" },
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** With a source port equal to the target's, TCP connects a socket to itself: nobody listens. */
export function selfConnected(
  { localAddr, remoteAddr }: Pick<Deno.TcpConn, "localAddr" | "remoteAddr">,
): boolean {
  return localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname;
}

/** A name may resolve differently the second time; only what was checked is reported on. */
function checkedAddress(allowed: AllowedHost, { remoteAddr }: Deno.TcpConn): string {
  if (allowed.addresses.includes(remoteAddr.hostname)) return remoteAddr.hostname;
  throw new AgentError(
    "IO",
    `${allowed.host} now resolves to ${remoteAddr.hostname}, which was not checked; try again`,
    { path: allowed.host, operation: "connect" },
  );
}
