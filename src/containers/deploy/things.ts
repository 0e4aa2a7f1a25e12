/**
 * Networks, volumes and leases of deployments: made with our labels, removed when nobody uses them. A lease is an empty
 * volume whose label says until when a deployment lives: labels of a container cannot be changed, and others must see
 * that its life was made longer.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { labelsUntil } from "./plan.ts";

/** The label of a lease: the deployment whose it is. */
export const LEASE_LABEL = "agent.lease";

/**
 * Makes a network. One without a way out has no address of the machine in it either: neither the machine nor anything
 * beyond it is reached, and names that are not of the network are asked of nobody.
 */
export async function makeNetwork(
  client: EngineClient,
  { name, internal }: { name: string; internal: boolean },
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const inhibit = internal && client.engine === "docker";
  await client.json("POST", "/networks/create", {
    signal,
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
  signal?: AbortSignal,
): Promise<void> {
  const body = { Name: name, Labels: { ...labels } };
  await client.json("POST", "/volumes/create", { signal, body });
}

/** The label of a volume that the caller named: nothing of ours removes it, and only such a one is used again. */
const KEPT_LABEL = "agent.kept";

/**
 * Makes a volume that is kept, or finds it.
 *
 * @throws {RangeError} If there is one of this name that was not made here: it is somebody else's data.
 */
export async function makeKeptVolume(
  client: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  await makeVolume(client, name, { [KEPT_LABEL]: "1" }, signal);
  // Making one that is there changes nothing of it, and gives it.
  const path = `/volumes/${segment(name, "name")}`;
  const { Labels } = await client.json<{ Labels?: Record<string, string> | null }>("GET", path, {
    signal,
  });
  if (Labels?.[KEPT_LABEL] === "1") return;
  throw new RangeError(`options.volumes must be volumes that were made here, got ${shown(name)}`);
}

/** Makes a deployment's life longer; the lease before it is removed. */
export async function renewLease(
  client: EngineClient,
  id: string,
  labels: Readonly<Record<string, string>>,
  expiresMs: number,
  before: string | null,
): Promise<string> {
  const name = `agent-${id}-lease-${expiresMs.toString(36)}`;
  if (name === before) return name;
  await makeVolume(client, name, { ...labelsUntil(labels, expiresMs), [LEASE_LABEL]: id });
  if (before !== null) await removeThing(client, "volumes", before);
  return name;
}

/** Removes something; one that is not there is fine. */
export async function removeThing(
  client: EngineClient,
  what: "containers" | "networks" | "volumes" | "services" | "secrets",
  name: string,
): Promise<void> {
  const query = what === "containers" ? { force: 1, v: 1 } : what === "volumes" ? { force: 1 } : {};
  try {
    await client.empty("DELETE", `/${what}/${segment(name, "name")}`, { query });
  } catch (error) {
    if (!AgentError.is(error, "NOT_FOUND")) throw error;
  }
}
