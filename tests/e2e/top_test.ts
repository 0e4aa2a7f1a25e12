/** `agent top` where there is no terminal: one look, as text, as a document, as a picture. */

import assert from "assertions";
import { testNeeding } from "../support/needs.ts";
import { twins } from "../support/twins.ts";
import { agent, Scratch } from "./helpers.ts";

const needs = [
  twins("monitor").native.missing,
  Deno.build.os === "linux" ? undefined : "only Linux has /proc",
];

testNeeding(needs, "top: without a terminal it is one look, as text", async () => {
  using scratch = new Scratch();
  const { code, stdout, stderr } = await agent(scratch, ["top", "--filter", String(Deno.pid)]);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0]!, /^agent top/);
  assert.ok(lines.some((line) => new RegExp(`^ +${Deno.pid} .* deno$`).test(line)), stdout);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /\x1b/);
  assert.ok(lines.every((line) => [...line].length <= 100));
});

testNeeding(
  needs,
  "top: the document is a snapshot, with the processes that were asked for",
  async () => {
    using scratch = new Scratch();
    const args = ["top", "--once", "--json", "--sort", "pid", "--filter", "deno"];
    const { code, stdout, stderr } = await agent(scratch, args);
    assert.equal(code, 0, stderr);
    const { cpu, memory, processes, implementation } = JSON.parse(stdout);
    assert.equal(implementation, "native");
    assert.ok(cpu.busy >= 0 && cpu.busy <= 1 && memory.total > 0);
    const list: { pid: number; name: string }[] = processes.list;
    assert.ok(list.some(({ pid }) => pid === Deno.pid));
    assert.ok(list.every(({ name }) => name.toLowerCase().includes("deno")));
    assert.deepEqual(list, list.slice().sort((a, b) => a.pid - b.pid));
    assert.ok(processes.count > list.length);
  },
);

testNeeding(needs, "top: one look has the alerts that fire in it", async () => {
  using scratch = new Scratch();
  const rules = ["memory.total>1", "memory.total>1", "memory.total>1:60", "memory.total<1"]
    .flatMap((rule) => ["--alert", rule]);
  const { code, stdout, stderr } = await agent(scratch, ["top", "--once", ...rules]);
  assert.deepEqual([code, stderr], [0, ""]);
  const alerts = stdout.split("\n").filter((line) => line.startsWith("! "));
  assert.equal(alerts.length, 1, stdout);
  assert.match(alerts[0]!, /^! memory\.total is \d+, above 1$/);
});

testNeeding(needs, "top: a picture of the size that was asked", async () => {
  using scratch = new Scratch();
  const file = `${scratch.path}/top.svg`;
  const args = ["top", "--svg", file, "--size", "120x40", "--samples", "3", "--interval", "0.1"];
  const { code, stdout, stderr } = await agent(scratch, args);
  assert.deepEqual([code, stdout], [0, ""], stderr);
  assert.match(await Deno.readTextFile(file), /^<svg [^>]*viewBox="0 0 968 712"[^]*<\/svg>\n$/);
});

testNeeding(needs, "top: the pure twin says what it may not read, and shows the rest", async () => {
  using scratch = new Scratch();
  const { code, stdout, stderr } = await agent(scratch, ["top", "--implementation", "pure"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^agent top .* pure/);
  assert.match(stdout, /^MEM +[\d.]+% /m);
  assert.match(stdout, /needs --allow-all or the native library/);
});

for (
  const [args, said] of [
    [["--sort", "size"], /--sort must be one of cpu, memory/],
    [["--interval", "0"], /--interval must be a number from 0\.1/],
    [["--once", "--size", "80"], /--size must be as in 100x40/],
    [["--once", "--size", "10x10"], /--size must be as in 100x40/],
    [["--alert", "cpu"], /--alert must be as in cpu\.busy>0\.9/],
    [["--alert", "cpu.nothing>1"], /--alert "cpu\.nothing>1": cpu has no figure "nothing"/],
    [["extra"], /one too many/],
  ] as const
) {
  testNeeding(needs, `agent top ${args.join(" ")}: says what is wrong`, async () => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = await agent(scratch, ["top", ...args]);
    assert.match(stderr, said);
    assert.deepEqual([code, stdout], [2, ""]);
  });
}
