/**
 * Removes a container that somebody names, and what belonged to it alone: a deployment of another program is known by its
 * labels. What holds data stays unless it is asked for, as the data may be all that somebody wanted of it.
 *
 * @module
 */

import { checkBoolean } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { removeContainer } from "../container/removal.ts";
import type { WireContainer } from "../container/wire.ts";
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { QUICK_MS } from "../engine/times.ts";
import { knownFields, readOwnership } from "../policy/mod.ts";
import { DEPLOYMENT_LABEL, isData, removeThing } from "./things.ts";

/** How a container is removed with what was its own. */
export interface RemoveOptions {
  /** Whether one that runs is removed too. Default false. */
  force?: boolean | undefined;
  /** Whether the volumes of a deployment go too, with the data in them. Default false. */
  volumes?: boolean | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

/** Something that belonged to a container. */
export interface BelongingThing {
  /** What it is. */
  readonly kind: "network" | "volume";
  /** Its name. */
  readonly name: string;
}

/** Something that is left of it. */
export interface KeptThing extends BelongingThing {
  /** Why: it may hold data that somebody wants, or it cannot be removed. */
  readonly reason: "data" | "failed";
  /** When a sweep removes it, as an ISO date; null if none does by itself. */
  readonly until: string | null;
  /** What the engine says where it cannot be removed; null otherwise. */
  readonly error: string | null;
}

/** What was removed with a container, and what was not. */
export interface RemoveReport {
  /** The container's name, or what it was asked for by. */
  readonly name: string;
  /** What went with it. */
  readonly removed: readonly BelongingThing[];
  /** What is left. */
  readonly kept: readonly KeptThing[];
}

interface Found extends BelongingThing {
  readonly isData: boolean;
  readonly until: string | null;
}

/**
 * Removes a container and what belonged to it. See `Containers.remove`.
 *
 * @param client The engine.
 * @param id Its id, the beginning of it, or its name.
 * @param options How.
 */
export async function removeWithBelongings(
  client: EngineClient,
  id: string,
  options: RemoveOptions = {},
): Promise<RemoveReport> {
  const { force = false, volumes = false } = knownFields(options, "options", [
    ...["force", "volumes", "signal"],
  ]);
  checkBoolean(force, "options.force");
  checkBoolean(volumes, "options.volumes");
  const { signal } = options;
  const path = `/containers/${segment(id, "id")}`;
  const call = { signal, timeoutMs: QUICK_MS };
  const { Name, Config } = await client.json<WireContainer>("GET", `${path}/json`, call);
  const labels = Config?.Labels ?? {};
  const deployment = readOwnership(labels) === null ? undefined : labels[DEPLOYMENT_LABEL];
  const name = (Name ?? "").replace(/^\//, "") || id;
  await removeContainer(client, path, { force, signal });
  // The tasks of a service are its swarm's, which makes new ones.
  const isTask = labels["com.docker.swarm.service.id"] !== undefined;
  if (deployment === undefined || isTask) return { name, removed: [], kept: [] };
  const removed: BelongingThing[] = [];
  const kept: KeptThing[] = [];
  for (const thing of await belongings(client, deployment, signal)) {
    const { kind, name, until } = thing;
    const left = { kind, name, until };
    if (thing.isData && !volumes) {
      kept.push({ ...left, reason: "data", error: null });
      continue;
    }
    try {
      await removeThing(client, kind === "network" ? "networks" : "volumes", name);
      removed.push({ kind, name });
    } catch (error) {
      if (!AgentError.is(error)) throw error;
      kept.push({ ...left, reason: "failed", error: error.message });
    }
  }
  return { name, removed, kept };
}

interface Wire {
  Name?: string | null;
  Labels?: Record<string, string> | null;
}

/** The networks and volumes of a deployment, by their own labels: a filter is the engine's. */
async function belongings(
  client: EngineClient,
  deployment: string,
  signal: AbortSignal | undefined,
): Promise<Found[]> {
  const query = { filters: { label: [`${DEPLOYMENT_LABEL}=${deployment}`] } };
  const call = { query, signal, timeoutMs: QUICK_MS };
  const networks = await client.json<Wire[] | null>("GET", "/networks", call);
  const volumes = await client.json<{ Volumes?: Wire[] | null } | null>("GET", "/volumes", call);
  const read = (kind: Found["kind"]) => ({ Name, Labels }: Wire): Found[] => {
    const ownership = readOwnership(Labels);
    if (!Name || ownership === null || Labels?.[DEPLOYMENT_LABEL] !== deployment) return [];
    const until = ownership.expiresMs === null ? null : new Date(ownership.expiresMs).toISOString();
    return [{ kind, name: Name, isData: kind === "volume" && isData(Name, Labels), until }];
  };
  return [
    ...(networks ?? []).flatMap(read("network")),
    ...(volumes?.Volumes ?? []).flatMap(read("volume")),
  ];
}
