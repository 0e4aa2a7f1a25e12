/** The pace of scans, and the table of neighbours: what they make of answers and lines. */

import assert from "assertions";
import { parseNeighbours } from "../../../src/security/scan/neighbours.ts";
import { Host, Rates, Window } from "../../../src/security/scan/pace.ts";
import { Gate } from "../../../src/security/scope/gate.ts";

Deno.test("pace: the window doubles with answers, halves with silence, and grows slowly then", () => {
  const window = new Window(1_000);
  assert.equal(window.size, 128);
  for (let at = 0; at < 128; at++) window.answered();
  assert.equal(window.size, 256);
  for (let at = 0; at < 256; at++) window.unanswered();
  const halved = window.size;
  assert.ok(halved <= 128, `${halved}`);
  for (let at = 0; at < halved; at++) window.answered();
  assert.ok(window.size <= halved + 2, `${window.size}`);
  for (let at = 0; at < 100_000; at++) window.unanswered();
  assert.equal(window.size, 16);
  window.exhausted(4);
  assert.equal(window.size, 3);
  window.exhausted(0);
  assert.equal(window.size, 1);
  for (let at = 0; at < 2_000_000; at++) window.answered();
  assert.equal(window.size, 1_000);
  assert.equal(new Window(5).size, 5);
});

Deno.test("pace: a host is waited for as long as its answers take, longer in each round", () => {
  const host = new Host();
  assert.equal(host.wait(1_000, 1), 1_000);
  for (let at = 0; at < 100; at++) host.answered(80);
  assert.ok(host.wait(1_000, 1) < 120);
  assert.equal(host.wait(1_000, 2), host.wait(1_000, 1) * 2);
  assert.equal(host.wait(150, 3), 150);
  const near = new Host();
  near.answered(1);
  assert.equal(near.wait(1_000, 1), 100);
  assert.equal(near.wait(50, 1), 50);
});

Deno.test("pace: each host has its rate, and all have theirs together", () => {
  const rates = new Rates({ all: 100, host: 10 }, 0);
  const sent = Array<number>(20).fill(0);
  for (let ms = 0; ms < 10_000; ms++) {
    // One host asks without end, the others one after the other.
    for (const host of [0, ms % 20]) if (rates.take(host, ms) === 0) sent[host]!++;
  }
  const all = sent.reduce((sum, count) => sum + count);
  assert.ok(all >= 900 && all <= 1_003, `${all}`);
  assert.ok(sent[0]! >= 80 && sent[0]! <= 102, `${sent[0]}`);
  const free = new Rates({ all: Infinity, host: Infinity }, 0);
  for (let at = 0; at < 1_000; at++) assert.equal(free.take(1, 0), 0);
});

Deno.test("pace: single connections keep one rate for the whole process, loopback none", async () => {
  const started = performance.now();
  const passed: number[] = [];
  const pass = async (gate: Gate, address: string): Promise<void> => {
    await gate.pass(address, undefined);
    passed.push(performance.now());
  };
  const [one, other] = [new Gate({ all: 50, host: 20 }), new Gate({ all: 50, host: 20 })];
  await Promise.all([one, other, one].map((gate) => pass(gate, "203.0.113.1")));
  assert.ok(passed[2]! - started >= 99, `${passed[2]! - started} ms for three at 20 a second`);
  const before = performance.now();
  await Promise.all(["203.0.113.2", "203.0.113.3", "203.0.113.4"].map((to) => pass(other, to)));
  assert.ok(performance.now() - before >= 39, "three hosts at 50 a second");
  for (let at = 0; at < 1_000; at++) await one.pass("127.0.0.1", undefined);
  assert.deepEqual([one.passed, other.passed], [1_002, 4]);
  const slow = new Gate({ all: 0.001, host: 1 });
  await slow.pass("203.0.113.9", undefined);
  const enough = new AbortController();
  const waiting = slow.pass("203.0.113.9", enough.signal);
  const reason = new Error("enough");
  enough.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

Deno.test("neighbours: complete entries alone have a hardware address", () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.7.1      0x1         0x2         02:00:00:00:00:0A     *        eth0
192.168.7.9      0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.7.10     0x1         0x6         02:00:00:00:00:0b     *        eth0
`;
  assert.deepEqual([...parseNeighbours(table)], [
    ["192.168.7.1", "02:00:00:00:00:0a"],
    ["192.168.7.10", "02:00:00:00:00:0b"],
  ]);
  assert.equal(parseNeighbours("").size, 0);
});
