/**
 * Where a sandbox can reach: nowhere, or through a proxy of ours to named hosts.
 *
 * @module
 */

import { openEgress } from "../egress/open.ts";
import type { Egress } from "../egress/types.ts";
import type { SandboxContext } from "./context.ts";
import type { SandboxNetwork } from "./types.ts";

/** What a sandbox gets of its network. */
export type NetworkLease = Pick<Egress, "network" | "env" | "hosts" | "dns" | "close">;

/** No network at all. */
export const NOWHERE: NetworkLease = {
  network: { kind: "none" },
  env: {},
  hosts: {},
  dns: [],
  close: () => Promise.resolve(),
};

/** Makes the network of a sandbox. */
export async function openNetwork(
  context: SandboxContext,
  network: SandboxNetwork,
  expiresMs: number,
  signal: AbortSignal | undefined,
): Promise<NetworkLease> {
  if (network === "none") return NOWHERE;
  return await openEgress(context, network, { expiresMs, signal });
}
