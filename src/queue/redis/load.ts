/**
 * Loads BullMQ and the Redis client, once, when the first queue on Redis needs them.
 *
 * @module
 */

import type { BullModule } from "./bullmq.ts";
import type { ClientModule } from "./client.ts";

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
  const client = await import("@redis/client") as unknown as ClientModule;
  try {
    const { bullmq } = await import("./packages.ts");
    return { bullmq: bullmq as unknown as BullModule, client };
  } catch (error) {
    const { restoreEnvironment } = await import("./environment.ts");
    restoreEnvironment();
    throw error;
  }
}
