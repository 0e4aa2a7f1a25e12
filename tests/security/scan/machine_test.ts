/**
 * Scans of a whole machine, in a network namespace where nobody else listens: nothing is lost and nothing made up,
 * however few descriptors there are and however often it is done.
 */

import assert from "assertions";
import { inNamespace, noNamespace } from "../../support/namespaces.ts";
import { testNeeding } from "../../support/needs.ts";
import { twins } from "../../support/twins.ts";

const PROGRAM = "tests/security/scan/machine_program.ts";
/** A network whose other end never answers: nobody is there. */
const SILENT = "ip link add near type veth peer name far; ip addr add 10.99.0.1/24 dev near; " +
  "ip link set near up; ip link set far up; ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:09 dev near";

for (const twin of twins("security").each) {
  const test = (name: string, body: () => Promise<void>): void =>
    testNeeding([twin.missing, noNamespace], `scanPorts (${twin.name}): ${name}`, body);
  const run = async (args: readonly string[], setUp?: string): Promise<unknown> => {
    const { code, stdout, stderr } = await inNamespace(PROGRAM, args, setUp);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  /** The native twin is quick enough to do it again and again. */
  const rounds = twin.name === "native" ? "5" : "1";

  test("all 65,535 ports, with twenty listeners among them", async () => {
    const { own, rounds: seen } = await run(["all", twin.name, rounds]) as {
      own: number[];
      rounds: { found: number[]; counts: object }[];
    };
    for (const { found, counts } of seen) {
      assert.deepEqual(found, own);
      assert.deepEqual(counts, { open: 20, closed: 65_515, filtered: 0, unprobed: 0 });
    }
  });

  test("no socket that is connected to itself is taken for a listener", async () => {
    assert.deepEqual(await run(["ephemeral", twin.name, rounds]), []);
  });

  test("256 descriptors lose no port of a host that does not answer", async () => {
    const counts = await run(["silent", twin.name], `${SILENT}; ulimit -n 256`);
    assert.deepEqual(counts, { open: 0, closed: 0, filtered: 1_500, unprobed: 0 });
  });

  test("256 descriptors are enough for all ports of loopback", async () => {
    const { own, rounds: [seen] } = await run(["all", twin.name, "1"], "ulimit -n 256") as {
      own: number[];
      rounds: { found: number[] }[];
    };
    assert.deepEqual(seen!.found, own);
  });

  test("a tarpit that holds every connection holds no scan", async () => {
    const { own, rounds: [seen] } = await run(["tarpit", twin.name]) as {
      own: number[];
      rounds: { found: number[] }[];
    };
    assert.deepEqual(seen!.found, own);
  });

  test("a hundred scans leave descriptors and memory as they were", async () => {
    const { before, after } = await run(["hundred", twin.name]) as Record<
      "before" | "after",
      { descriptors: number; rss: number }
    >;
    // Deno opens some of its own at its leisure; a leak would be a hundred.
    const more = after.descriptors - before.descriptors;
    assert.ok(more < 10, `${more} descriptors more`);
    assert.ok(after.rss - before.rss < 48 << 20, `${after.rss - before.rss} bytes more`);
  });
}

const { native } = twins("security");

testNeeding(
  [native.missing, noNamespace],
  "discoverHosts (native): echoes where the system allows them, and its reason where not",
  async () => {
    const run = async (setUp: string): Promise<{ refused: string | null; answers: [string][] }> => {
      const { code, stdout, stderr } = await inNamespace(PROGRAM, ["echo", "native"], setUp);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const allowed = await run(`${SILENT}; echo "0 0" > /proc/sys/net/ipv4/ping_group_range`);
    assert.equal(allowed.refused, null);
    assert.deepEqual(allowed.answers.map(([address]) => address).sort(), [
      "127.0.0.1",
      "127.0.0.9",
      "::1",
    ]);
    // A fresh namespace allows them to nobody.
    const refused = await run(SILENT);
    assert.match(refused.refused!, /denied/i);
    assert.deepEqual(refused.answers, []);
  },
);
