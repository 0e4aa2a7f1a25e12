/** What the event loop and the keeper of locks share. */

import assert from "assertions";
import { HeldJobs, PLACES } from "../../../src/queue/redis/held.ts";

Deno.test("held jobs: what is put into a place is read from it elsewhere", () => {
  const jobs = new HeldJobs();
  const elsewhere = new HeldJobs(jobs.memory);
  for (let place = 0; place < PLACES; place++) {
    assert.equal(elsewhere.get(place), undefined);
    assert.ok(jobs.put(place, place + 1, `job ${place}`, `lock é\ud800 ${place}`));
  }
  const versions = new Set<number>();
  for (let place = 0; place < PLACES; place++) {
    const { version, id, lock } = elsewhere.get(place)!;
    assert.deepEqual([id, lock], [`job ${place}`, `lock é\ud800 ${place}`]);
    versions.add(version);
  }
  assert.equal(versions.size, PLACES);
});

Deno.test("held jobs: a place has another version each time, and none when it is free", () => {
  const jobs = new HeldJobs();
  jobs.put(3, 1, "a", "b");
  const first = jobs.get(3)!.version;
  jobs.put(3, 2, "a", "b");
  assert.notEqual(jobs.get(3)!.version, first);
  jobs.clear(3);
  assert.equal(jobs.get(3), undefined);
  assert.equal(jobs.get(2), undefined);
});

Deno.test("held jobs: what is too long for its place is not put there", () => {
  const jobs = new HeldJobs();
  assert.ok(jobs.put(0, 1, "i".repeat(200), "l".repeat(52)));
  assert.deepEqual(jobs.get(0)!.lock.length, 52);
  assert.equal(jobs.put(1, 1, "i".repeat(200), "l".repeat(53)), false);
  assert.equal(jobs.get(1), undefined);
});
