/**
 * What sandboxes of one connection have in common.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import type { EngineFacts, Owner } from "../policy/mod.ts";

/** A connection, as far as sandboxes are concerned. */
export interface SandboxContext {
  readonly client: EngineClient;
  readonly facts: EngineFacts;
  readonly owner: Owner;
  /** Those that are there now, so that closing the connection removes them. */
  readonly boxes: Set<{ remove(): Promise<void> }>;
}

/** Makes one. */
export function sandboxContext(
  client: EngineClient,
  facts: EngineFacts,
  owner: Owner,
): SandboxContext {
  return { client, facts, owner, boxes: new Set() };
}

/** Removes every sandbox that is there now. */
export async function removeAll({ boxes }: SandboxContext): Promise<void> {
  await Promise.all([...boxes].map((box) => box.remove()));
}
