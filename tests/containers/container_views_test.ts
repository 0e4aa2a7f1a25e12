/** What is made of an engine's words about containers: statistics of both layouts, lines of logs, states. */

import assert from "assertions";
import fc from "fast-check";
import { linesOf } from "../../src/containers/container/logs.ts";
import { compareSamples, isSample, type Sample } from "../../src/containers/container/stats.ts";
import type { LogLine } from "../../src/containers/container/types.ts";
import { viewContainer, viewListed } from "../../src/containers/container/view.ts";
import type { WireStats } from "../../src/containers/container/wire.ts";
import type { Frame } from "../../src/containers/engine/frames.ts";
import { CASES, checkAsync } from "../support/arbitraries.ts";

const { test } = Deno;
const encoder = new TextEncoder();

/** As Docker 20.10 answers on a host with the first version of cgroups. */
const DOCKER_V1: WireStats = {
  read: "2026-11-28T00:30:35.24785218Z",
  pids_stats: { current: 1, limit: 64 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { op: "Read", value: 4_096 },
      { op: "Write", value: 8_192 },
      { op: "Sync", value: 1 },
      { op: "Read", value: 1_024 },
      { op: "Total", value: 13_313 },
    ],
  },
  cpu_stats: {
    cpu_usage: { total_usage: 27_618_866, percpu_usage: [11_823_706, 15_795_160] },
    online_cpus: 2,
    throttling_data: { periods: 10, throttled_periods: 2 },
  },
  memory_stats: {
    usage: 10_000_000,
    limit: 99_999_744,
    stats: { inactive_file: 5, total_inactive_file: 4_000_000 },
  },
  networks: {
    eth0: { rx_bytes: 10, tx_bytes: 20, rx_packets: 1, tx_packets: 2, rx_dropped: 3 },
    eth1: { rx_bytes: 100, tx_bytes: 200, rx_packets: 10, tx_packets: 20, tx_errors: 4 },
  },
};

/** As Docker answers on a host with the second version. */
const DOCKER_V2: WireStats = {
  read: "2026-11-28T00:30:35.24785218Z",
  pids_stats: { current: 3, limit: 18_446_744_073_709_552_000 },
  blkio_stats: {
    io_service_bytes_recursive: [{ op: "read", value: 7 }, { op: "write", value: 9 }],
  },
  cpu_stats: { cpu_usage: { total_usage: 1_000_000 }, online_cpus: 4, throttling_data: {} },
  memory_stats: { usage: 6_000, limit: 9_223_372_036_854_772_000, stats: { inactive_file: 2_000 } },
};

/** As Podman 4.3 answers: no count of the cache, lists that are empty or null. */
const PODMAN: WireStats = {
  read: "2026-11-28T00:30:36.776840519Z",
  pids_stats: { current: 1 },
  blkio_stats: { io_service_bytes_recursive: [] },
  cpu_stats: { cpu_usage: { total_usage: 34_542_078 }, online_cpus: 2 },
  memory_stats: { usage: 819_200, limit: 100_000_000 },
};

/** As if the engine was asked at once when it counted. */
const asked = (wire: WireStats): Sample => {
  const ms = Date.parse(wire.read!);
  return { wire, askedMs: ms, toldMs: ms };
};

const compare = (
  before: WireStats,
  after: WireStats,
  limit: number | null,
): ReturnType<typeof compareSamples> => compareSamples(asked(before), asked(after), limit);

const later = (sample: WireStats, read: string, cpu: number): WireStats => ({
  ...sample,
  read,
  cpu_stats: {
    ...sample.cpu_stats,
    cpu_usage: { total_usage: cpu },
    throttling_data: { periods: 20, throttled_periods: 7 },
  },
});

test("statistics of the first version of cgroups", () => {
  // A second, in which one and a half of processor time was used.
  const after = later(DOCKER_V1, "2026-11-28T00:30:36.24785218Z", 27_618_866 + 1_500_000_000);
  const stats = compare(DOCKER_V1, after, 99_999_744);
  assert.equal(stats.cpuPercent, 150);
  assert.equal(stats.windowMs, 1_000);
  assert.equal(stats.throttledRatio, 0.5);
  assert.equal(stats.onlineCpus, 2);
  const memory = { usedBytes: 6_000_000, usageBytes: 10_000_000, limitBytes: 99_999_744 };
  assert.deepEqual(stats.memory, memory);
  assert.deepEqual(stats.network, {
    receivedBytes: 110,
    sentBytes: 220,
    receivedPackets: 11,
    sentPackets: 22,
    dropped: 3,
    errors: 4,
  });
  assert.deepEqual(stats.disk, { readBytes: 5_120, writtenBytes: 8_192 });
  assert.deepEqual(stats.pids, { current: 1, limit: 64 });
  assert.deepEqual(stats.missing, {});
});

