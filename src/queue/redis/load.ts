/**
 * Loads BullMQ and the Redis client, once, when the first queue on Redis needs them.
 *
 * @module
 */

import { loadPackage, specifierOf } from "../../shared/packages.ts";
import type { BullModule } from "./bullmq.ts";
import type { ClientModule } from "./client.ts";
import { withoutEnvironment } from "./environment.ts";

/** What a queue on Redis is made with. */
export interface Packages {
  readonly bullmq: BullModule;
  readonly client: ClientModule;
}

let loading: Promise<Packages> | undefined;

/** Both packages; a failure is tried again at the next call. */
export function loadPackages(): Promise<Packages> {
  return loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
}

async function load(): Promise<Packages> {
  const user = "A queue on Redis";
  const client = await loadPackage<ClientModule>("@redis/client", user);
  const { address, restore } = withoutEnvironment(specifierOf("bullmq"));
  try {
    const { loaded } = await loadPackage<{ loaded: BullModule }>("bullmq", user, address);
    return { bullmq: loaded, client };
  } catch (error) {
    await restore();
    throw error;
  }
}
