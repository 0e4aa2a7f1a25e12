/**
 * What scans do, for every twin.
 *
 * Not part of the contract: the wording of messages, how long an answer takes, and how many rounds there are. Of closed UDP
 * ports the pure twin says `open|filtered`, because Deno does not tell it more.
 */

import { createSocket } from "node:dgram";
import assert from "assertions";
import {
  discoverHosts,
  scanHosts,
  type ScanOptions,
  scanPorts,
  type ScanReport,
} from "../../../src/security/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { unusedPort, withSilentPort } from "../../support/servers.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { delay, wrong } from "../../support/values.ts";

/** Listeners that accept nothing and close with the test. */
class Listeners implements Disposable {
  readonly #all: Deno.TcpListener[] = [];

  open(count: number, hostname = "127.0.0.1"): number[] {
    const fresh = Array.from({ length: count }, () => Deno.listen({ hostname, port: 0 }));
    this.#all.push(...fresh);
    return fresh.map(({ addr }) => addr.port).sort((a, b) => a - b);
  }

  [Symbol.dispose](): void {
    for (const listener of this.#all) listener.close();
  }
}

/** Registers the suite for one twin. */
export function scanConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("scanPorts", twin, name, async () => {
      await body();
      await twin.idle();
    });
  const scan = (target: string, options: ScanOptions = {}): Promise<ScanReport> =>
    scanPorts(target, { implementation: twin.name, timeoutMs: 5_000, ...options });
  const open = ({ ports }: ScanReport): number[] => ports.map(({ port }) => port);

  for (const address of ["127.0.0.1", "::1"]) {
    test(`finds what listens at ${address}, and counts the rest`, async () => {
      using listeners = new Listeners();
      const [first, second] = listeners.open(2, address) as [number, number];
      const shut = unusedPort(address);
      const ports = [first, second, shut].join(",");
      const report = await scan(address, { ports });
      assert.deepEqual(open(report), [first, second]);
      for (const { state, reason, rttMs } of report.ports) {
        assert.deepEqual([state, reason], ["open", "accepted"]);
        assert.ok(typeof rttMs === "number" && rttMs >= 0);
      }
      assert.deepEqual(report.counts, { open: 2, closed: 1, filtered: 0, unprobed: 0 });
      assert.deepEqual(
        [report.target, report.address, report.addresses, report.complete, report.planned],
        [address, address, [address], true, 3],
      );
      assert.ok(Date.parse(report.startedAt) <= Date.now() && report.durationMs >= 0);
    });
  }

  test("lists closed ports too where that is asked for, ascending", async () => {
    using listeners = new Listeners();
    const ports = listeners.open(5);
    const shut = unusedPort();
    const all = [...ports, shut].sort((a, b) => a - b);
    const report = await scan("127.0.0.1", { ports: all.toReversed().join(","), list: "all" });
    assert.deepEqual(open(report), all);
    const closed = report.ports.find(({ port }) => port === shut)!;
    assert.deepEqual([closed.state, closed.reason], ["closed", "refused"]);
  });

  test("a port that does not answer is filtered, after it was asked again", async () => {
    await withSilentPort(async (port) => {
      let probes: number | null = null;
      const report = await scan("127.0.0.1", {
        ports: String(port),
        timeoutMs: 100,
        list: "all",
        audit: { write: (entry) => void (probes = entry.probes) },
      });
      const [only] = report.ports;
      assert.deepEqual([only!.state, only!.reason, only!.rttMs], ["filtered", "timeout", null]);
      assert.equal(probes, 2);
    });
  });

  test("among thousands of closed ports each listener is found, none made up", async () => {
    using listeners = new Listeners();
    const own = listeners.open(20);
    const [first, last] = [own[0]!, own.at(-1)!];
    const report = await scan("127.0.0.1", { ports: `${first}-${Math.min(last, first + 4_000)}` });
    const found = open(report);
    for (const port of own.filter((port) => port <= first + 4_000)) assert.ok(found.includes(port));
    const { counts } = report;
    assert.equal(counts.open + counts.closed + counts.filtered, report.planned);
  });

  test("names and odd spellings are one target; which address was scanned is said", async () => {
    using listeners = new Listeners();
    const ports = String(listeners.open(1)[0]);
    for (
      const host of ["localhost", "LocalHost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1"]
    ) {
      const report = await scan(host, { ports });
      assert.deepEqual([report.address, report.target], ["127.0.0.1", host]);
      assert.equal(report.ports.length, 1, host);
      assert.ok(report.addresses.includes("127.0.0.1"));
    }
    assert.equal((await scan("[::ffff:127.0.0.1]", { ports })).address, "127.0.0.1");
  });