test("statistics of the second version of cgroups; what has no limit has none", () => {
  const stats = compare(
    DOCKER_V2,
    later(DOCKER_V2, "2026-11-28T00:30:36Z", 1_000_000),
    null,
  );
  assert.deepEqual(stats.memory, { usedBytes: 4_000, usageBytes: 6_000, limitBytes: null });
  assert.deepEqual(stats.disk, { readBytes: 7, writtenBytes: 9 });
  assert.deepEqual(stats.pids, { current: 3, limit: null });
  assert.equal(stats.cpuPercent, 0);
  assert.equal(stats.network, null);
  assert.deepEqual(Object.keys(stats.missing), ["network"]);
});

test("what Podman does not count is null, with a reason", () => {
  const stats = compare(PODMAN, later(PODMAN, "2026-11-28T00:30:38Z", 40_000_000), null);
  assert.equal(stats.memory.usedBytes, null);
  assert.equal(stats.memory.usageBytes, 819_200);
  assert.equal(stats.disk, null);
  assert.equal(stats.network, null);
  assert.deepEqual(Object.keys(stats.missing).sort(), ["disk", "memory.usedBytes", "network"]);
});

test("nothing at all is null, and never 0", () => {
  const stats = compare(
    { read: "2026-01-01T00:00:00Z" },
    { read: "2026-01-01T00:00:01Z" },
    null,
  );
  assert.equal(stats.cpuPercent, null);
  assert.equal(stats.cpuTimeMs, null);
  assert.deepEqual(stats.memory, { usedBytes: null, usageBytes: null, limitBytes: null });
  assert.deepEqual(stats.pids, { current: null, limit: null });
  for (const sample of [null, {}, { read: "0001-01-01T00:00:00Z" }, { read: "x" }]) {
    assert.equal(isSample(sample), false);
  }
  // A counter that went back is one that began anew.
  const before = later(PODMAN, "2026-01-01T00:00:00Z", 2);
  assert.equal(
    compare(before, later(PODMAN, "2026-01-01T00:00:01Z", 1), null).cpuPercent,
    null,
  );
});

test("a figure is over a time that has passed, or there is none", () => {
  const before = later(DOCKER_V1, "2026-11-28T00:30:35Z", 0);
  const after = (seconds: string): WireStats =>
    later(DOCKER_V1, `2026-11-28T00:30:${seconds}Z`, 300_000_000);
  // The engine was asked a second later each time, whatever its clock says.
  const at = (wire: WireStats, ms: number): Sample => ({ wire, askedMs: ms, toldMs: ms + 5 });
  const figure = (wire: WireStats): [number | null, string | undefined, number | null] => {
    const stats = compareSamples(at(before, 0), at(wire, 1_000), null);
    return [stats.cpuPercent, stats.missing["cpuPercent"], stats.throttledRatio];
  };
  assert.deepEqual(figure(after("36")).slice(0, 2), [30, undefined]);
  assert.deepEqual(figure(after("36.04")).slice(1, 2), [undefined]);
  const apart = "the engine's samples are";
  for (
    const [seconds, reason] of [
      ["35", `${apart} 0 ms apart, and 500 are needed`],
      ["35.1", `${apart} 100 ms apart, and 500 are needed`],
      ["34", `${apart} -1000 ms apart, and 500 are needed`],
      ["35.6", "the engine's clock went on by 600 ms while 1005 passed"],
      ["59", "the engine's clock went on by 24000 ms while 1005 passed"],
    ] as const
  ) assert.deepEqual(figure(after(seconds)), [null, reason, null], seconds);
});

/** Bytes of one stream as frames of the engine, cut into pieces at these places. */
async function* frames(texts: readonly string[], places: readonly number[]): AsyncGenerator<Frame> {
  for (const text of texts) {
    const bytes = encoder.encode(text);
    const cuts = [0, ...places.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b)];
    let begins = true;
    for (const [at, from] of cuts.entries()) {
      const piece = bytes.slice(from, cuts[at + 1] ?? bytes.length);
      if (piece.length === 0) continue;
      yield { stream: "stdout", bytes: piece, begins };
      begins = false;
    }
  }
}

