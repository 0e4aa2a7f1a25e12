/** What is shown of command lines, and which container a group belongs to. */

import assert from "assertions";
import fc from "fast-check";
import { addressOf } from "../../../src/security/host/address.ts";
import { shownCommand } from "../../../src/security/host/command.ts";
import { containerOf } from "../../../src/security/host/container.ts";
import { fileOf } from "../../../src/security/host/processes.ts";

const SECRET = "hunter2";

Deno.test("shownCommand(): no secret stays, in any of the ways in which programs take one", () => {
  const lines: string[][] = [
    ["app", "--password", SECRET],
    ["app", `--password=${SECRET}`],
    ["app", "--db-password", SECRET, "--port", "80"],
    ["app", `--api-key:${SECRET}`],
    ["app", "-token", SECRET],
    ["mysql", `-p${SECRET}`],
    ["/usr/bin/sshpass", "-p", SECRET, "ssh", "host"],
    ["redis-cli", "-a", SECRET],
    ["curl", "-u", `me:${SECRET}`, "http://h/"],
    ["curl", "-H", `Authorization: Bearer ${SECRET}`, "http://h/"],
    ["curl", `https://me:${SECRET}@h/x`],
    ["env", `DB_PASSWORD=${SECRET}`, "app"],
    ["docker", "run", `--env=DB_PASSWORD=${SECRET}`, "app"],
    ["app", `/etc/x-token=${SECRET}`],
    ["sh", "-c", `PGPASSWORD='${SECRET} x' psql`],
    ["sh", "-c", `curl -d '{"token": "${SECRET}"}' h`],
    ["app", "postgres://me:" + SECRET + "@h/db"],
  ];
  for (const line of lines) {
    const shown = shownCommand(line.map((part) => `${part}\0`).join(""));
    assert.ok(!shown.includes(SECRET), shown);
    assert.ok(shown.startsWith(line[0]!), shown);
    assert.ok(shown.includes("[SECRET]"), shown);
  }
});

Deno.test("shownCommand(): no command line is made so that it takes long", () => {
  // Sixteen times what is read of one: searches that begin anew at each place would take hours.
  for (
    const unit of ["-pass", "-token-", "pass", "-", "a.", "x://a", "auth \t", "a:", "=auth", '"']
  ) {
    const line = unit.repeat(65_536 / unit.length);
    assert.ok(shownCommand(`app\0${line}\0--password\0${SECRET}\0`).endsWith("[SECRET]"), unit);
  }
});

Deno.test("shownCommand(): what is no secret stays, and nothing acts on a terminal", () => {
  assert.equal(shownCommand(""), "");
  assert.equal(shownCommand("sshd\0-D\0"), "sshd -D");
  assert.equal(shownCommand("a\0b c\0\0d\0"), "a 'b c' '' d");
  assert.equal(
    shownCommand("redis-server 127.0.0.1:6379\0\0\0\0"),
    "'redis-server 127.0.0.1:6379'",
  );
  assert.equal(shownCommand("x\0--password\0--verbose\0"), "x --password --verbose");
  for (
    const plain of ["-v /etc/auth:/etc/auth:ro", "--password.file=/run/x", "author/token:latest"]
  ) {
    assert.equal(shownCommand(`x\0${plain.replaceAll(" ", "\0")}\0`), `x ${plain}`);
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (raw) => {
      assert.doesNotMatch(shownCommand(raw), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
    { seed: 7, numRuns: 300 },
  );
});

Deno.test("containerOf(): the places where engines put a container's id", () => {
  const id = "9f".repeat(32);
  for (
    const [line, engine] of [
      [`0::/system.slice/docker-${id}.scope`, "docker"],
      [`12:memory:/docker/${id}`, "docker"],
      [`0::/machine.slice/libpod-${id}.scope/container`, "podman"],
      [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`, "containerd"],
      [`0::/kubepods/burstable/pod1/crio-${id}.scope`, "cri-o"],
      [`1:cpu:/kubepods/besteffort/pod1/${id}`, "unknown"],
    ] as const
  ) {
    assert.deepEqual(containerOf(`1:name=x:/\n${line}\n`), { engine, id }, line);
  }
  assert.deepEqual(containerOf("0::/lxc.payload.web/init.scope\n"), { engine: "lxc", id: "web" });
  for (const groups of ["", "0::/", "0::/user.slice/user-0.slice", "broken", `0::/docker-${id}x`]) {
    assert.equal(containerOf(groups), null, groups);
  }
});

Deno.test("fileOf(): a file that is called so is none that is gone", () => {
  assert.deepEqual(fileOf("/x (deleted)", null), { executable: "/x", deleted: true });
  assert.deepEqual(fileOf("/x (deleted)", 0), { executable: "/x", deleted: true });
  assert.deepEqual(fileOf("/x (deleted)", 1), { executable: "/x (deleted)", deleted: false });
  assert.deepEqual(fileOf("/x", 1), { executable: "/x", deleted: false });
  assert.deepEqual(fileOf(null, 1), { executable: null, deleted: null });
});

Deno.test("addressOf(): addresses in the spelling of RFC 5952, as the URL standard has them", () => {
  const word = fc.constantFrom("00000000", "01000000", "0000FFFF", "B80D0120", "00000001");
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), (words) => {
      const address = addressOf(words.join(""));
      const bytes = words.flatMap((text) =>
        [6, 4, 2, 0].map((at) => text.slice(at, at + 2).toLowerCase())
      );
      const full = Array.from({ length: 8 }, (_, at) => bytes.slice(2 * at, 2 * at + 2).join(""));
      // A mapped address is dotted, which the URL standard writes in groups.
      const canonical = (text: string): string => new URL(`http://[${text}]/`).hostname;
      assert.equal(canonical(address), canonical(full.join(":")));
      if (!address.includes(".")) assert.equal(`[${address}]`, canonical(full.join(":")));
    }),
    { seed: 3, numRuns: 400 },
  );
});
