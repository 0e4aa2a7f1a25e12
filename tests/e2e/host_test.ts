/** `agent connections` and `agent threats`, as a person runs them. */

import assert from "assertions";
import { twins } from "../support/twins.ts";
import { testNeeding } from "../support/needs.ts";
import { agent, Scratch } from "./helpers.ts";

const needs = [
  twins("security").native.missing,
  Deno.build.os === "linux" ? undefined : "only Linux has /proc",
];

testNeeding(
  needs,
  "connections: a listener of ours is in the list and in the document",
  async () => {
    using scratch = new Scratch();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const place = `127.0.0.1:${listener.addr.port}`;
    const listed = await agent(scratch, ["connections", "--state", "listen"]);
    assert.equal(listed.code, 0, listed.stderr);
    const lines = listed.stdout.split("\n");
    assert.match(lines[0]!, /^PROTO +LOCAL +REMOTE +STATE +PROCESS +USER$/);
    const line = lines.find((one) => one.includes(` ${place} `));
    assert.match(line ?? "", new RegExp(`^tcp .* listen .*\\(${Deno.pid}\\)`));
    const { code, stdout } = await agent(scratch, ["connections", "--json"]);
    assert.equal(code, 0);
    const { connections } = JSON.parse(stdout) as {
      connections: { pid: number; local: { port: number } | null }[];
    };
    const found = connections.find(({ local }) => local?.port === listener.addr.port);
    assert.equal(found?.pid, Deno.pid);
  },
);

testNeeding(needs, "threats: rules can be listed, chosen and left out", async () => {
  using scratch = new Scratch();
  const { stdout } = await agent(scratch, ["threats", "--list", "--json"]);
  const { rules } = JSON.parse(stdout) as { rules: { id: string }[] };
  assert.ok(rules.length >= 20);
  const none = rules.flatMap(({ id }) => ["--exclude", id]);
  const found = await agent(scratch, ["threats", "--json", ...none]);
  assert.deepEqual([found.code, JSON.parse(found.stdout)], [0, { threats: [] }], found.stderr);
  const text = await agent(scratch, ["threats", "--rule", "hidden-process"]);
  assert.equal(text.code, 0, text.stderr);
});

for (
  const [args, said] of [
    [["connections", "--every", "2"], /--every goes with --watch only/],
    [["connections", "--watch", "--json"], /--watch goes with no --json/],
    [["connections", "--state", "open"], /--state must be one of listen/],
    [["threats", "--rule", "no-such"], /no rule "no-such"/],
    [["threats", "--implementation", "pure"], /--allow-all/],
  ] as const
) {
  testNeeding(needs, `agent ${args.join(" ")}: says what is wrong`, async () => {
    using scratch = new Scratch();
    const { code, stdout, stderr } = await agent(scratch, args.slice());
    assert.equal(code, args.includes("pure" as never) ? 1 : 2);
    if (!args.includes("--json" as never)) assert.equal(stdout, "");
    assert.match(stderr, said);
  });
}
