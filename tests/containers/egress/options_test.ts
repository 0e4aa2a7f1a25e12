/** What a box may reach, as it is read before anything is made; and the proxy's program. */

import assert from "assertions";
import { judgeEgress } from "../../../src/containers/egress/allow.ts";
import { readEvent, readState } from "../../../src/containers/egress/log.ts";
import { findProgram, PROGRAM } from "../../../src/containers/egress/program.ts";
import { addressKind } from "../../../src/shared/addresses.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import fc from "fast-check";
import { testNeeding } from "../../support/needs.ts";
import { BUILT, start, temporary } from "../../support/programs.ts";
import { wrong } from "../../support/values.ts";

/** The rules of a list, as `host:port`. */
function rules(...allow: string[]): string[] {
  return judgeEgress({ allow }).rules.map(({ host, below, port }) =>
    `${below ? "*." : ""}${host}:${port}`
  );
}

Deno.test("egress: hosts are read in their one spelling", () => {
  assert.deepEqual(
    rules("Example.ORG.:443", "*.example.org:8443", "bücher.example:80", "a_b.test:1"),
    ["example.org:443", "*.example.org:8443", "xn--bcher-kva.example:80", "a_b.test:1"],
  );
  assert.deepEqual(rules("93.184.216.34:80", "[2606:2800:21F::1]:65535"), [
    ...["93.184.216.34:80", "2606:2800:21f::1:65535"],
  ]);
  assert.deepEqual(rules(), []);
  const { rules: [any, tls] } = judgeEgress({ allow: ["a.test:443/tcp", "a.test:443"] });
  assert.deepEqual([any!.any, tls!.any, any!.port], [true, false, 443]);
});

Deno.test("egress: what is no host with a port is an error", () => {
  for (
    const text of [
      ...["", "example.org", "example.org:", "example.org:0", "example.org:65536", ":443", "*:443"],
      ...["*.org:443", "*.*.example.org:443", "a.*.org:443", "https://example.org:443", "a/b:1"],
      ...["user@example.org:443", "a b:1", "example.org:443,other:1", "example..org:1", "::1:80"],
      ...["*.93.184.216.34:80", "example.org:+1", "example.org:443\n", "[::1:80", "-\0:1"],
      ...["a.test:443/udp", "a.test:443/", "a.test:443/TCP", "a.test/tcp:443"],
    ]
  ) {
    assert.throws(() => rules(text), RangeError, JSON.stringify(text));
  }
  assert.throws(() => judgeEgress(wrong({ allow: "example.org:443" })), TypeError);
  assert.throws(() => judgeEgress(wrong({ allow: [1] })), TypeError);
  assert.throws(() => judgeEgress(wrong({ allow: [], allowPrivat: true })), /allowPrivate/);
  assert.throws(() => judgeEgress(wrong({ allow: [], limits: { conections: 1 } })), /connections/);
  assert.throws(() => judgeEgress({ allow: [], limits: { connections: 0 } }), RangeError);
  assert.throws(() => judgeEgress({ allow: [], dns: ["example.org"] }), Error);
  assert.throws(() => judgeEgress({ allow: [], dns: ["192.0.2.1:0"] }), RangeError);
  const many = Array.from({ length: 257 }, (_, index) => `a${index}.test:80`);
  assert.throws(() => judgeEgress({ allow: many }), RangeError);
  const ports = Array.from({ length: 65 }, (_, index) => `a.test:${index + 1}`);
  assert.throws(() => judgeEgress({ allow: ports }), RangeError);
});

Deno.test("egress: an address that nothing may reach is refused, however it is written", () => {
  const refused = (text: string, allowPrivate: boolean): boolean => {
    try {
      judgeEgress({ allow: [text], allowPrivate });
      return false;
    } catch (error) {
      assert.ok(error instanceof AgentError && error.code === "SCOPE", `${text}: ${error}`);
      return true;
    }
  };
  for (const text of ["127.0.0.1:80", "0x7f.1:80", "2130706433:80", "10.1:80", "[fd00::1]:80"]) {
    assert.equal(refused(text, false), true, text);
    assert.equal(refused(text, true), false, text);
  }
  for (
    const text of ["169.254.169.254:80", "[::ffff:a9fe:a9fe]:80", "0.0.0.0:80", "224.0.0.1:80"]
  ) {
    assert.equal(refused(text, true), true, text);
  }
  // What it is, and whether anything opens it, is said.
  for (
    const [host, words] of [
      ["10.9.9.9", "10.9.9.9 is a private address, which allowPrivate opens"],
      ["0x7f.1", "127.0.0.1 is a loopback address, which allowPrivate opens"],
      ["[fe80::1]", "fe80::1 is a link-local address, which allowPrivate opens"],
      ["240.0.0.1", "240.0.0.1 is a reserved address, which nothing opens"],
      ["255.255.255.255", "255.255.255.255 is a broadcast address, which nothing opens"],
    ] as const
  ) {
    assert.throws(() => judgeEgress({ allow: [`${host}:80`] }), {
      message: `A sandbox cannot reach ${host}:80: ${words}`,
    });
  }
});

