/** What only the native twin has: work on the pool, which must end when nobody wants it any more. */

import assert from "assertions";
import { processBatch } from "@agent/runtime/text";
import { heldBy, NATIVE, testOf, twins } from "../support/twins.ts";
import { delay } from "../support/values.ts";

const { native } = twins("text");
const held = heldBy("text");

testOf("process", native, "an aborted processBatch() stops working", async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `word${i % 3000}`).join(" ");
  const texts = Array.from({ length: 40 }, (_, i) => `${text} ${i}`);
  const controller = new AbortController();
  const running = processBatch(texts, { ...NATIVE, reference: text, signal: controller.signal });
  await delay(20);
  controller.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
  await held.ended();
  await native.idle();
});
