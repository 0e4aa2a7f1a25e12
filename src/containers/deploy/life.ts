/**
 * How long a deployment lives: from when it is ready, by a timer of its process, and by labels for whoever else sweeps. A
 * lease is an empty volume whose label says until when: labels of a container cannot be changed, and are there before
 * anybody can know when it is ready.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import { LABEL } from "../policy/mod.ts";
import type { DeployPlan } from "./plan.ts";
import { LEASE_LABEL, makeVolume, removeThing } from "./things.ts";

/** How long it is waited for something that has no time of its own. */
export const DEFAULT_WAIT_MS = 60_000;
/** How long what is made before the waiting may take: more than the engine is given for it. */
const MAKING_MS = 600_000;

/** Until when something lives, and the volume that says so. */
export interface Life {
  /** Milliseconds since 1970; null: it has no end. */
  readonly expiresMs: number | null;
  readonly lease: string | null;
}

/**
 * A plan whose things say when they end: at a time that is no sooner than their end, so that whoever sweeps while they are
 * made lets them be.
 *
 * @param plan What is made next.
 * @param nowMs The time, milliseconds since 1970.
 */
export function withEnd(plan: DeployPlan, nowMs: number): DeployPlan {
  if (plan.ttlMs === null) return plan;
  const makingMs = MAKING_MS + (plan.wait.timeoutMs ?? DEFAULT_WAIT_MS);
  const labels = labelsUntil(plan.labels, nowMs + makingMs + plan.ttlMs);
  const mounts = (plan.spec.mounts ?? []).map((mount) =>
    mount.kind === "volume" && mount.labels !== undefined
      ? { ...mount, labels: { ...labels } }
      : mount
  );
  return { ...plan, labels, spec: { ...plan.spec, ownership: labels, mounts } };
}

/**
 * Begins the life of what is ready. One that outlives its process gets a lease, as nobody else counts its time; of another
 * one its process does, and with that it is orphaned.
 */
export async function beginLife(client: EngineClient, plan: DeployPlan): Promise<Life> {
  if (plan.ttlMs === null) return { expiresMs: null, lease: null };
  const expiresMs = Date.now() + plan.ttlMs;
  if (!plan.detached) return { expiresMs, lease: null };
  return { expiresMs, lease: await renewLease(client, plan, expiresMs, null) };
}

/** Says until when a deployment lives; the lease before it is removed. */
export async function renewLease(
  client: EngineClient,
  { id, labels }: DeployPlan,
  expiresMs: number,
  before: string | null,
): Promise<string> {
  const name = `agent-${id}-lease-${expiresMs.toString(36)}`;
  if (name === before) return name;
  await makeVolume(client, name, { ...labelsUntil(labels, expiresMs), [LEASE_LABEL]: id });
  if (before !== null) await removeThing(client, "volumes", before);
  return name;
}

function labelsUntil(
  labels: Readonly<Record<string, string>>,
  expiresMs: number,
): Record<string, string> {
  return { ...labels, [LABEL.expires]: new Date(expiresMs).toISOString() };
}
