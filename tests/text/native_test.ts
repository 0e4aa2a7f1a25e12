/** What only the native text twin has: handles and work on the pool, both of which must go away again. */

import assert from "node:assert/strict";
import { matcher, processBatch } from "@agent/runtime/text";
import { textDoor } from "../../src/ffi/doors/text.ts";
import { textManyDoor } from "../../src/ffi/doors/text_many.ts";
import { quiet } from "./quiet.ts";

textDoor.require();
const { common } = textManyDoor.require();
const NATIVE = { implementation: "native" } as const;

/** Waits until nothing runs on the pool. The work itself would take far longer than the deadline. */
async function idle(deadlineMs: number): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  while (common.agent_ffi_active_tasks() > 0) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return true;
}

Deno.test("text native: a matcher holds one handle until it is closed", () => {
  const before = common.agent_ffi_live_handles();
  const some = Array.from({ length: 50 }, (_, i) => matcher([`choice ${i}`], NATIVE));
  assert.equal(common.agent_ffi_live_handles(), before + 50);
  for (const one of some) {
    one.add(["more"]);
    one.rank("choice");
    one.close();
    one.close();
  }
  assert.equal(common.agent_ffi_live_handles(), before);
  {
    using _scoped = matcher(["a"], NATIVE);
    assert.equal(common.agent_ffi_live_handles(), before + 1);
  }
  assert.equal(common.agent_ffi_live_handles(), before);
});

Deno.test("text native: an aborted rankMany() stops working", async () => {
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
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(common.agent_ffi_active_tasks() > 0);
    controller.abort(new Error("enough"));
    await assert.rejects(running, { message: "enough" });
    assert.ok(await idle(5000), "the pool is still at it");
    await quiet("native");
  }
});

Deno.test("text native: an aborted processBatch() stops working", async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `word${i % 3000}`).join(" ");
  const texts = Array.from({ length: 40 }, (_, i) => `${text} ${i}`);
  const controller = new AbortController();
  const running = processBatch(texts, { ...NATIVE, reference: text, signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
  assert.ok(await idle(5000), "the pool is still at it");
  await quiet("native");
});
