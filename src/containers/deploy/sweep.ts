/**
 * Removes what is ours and has ended: what is over its time, and what a process left that is gone. What belongs to a
 * living process, or to one of whom nothing is known, stays until its time is over.
 *
 * @module
 */

import { checkBoolean, checkNumber } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import {
  forgetOwner,
  isOwnerGone,
  knownFields,
  LABEL,
  type Owner,
  type Ownership,
  readOwnership,
} from "../policy/mod.ts";
import { DEPLOYMENT_LABEL, isData, LEASE_LABEL, removeThing } from "./things.ts";

/** What can be swept. */
export type SweptKind = "container" | "service" | "secret" | "volume" | "network";

/** Something that was swept, or not. */
export interface SweptThing {
  /** What it is. */
  readonly kind: SweptKind;
  /** The engine's id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** `expired`: over its time. `orphaned`: whoever made it is gone. `unused`: what it belonged to is gone. */
  readonly reason: "expired" | "orphaned" | "unused";
}

/** What a sweep did. */
export interface SweepReport {
  /** What was removed. */
  readonly removed: readonly SweptThing[];
  /** What could not be removed, and why. */
  readonly failed: readonly (SweptThing & { readonly error: string })[];
  /** How many things of ours are left. */
  readonly kept: number;
  /** Of these, how many whose owner cannot be told to be alive or gone from here. */
  readonly unknown: number;
}

/** How it is swept. */
export interface SweepOptions {
  /** The time, for those that have one. Default: now. */
  now?: Date | number | undefined;
  /** Whether it is only said what would be removed. Default false. */
  dryRun?: boolean | undefined;
  /**
   * Whether the volumes with data go too that deployments left which were removed before their time. Default false: they
   * stay until then, or for ever where there was none.
   */
  volumes?: boolean | undefined;
  /** Ends it early. */
  signal?: AbortSignal | undefined;
}

interface Found {
  readonly kind: SweptKind;
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownership: Ownership;
}

interface Wire {
  Id?: string;
  ID?: string;
  Name?: string;
  Names?: string[] | null;
  Labels?: Record<string, string> | null;
  Spec?: { Name?: string; Labels?: Record<string, string> | null };
  CreatedAt?: string;
}

/** Before this many milliseconds something may still be in the making. */
const YOUNG_MS = 600_000;

const PLURAL = {
  container: "containers",
  service: "services",
  secret: "secrets",
  volume: "volumes",
  network: "networks",
} as const;

/**
 * Sweeps.
 *
 * @param client The engine.
 * @param owner Who sweeps: what is its own stays.
 * @param options When it is.
 */
export async function sweep(
  client: EngineClient,
  owner: Owner,
  options: SweepOptions = {},
): Promise<SweepReport> {
  const { now = Date.now(), dryRun = false, volumes = false } = knownFields(options, "options", [
    ...["now", "dryRun", "volumes", "signal"],
  ]);
  const nowMs = now instanceof Date ? now.getTime() : now;
  checkNumber(nowMs, "options.now");
  checkBoolean(dryRun, "options.dryRun");
  checkBoolean(volumes, "options.volumes");
  const all = await everythingOfOurs(client, options.signal);
  const gone = new Map<string, Promise<boolean | null>>();
  const isGone = (found: Found): Promise<boolean | null> => {
    const key = found.ownership.owner ?? "";
    let known = gone.get(key);
    if (known === undefined) gone.set(key, known = isOwnerGone(found.ownership, owner));
    return known;
  };
  const leases = leasesOf(all);
  const removed: SweptThing[] = [];
  const failed: (SweptThing & { error: string })[] = [];
  const left: Found[] = [];
  let unknown = 0;
  for (const found of all) {
    const verdict = await judge(found, all, { leases, nowMs, volumes, isGone });
    if (verdict === "kept" || verdict === "unknown") {
      left.push(found);
      if (verdict === "unknown") unknown++;
      continue;
    }
    const thing = { kind: found.kind, id: found.id, name: found.name, reason: verdict };
    const error = dryRun ? undefined : await remove(client, thing);
    if (error === undefined) removed.push(thing);
    else failed.push({ ...thing, error });
  }
  if (!dryRun && failed.length === 0) await forget(gone, left, owner);
  return { removed, failed, kept: left.length, unknown };
}

/** What an engine that is not there may take of the end of a connection. */
const LOOK_MS = 2_000;

/**
 * Whether something of an owner may be left that its end should have taken away: where all went well nothing is asked, and
 * where it did not, what the engine has is looked at.
 */
