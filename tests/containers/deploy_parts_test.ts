/** The parts of deployments that need no engine: hiding secrets, the table of sockets, digests, owners. */

import assert from "assertions";
import { readPorts } from "../../src/containers/deploy/port_options.ts";
import { lockedReference, rememberDigest } from "../../src/containers/deploy/lock.ts";
import { hideSecrets, newId, newToken, printable } from "../../src/containers/deploy/secret.ts";
import { isConnected, listenersAt } from "../../src/containers/deploy/reach.ts";
import {
  forgetOwner,
  isOwnerGone,
  newOwner,
  ownerLabels,
  readOwnership,
} from "../../src/containers/policy/mod.ts";
import { readWait } from "../../src/containers/templates/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { plainTemplate } from "./fake_support.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agent-parts-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("secrets: tokens are random, long and need no quoting", () => {
  const tokens = new Set(Array.from({ length: 1000 }, newToken));
  assert.equal(tokens.size, 1000);
  for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.match(newId(), /^[0-9a-f]{12}$/);
});

Deno.test("secrets: they are hidden in every spelling that programs use", () => {
  const secret = 'p@ss "wörd"/+&';
  const spellings = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    new TextEncoder().encode(secret).toBase64(),
    new TextEncoder().encode(`${secret}\n`).toBase64(),
  ];
  for (const spelling of spellings) {
    const shown = hideSecrets(`before ${spelling} after`, [secret]);
    assert.match(shown, /^before "?\[hidden\].{0,4}"? after$/, shown);
  }
  assert.equal(hideSecrets("one\nline two", ["first line\nline two"]), "one\n[hidden]");
  assert.equal(hideSecrets("abcdefgh abcdef", ["abcdef", "abcdefgh"]), "[hidden] [hidden]");
  // A word that is no secret stays readable, and a secret is no pattern.
  assert.equal(hideSecrets("dev on a+b.c+", ["dev", "a+b.c*"]), "dev on a+b.c+");
  assert.equal(hideSecrets("nothing", []), "nothing");
});

Deno.test("secrets: what programs say steers no terminal", () => {
  assert.equal(printable("\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07 x\r\n"), "red   ]0;title  x");
});

Deno.test("wait: the kernel's table says who listens", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000
   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000
   2: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
`;
  assert.deepEqual(listenersAt(table, 8080), ["00000000"]);
  assert.deepEqual(listenersAt(table, 22), ["0".repeat(32)]);
  for (const port of [80, 50000]) assert.deepEqual(listenersAt(table, port), []);
  assert.deepEqual(listenersAt("", 1), []);
  assert.deepEqual([8080, 80].map((port) => isConnected(table, port)), [false, true]);
  assert.deepEqual(listenersAt("nonsense\n0: x y 0A", 1), []);
});

Deno.test("wait: exactly one thing is waited for", () => {
  assert.deepEqual(readWait({ port: 80, timeoutMs: 5 }, "w"), { port: 80, timeoutMs: 5 });
  assert.deepEqual(readWait({ http: { port: 80 } }, "w"), {
    http: { port: 80, path: "/", status: undefined },
  });
  for (
    const wait of [
      {},
      { port: 1, log: "x" },
      { port: 0 },
      { log: "" },
      { healthy: false },
      { running: "yes" },
      { http: { port: 80, path: "x" } },
      { http: { port: 80, path: "/a b" } },
      { http: { port: 80, status: [99] } },
      { http: { port: 80, host: "elsewhere" } },
      { timeoutMs: 5 },
      { port: 80, timeoutMs: 0 },
      null,
    ]
  ) assert.throws(() => readWait(wait, "w"), Error, JSON.stringify(wait));
});

Deno.test("lock: a digest is written once, and read again", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/lock.json`;
    const digest = `sha256:${"a".repeat(64)}`;
    assert.equal(await lockedReference(file, "debian:12"), undefined);
    await rememberDigest(file, "debian:12", []);
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    await rememberDigest(file, "debian:12", [`debian@${digest}`]);
    await rememberDigest(file, "debian:12", [`debian@sha256:${"b".repeat(64)}`]);
    await rememberDigest(file, "alpine:3", [`alpine@${digest}`]);
    assert.equal(await lockedReference(file, "debian:12"), `debian:12@${digest}`);
    assert.equal(await lockedReference(file, `debian@${digest}`), undefined);
    assert.deepEqual(Object.keys(JSON.parse(await Deno.readTextFile(file))), [
      "alpine:3",
      "debian:12",
    ]);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
      "lock.json",
    ]);
    for (const text of ["", "[]", '{"a":"latest"}', '{"a":1}', '{"a":"sha256:x; rm"}']) {
      await Deno.writeTextFile(file, text);
      await assert.rejects(lockedReference(file, "a"), (error) => AgentError.is(error, "CORRUPT"));
    }
  });
});

