/** A Worker of the tests that works on a queue of the process. It does what it is told and answers with what came of it. */

import { createQueue, type Queue, type QueueWorker } from "../../src/queue/mod.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Command>) => void) | null;
  postMessage(message: unknown): void;
};

/** What it is told. */
export type Command =
  | { do: "open"; name: string }
  | { do: "process"; holdMs: number }
  | { do: "add"; count: number }
  | { do: "spin"; ms: number }
  | { do: "close" };

let queue: Queue<number, string>;
let worker: QueueWorker | undefined;

scope.onmessage = async ({ data: command }) => {
  switch (command.do) {
    case "open":
      queue = createQueue({ name: command.name });
      return scope.postMessage(queue.implementation);
    case "process":
      worker = queue.process(async (job, signal) => {
        scope.postMessage({ began: job.data });
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, command.holdMs);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            scope.postMessage({ aborted: job.data });
            resolve();
          });
        });
        return `there ${job.data}`;
      });
      return scope.postMessage("processing");
    case "add": {
      const jobs = await queue.addMany(Array.from({ length: command.count }, (_, i) => i));
      const results = await Promise.all(jobs.map((job) => job.result()));
      return scope.postMessage(results);
    }
    case "spin": {
      const end = performance.now() + command.ms;
      while (performance.now() < end);
      return scope.postMessage("spun");
    }
    case "close":
      await worker?.close();
      await queue.close();
      return scope.postMessage("closed");
  }
};
