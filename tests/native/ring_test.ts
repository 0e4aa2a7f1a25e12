/** The ring from JavaScript's side, on the library that ships. */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import { until } from "../support/values.ts";
import { commonSymbols, open, test } from "./support.ts";

const testing = commonSymbols();

const IO_SLEEP = 0;
const CPU_SPIN = 1;
const CPU_PANIC = 2;
const IO_PANIC = 3;
const STREAM = 4;
const BYTES = 5;

/** Runs one of the library's test operations. */
function run(
  kind: number,
  amount: number,
  options?: { signal?: AbortSignal; onPiece?: (piece: Uint8Array) => void; credit?: number },
): Promise<number> {
  const { ring } = open();
  return ring.submit(
    "test",
    (id, operation, out, capacity) =>
      testing.agent_ffi_test_submit(id, operation, kind, amount, out, capacity),
    (payload) => payload.length,
    options,
  );
}

test("submit() resolves with the decoded payload", async () => {
  assert.equal(await run(BYTES, 12), 12);
  assert.equal(await run(BYTES, 0), 0);
  assert.equal(await run(IO_SLEEP, 1), 0);
});

test("submit() takes payloads larger than its buffer, among small ones", async () => {
  const sizes = [1, 3_000_000, 0, 65_536, 65_520, 65_521, 7];
  assert.deepEqual(await Promise.all(sizes.map((size) => run(BYTES, size))), sizes);
});

test("submit() takes thousands at once, over the ring's bound too", async () => {
  const lengths = await Promise.all(
    Array.from({ length: 70_000 }, (_, index) => run(BYTES, index % 9)),
  );
  assert.ok(lengths.every((length, index) => length === index % 9));
  assert.equal(open().ring.inFlight, 0);
});

test("submit() rejects with INTERNAL when the operation panics, and goes on", async () => {
  for (const kind of [CPU_PANIC, IO_PANIC]) {
    await assert.rejects(run(kind, 0), (error) => {
      assert.ok(AgentError.is(error, "INTERNAL"));
      assert.match(error.message, /on purpose/);
      return true;
    });
  }
  assert.equal(await run(BYTES, 1), 1);
});

test("submit() rejects at once when the signal is aborted already", async () => {
  const reason = new Error("no");
  await assert.rejects(run(CPU_SPIN, 60_000, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(open().ring.inFlight, 0);
});

for (const [name, kind] of [["computing", CPU_SPIN], ["waiting", IO_SLEEP]] as const) {
  test(`aborting stops the native work: ${name}`, async () => {
    const { ring } = open();
    const controller = new AbortController();
    const works = Array.from(
      { length: 8 },
      () => run(kind, 600_000, { signal: controller.signal }),
    );
    const settled = Promise.allSettled(works);
    assert.equal(testing.agent_ffi_active_tasks(), 8);
    controller.abort();
    for (const result of await settled) {
      assert.equal(result.status, "rejected");
      assert.equal(result.reason, controller.signal.reason);
    }
    await until(() => ring.inFlight === 0 && testing.agent_ffi_active_tasks() === 0);
  });
}

test("a stream brings every piece in order, whatever the credit", async () => {
  for (const credit of [1, 3, 1000]) {
    const seen: number[] = [];
    await run(STREAM, 500, {
      credit,
      onPiece: (piece) => seen.push(piece[0]! | piece[1]! << 8),
    });
    assert.deepEqual(seen, Array.from({ length: 500 }, (_, index) => index));
  }
});

test("a piece's callback may start operations", async () => {
  const more: Promise<number>[] = [];
  await run(STREAM, 50, { credit: 50, onPiece: () => void more.push(run(BYTES, 100)) });
  assert.deepEqual(await Promise.all(more), Array.from({ length: 50 }, () => 100));
});

test("what a callback starts and the same batch brings leaves no wait behind", async () => {
  for (let round = 0; round < 200; round++) {
    const more: Promise<number>[] = [];
    await run(STREAM, 3, { credit: 3, onPiece: () => void more.push(run(BYTES, 1)) });
    assert.deepEqual(await Promise.all(more), [1, 1, 1]);
  }
  assert.equal(open().ring.inFlight, 0);
});

test("a piece's callback that throws ends its own operation only", async () => {
  const bad = run(STREAM, 1_000_000, {
    onPiece: () => {
      throw new RangeError("taking");
    },
  });
  const [first, second] = await Promise.allSettled([bad, run(BYTES, 2)]);
  assert.equal(first.status === "rejected" && first.reason instanceof RangeError, true);
  assert.deepEqual(second, { status: "fulfilled", value: 2 });
  await until(() => open().ring.inFlight === 0);
});

test("a decoder that throws rejects its own operation only", async () => {
  const { ring } = open();
  const bad = ring.submit(
    "test",
    (id, operation, out, capacity) =>
      testing.agent_ffi_test_submit(id, operation, BYTES, 1, out, capacity),
    () => {
      throw new RangeError("decoding");
    },
  );
  const [first, second] = await Promise.allSettled([bad, run(BYTES, 2)]);
  assert.equal(first.status, "rejected");
  assert.deepEqual(second, { status: "fulfilled", value: 2 });
});

test("an operation of no known kind is a TypeError", async () => {
  await assert.rejects(run(77, 0), TypeError);
});