export async function mayHaveLeft(client: EngineClient, owner: Owner): Promise<boolean> {
  if (!client.hasFailed || owner.lockFolder === null) return false;
  try {
    const all = await everythingOfOurs(client, AbortSignal.timeout(LOOK_MS));
    return all.some(({ ownership }) => ownership.owner === owner.id && !ownership.detached);
  } catch {
    return true;
  }
}

/** What is known when something is judged. */
interface Known {
  readonly leases: ReadonlyMap<string, number>;
  readonly nowMs: number;
  readonly volumes: boolean;
  isGone(found: Found): Promise<boolean | null>;
}

async function judge(
  found: Found,
  all: readonly Found[],
  { leases, nowMs, volumes, isGone }: Known,
): Promise<SweptThing["reason"] | "kept" | "unknown"> {
  const { ownership, labels } = found;
  const deployment = labels[DEPLOYMENT_LABEL] ?? "";
  // What a lease says is its end; a label of its own says only when it will have been, as it was made before.
  const expiresMs = leases.get(deployment) ?? ownership.expiresMs;
  if (expiresMs !== null && expiresMs <= nowMs) return "expired";
  if (!ownership.detached) {
    const gone = await isGone(found);
    if (gone === true) return "orphaned";
    return gone === null ? "unknown" : "kept";
  }
  // What belongs to a deployment that outlives its process ends with its container.
  if (found.kind === "container" || found.kind === "service" || deployment === "") return "kept";
  const isUsed = all.some((other) =>
    (other.kind === "container" || other.kind === "service") &&
    other.labels[DEPLOYMENT_LABEL] === deployment
  );
  if (!isUsed && found.kind === "volume" && isData(found.name, labels)) {
    return volumes ? "unused" : "kept";
  }
  const isYoung = nowMs - (ownership.createdMs ?? 0) < YOUNG_MS;
  return isUsed || isYoung ? "kept" : "unused";
}

/** Until when each deployment was made to live, by its leases. */
function leasesOf(all: readonly Found[]): Map<string, number> {
  const leases = new Map<string, number>();
  for (const { labels, ownership } of all) {
    const deployment = labels[LEASE_LABEL];
    if (deployment === undefined || ownership.expiresMs === null) continue;
    leases.set(deployment, Math.max(leases.get(deployment) ?? -Infinity, ownership.expiresMs));
  }
  return leases;
}

/** Everything with our labels, what uses others first. */
async function everythingOfOurs(
  client: EngineClient,
  signal: AbortSignal | undefined,
): Promise<Found[]> {
  const filters = { label: [`${LABEL.runtime}=1`] };
  const list = async (
    kind: SweptKind,
    path: string,
    query: Record<string, unknown> = {},
  ): Promise<Found[]> => {
    const answer = await client.json<Wire[] | { Volumes?: Wire[] | null } | null>("GET", path, {
      query: { ...query, filters } as never,
      signal,
    });
    const wires = Array.isArray(answer) ? answer : answer?.Volumes ?? [];
    return wires.flatMap((wire) => foundIn(kind, wire));
  };
  const swarm = client.capabilities.swarm === "active";
  return [
    ...swarm ? await list("service", "/services") : [],
    ...await list("container", "/containers/json", { all: 1 }),
    ...swarm ? await list("secret", "/secrets") : [],
    ...await list("volume", "/volumes"),
    ...await list("network", "/networks"),
  ];
}

function foundIn(kind: SweptKind, wire: Wire): Found[] {
  const labels = wire.Labels ?? wire.Spec?.Labels ?? {};
  const ownership = readOwnership(labels);
  const name = wire.Name || wire.Spec?.Name || wire.Names?.[0]?.replace(/^\//, "") || "";
  const id = kind === "volume" ? name : wire.Id ?? wire.ID ?? "";
  // Filters are the engine's; whether it is ours, its labels say.
  return ownership === null || id === "" ? [] : [{ kind, id, name, labels, ownership }];
}

/** Removes something; gives the reason if it cannot be. */
async function remove(client: EngineClient, { kind, id }: SweptThing): Promise<string | undefined> {
  try {
    await removeThing(client, PLURAL[kind], id);
    return undefined;
  } catch (error) {
    if (AgentError.is(error)) return error.message;
    throw error;
  }
}

/** Locks of owners that are gone and of whom nothing is left. */
async function forget(
  gone: ReadonlyMap<string, Promise<boolean | null>>,
  left: readonly Found[],
  self: Owner,
): Promise<void> {
  for (const [id, verdict] of gone) {
    if (await verdict !== true || left.some(({ ownership }) => ownership.owner === id)) continue;
    forgetOwner(id, self);
  }
}
