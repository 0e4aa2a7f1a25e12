/** Which types a queue takes for data and results; the type check is the test. */

import assert from "assertions";
import { createQueue, type JsonValue, type Queue, workerPool } from "../../src/queue/mod.ts";

interface Part {
  readonly name: string;
  readonly weight?: number;
}

interface Order {
  id: number;
  parts: readonly Part[];
  next: Order | null;
  kind: "new" | "old";
  pair: [number, string];
}

type Tree = { value: number; children: Tree[] };

Deno.test("queue: types that JSON holds are taken, interfaces too", async () => {
  await using orders = createQueue<Order, Part>({ implementation: "pure" });
  orders.process(({ data }) => data.parts[0]!);
  const part: Part = { name: "wheel", weight: 3 };
  const order: Order = { id: 1, parts: [part], next: null, kind: "new", pair: [1, "a"] };
  const job = await orders.add(order);
  const data: Order = job.data;
  assert.deepEqual(data, order);
  assert.deepEqual(await job.result(), part);
  await using trees = createQueue<Tree, Record<string, number>>({ implementation: "pure" });
  await trees.addFlow({ data: { value: 1, children: [] }, children: [] });
  await using usual: Queue<JsonValue, JsonValue> = createQueue({ implementation: "pure" });
  await usual.add([1, { a: null }]);
  const of = <T extends JsonValue>(): Queue<T, T> => createQueue<T, T>({ implementation: "pure" });
  await using generic = of<number>();
  assert.equal(generic.shared, false);
  await using mixed = createQueue<JsonValue, Part>({ implementation: "pure" });
  await mixed.add(null);
});

Deno.test("queue: types that JSON does not hold are refused", () => {
  const refused = [
    // @ts-expect-error: a Date is no JSON
    () => createQueue<{ when: Date }, null>(),
    // @ts-expect-error: nor is a Map
    () => createQueue<Map<string, string>, null>(),
    // @ts-expect-error: nor is a function
    () => createQueue<{ call: () => void }, null>(),
    // @ts-expect-error: nor is a function that stands alone
    () => createQueue<() => void, null>(),
    // @ts-expect-error: nor is a bigint
    () => createQueue<bigint, null>(),
    // @ts-expect-error: nor is undefined
    () => createQueue<undefined, null>(),
    // @ts-expect-error: nor is what may be anything
    () => createQueue<unknown, null>(),
    // @ts-expect-error: nor are bytes
    () => createQueue<{ bytes: Uint8Array }, null>(),
    // @ts-expect-error: results neither
    () => createQueue<null, { done: Promise<number> }>(),
    // @ts-expect-error: nor where Workers run the handler
    () => workerPool<{ when: Date }, null>("data:text/javascript,"),
  ];
  assert.equal(refused.length, 10);
});