const plain = async (
  texts: readonly string[],
  places: readonly number[] = [],
  how: { timestamps?: boolean; tty?: boolean } = {},
): Promise<[string, string | null, boolean][]> => {
  const options = { timestamps: false, tty: false, ...how };
  const found: LogLine[] = await Array.fromAsync(linesOf(frames(texts, places), options));
  return found.map(({ text, time, partial }) => [text, time, partial]);
};

test("lines are the same wherever the output is cut", async () => {
  const unit = fc.constantFrom("a", "é", "漢", "🦀", " ", "\t", "\r", "");
  const line = fc.array(unit, { maxLength: 12 }).map((units) => units.join(""));
  const lines = fc.array(line, { minLength: 1, maxLength: 6 });
  const places = fc.array(fc.nat(200), { maxLength: 20 });
  await checkAsync(
    fc.asyncProperty(lines, places, fc.boolean(), async (made, where, isEnded) => {
      const found = await plain([made.join("\n") + (isEnded ? "\n" : "")], where);
      const last = made.at(-1)!;
      const whole = isEnded || last === "" ? made : made.slice(0, -1);
      const expected = (isEnded ? made : made.slice(0, -1)).map((text) => [text, null, false]);
      if (!isEnded && last !== "") expected.push([last, null, true]);
      assert.ok(whole.length >= expected.length - 1);
      assert.deepEqual(found, expected);
    }),
    CASES / 4,
  );
});

test("times are taken off frames, also off those in the middle of a line", async () => {
  const one = "2026-11-28T00:30:34.740940009Z";
  const two = "2026-11-28T00:30:35Z";
  const texts = [`${one} first\n`, `${two} second, be`, `${two} gun\n`, `${one} \n`];
  const expected = [["first", one, false], ["second, begun", two, false], ["", one, false]];
  for (let place = 0; place < 40; place++) {
    assert.deepEqual(await plain(texts, [place, place + 3], { timestamps: true }), expected);
  }
  const tty = [`${one} a\r\n${two} b\r\n`];
  assert.deepEqual(await plain(tty, [5, 33], { timestamps: true, tty: true }), [
    ["a", one, false],
    ["b", two, false],
  ]);
  assert.deepEqual(await plain(["no time here\n"], [], { timestamps: true }), [
    ["no time here", null, false],
  ]);
});

test("a line without end comes in pieces, in bounded memory", async () => {
  const texts = Array.from({ length: 40 }, () => "x".repeat(65_536));
  const found = await plain([...texts, "\nnext\n"]);
  assert.equal(found.map(([text]) => text).join(""), "x".repeat(40 * 65_536) + "next");
  assert.ok(found.slice(0, -2).every(([text, , partial]) => partial && text.length <= 1_200_000));
  assert.deepEqual(found.at(-1), ["next", null, false]);
});

test("states have one word for all engines", () => {
  const stateOf = (State: string): string => viewListed({ State }).state;
  const words = {
    configured: "created",
    stopped: "exited",
    stopping: "running",
    Running: "running",
  };
  for (const [theirs, ours] of Object.entries(words)) assert.equal(stateOf(theirs), ours);
  assert.equal(stateOf("something new"), "unknown");
  const ended = { State: { Status: "exited", ExitCode: 137, OOMKilled: false, Pid: 0 } };
  assert.equal(viewContainer(ended, "docker").oomKilled, false);
  assert.equal(viewContainer(ended, "podman").oomKilled, null);
  assert.equal(viewContainer(ended, "docker").exitCode, 137);
  assert.equal(viewContainer(ended, "docker").pid, null);
  const running = { State: { Status: "running", Running: true, ExitCode: 0 } };
  assert.equal(viewContainer(running, "docker").exitCode, null);
  assert.equal(viewContainer({}, "docker").state, "unknown");
  const secret = { Config: { Env: ["TOKEN=s3cr3t\nsecond", "EMPTY=", "BARE"] } };
  assert.deepEqual(viewContainer(secret, "docker").env, [
    ...["TOKEN=[redacted]", "EMPTY=[redacted]", "BARE"],
  ]);
  assert.deepEqual(viewContainer(secret, "docker", true).env, secret.Config.Env);
});

test("what is published and what is only exposed are told apart", () => {
  const Ports = {
    "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }, { HostIp: "", HostPort: "8081" }],
    "53/udp": null,
  };
  assert.deepEqual(viewContainer({ NetworkSettings: { Ports } }, "docker").ports, [
    { containerPort: 80, protocol: "tcp", hostAddress: "127.0.0.1", hostPort: 8080 },
    { containerPort: 80, protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8081 },
    { containerPort: 53, protocol: "udp", hostAddress: null, hostPort: null },
  ]);
});
