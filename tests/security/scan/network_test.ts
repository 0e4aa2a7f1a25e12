/**
 * What is sent to networks of this machine: never faster than the rate and never longer than the limit, by TCP, by UDP and by
 * single calls; and who is there without answering. In a namespace of the tests' own, where nobody answers.
 *
 * Times have a lower bound only, which a busy machine does not break.
 */

import assert from "assertions";
import type { HostReport, ScanReport } from "../../../src/security/mod.ts";
import { inNamespace, noNamespace } from "../../support/namespaces.ts";
import { testNeeding } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";

const PROGRAM = "tests/security/scan/network_program.ts";
const NETWORK = "ip link add near type veth peer name far; ip addr add 10.99.0.1/24 dev near; " +
  "ip addr add fd00:99::1/64 dev near nodad; ip link set near up; ip link set far up; " +
  "ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:09 dev near; " +
  "ip neigh add fd00:99::2 lladdr 02:00:00:00:00:0a dev near";

interface Timed<T> {
  value: T;
  ms: number;
  probes: number | null;
}

for (const twin of twins("security").each) {
  const test = (name: string, body: () => Promise<void>): void =>
    testNeeding([twin.missing, noNamespace], `scans (${twin.name}): ${name}`, body);
  const run = async <T>(what: string): Promise<Timed<T>> => {
    const { code, stdout, stderr } = await inNamespace(PROGRAM, [what, twin.name], NETWORK);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };

  test("ports of one host are asked no faster than its rate, however often", async () => {
    const { value: { counts }, ms, probes } = await run<ScanReport>("tcp-rate");
    assert.deepEqual(counts, { open: 0, closed: 0, filtered: 20, unprobed: 0 });
    assert.equal(probes, 40, "each was asked again once");
    assert.ok(ms >= 39 / 40 * 1_000 - 20, `${ms} ms for 40 at 40 a second`);
  });

  test("datagrams keep the rate of a host as well", async () => {
    const { value: { udp }, ms } = await run<ScanReport>("udp-rate");
    assert.deepEqual(udp.map(({ state }) => state), Array(4).fill("open|filtered"));
    assert.ok(ms >= 11 / 20 * 1_000 - 20, `${ms} ms for 12 at 20 a second`);
  });

  test("the time of a call bounds its datagrams", async () => {
    const { value: { udp, complete } } = await run<ScanReport>("udp-limit");
    assert.equal(complete, false);
    for (const { state, reason, rttMs } of udp) {
      assert.deepEqual([state, reason, rttMs], ["unprobed", "time-over", null]);
    }
  });

  test("single probes keep a rate together", async () => {
    const { value, ms, probes } = await run<{ state: string }[]>("probe-rate");
    assert.deepEqual(value.map(({ state }) => state), Array(4).fill("filtered"));
    assert.equal(probes, 1, "of each");
    assert.ok(ms >= 299, `${ms} ms for 4 at 10 a second`);
  });

  test("the questions of a service keep a rate, and are counted", async () => {
    const { value, ms, probes } = await run<{ service: null; reason: string }>("service-rate");
    assert.equal(value.service, null);
    assert.ok(probes! >= 4, `${probes}`);
    assert.ok(ms >= (probes! - 1) / 20 * 1_000 - 1, `${ms} ms for ${probes} at 20 a second`);
  });

  test("hosts that the time was over for are told as not known", async () => {
    const { value } = await run<HostReport[]>("discover-limit");
    const unknown = value.filter(({ up }) => up === null);
    assert.ok(unknown.length > 200 && unknown.length < 254, `${unknown.length}`);
    for (const { by, rttMs, openPorts } of unknown) {
      assert.deepEqual([by, rttMs, openPorts], [null, null, []]);
    }
  });

  test("a host that says nothing shows in the neighbour table, by both versions of IP", async () => {
    const { value: [four, six, nobody] } = await run<HostReport[]>("neighbours");
    assert.deepEqual([four!.up, four!.by, four!.mac, four!.macReason], [
      true,
      "neighbour",
      "02:00:00:00:00:09",
      null,
    ]);
    assert.deepEqual([nobody!.up, nobody!.by, nobody!.mac], [false, null, null]);
    if (twin.name === "native") {
      assert.deepEqual([six!.up, six!.mac], [true, "02:00:00:00:00:0a"]);
      assert.match(nobody!.macReason!, /not in the neighbour table/);
    } else {
      assert.deepEqual([six!.up, six!.mac], [false, null]);
      assert.match(six!.macReason!, /netlink/);
    }
  });
}
