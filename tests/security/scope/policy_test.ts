/** Which addresses may be scanned, decided without a packet. */

import assert from "assertions";
import {
  checkAddresses,
  lastsMs,
  type Policy,
  readAuthorization,
} from "../../../src/security/scope/policy.ts";
import {
  canonicalTarget,
  hostsOf,
  isIn,
  lastOf,
  networkOf,
} from "../../../src/security/scope/targets.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { wrong } from "../../support/values.ts";

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

function policy(own: readonly string[] | undefined, scope?: readonly string[]): Policy {
  return {
    networks: own?.map((text) => networkOf(text, "own")),
    authorized: scope &&
      readAuthorization({ scope, reference: "ticket 7", expires: TOMORROW }),
  };
}

function refused(address: string, by: Policy): string {
  try {
    checkAddresses("target", [address], by);
  } catch (error) {
    assert.ok(AgentError.is(error, "SCOPE"), `${error}`);
    return error.details.reason;
  }
  throw new Error(`${address} was let through`);
}

Deno.test("scope: loopback and the networks of this machine need nobody's word", () => {
  const near = policy(["192.168.7.20/24", "fd12::5/64"]);
  for (const address of ["127.0.0.1", "127.255.0.9", "::1", "192.168.7.1", "fd12::77"]) {
    assert.equal(checkAddresses("target", [address], near), null, address);
  }
  for (const address of ["192.168.8.1", "10.0.0.1", "fd13::1", "fe80::1"]) {
    assert.match(refused(address, near), /that this machine is not in/, address);
  }
  assert.match(refused("192.168.7.1", policy(undefined)), /not known whether/);
});

Deno.test("scope: a network of this machine that is not private is somebody else's", () => {
  assert.match(
    refused("203.0.113.9", policy(["203.0.113.7/24"])),
    /not an address of this machine/,
  );
  assert.match(refused("8.8.8.8", policy(["0.0.0.0/0"])), /not an address of this machine/);
});

Deno.test("scope: an authorisation opens its networks and no more", () => {
  const by = policy([], ["203.0.113.0/28", "2001:db8::/32"]);
  assert.equal(checkAddresses("target", ["203.0.113.5"], by), "ticket 7");
  assert.equal(checkAddresses("target", ["127.0.0.1", "2001:db8::1"], by), "ticket 7");
  assert.equal(checkAddresses("target", ["127.0.0.1"], by), null);
  assert.match(refused("203.0.113.16", by), /outside of the authorisation ticket 7/);
  assert.throws(() => checkAddresses("both.example", ["127.0.0.1", "8.8.8.8"], by), {
    code: "SCOPE",
  });
});

