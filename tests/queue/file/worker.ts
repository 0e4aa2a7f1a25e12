/** A Worker that does with queue files what it is told, for the tests: it opens, takes, adds, closes, blocks. */

import { systemClock } from "../../../src/queue/clock.ts";
import { openFileStore } from "../../../src/queue/file/mod.ts";
import type { QueueStore } from "../../../src/queue/store.ts";
import { AgentError } from "../../../src/shared/errors.ts";

/** What it is told. */
export type Order =
  | { kind: "open"; file: string; twin: "native" | "pure" | undefined; leaseMs: number }
  | { kind: "take"; most: number }
  | { kind: "close" };

/** What a Worker has and a program has not. */
const scope = self as unknown as {
  onmessage(event: MessageEvent<Order>): void;
  postMessage(message: unknown): void;
};

let store: QueueStore | undefined;

scope.onmessage = async ({ data }: MessageEvent<Order>) => {
  try {
    scope.postMessage(await obey(data));
  } catch (error) {
    scope.postMessage({ error: AgentError.is(error) ? error.code : String(error) });
  }
};

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "open":
      store = openFileStore({
        file: order.file,
        synchronous: "normal",
        implementation: order.twin,
        clock: systemClock,
        queue: { name: "test", leaseMs: order.leaseMs, doneMs: Infinity, doneCount: Infinity },
      });
      return { implementation: store.implementation };
    case "take":
      return { jobs: (await store!.take(order.most)).map(({ id, token }) => [id, token]) };
    case "close":
      await store!.close();
      return {};
  }
}
