/** What `getOrSet` does, for every twin: single flight, invalidation, timeouts, grace. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { factoryOf } from "./conformance.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

function after(ms: number): Promise<void> {
  return delay(ms + 60);
}

/** A loader that answers when it is told to. */
function gate<V>(): { calls: number; open: (value: V) => void; load: () => Promise<V> } {
  let open!: (value: V) => void;
  const promise = new Promise<V>((resolve) => open = resolve);
  const self = {
    calls: 0,
    open,
    load(): Promise<V> {
      self.calls++;
      return promise;
    },
  };
  return self;
}

/** Registers the suite for one twin. */
export function cacheLoadsConformance(twin: Twin): void {
  const make = factoryOf(twin);
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("cache getOrSet", twin, name, body);

  test("loads once, then reads", async () => {
    using cache = make.text();
    let calls = 0;
    const load = (): string => `loaded ${++calls}`;
    assert.equal(await cache.getOrSet("a", load), "loaded 1");
    assert.equal(await cache.getOrSet("a", load), "loaded 1");
    assert.equal(cache.get("a"), "loaded 1");
    cache.delete("a");
    assert.equal(await cache.getOrSet("a", load), "loaded 2");
    const { hits, misses } = cache.stats();
    assert.deepEqual({ hits, misses }, { hits: 2, misses: 2 });
  });

  test("all who wait get the one load", async () => {
    using cache = make.bytes();
    const loader = gate<Uint8Array>();
    const waiting = Array.from({ length: 50 }, () => cache.getOrSet("a", loader.load));
    const other = cache.getOrSet("b", () => new Uint8Array([2]));
    assert.deepEqual(await other, new Uint8Array([2]), "another key is not held up");
    loader.open(new Uint8Array([1]));
    const values = await Promise.all(waiting);
    assert.equal(loader.calls, 1);
    values[0]![0] = 9;
    assert.deepEqual(values[1], new Uint8Array([1]), "each has a copy");
    assert.deepEqual(cache.get("a"), new Uint8Array([1]));
  });

  test("an error reaches all who wait and is not kept", async () => {
    using cache = make.text();
    const failure = new Error("no network");
    let calls = 0;
    const load = async (): Promise<string> => {
      calls++;
      await after(0);
      throw failure;
    };
    const results = await Promise.allSettled([1, 2, 3].map(() => cache.getOrSet("a", load)));
    for (const result of results) {
      assert.ok(result.status === "rejected" && result.reason === failure);
    }
    assert.equal(calls, 1);
    assert.equal(cache.has("a"), false);
    await assert.rejects(
      cache.getOrSet("a", () => {
        throw failure;
      }),
      failure,
    );
    assert.equal(await cache.getOrSet("a", () => "better"), "better");
  });

  test("a load begun before a change of its key never stores", async () => {
    using cache = make.text();
    const changes: Record<string, () => void> = {
      delete: () => void cache.delete("a"),
      clear: () => cache.clear(),
      set: () => cache.set("a", "newer"),
      setMany: () => cache.setMany([["a", "newer"]]),
    };
    for (const [name, change] of Object.entries(changes)) {
      cache.delete("a");
      const old = gate<string>();
      const first = cache.getOrSet("a", old.load);
      change();
      const second = cache.getOrSet("a", () => "fresh");
      const expected = name.startsWith("set") ? "newer" : "fresh";
      assert.equal(await second, expected, `${name}: who asks after it does not join the old load`);
      old.open("old");
      assert.equal(await first, "old", `${name}: who asked before it gets what was loaded`);
      assert.equal(cache.get("a"), expected, name);
    }
  });

  test("a change of another key does not matter", async () => {
    using cache = make.text();
    const loader = gate<string>();
    const promise = cache.getOrSet("a", loader.load);
    cache.set("b", "1");
    cache.delete("c");
    loader.open("value");
    assert.equal(await promise, "value");
    assert.equal(cache.get("a"), "value");
  });

  test("a load that takes too long is aborted, and may be tried again", async () => {
    using cache = make.text();
    let aborted: unknown;
    let late!: (value: string) => void;
    const slow = (signal: AbortSignal): Promise<string> => {
      signal.addEventListener("abort", () => aborted = signal.reason);
      return new Promise((resolve) => late = resolve);
    };
    const waiting = [1, 2].map(() => cache.getOrSet("a", slow, { loadTimeoutMs: 20 }));
    for (const result of await Promise.allSettled(waiting)) {
      assert.ok(result.status === "rejected" && AgentError.is(result.reason, "TIMEOUT"));
      assert.equal(result.reason.details.timeoutMs, 20);
    }
    assert.ok(AgentError.is(aborted, "TIMEOUT"));
    assert.equal(await cache.getOrSet("a", () => "quick"), "quick");
    late("late");
    await after(0);
    assert.equal(cache.get("a"), "quick");
  });

  test("what is loaded has the times of the call", async () => {
    using cache = make.text({ ttlMs: 60_000 });
    await cache.getOrSet("a", () => "1", { ttlMs: 10 });
    await cache.getOrSet("b", () => "1");
    await after(10);
    assert.equal(cache.has("a"), false);
    assert.equal(cache.has("b"), true);
  });

  test("a loaded value is checked as a set value is", async () => {
    using cache = make.text({ maxBytes: 1_000 });
    await assert.rejects(cache.getOrSet("a", () => wrong(5)), TypeError);
    const heavy = await cache.getOrSet("a", () => "x".repeat(2_000));
    assert.equal(heavy.length, 2_000, "what is too heavy is returned");
    assert.equal(cache.has("a"), false, "and not kept");
    assert.throws(() => cache.set("a", heavy), (error) => AgentError.is(error, "TOO_LARGE"));
    await assert.rejects(cache.getOrSet("a", () => "1", { ttlMs: 0 }), RangeError);
    await assert.rejects(cache.getOrSet("a", () => "1", { loadTimeoutMs: -1 }), RangeError);
    await assert.rejects(cache.getOrSet(wrong(5), () => "1"), TypeError);
    await assert.rejects(cache.getOrSet("a", wrong("1")), TypeError);
    assert.equal(cache.size, 0);
    assert.equal(await cache.getOrSet("a", () => "ok"), "ok");
    using json = make.json();
    const mine = { list: [1] };
    const got = await json.getOrSet("a", () => mine);
    assert.notEqual(got, mine);
    assert.ok(Object.isFrozen(got) && Object.isFrozen((got as typeof mine).list));
  });

  test("closing ends the loads", async () => {
    const cache = make.text();
    let reason: unknown;
    const waiting = cache.getOrSet("a", (signal) => {
      signal.addEventListener("abort", () => reason = signal.reason);
      return new Promise<string>(() => {});
    });
    cache.close();
    await assert.rejects(waiting, (error) => AgentError.is(error, "CLOSED"));
    assert.ok(AgentError.is(reason, "CLOSED"));
  });

  test("in its grace an entry is served at once and loaded anew behind", async () => {
    using cache = make.text({ ttlMs: 20, graceMs: 60_000 });
    cache.set("a", "old");
    await after(20);
    assert.equal(cache.get("a"), undefined, "only getOrSet serves it");
    assert.equal(cache.has("a"), false);
    assert.equal(cache.peek("a"), undefined);
    assert.equal(cache.size, 0);
    assert.deepEqual(cache.keys(), []);
    assert.equal(cache.purgeExpired(), 0, "its time is counted as over already");
    assert.equal(cache.stats().bytes, 0);
    assert.equal(cache.stats().expirations, 1);
    const loader = gate<string>();
    assert.equal(await cache.getOrSet("a", loader.load, { ttlMs: 60_000 }), "old");
    assert.equal(await cache.getOrSet("a", loader.load), "old");
    assert.equal(loader.calls, 1);
    loader.open("new");
    await after(0);
    assert.equal(cache.get("a"), "new");
    assert.equal(cache.stats().entries, 1);
    assert.equal(cache.stats().expirations, 1);
  });

  test("a refresh that fails leaves the old value for its grace", async () => {
    using cache = make.text();
    cache.set("a", "old", { ttlMs: 10, graceMs: 60_000 });
    cache.set("b", "old", { ttlMs: 10, graceMs: 10 });
    await after(20);
    const fail = (): never => {
      throw new Error("down");
    };
    assert.equal(await cache.getOrSet("a", fail), "old");
    await after(0);
    assert.equal(await cache.getOrSet("a", fail), "old");
    await assert.rejects(cache.getOrSet("b", fail), /down/);
    assert.equal(cache.delete("a"), false);
    await assert.rejects(cache.getOrSet("a", fail), /down/);
  });
}
