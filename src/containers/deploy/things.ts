/**
 * Networks and volumes of deployments: made with our labels, removed when nobody uses them.
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import { segment } from "../engine/target.ts";

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
  const query = what === "containers" ? { force: 1, v: 1 } : what === "volumes" ? { force: 1 } : {};
  try {
    const path = `/${what}/${segment(name, "name")}`;
    await client.empty("DELETE", path, { query, timeoutMs: SLOW_MS });
  } catch (error) {
    if (!AgentError.is(error, "NOT_FOUND")) throw error;
  }
}
