/** What only the native twin of a matcher has: handles and work on the pool, both of which must go away again. */

import assert from "assertions";
import { matcher } from "@agent/runtime/text";
import { heldBy, NATIVE, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { native } = twins("text");
const held = heldBy("text");

testOf("match", native, "a matcher holds one handle until it is closed", () => {
  const before = held.handles();
  const some = Array.from({ length: 50 }, (_, i) => matcher([`choice ${i}`], NATIVE));
  assert.equal(held.handles(), before + 50);
  for (const one of some) {
    one.add(["more"]);
    one.rank("choice");
    one.close();
    one.close();
  }
  assert.equal(held.handles(), before);
  {
    using _scoped = matcher(["a"], NATIVE);
    assert.equal(held.handles(), before + 1);
  }
  assert.equal(held.handles(), before);
});

testOf("match", native, "an aborted rankMany() stops working", async () => {
  const choices = Array.from({ length: 50_000 }, (_, i) => `${i * 7919} some choice ${i} of many`);
  using prepared = matcher(choices, NATIVE);
  // Minutes of work, in a hundred thousand small steps and, with the long query, in one large one.
  const long = "a somewhat longer query ".repeat(400);
  for (const queries of [choices.concat(choices), [long, long, long, long]]) {
    const controller = new AbortController();
    const running = prepared.rankMany(queries, {
      metric: "partial",
      limit: 3,
      signal: controller.signal,
    });
    await delay(20);
    assert.ok(held.tasks() > 0);
    controller.abort(new Error("enough"));
    await assert.rejects(running, { message: "enough" });
    await held.ended();
    await native.idle();
  }
});
