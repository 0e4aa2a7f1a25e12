/** Runs the suite of createMonitor on both twins, and what needs a program of its own. */

import assert from "assertions";
import { deno, ROOT, temporary } from "../support/programs.ts";
import { twins } from "../support/twins.ts";
import { monitorConformance } from "./monitor_conformance.ts";

twins("monitor").each.forEach(monitorConformance);

/** Runs a program with a monitor. */
function program(body: string, ...flags: string[]) {
  const source = `import { createMonitor } from "${ROOT}src/monitor/mod.ts"; ${body}`;
  return deno(["eval", "--no-check", ...flags, source]);
}

Deno.test("createMonitor: a program ends though its monitor was never closed", async () => {
  const { code, stdout, stderr } = await program(`
    const monitor = createMonitor({
      implementation: "pure", history: 10, intervalMs: 100, include: ["memory"],
      thresholds: [{ metric: "self.rss", above: 1 }],
    });
    monitor.alerts()[Symbol.asyncIterator]();
    await monitor.snapshot();
    for await (const _ of monitor) break;
    console.log("end");`);
  assert.equal(stderr, "");
  assert.equal(stdout, "end\n");
  assert.equal(code, 0);
});

Deno.test("createMonitor: a program lives while it waits for an alert", async () => {
  const { code, stdout } = await program(`
    const monitor = createMonitor({
      implementation: "pure", intervalMs: 100, include: [],
      thresholds: [{ metric: "self.rss", above: 1, forMs: 500 }],
    });
    for await (const { state } of monitor.alerts()) { console.log(state); break; }`);
  assert.equal(stdout, "firing\n");
  assert.equal(code, 0);
});

Deno.test("createMonitor: without any permission it works, says why it knows little, and asks nobody", async () => {
  const source = `import { createMonitor } from "${ROOT}src/monitor/mod.ts";
    await using monitor = createMonitor();
    const { unavailable, self, memory } = await monitor.snapshot();
    console.log(JSON.stringify({ unavailable, rss: self.rss, memory }));`;
  await temporary(async (folder) => {
    const path = `${folder}/program.ts`;
    await Deno.writeTextFile(path, source);
    const { stdout, stderr } = await deno(["run", "--no-prompt", "--no-check", path]);
    assert.equal(stderr, "");
    const { unavailable, rss, memory } = JSON.parse(stdout);
    assert.ok(rss > 1_000_000);
    assert.equal(memory, null);
    assert.match(unavailable.memory, /--allow-sys/);
    assert.match(unavailable.processes, /--allow-all/);
  });
});
