/** The module that the pool's tests run in Workers. */

import process from "node:process";
import type { PoolContext } from "../../src/queue/mod.ts";

/** What a job asks for. */
export type Order =
  | { do: "square"; n: number }
  | { do: "throw"; message: string }
  | { do: "crash" }
  | { do: "spin" }
  | { do: "hang" }
  | { do: "wait" }
  | { do: "report" }
  | { do: "odd" }
  | { do: "end"; how: "close" | "exit" | "process" }
  | { do: "last words" }
  | { do: "may" };

/** What is no JSON, and so no job: work for the pool alone. */
export type Filling = { do: "fill"; bytes: Uint8Array<ArrayBuffer> };

/** Does what is asked for. */
export default async function handle(
  order: Order | Filling,
  context: PoolContext,
): Promise<unknown> {
  switch (order.do) {
    case "square":
      return order.n * order.n;
    case "throw":
      throw new RangeError(order.message);
    case "crash":
      setTimeout(() => {
        throw new Error("outside");
      });
      return await new Promise(() => {});
    case "spin":
      while (!context.aborted);
      return "stopped";
    case "hang":
      return await new Promise(() => {});
    case "wait":
      return await new Promise((_, reject) => {
        context.signal.addEventListener("abort", () => reject(context.signal.reason));
      });
    case "report":
      context.report({ attempt: context.attempt });
      return context.id;
    case "fill": {
      const filled = order.bytes.fill(7);
      context.transfer(filled.buffer);
      return filled;
    }
    case "end":
      if (order.how === "close") self.close();
      else if (order.how === "exit") Deno.exit(1);
      else process.exit(1);
      return await new Promise(() => {});
    case "last words":
      queueMicrotask(() => setTimeout(() => self.close()));
      return "said";
    case "odd":
      return () => 1;
    case "may":
      return (await Deno.permissions.query({ name: "read" })).state;
  }
}