  test("progress is told up to the end, once", async () => {
    const told: number[] = [];
    const total = 2_000;
    await scan("127.0.0.1", {
      ports: `1-${total}`,
      onProgress: (progress) => {
        assert.equal(progress.total, total);
        told.push(progress.done);
      },
    });
    assert.equal(told.at(-1), total);
    assert.equal(told.filter((done) => done === total).length, 1);
    assert.deepEqual(told, told.toSorted((a, b) => a - b));
  });

  test("aborting rejects with the reason, and nothing goes on", async () => {
    await withSilentPort(async (port) => {
      const reason = new Error("enough");
      const controller = new AbortController();
      const { signal } = controller;
      const scanned = scan("127.0.0.1", { ports: String(port), timeoutMs: 60_000, signal });
      setTimeout(() => controller.abort(reason), 30);
      await assert.rejects(scanned, (error) => error === reason);
      await twin.idle();
      await assert.rejects(scan("127.0.0.1", { signal }), (error) => error === reason);
    });
  });

  test("after an abort no further connection is made", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let connections = 0;
    const accepting = (async () => {
      for await (const connection of listener) {
        connections++;
        connection.close();
      }
    })();
    const controller = new AbortController();
    const { signal } = controller;
    const port = String(listener.addr.port);
    // A rate keeps the scan going for hours; loopback has none, so that another address of it stands in line.
    const scanned = scanHosts("127.0.0.0/20", {
      ports: `1-400,${port}`,
      implementation: twin.name,
      maxHosts: 5_000,
      signal,
    });
    setTimeout(() => controller.abort(), 30);
    await assert.rejects(scanned, { name: "AbortError" });
    await twin.idle();
    const then = connections;
    await delay(50);
    assert.equal(connections, then);
    listener.close();
    await accepting;
  });

  test("the time of the call bounds it, and what was not asked is said", async () => {
    await withSilentPort(async (port) => {
      const report = await scan("127.0.0.1", {
        ports: `${port},1-3`,
        concurrency: 1,
        timeoutMs: 60_000,
        limitMs: 200,
      });
      const { counts } = report;
      assert.equal(counts.open + counts.closed + counts.filtered + counts.unprobed, 4);
      assert.equal(report.complete, counts.unprobed === 0);
      assert.ok(counts.unprobed > 0);
    });
  });

  test("a network is scanned as one, its first and last address left out", async () => {
    using listeners = new Listeners();
    const [port] = listeners.open(1, "127.0.0.2");
    const reports = await scanHosts("127.0.0.0/29", {
      ports: String(port),
      implementation: twin.name,
    });
    assert.deepEqual(
      reports.map(({ address }) => address),
      [1, 2, 3, 4, 5, 6].map((last) => `127.0.0.${last}`),
    );
    assert.deepEqual(reports.map(({ counts }) => counts.open), [0, 1, 0, 0, 0, 0]);
    const listed = await scanHosts(["127.0.0.1", "localhost", "127.0.0.2/32"], {
      ports: String(port),
      implementation: twin.name,
    });
    assert.deepEqual(listed.map(({ address }) => address), ["127.0.0.1", "127.0.0.2"]);
  });

  test("a dry run says what would be, and sends nothing", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const events: string[] = [];
    const ports = String(listener.addr.port);
    const report = await scan("127.0.0.1", {
      ports,
      dryRun: true,
      audit: { write: ({ event }) => void events.push(event) },
    });
    assert.deepEqual([report.dryRun, report.planned, report.complete], [true, 1, false]);
    assert.deepEqual(events, ["dry-run"]);
    const accepted = listener.accept().catch(() => undefined);
    await delay(20);
    listener.close();
    assert.equal(await accepted, undefined);
  });

  test("a UDP service that answers is open; one that is away is not", async () => {
    const server = createSocket("udp4");
    server.on("message", (bytes, from) => server.send(bytes, from.port, from.address));
    await new Promise<void>((resolve) =>
      server.bind({ address: "127.0.0.1", port: 0 }, () => resolve())
    );
    const { port } = server.address();
    const shut = port === 65_535 ? port - 1 : port + 1;
    const report = await scan("127.0.0.1", {
      ports: "none",
      udp: `${port},${shut}`,
      timeoutMs: 300,
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const states = new Map(report.udp.map(({ port, state, reason }) => [port, [state, reason]]));
    assert.deepEqual(states.get(port), ["open", "response"]);
    assert.deepEqual(
      states.get(shut),
      twin.name === "native" ? ["closed", "port-unreachable"] : ["open|filtered", "no-response"],
    );
    assert.deepEqual(report.counts, { open: 0, closed: 0, filtered: 0, unprobed: 0 });
  });

  test("hosts show by ports that accept or refuse", async () => {
    using listeners = new Listeners();
    const [port] = listeners.open(1, "127.0.0.3");
    const hosts = await discoverHosts("127.0.0.0/29", {
      ports: String(port),
      implementation: twin.name,
    });
    assert.deepEqual(
      hosts.map(({ address, up, by }) => [address, up, by]),
      [1, 2, 3, 4, 5, 6].map(
        (last) => [`127.0.0.${last}`, true, "tcp"],
      ),
    );
    assert.deepEqual(hosts[2]!.openPorts, [port]);
    assert.deepEqual(hosts[0]!.openPorts, []);
    for (const { mac, macReason } of hosts) {
      assert.equal(mac, null);
      assert.match(macReason!, /loopback/);
    }
  });

  for (
    const [host, address] of [
      ["8.8.8.8", "8.8.8.8"],
      ["134744072", "8.8.8.8"],
      ["0x08080808", "8.8.8.8"],
      ["010.010.010.010", "8.8.8.8"],
      ["[::ffff:8.8.8.8]", "8.8.8.8"],
      ["2001:4860:4860::8888", "2001:4860:4860::8888"],
      ["169.254.169.254", "169.254.169.254"],
      ["2852039166", "169.254.169.254"],
      ["::ffff:169.254.169.254", "169.254.169.254"],
      ["64:ff9b::a9fe:a9fe", "64:ff9b::a9fe:a9fe"],
      ["fd00:ec2::254", "fd00:ec2::254"],
      ["0.0.0.0", "0.0.0.0"],
      ["0.1.2.3", "0.1.2.3"],
      ["::", "::"],
      ["224.0.0.1", "224.0.0.1"],
      ["ff02::1", "ff02::1"],
      ["255.255.255.255", "255.255.255.255"],
    ] as const
  ) {
    test(`${host} is out of scope`, async () => {
      const events: string[] = [];
      const audit = { write: ({ event }: { event: string }) => void events.push(event) };
      await assert.rejects(scan(host, { audit }), (error) => {
        assert.ok(AgentError.is(error, "SCOPE"), `${error}`);
        assert.deepEqual([error.details.target, error.details.address], [host, address]);
        return true;
      });
      assert.deepEqual(events, ["refused"]);
      if (host.startsWith("[")) return;
      await assert.rejects(discoverHosts(host, { implementation: twin.name }), { code: "SCOPE" });
    });
  }

  test("a network that is too large by mistake is refused", async () => {
    for (const [target, size] of [["127.0.0.0/8", 16_777_214], ["::1/64", 2 ** 64]] as const) {
      await assert.rejects(scanHosts(target, { implementation: twin.name }), (error) => {
        assert.ok(AgentError.is(error, "TOO_LARGE"), `${error}`);
        assert.deepEqual(error.details, { what: "targets", size, limit: 1_024 });
        return true;
      });
    }
    await assert.rejects(
      scanHosts("127.0.0.0/22", { ports: "all", implementation: twin.name }),
      { code: "TOO_LARGE" },
    );
  });

  test("wrong arguments are TypeError and RangeError", async () => {
    for (const host of ["", "a b", "a:1", "fe80::1%eth0", "127.0.0.1/24", "127.0.0.256"]) {
      await assert.rejects(scan(host), TypeError, host);
    }
    await assert.rejects(scan(wrong(undefined)), TypeError);
    for (const ports of ["0", "65536", "80-70", "", " ", "0-5", "1-70000"]) {
      await assert.rejects(scan("127.0.0.1", { ports }), RangeError, ports);
    }
    for (const ports of ["http", "1,,2", "1-", "-1", "1.5", "1-2-3"]) {
      await assert.rejects(scan("127.0.0.1", { ports }), TypeError, ports);
    }
    await assert.rejects(scan("127.0.0.1", { ports: wrong(80) }), TypeError);
    await assert.rejects(scan("127.0.0.1", { ports: "none" }), RangeError);
    for (
      const options of [
        { timeoutMs: 0 },
        { concurrency: 0 },
        { limitMs: 0 },
        { rate: 0 },
        {
          rate: NaN,
        },
        { maxHosts: 0 },
        { maxHosts: 65_537 },
        { maxProbes: 0 },
      ]
    ) {
      await assert.rejects(scan("127.0.0.1", options), RangeError, JSON.stringify(options));
    }
    await assert.rejects(scan("127.0.0.1", { dryRun: wrong("yes") }), TypeError);
    await assert.rejects(scan("127.0.0.1", { list: wrong("some") }), TypeError);
    await assert.rejects(scanHosts([], { implementation: twin.name }), RangeError);
    await assert.rejects(scanHosts("127.0.0.0/33", { implementation: twin.name }), RangeError);
  });

  test("a name without an address is not found", async () => {
    await assert.rejects(scan("no-such-host.invalid"), (error) => {
      assert.ok(AgentError.is(error), `${error}`);
      // Without any name server the system cannot say that there is none.
      assert.ok(error.code === "NOT_FOUND" || error.code === "IO", error.code);
      return true;
    });
  });
}