Deno.test("scope: some addresses are no targets whoever says so", () => {
  const all = policy(["192.168.7.20/24"], ["0.0.0.0/0", "::/0"]);
  for (
    const [address, why] of [
      ["169.254.169.254", /metadata/],
      ["100.100.100.200", /metadata/],
      ["fd00:ec2::254", /metadata/],
      ["64:ff9b::a9fe:a9fe", /metadata/],
      ["224.0.0.251", /multicast/],
      ["ff02::fb", /multicast/],
      ["255.255.255.255", /broadcast/],
      ["192.168.7.255", /broadcast address of a network of this machine/],
      ["0.0.0.0", /no host's/],
      ["0.255.1.1", /no host's/],
      ["::", /no host's/],
    ] as const
  ) assert.match(refused(address, all), why, address);
});

Deno.test("scope: loopback behind somebody's gateway is nobody's target", () => {
  const all = policy(["0.0.0.0/0", "::/0"], ["0.0.0.0/0", "::/0"]);
  for (
    const address of [
      "64:ff9b::7f00:1",
      "64:ff9b:1::7f00:1",
      "2002:7f00:1::",
      // Teredo, which turns the bits over.
      "2001::80ff:fffe",
      "::7f00:1",
      "::ffff:0:7f00:1",
    ]
  ) assert.match(refused(address, all), /behind somebody's gateway/, address);
  // A private address behind one is somebody's network, which a word may open.
  const near = policy(["10.0.0.0/8", "64:ff9b::/96"]);
  assert.match(refused("64:ff9b::a00:1", near), /not in|not an address/);
  assert.equal(checkAddresses("target", ["64:ff9b::a00:1"], all), "ticket 7");
});

Deno.test("scope: an authorisation bounds the time of a call that needs it", () => {
  const by = policy([], ["203.0.113.0/28"]);
  const left = lastsMs(by, true);
  assert.ok(left > 86_000_000 && left <= 86_400_000, `${left}`);
  assert.equal(lastsMs(by, false), Infinity);
  assert.equal(lastsMs(policy([]), true), Infinity);
});

Deno.test("scope: networks of an authorisation are written so that everybody reads them alike", () => {
  for (const network of ["010.0.0.0/8", "10/8", "10.1/16", "0xa.0.0.0/8", "167772160/8"]) {
    assert.throws(() => policy([], [network]), { name: "RangeError", message: /written plainly/ });
  }
  for (const network of ["10.0.0.0/8", " 10.0.0.0/8 ", "10.0.0.1", "FD00::/8", "fd00:0::1"]) {
    assert.equal(policy([], [network]).authorized!.networks.length, 1, network);
  }
});

Deno.test("scope: an authorisation that is none, or over, is refused", () => {
  const good = { scope: ["203.0.113.0/24"], reference: "ticket 7", expires: TOMORROW };
  assert.equal(readAuthorization(good)!.networks.length, 1);
  for (
    const change of [
      { scope: [] },
      { scope: wrong("203.0.113.0/24") },
      { scope: ["example.com"] },
      { scope: ["203.0.113.0/99"] },
      { reference: " " },
      { reference: wrong(7) },
      { expires: "soon" },
      { expires: wrong(undefined) },
    ]
  ) {
    assert.throws(
      () => readAuthorization({ ...good, ...change }),
      (error) => error instanceof TypeError || error instanceof RangeError,
      JSON.stringify(change),
    );
  }
  assert.throws(() => readAuthorization({ ...good, expires: "2020-01-01" }), { code: "SCOPE" });
  assert.throws(() => readAuthorization(wrong("yes")), TypeError);
});

Deno.test("targets: every spelling becomes one", () => {
  for (
    const [spelling, one] of [
      ["127.0.0.1", "127.0.0.1"],
      ["2130706433", "127.0.0.1"],
      ["0x7f.0.0.1", "127.0.0.1"],
      ["0177.1", "127.0.0.1"],
      ["::ffff:127.0.0.1", "127.0.0.1"],
      ["[::FFFF:7F00:1]", "127.0.0.1"],
      ["0:0:0:0:0:0:0:1", "::1"],
      ["EXAMPLE.com.", "example.com."],
    ] as const
  ) assert.equal(canonicalTarget(spelling), one);
  assert.throws(() => canonicalTarget("fe80::1%eth0"), { name: "TypeError", message: /zone/ });
});

Deno.test("targets: networks are read, counted and gone through", () => {
  const network = networkOf("192.168.1.77/30", "cidr");
  assert.deepEqual(hostsOf(network, "cidr", 10), ["192.168.1.77", "192.168.1.78"]);
  assert.equal(lastOf(network), "192.168.1.79");
  assert.ok(isIn("192.168.1.79", network) && !isIn("192.168.1.80", network));
  assert.ok(!isIn("::1", network));
  assert.deepEqual(hostsOf(networkOf("10.0.0.4/31", "cidr"), "", 10), ["10.0.0.4", "10.0.0.5"]);
  assert.deepEqual(hostsOf(networkOf("10.0.0.4", "cidr"), "", 10), ["10.0.0.4"]);
  assert.deepEqual(hostsOf(networkOf("fd00::ff/127", "cidr"), "", 10), ["fd00::fe", "fd00::ff"]);
  const wide = hostsOf(networkOf("10.0.0.0/22", "cidr"), "", 2_000);
  assert.equal(wide.length, 1_022);
  assert.equal(wide.at(-1), "10.0.3.254");
  for (const text of ["", "10.0.0.0/", "10.0.0.0/8/8", "example.com/24", "10.0.0.0/-1"]) {
    assert.throws(() => networkOf(text, "cidr"), (error) => error instanceof Error, text);
  }
});
