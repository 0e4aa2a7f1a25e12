/**
 * Removes what a deployment made: its container or service, and then what those held.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { withDeadline } from "../../shared/deadline.ts";
import type { EngineClient } from "../engine/client.ts";
import { QUICK_MS } from "../engine/times.ts";
import type { DeployPlan } from "./plan.ts";
import { DEPLOYMENT_LABEL, LEASE_LABEL, removeThing } from "./things.ts";

const MOST_MS = 60_000;
const PAUSE_MS = 200;

/**
 * Removes all that a plan made, as far as it is there. Containers and services are found by their label and never by
 * name: the name may be taken by somebody else's, which is why there is nothing of ours.
 *
 * @throws {AgentError} What the first that could not be removed threw; the others are removed all the same.
 */
export async function removeAllOf(client: EngineClient, plan: DeployPlan): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (work: Promise<void>): Promise<void> => {
    await work.catch((error) => {
      errors.push(error);
    });
  };
  if (plan.replicas !== null) await attempt(removeServices(client, plan));
  const found = async (work: Promise<string[]>): Promise<string[]> =>
    await work.catch((error) => {
      errors.push(error);
      return [];
    });
  for (const id of await found(foundIn(client, "/containers/json", plan.id))) {
    await attempt(removeThing(client, "containers", id));
  }
  const volumes = plan.volumes.filter(({ kept }) => !kept).map(({ name }) => name);
  if (plan.secret !== null && plan.replicas === null) volumes.push(plan.secret.volume);
  volumes.push(...await found(leasesOf(client, plan.id)));
  for (const volume of volumes) await attempt(removeThing(client, "volumes", volume));
  if (plan.network !== null) await attempt(removeThing(client, "networks", plan.network.name));
  if (errors.length > 0) throw errors[0];
}

/** Removes services and secrets, and waits until no task is left: they hold volumes and networks. */
async function removeServices(client: EngineClient, plan: DeployPlan): Promise<void> {
  for (const id of await foundIn(client, "/services", plan.id)) {
    await removeThing(client, "services", id);
  }
  const operation = `Removing the tasks of ${plan.name}`;
  await withDeadline({ operation, timeoutMs: MOST_MS, signal: undefined }, async (within) => {
    while ((await foundIn(client, "/containers/json", plan.id, within)).length > 0) {
      await pause(within);
    }
  });
  for (const id of await foundIn(client, "/secrets", plan.id)) {
    await removeThing(client, "secrets", id);
  }
}

/** Its leases, also one whose making was given up. */
async function leasesOf(client: EngineClient, id: string): Promise<string[]> {
  const query = { filters: { label: [`${LEASE_LABEL}=${id}`] } };
  const found = await client.json<
    { Volumes?: { Name?: string; Labels?: Record<string, string> | null }[] | null } | null
  >("GET", "/volumes", { query, timeoutMs: QUICK_MS });
  return (found?.Volumes ?? []).flatMap(({ Name, Labels }) =>
    Name !== undefined && Labels?.[LEASE_LABEL] === id ? [Name] : []
  );
}

/** The ids of what belongs to a deployment. */
async function foundIn(
  client: EngineClient,
  path: string,
  id: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const filters = { label: [`${DEPLOYMENT_LABEL}=${id}`] };
  const query = path === "/containers/json" ? { all: 1, filters } : { filters };
  const found = await client.json<{ Id?: string; ID?: string }[] | null>("GET", path, {
    query,
    signal,
    timeoutMs: QUICK_MS,
  });
  return (found ?? []).flatMap((one) => one.Id ?? one.ID ?? []);
}

/** Lets a moment pass. */
export async function pause(signal: AbortSignal): Promise<void> {
  await unlessAborted(new Promise((resolve) => setTimeout(resolve, PAUSE_MS)), signal);
}
