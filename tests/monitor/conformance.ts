/**
 * What the machine's figures are, for every twin.
 *
 * Not part of the contract: that two readings of what changes are equal.
 */

import assert from "assertions";
import { memoryInfo } from "../../src/monitor/mod.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** Registers the suite for one twin. */
export function monitorConformance(twin: Twin): void {
  const test = (name: string, body: () => void): void => testOf("memoryInfo", twin, name, body);

  test("the figures are whole numbers that fit together", () => {
    const info = memoryInfo({ implementation: twin.name });
    const names = ["available", "cpus", "swapFree", "swapTotal", "total"];
    assert.deepEqual(Object.keys(info).sort(), names);
    for (const [name, value] of Object.entries(info)) {
      assert.ok(Number.isSafeInteger(value) && value >= 0, `${name}: ${value}`);
    }
    assert.ok(info.available > 0 && info.available <= info.total);
    assert.ok(info.swapFree <= info.swapTotal);
    assert.ok(info.cpus >= 1);
  });

  test("what does not change is the other twin's figure", () => {
    const { total, swapTotal, cpus } = memoryInfo({ implementation: twin.name });
    const system = Deno.systemMemoryInfo();
    assert.equal(total, system.total);
    assert.equal(swapTotal, system.swapTotal);
    assert.equal(cpus, navigator.hardwareConcurrency);
  });

  test("what changes is near what the system says, of the same unit", () => {
    const { available } = memoryInfo({ implementation: twin.name });
    const system = Deno.systemMemoryInfo();
    // Another unit would be wrong by a factor of 1,024; what other programs do in between is not.
    assert.ok(available > system.available / 4 && available < system.available * 4);
  });

  test("a wrong twin is a TypeError", () => {
    assert.throws(() => memoryInfo({ implementation: wrong("none") }), TypeError);
  });
}
