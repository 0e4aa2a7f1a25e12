/** The pace of scans, and the table of neighbours: what they make of answers and lines. */

import assert from "assertions";
import { parseNeighbours } from "../../../src/security/scan/neighbours.ts";
import { Host, Window } from "../../../src/security/scan/pace.ts";

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
