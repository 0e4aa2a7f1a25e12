/**
 * Takes away the proxies and networks of processes that have ended without doing so, and those whose time is over.
 *
 * @module
 */

import { isOwnerGone, LABEL, readOwnership } from "../policy/mod.ts";
import { egressNetworks, removeNetwork } from "./network.ts";
import type { EgressContext } from "./types.ts";

/** What was taken away. */
export interface EgressSwept {
  /** Proxies, by id. */
  readonly containers: string[];
  /** Networks, by name. */
  readonly networks: string[];
}

interface WireListed {
  Id?: string | null;
  Labels?: Record<string, string> | null;
}

/**
 * Sweeps. A network that something is still in stays.
 *
 * @param context Who sweeps, where; what is its own stays.
 * @param nowMs Milliseconds since 1970.
 */
export async function sweepEgress(
  context: EgressContext,
  nowMs: number = Date.now(),
): Promise<EgressSwept> {
  const { client } = context;
  const filters = { label: [`${LABEL.runtime}=1`, `${LABEL.kind}=egress`] };
  const query = { all: 1, filters };
  const listed = await client.json<WireListed[] | null>("GET", "/containers/json", { query }) ?? [];
  const containers: string[] = [];
  for (const { Id, Labels } of listed) {
    if (!Id || !await isOver(context, Labels, nowMs)) continue;
    const call = { query: { force: 1, v: 1 }, accept: [404, 409] };
    await client.empty("DELETE", `/containers/${Id}`, call);
    containers.push(Id);
  }
  const networks: string[] = [];
  for (const { Name, Labels } of await egressNetworks(context)) {
    if (!Name || !await isOver(context, Labels, nowMs)) continue;
    try {
      await removeNetwork(context, Name);
      networks.push(Name);
    } catch {
      // A box is in it still; it goes with the next sweep after the box.
    }
  }
  return { containers, networks };
}

async function isOver(
  { owner }: EgressContext,
  labels: Record<string, string> | null | undefined,
  nowMs: number,
): Promise<boolean> {
  const ownership = readOwnership(labels);
  if (ownership === null || ownership.owner === owner.id) return false;
  if (ownership.expiresMs !== null && ownership.expiresMs <= nowMs) return true;
  return !ownership.detached && await isOwnerGone(ownership, owner) === true;
}
