/** `agent connections`, `agent picture` and `agent threats`, as a person runs them. */

import assert from "assertions";
import { twins } from "../support/twins.ts";
import type { HostPicture } from "../../src/security/mod.ts";
import { selfSigned } from "../support/certificates.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
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
  assert.deepEqual(
    [found.code, JSON.parse(found.stdout)],
    [0, { threats: [], skipped: {} }],
    found.stderr,
  );
  const text = await agent(scratch, ["threats", "--rule", "hidden-process"]);
  assert.equal(text.code, 0, text.stderr);
});

testNeeding(needs, "threats: a finding says which process it is about", async () => {
  using scratch = new Scratch();
  const program = `${scratch.path}/.hidden`;
  Deno.copyFileSync(Deno.realPathSync("/bin/sleep"), program);
  Deno.chmodSync(program, 0o755);
  const child = new Deno.Command(program, { args: ["300"] }).spawn();
  try {
    const { code, stdout, stderr } = await agent(scratch, ["threats", "--rule", "hidden-name"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^  pid ${child.pid}, process `, "m"));
  } finally {
    child.kill();
    await child.status;
  }
});

testNeeding(
  [...needs, programMissing("openssl", "openssl")],
  "picture: a port of ours with its process and its certificate, in every form",
  async () => {
    using scratch = new Scratch();
    const { cert, key } = await selfSigned(scratch.path);
    using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
    const serving = (async () => {
      for await (const connection of listener) {
        connection.handshake().catch(() => {}).finally(() => connection.close());
      }
    })();
    const { port } = listener.addr;
    const document = await agent(scratch, ["picture", "--json"]);
    assert.equal(document.code, 0, document.stderr);
    const { ports } = JSON.parse(document.stdout) as HostPicture;
    const found = ports.find((one) => one.protocol === "tcp" && one.port === port)!;
    assert.deepEqual(found.processes.map(({ pid }) => pid), [Deno.pid]);
    assert.ok(found.tls, found.tlsReason ?? "");
    assert.deepEqual([found.tls.subject, found.tls.selfSigned], ["CN=shop", true]);
    assert.deepEqual(found.findings.map(({ rule }) => rule), ["certificate-expires-soon"]);
    const text = await agent(scratch, ["picture"]);
    const block = text.stdout.split("\n\n").find((one) => one.startsWith(`tcp ${port} `));
    assert.match(block ?? "", new RegExp(`process +deno \\(${Deno.pid}\\)`));
    assert.match(block ?? "", /certificate TLS 1\.3, CN=shop, self-signed, until/);
    const svg = await agent(scratch, ["picture", "--format", "svg", "--no-certificates"]);
    assert.match(svg.stdout, /^<svg [^]*<\/svg>\n$/);
    assert.ok(svg.stdout.includes(`tcp ${port}`));
    assert.ok(!svg.stdout.includes("CN=shop"));
    listener.close();
    await serving.catch(() => {});
  },
);

for (
  const [args, said] of [
    [["connections", "--every", "2"], /--every goes with --watch only/],
    [["connections", "--watch", "--json"], /--watch goes with no --json/],
    [["connections", "--state", "open"], /--state must be one of listen/],
    [["picture", "--format", "svg", "--json"], /two forms/],
    [["picture", "--format", "png"], /--format must be one of text, svg/],
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
