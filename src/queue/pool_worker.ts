/**
 * The inside of a pool's Worker: loads the module, runs its handler on one job at a time.
 *
 * @module
 */

import { messageOf } from "./job.ts";
import { webLocks } from "./locks.ts";
import type { FromWorker, PoolHandler, ToWorker } from "./pool_types.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};

/** Set to 1 from outside when the job that runs is not wanted any more. */
let flag: Int32Array = new Int32Array(1);
let handler: PoolHandler<unknown, unknown> | undefined;
let controller: AbortController | undefined;

scope.onmessage = ({ data: message }) => {
  switch (message.do) {
    case "load":
      flag = message.flag;
      return void begin(message.module, message.lock);
    case "abort":
      return controller?.abort(new DOMException(message.reason, "AbortError"));
    case "run":
      return void run(message);
  }
};

/** Holds a lock for ever, so that the end of this Worker is seen. */
async function begin(module: string, lock: string): Promise<void> {
  const locks = webLocks();
  if (locks === undefined) return await load(module);
  await locks.request(lock, {}, () => {
    scope.postMessage({ did: "begin" });
    void load(module);
    return new Promise(() => {});
  });
}

async function load(module: string): Promise<void> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(module) as { default?: unknown };
  } catch (error) {
    return scope.postMessage({ did: "refuse", why: messageOf(error) });
  }
  if (typeof loaded.default !== "function") {
    return scope.postMessage({ did: "refuse", why: undefined });
  }
  handler = loaded.default as PoolHandler<unknown, unknown>;
  scope.postMessage({ did: "load" });
}

async function run(message: Extract<ToWorker, { do: "run" }>): Promise<void> {
  const { data, id, attempt, childResults } = message;
  const transfer: Transferable[] = [];
  const mine = controller = new AbortController();
  try {
    const result = await handler!(data, {
      signal: mine.signal,
      get aborted(): boolean {
        return mine !== controller || Atomics.load(flag, 0) === 1;
      },
      id,
      attempt,
      childResults,
      report: (value) => scope.postMessage({ did: "report", value }),
      transfer: (...objects) => void transfer.push(...objects),
    });
    scope.postMessage({ did: "run", result }, transfer);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const name = error instanceof Error ? error.name : "Error";
  scope.postMessage({ did: "fail", name, message: messageOf(error) });
}