Deno.test("egress: nothing is taken from the log that is not of its type", () => {
  assert.equal(readEvent("no JSON"), undefined);
  assert.equal(readEvent("null"), undefined);
  assert.equal(readEvent('{"event":"other"}'), undefined);
  assert.equal(readState('{"event":"allowed"}'), undefined);
  assert.deepEqual(readState('{"event":"failed","reason":7}'), {
    event: "failed",
    reason: "",
    detail: "",
  });
  const line = { event: "refused", connection: -1, via: "x", host: "a\u001b[2Jb", port: "80" };
  assert.deepEqual(readEvent(JSON.stringify(line)), {
    event: "refused",
    time: "1970-01-01T00:00:00.000Z",
    connection: 0,
    via: "connect",
    host: "a\ufffd[2Jb",
    port: 0,
    address: null,
    reason: null,
    detail: null,
  });
});

/** Why the program cannot be tested. */
function programMissing(): string | undefined {
  try {
    Deno.statSync(`${BUILT}${PROGRAM}`);
    return undefined;
  } catch {
    return `${PROGRAM} is not built (scripts/setup)`;
  }
}

testNeeding([programMissing()], "egress: the program is for the engine's processor", async () => {
  const { digest } = await findProgram(Deno.build.arch);
  assert.match(digest, /^[0-9a-f]{16}$/);
  for (const other of [Deno.build.arch === "x86_64" ? "aarch64" : "x86_64", "s390x"]) {
    await assert.rejects(
      findProgram(other),
      (error) => error instanceof AgentError && error.code === "NATIVE_REQUIRED",
    );
  }
});

Deno.test("egress: a program that wants a loader is none for an image without one", async () => {
  await temporary(async (folder) => {
    const head = new Uint8Array(120);
    head.set([127, 69, 76, 70, 2, 1]);
    const view = new DataView(head.buffer);
    view.setUint16(18, 62, true);
    view.setBigUint64(32, 64n, true);
    view.setUint16(54, 56, true);
    view.setUint16(56, 1, true);
    const before = Deno.env.get("AGENT_NATIVE_DIR");
    Deno.env.set("AGENT_NATIVE_DIR", folder);
    try {
      for (const [kind, isFound] of [[1, true], [3, false]] as const) {
        view.setUint32(64, kind, true);
        await Deno.writeFile(`${folder}/${PROGRAM}`, head);
        if (isFound) assert.equal((await findProgram("x86_64")).path, `${folder}/${PROGRAM}`);
        else {
          await assert.rejects(
            findProgram("x86_64"),
            (error) =>
              AgentError.is(error, "NATIVE_REQUIRED") && /linked statically/.test(error.message),
          );
        }
      }
    } finally {
      if (before === undefined) Deno.env.delete("AGENT_NATIVE_DIR");
      else Deno.env.set("AGENT_NATIVE_DIR", before);
    }
  });
});

testNeeding(
  [programMissing()],
  "egress: the proxy knows what kind of place an address is, as this package does",
  async () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    const heads = [
      "::ffff:",
      "64:ff9b::",
      "64:ff9b:1::",
      "2002:",
      "2001:0:",
      "fe80:",
      "fc00:",
      "::",
    ];
    const six = fc.oneof(
      words.map((parts) => parts.map((part) => part.toString(16)).join(":")),
      fc.tuple(fc.constantFrom(...heads), words).map(([head, parts]) => {
        const given = head.split(":").filter((part) => part !== "").length;
        const rest = head.includes("::") ? 2 : 8 - given;
        return head + parts.slice(0, rest).map((part) => part.toString(16)).join(":");
      }),
    );
    const four = fc.oneof(
      fc.ipV4(),
      fc.tuple(
        fc.constantFrom(
          "10",
          "100.64",
          "127",
          "169.254",
          "172.31",
          "192.0.0",
          "198.19",
          "224",
          "255",
        ),
        fc.ipV4(),
      ).map(([head, address]) => [...head.split("."), ...address.split(".")].slice(0, 4).join(".")),
    );
    const known = [
      "169.254.169.254",
      "100.100.100.200",
      "fd00:ec2::254",
      "::",
      "::1",
      "no address",
    ];
    const sampled = fc.sample(fc.oneof(four, six), { numRuns: 3000, seed: 7 });
    const addresses = [...known, ...sampled];
    const { stdout, code } = await start(`${BUILT}${PROGRAM}`, ["--address-kinds"], {
      stdin: addresses.join("\n"),
    });
    assert.equal(code, 0);
    const kinds = stdout.trim().split("\n");
    assert.equal(kinds.length, addresses.length);
    for (const [index, address] of addresses.entries()) {
      assert.equal(kinds[index], addressKind(address), address);
    }
  },
);
