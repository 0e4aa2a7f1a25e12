/**
 * What probing a port does, for every twin.
 *
 * Not part of the contract: the wording of messages, and how long an answer takes.
 */

import assert from "assertions";
import { AgentError } from "../../src/shared/errors.ts";
import {
  type AuditEntry,
  type PortProbe,
  type ProbeOptions,
  probePort,
} from "../../src/security/mod.ts";
import { unusedPort, withSilentPort } from "../support/servers.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

/** Registers the suite for one twin. */
export function securityConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("probePort", twin, name, async () => {
      await body();
      await twin.idle();
    });
  const probe = (host: string, port: number, options: ProbeOptions = {}): Promise<PortProbe> =>
    probePort(host, port, { implementation: twin.name, timeoutMs: 5_000, ...options });
  /** Checks the time, which no test may compare, and gives the rest. */
  const withoutTime = ({ rttMs, ...rest }: PortProbe): Omit<PortProbe, "rttMs"> => {
    if (rest.state === "filtered") assert.equal(rttMs, null);
    else assert.ok(typeof rttMs === "number" && rttMs >= 0, `${rttMs}`);
    return rest;
  };

  for (const address of ["127.0.0.1", "::1"]) {
    test(`a listener at ${address} is open, and closed when it ends`, async () => {
      const listener = Deno.listen({ hostname: address, port: 0 });
      const { port } = listener.addr;
      const open = withoutTime(await probe(address, port));
      assert.deepEqual(open, { address, port, state: "open", reason: "accepted" });
      using accepted = await listener.accept();
      assert.equal(await accepted.read(new Uint8Array(1)), null, "closed without a byte");
      listener.close();
      const closed = withoutTime(await probe(address, port));
      assert.deepEqual(closed, { address, port, state: "closed", reason: "refused" });
    });
  }

  test("a port that does not answer is filtered", async () => {
    await withSilentPort(async (port) => {
      assert.deepEqual(withoutTime(await probe("127.0.0.1", port, { timeoutMs: 100 })), {
        address: "127.0.0.1",
        port,
        state: "filtered",
        reason: "timeout",
      });
    });
  });

  test("aborting rejects with the reason", async () => {
    const reason = new Error("enough");
    await withSilentPort(async (port) => {
      const controller = new AbortController();
      const probed = probe("127.0.0.1", port, { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 20);
      await assert.rejects(probed, (error) => error === reason);
      await twin.idle();
      const { signal } = controller;
      await assert.rejects(probe("127.0.0.1", port, { signal }), (error) => error === reason);
    });
  });

  test("names and odd spellings are resolved to one literal address", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const expected = { address: "127.0.0.1", port, state: "open", reason: "accepted" };
    for (const host of ["localhost", "LocalHost", "127.1", "0x7f000001", "2130706433"]) {
      assert.deepEqual(withoutTime(await probe(host, port)), expected, host);
    }
    const closed = await probe("[::1]", unusedPort("::1"));
    assert.equal(closed.address, "::1");
  });

  test("many at once all get their own answer", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const open = listener.addr.port;
    const shut = unusedPort("127.0.0.1");
    const ports = Array.from({ length: 100 }, (_, index) => index % 2 === 0 ? open : shut);
    const found = await Promise.all(ports.map((port) => probe("127.0.0.1", port)));
    for (const [index, { port, state }] of found.entries()) {
      assert.deepEqual([port, state], [ports[index], index % 2 === 0 ? "open" : "closed"]);
    }
  });

  for (
    const [host, address] of [
      ["8.8.8.8", "8.8.8.8"],
      ["134744072", "8.8.8.8"],
      ["[::ffff:8.8.8.8]", "8.8.8.8"],
      ["2001:4860:4860::8888", "2001:4860:4860::8888"],
      ["169.254.169.254", "169.254.169.254"],
      ["2852039166", "169.254.169.254"],
      ["::ffff:169.254.169.254", "169.254.169.254"],
      // Loopback, but somebody else's.
      ["64:ff9b::127.0.0.1", "64:ff9b::7f00:1"],
      ["2002:7f00:1::1", "2002:7f00:1::1"],
      ["::127.0.0.1", "::7f00:1"],
      ["203.0.113.9", "203.0.113.9"],
      ["fd00:ec2::254", "fd00:ec2::254"],
      ["100.100.100.200", "100.100.100.200"],
      ["0.0.0.0", "0.0.0.0"],
      ["::", "::"],
      ["224.0.0.1", "224.0.0.1"],
      ["ff02::1", "ff02::1"],
      ["255.255.255.255", "255.255.255.255"],
    ] as const
  ) {
    test(`${host} is out of scope`, async () => {
      await assert.rejects(probe(host, 80), (error) => {
        assert.ok(AgentError.is(error, "SCOPE"), `${error}`);
        assert.equal(error.details.target, host);
        assert.equal(error.details.address, address);
        return true;
      });
    });
  }

  test("a network of nobody's needs an authorisation, which a dry run shows", async () => {
    const authorization = {
      scope: ["203.0.113.0/24"],
      reference: "ticket 7",
      expires: "2999-01-01",
    };
    const entries: AuditEntry[] = [];
    const audit = { write: (entry: AuditEntry) => void entries.push(entry) };
    const options = { authorization, audit, dryRun: true };
    assert.deepEqual(await probe("203.0.113.9", 80, options), {
      address: "203.0.113.9",
      port: 80,
      state: "unprobed",
      reason: "dry-run",
      rttMs: null,
    });
    await assert.rejects(probe("203.0.114.9", 80, options), { code: "SCOPE" });
    await assert.rejects(
      probe("203.0.113.9", 80, {
        ...options,
        authorization: { ...authorization, expires: "2020-01-01" },
      }),
      { code: "SCOPE" },
    );
    const told = entries.map(({ event, operation, authorization, hostRate }) => [
      event,
      operation,
      authorization,
      hostRate,
    ]);
    assert.deepEqual(told, [
      ["dry-run", "probePort", "ticket 7", 100],
      ["refused", "probePort", null, null],
      ["refused", "probePort", null, null],
    ]);
  });

  test("what is done stands in the audit log, and a dry run does nothing", async () => {
    const entries: AuditEntry[] = [];
    const audit = { write: (entry: AuditEntry) => void entries.push(entry), who: "a test" };
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const { state, rttMs } = await probe("127.0.0.1", port, { audit, dryRun: true });
    assert.deepEqual([state, rttMs], ["unprobed", null]);
    assert.equal((await probe("localhost", port, { audit })).state, "open");
    using accepted = await listener.accept();
    assert.equal(await accepted.read(new Uint8Array(1)), null);
    const second = listener.accept().catch(() => undefined);
    await delay(20);
    listener.close();
    assert.equal(await second, undefined, "the dry run connected");
    assert.deepEqual(
      entries.map(({ event, target, probes, who }) => [event, target, probes, who]),
      [
        ["dry-run", "127.0.0.1", 0, "a test"],
        ["start", "localhost", 1, "a test"],
        ["end", "localhost", 1, "a test"],
      ],
    );
  });

  test("wrong arguments are TypeError and RangeError", async () => {
    await assert.rejects(probe("127.0.0.1", 1, { dryRun: wrong("yes") }), TypeError);
    await assert.rejects(probe("127.0.0.1", 1, { rate: 0 }), RangeError);
    await assert.rejects(probe("127.0.0.1", 1, { hostRate: NaN }), RangeError);
    await assert.rejects(probe("127.0.0.1", 1, { audit: wrong("here") }), TypeError);
    await assert.rejects(probe("127.0.0.1", 1, { authorization: wrong({}) }), TypeError);
    await assert.rejects(probe("fe80::1%eth0", 1), { name: "TypeError", message: /zone/ });
    for (const host of ["", "a b", "a/b", "a:1", "me@there", "[::1", "127.0.0.256"]) {
      await assert.rejects(probe(host, 80), TypeError, host);
    }
    await assert.rejects(probe(wrong(undefined), 80), TypeError);
    for (const port of [0, -1, 1.5, 65_536, NaN, wrong("80")]) {
      await assert.rejects(probe("127.0.0.1", port), RangeError, `${port}`);
    }
    await assert.rejects(probe("127.0.0.1", 1, { timeoutMs: 0 }), RangeError);
    await assert.rejects(probe("127.0.0.1", 1, { implementation: wrong("fast") }), TypeError);
  });
}
