/** The one rule of progress, and waiting that a signal ends. */

import assert from "assertions";
import { unlessAborted } from "../../src/shared/abort.ts";
import { reporter } from "../../src/shared/progress.ts";

Deno.test("reporter() tells at once, ten times a second at most, and the end once", () => {
  const seen: { done: number; total: number; name?: string }[] = [];
  const started = performance.now();
  const progress = reporter<{ name: string }>((report) => seen.push(report), 100_000);
  for (let done = 1; done <= 100_000; done++) progress.report(done, { name: `item ${done}` });
  const most = 1 + (performance.now() - started) / 100;
  assert.deepEqual(seen[0], { done: 1, total: 100_000, name: "item 1" });
  assert.ok(seen.length <= most, `${seen.length} reports`);
  assert.ok(seen.every(({ done }) => done < 100_000));
  progress.finish();
  assert.deepEqual(seen.at(-1), { done: 100_000, total: 100_000 });
});

Deno.test("reporter() does nothing where nobody listens", () => {
  const progress = reporter(undefined, 1);
  progress.report(0);
  progress.finish();
});

Deno.test("unlessAborted() gives what the work gives, or the signal's reason", async () => {
  const reason = new Error("enough");
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
  assert.equal(await unlessAborted(Promise.resolve(1), undefined), 1);
  await assert.rejects(unlessAborted(Promise.reject(reason), signal), reason);
  const never = new Promise<never>(() => {});
  await assert.rejects(unlessAborted(never, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  // Work that fails when nobody waits any more is nobody's failure.
  const late = Promise.withResolvers<never>();
  await assert.rejects(unlessAborted(late.promise, AbortSignal.abort(reason)), reason);
  late.reject(new Error("late"));
});
