/** One picture of a host, for every twin: from port to process, container, certificate and findings. */

import assert from "assertions";
import { takePicture } from "../../../src/security/picture/picture.ts";
import { render } from "../../../src/security/picture/render.ts";
import type { PictureTls } from "../../../src/security/picture/types.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { wrong } from "../../support/values.ts";
import { type FakeHost, socketLine, withHost } from "../host/trees.ts";

const ID = "0123456789abcdef".repeat(4);
const EVERYWHERE6 = "0".repeat(32);

const HOST: FakeHost = {
  processes: [
    {
      pid: 40,
      name: "sshd",
      executable: "/usr/sbin/sshd",
      files: { 3: "socket:[1]", 4: "socket:[2]" },
    },
    {
      pid: 41,
      name: "mysqld",
      uid: 999,
      executable: "/usr/sbin/mysqld (deleted)",
      command: ["mysqld", "--password=hunter2"],
      groups: `0::/system.slice/docker-${ID}.scope\n`,
      files: { 3: "socket:[3]" },
    },
    {
      pid: 42,
      name: "\x1b[2Jbad",
      executable: `/opt/${"long/".repeat(30)}x`,
      files: { 3: "socket:[4]" },
    },
    { pid: 43, name: "idle", executable: "/usr/bin/idle" },
  ],
  tables: {
    tcp: [
      socketLine("00000000:0016", "00000000:0000", "0A", 1),
      socketLine("00000000:0CEA", "00000000:0000", "0A", 3, 999),
      socketLine("0100007F:1F90", "00000000:0000", "0A", 9),
      socketLine("0200000A:0016", "0300000A:D431", "01", 8),
    ],
    tcp6: [socketLine(`${EVERYWHERE6}:0016`, `${EVERYWHERE6}:0000`, "0A", 2)],
    udp: [
      socketLine("0100007F:0035", "00000000:0000", "07", 4),
      socketLine("0100007F:D431", "0100007F:0035", "01", 4),
    ],
  },
  files: { "etc/passwd": "root:x:0:0::/:/bin/sh\nmysql:x:999:999::/:/bin/false\n" },
};

/** Registers the suite for one twin. */
export function pictureConformance(twin: Twin): void {
  const implementation = twin.name;
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("picture", twin, name, async () => {
      await body();
      await twin.idle();
    });

  test("from port to process, container, certificate and findings", async () => {
    await withHost(HOST, async (roots) => {
      const asked: string[] = [];
      const { ports, established, unavailable } = await takePicture({
        implementation,
        containers: {
          list: () =>
            Promise.resolve([{ id: ID.slice(0, 12), name: "shop\x07", image: "mysql:9" }]),
        },
        inspectTls(address, port): Promise<PictureTls | false | null> {
          asked.push(`${address} ${port}`);
          if (port === 8080) return Promise.reject(new Error("refused"));
          const found = {
            version: "TLS 1.3",
            subject: "shop\x1b[2J",
            validTo: "2027-01-01T00:00:00Z",
          };
          return Promise.resolve(port === 22 ? false : found);
        },
      }, roots);
      assert.deepEqual(asked, ["127.0.0.1 22", "127.0.0.1 3306", "127.0.0.1 8080"]);
      assert.deepEqual(unavailable, { "tls.8080": "refused" });
      assert.equal(established, 1);
      assert.deepEqual(
        ports.map(({ protocol, port, addresses, reach }) => [protocol, port, addresses, reach]),
        [
          ["tcp", 22, ["0.0.0.0", "::"], "network"],
          ["tcp", 3306, ["0.0.0.0"], "network"],
          ["tcp", 8080, ["127.0.0.1"], "machine"],
          ["udp", 53, ["127.0.0.1"], "machine"],
        ],
      );
      const [ssh, mysql, unknown, dns] = ports;
      assert.deepEqual(ssh!.processes.map(({ pid, name, user }) => [pid, name, user]), [
        [40, "sshd", "root"],
      ]);
      assert.equal(ssh!.tls, false);
      assert.deepEqual(ssh!.findings.map(({ rule }) => rule), ["listener-without-tls"]);
      assert.deepEqual(mysql!.tls, {
        version: "TLS 1.3",
        subject: "shop?[2J",
        validTo: "2027-01-01T00:00:00Z",
      });
      assert.deepEqual(mysql!.findings.map(({ rule }) => rule), ["deleted-executable"]);
      assert.deepEqual(mysql!.processes[0], {
        pid: 41,
        name: "mysqld",
        user: "mysql",
        executable: "/usr/sbin/mysqld",
        deleted: true,
        command: "mysqld --password=[SECRET]",
        startedAt: 1_700_000_041_000,
        container: { engine: "docker", id: ID, name: "shop?", image: "mysql:9" },
      });
      assert.deepEqual([unknown!.processes, unknown!.reason], [[], "not found"]);
      assert.equal(dns!.processes[0]!.name, "?[2Jbad");
    });
  });

  test("an engine that does not answer leaves ids, and says so", async () => {
    await withHost(HOST, async (roots) => {
      const containers = { list: () => Promise.reject(new Error("away")) };
      const { ports, unavailable } = await takePicture({ implementation, containers }, roots);
      assert.deepEqual(unavailable, { containers: "away" });
      const { id, name, image } = ports[1]!.processes[0]!.container!;
      assert.deepEqual([id, name, image], [ID, null, null]);
      assert.equal(ports[0]!.tls, null);
      // Without a look at TLS, MySQL's usual protocol is what the rule goes by.
      assert.deepEqual(ports[1]!.findings.map(({ rule }) => rule).sort(), [
        "deleted-executable",
        "listener-without-tls",
      ]);
    });
  });

  test("as text it fits the columns and has nothing for a terminal to act on", async () => {
    await withHost(HOST, async (roots) => {
      const picture = await takePicture({ implementation }, roots);
      for (const width of [80, 40, 50.5]) {
        const lines = render(picture, width).split("\n");
        for (const line of lines) assert.ok(line.length <= width, `${line.length}: ${line}`);
        assert.equal(lines[0], "4 open ports, 1 established connection");
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(lines.join(""), /[\x00-\x1f]/);
      }
      const text = render(picture, 80);
      assert.match(text, /^tcp 22 {5}all addresses$/m);
      assert.match(
        text,
        /^ {2}mysqld \(41\) {2}mysql {2}docker 0123456789ab {2}\/usr\/sbin\/mysqld \(deleted\)$/m,
      );
      assert.match(text, /^ {2}! medium: .*\[deleted-executable\]$/m);
      assert.doesNotMatch(text, /hunter2/);
    });
  });

  test("wrong options are TypeErrors; aborting rejects with the reason", async () => {
    await withHost({}, async (roots) => {
      const take = (options: unknown): Promise<unknown> => takePicture(wrong(options), roots);
      for (const bad of [null, { inspectTls: 1 }, { containers: {} }, { implementation: "x" }]) {
        await assert.rejects(take(bad), TypeError);
      }
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await assert.rejects(take({ implementation, signal }), (error) => error === reason);
    });
  });
}
