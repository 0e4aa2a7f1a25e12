/**
 * Networks and volumes of deployments: made with our labels, removed when nobody uses them.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { removeContainer } from "../container/removal.ts";
import type { EngineClient } from "../engine/client.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import { segment } from "../engine/target.ts";

/** The label that says to which deployment something belongs. */
export const DEPLOYMENT_LABEL = "agent.deployment";

/**
 * Makes a network. One without a way out has no address of the machine in it either: neither the machine nor anything
 * beyond it is reached, and names that are not of the network are asked of nobody.
 */
export async function makeNetwork(
  client: EngineClient,
  { name, internal }: { name: string; internal: boolean },
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const inhibit = internal && client.engine === "docker";
  await client.json("POST", "/networks/create", {
    timeoutMs: SLOW_MS,
    body: {
      Name: name,
      Driver: "bridge",
      Internal: internal,
      CheckDuplicate: true,
      Labels: { ...labels },
      ...(inhibit ? { Options: { "com.docker.network.bridge.inhibit_ipv4": "true" } } : {}),
    },
  });
}

/** Makes a volume; one that is there already is fine. */
export async function makeVolume(
  client: EngineClient,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { Name: name, Labels: { ...labels } };
  await client.json("POST", "/volumes/create", { body, timeoutMs: SLOW_MS });
}

/** The label of a lease, a volume that is empty; see `life.ts`. */
export const LEASE_LABEL = "agent.lease";

/** The volume that holds the token of a deployment. */
export function secretVolume(deployment: string): string {
  return `agent-${deployment}-secret`;
}

/** Whether a volume of a deployment may hold what somebody made: it is neither its lease nor its secret. */
export function isData(name: string, labels: Readonly<Record<string, string>>): boolean {
  const deployment = labels[DEPLOYMENT_LABEL] ?? "";
  return labels[LEASE_LABEL] === undefined && name !== secretVolume(deployment);
}

/** The label of a volume that the caller named: nothing of ours removes it, and only such a one is used again. */
const KEPT_LABEL = "agent.kept";

/**
 * Makes a volume that is kept, or finds it.
 *
 * @throws {RangeError} If there is one of this name that was not made here: it is somebody else's data.
 */
export async function makeKeptVolume(client: EngineClient, name: string): Promise<void> {
  await makeVolume(client, name, { [KEPT_LABEL]: "1" });
  // Making one that is there changes nothing of it, and gives it.
  const path = `/volumes/${segment(name, "name")}`;
  const { Labels } = await client.json<{ Labels?: Record<string, string> | null }>("GET", path, {
    timeoutMs: QUICK_MS,
  });
  if (Labels?.[KEPT_LABEL] === "1") return;
  throw new RangeError(`options.volumes must be volumes that were made here, got ${shown(name)}`);
}

/** Removes something; one that is not there is fine. */
export async function removeThing(
  client: EngineClient,
  what: "containers" | "networks" | "volumes" | "services" | "secrets",
  name: string,
): Promise<void> {
  const path = `/${what}/${segment(name, "name")}`;
  const query = what === "volumes" ? { force: 1 } : {};
  try {
    if (what === "containers") await removeContainer(client, path, { force: true });
    else await client.empty("DELETE", path, { query, timeoutMs: SLOW_MS });
  } catch (error) {
    if (!AgentError.is(error, "NOT_FOUND")) throw error;
  }
}
