/**
 * Refuses a container that an engine cannot hold as was asked, with all that is missing in one error. Whether Podman has a
 * program to be the first process, which comes apart from it, only the making of a container shows: where something else
 * is missing, one is made that is never started, so that nobody learns of the init after all the rest was accepted.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import {
  type ContainerKind,
  type ControlName,
  type EngineFacts,
  type Owner,
  ownerLabels,
  refuseGaps,
} from "../policy/mod.ts";
import { removeContainer } from "./removal.ts";

/** What is needed of a connection. */
export interface MissingContext {
  readonly client: EngineClient;
  readonly facts: EngineFacts;
  readonly owner: Owner;
}

/** Until when the container is anybody's to sweep that is made to look, should this program be killed meanwhile. */
const LOOK_MS = 60_000;

/**
 * Refuses what cannot be given and was not accepted.
 *
 * @param gaps What cannot be given, as far as it is known.
 * @param accepted What the caller accepts to go without.
 * @throws {AgentError} `UNSUPPORTED` naming every one.
 */
export async function refuseMissing(
  context: MissingContext,
  kind: ContainerKind,
  gaps: readonly ControlName[],
  accepted: readonly ControlName[],
): Promise<void> {
  const { client, facts } = context;
  const isRefused = gaps.some((gap) => !accepted.includes(gap));
  const isOpen = facts.engine === "podman" && (facts.hasInit ?? null) === null;
  const all = isRefused && isOpen && !accepted.includes("init") && await lacksInit(context, kind)
    ? [...gaps, "init" as const]
    : gaps;
  refuseGaps(all, accepted, `${client.engine} ${client.version}`);
}

/** Whether an error says that Podman has no program to be the first process. */
export function isWithoutInit(error: unknown): boolean {
  return error instanceof EngineError && /container-init binary/.test(error.message);
}

/** Whether it has none; false where that cannot be seen, as without any image. */
async function lacksInit(
  { client, owner }: MissingContext,
  kind: ContainerKind,
): Promise<boolean> {
  const name = `agent-look-${crypto.randomUUID()}`;
  const path = `/containers/${name}`;
  try {
    const images = await client.json<{ Id?: string }[] | null>("GET", "/images/json", {
      timeoutMs: QUICK_MS,
    });
    const Image = Array.isArray(images) ? images[0]?.Id : undefined;
    if (Image === undefined) return false;
    const now = Date.now();
    const body = {
      Image,
      Entrypoint: ["true"],
      Labels: ownerLabels(owner, kind, { createdMs: now, expiresMs: now + LOOK_MS }),
      HostConfig: { Init: true, NetworkMode: "none" },
    };
    await client.json("POST", "/containers/create", { query: { name }, body, timeoutMs: SLOW_MS });
  } catch (error) {
    // Whatever else it says, the caller is told of what is known to be missing.
    if (isWithoutInit(error)) return true;
  }
  await removeContainer(client, path, { force: true, accept: [404] }).catch(() => {});
  return false;
}
