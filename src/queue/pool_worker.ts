/**
 * The inside of a pool's Worker: loads the module, runs its handler on one job at a time.
 *
 * @module
 */

import { messageOf } from "./job.ts";
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
      return void load(message.module);
    case "abort":
      return controller?.abort(new DOMException(message.reason, "AbortError"));
    case "run":
      return void run(message);
  }
};

async function load(module: string): Promise<void> {
  try {
    const loaded = await import(module) as { default?: unknown };
    if (typeof loaded.default !== "function") {
      throw new TypeError(`${module} must export a function as default: the handler`);
    }
    handler = loaded.default as PoolHandler<unknown, unknown>;
    scope.postMessage({ did: "load" });
  } catch (error) {
    fail(error);
  }
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