Deno.test("owner: its lock tells whether it is there, and nothing is known without one", async () => {
  await inFolder(async (folder) => {
    const self = await newOwner(folder);
    const other = await newOwner(folder);
    const labels = ownerLabels(other, "run", { createdMs: 0, expiresMs: 5, detached: true });
    assert.equal(labels["agent.created"], "1970-01-01T00:00:00.000Z");
    const ownership = readOwnership(labels)!;
    assert.deepEqual(
      [ownership.kind, ownership.owner, ownership.expiresMs, ownership.detached],
      ["run", other.id, 5, true],
    );
    assert.equal(await isOwnerGone(ownership, self), false);
    assert.equal(
      await isOwnerGone(readOwnership(ownerLabels(self, "run", { createdMs: 0 }))!, self),
      false,
    );

    // As if it had been killed: the file stays, its lock does not.
    const left = `${folder}/${"c".repeat(32)}.lock`;
    await Deno.writeTextFile(left, "");
    const killed = { ...ownership, owner: "c".repeat(32) };
    assert.equal(await isOwnerGone(killed, self), true);
    forgetOwner("c".repeat(32), self);
    await assert.rejects(Deno.stat(left), Deno.errors.NotFound);

    // Of a stranger nothing is known, whatever it calls itself.
    const stranger = { ...ownership, pid: null, start: null, place: null };
    for (const owner of ["d".repeat(32), "../../etc/passwd", "", null]) {
      assert.equal(await isOwnerGone({ ...stranger, owner }, self), null);
    }
    forgetOwner("../x", self);
    other[Symbol.dispose]();
    self[Symbol.dispose]();
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test("owner: labels that are not ours, or say nonsense", () => {
  assert.equal(readOwnership(null), null);
  assert.equal(readOwnership({}), null);
  assert.equal(readOwnership({ "agent.runtime": "2" }), null);
  const nonsense = readOwnership({
    "agent.runtime": "1",
    "agent.created": "yesterday",
    "agent.expires": "never",
    "agent.host-pid": "-1",
  })!;
  assert.deepEqual([nonsense.createdMs, nonsense.expiresMs, nonsense.pid], [null, null, null]);
});

Deno.test("ports: the number of a template's port is that port, as its name is", () => {
  const listed = [
    { container: 8000 },
    { container: 53, name: "dns", protocol: "udp" },
    { container: 22, name: "shell" },
  ];
  const template = plainTemplate({ network: "bridge", ports: listed });
  const usual = readPorts(template, undefined);
  for (const key of ["8000", "08000", "port-8000"]) {
    const ports = readPorts(template, { [key]: 18_222 });
    assert.deepEqual(ports, [{ ...usual[0], host: 18_222 }, usual[1], usual[2]], key);
  }
  assert.deepEqual(readPorts(template, { 53: 18_053, shell: { host: 18_022 } }), [
    usual[0],
    { container: 53, protocol: "udp", host: 18_053 },
    { container: 22, protocol: "tcp", host: 18_022 },
  ]);
  // One that the template has not is one more.
  assert.deepEqual(readPorts(template, { 9000: 19_000 }), [...usual, {
    container: 9000,
    host: 19_000,
  }]);
  for (const given of [{ 22: 1_022, shell: 1_022 }, { 9000: 1, "09000": 2 }]) {
    assert.throws(
      () => readPorts(template, given),
      /is the same port as options\.ports\.\S+; give/,
    );
  }
  const both = plainTemplate({
    network: "bridge",
    ports: [{ container: 53, name: "dns", protocol: "udp" }, { container: 53, name: "dns-tcp" }],
  });
  assert.throws(
    () => readPorts(both, { 53: 1 }),
    /has dns \(udp\) and dns-tcp \(tcp\) at 53; give/,
  );
  assert.throws(() => readPorts(both, { dn: 1 }), /has no port "dn"/);
});
