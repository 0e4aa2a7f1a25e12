/** One picture of a host, for every twin: from port to process, container, certificate and findings. */

import assert from "assertions";
import { takePicture } from "../../../src/security/picture/picture.ts";
import { render } from "../../../src/security/picture/formats.ts";
import type { ListenerTls } from "../../../src/security/threats/types.ts";
import { selfSigned } from "../../support/certificates.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { unusedPort } from "../../support/servers.ts";
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

const NOTHING_TOLD: ListenerTls = {
  version: null,
  versions: null,
  startTls: null,
  subject: null,
  names: null,
  issuer: null,
  selfSigned: null,
  validFrom: null,
  validTo: null,
  expiryDays: null,
  key: null,
  signatureAlgorithm: null,
  verified: null,
  verifyReason: null,
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
        inspectTls(address, port): Promise<Partial<ListenerTls> | false> {
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
      assert.deepEqual(unavailable, {});
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
        ...NOTHING_TOLD,
        version: "TLS 1.3",
        subject: "shop?[2J",
        validTo: "2027-01-01T00:00:00Z",
      });
      assert.deepEqual(
        ports.map(({ tlsReason }) => tlsReason),
        [null, null, "refused", "only TCP is asked"],
      );
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
      const { ports, unavailable } = await takePicture({
        implementation,
        containers,
        certificates: false,
      }, roots);
      assert.deepEqual(unavailable, { containers: "away" });
      const { id, name, image } = ports[1]!.processes[0]!.container!;
      assert.deepEqual([id, name, image], [ID, null, null]);
      assert.deepEqual([ports[0]!.tls, ports[0]!.tlsReason], [null, "nobody was asked"]);
      // Without a look at TLS, MySQL's usual protocol is what the rule goes by.
      assert.deepEqual(ports[1]!.findings.map(({ rule }) => rule).sort(), [
        "deleted-executable",
        "listener-without-tls",
      ]);
    });
  });

  test("as text it fits the columns and has nothing for a terminal to act on", async () => {
    await withHost(HOST, async (roots) => {
      const picture = await takePicture({ implementation, certificates: false }, roots);
      for (const width of [80, 40, 50.5]) {
        const lines = render(picture, { width }).split("\n");
        for (const line of lines) assert.ok(line.length <= width, `${line.length}: ${line}`);
        assert.equal(lines[0], "4 open ports, 1 established connection");
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(lines.join(""), /[\x00-\x1f]/);
      }
      const lines = render(picture, { width: Infinity }).split("\n");
      const begin = lines.indexOf("tcp 3306  all addresses, from the network");
      assert.deepEqual(
        lines.slice(begin + 1, begin + 6),
        [
          "├─ process     mysqld (41), mysql",
          "├─ executable  /usr/sbin/mysqld (deleted)",
          "├─ container   docker 0123456789ab",
          "├─ finding     ! medium: A process runs from a file that is gone [deleted-executable]",
          "└─             ! medium: A listener on all addresses does not encrypt [listener-without-tls]",
        ],
      );
      assert.ok(lines.includes("└─ process     not known (not found)"));
      assert.doesNotMatch(lines.join(""), /hunter2/);
    });
  });

  test("as a drawing it has all steps, and names of others are text only", async () => {
    await withHost(HOST, async (roots) => {
      const picture = await takePicture({ implementation, certificates: false }, roots);
      const [port] = picture.ports;
      port!.processes[0]!.name = "</text><script>alert(1)</script>&\ud800\x01";
      const svg = render(picture, { format: "svg" });
      assert.match(svg, /^<svg [^]*<\/svg>\n$/);
      for (const part of ["tcp 22", "mysqld (41)", "docker 0123456789ab", "deleted-executable"]) {
        assert.ok(svg.includes(part), part);
      }
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(svg, /<script|&(?!#\d+;)|[\x00-\x08\ud800]/);
      const opened = [...svg.matchAll(/<([a-z]+)[^>]*?(\/?)>/g)].filter(([, , ends]) =>
        ends === ""
      );
      const closed = [...svg.matchAll(/<\/([a-z]+)>/g)];
      assert.equal(opened.length, closed.length);
      assert.throws(() => render(picture, wrong({ format: "png" })), TypeError);
      assert.throws(() => render(picture, wrong({ width: "80" })), TypeError);
    });
  });

  testNeeding(
    [twin.missing, programMissing("openssl", "openssl")],
    `picture (${twin.name}): listeners are asked for their certificates`,
    async () => {
      await temporary(async (folder) => {
        const { cert, key } = await selfSigned(folder);
        const secure = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
        const plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        const serve = async (
          listener: Deno.Listener,
          answer: (one: Deno.Conn) => Promise<unknown>,
        ) => {
          for await (const one of listener) answer(one).catch(() => {}).finally(() => one.close());
        };
        const serving = Promise.all([
          serve(secure, (one) => (one as Deno.TlsConn).handshake()),
          serve(plain, (one) => one.write(new TextEncoder().encode("SSH-2.0-x\r\n"))),
        ]);
        const unused = unusedPort();
        const ports = [(secure.addr as Deno.NetAddr).port, plain.addr.port, unused];
        const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");
        const tcp = ports.map((port, at) =>
          socketLine(`0100007F:${hex(port)}`, "00000000:0000", "0A", at + 1)
        );
        // An address of somebody else's network is not asked, whoever listens there.
        tcp.push(socketLine("08080808:0050", "00000000:0000", "0A", 9));
        await withHost({ tables: { tcp } }, async (roots) => {
          const found = await takePicture({ implementation }, roots);
          const of = (port: number) => found.ports.find((one) => one.port === port)!;
          const { tls, findings } = of(ports[0]!);
          assert.ok(tls, of(ports[0]!).tlsReason ?? "");
          assert.deepEqual([tls.subject, tls.issuer, tls.selfSigned], ["CN=shop", "CN=shop", true]);
          assert.deepEqual([tls.version, tls.key, tls.verifyReason], [
            "TLS 1.3",
            "RSA 2048",
            "self-signed",
          ]);
          assert.ok(tls.expiryDays === 0 || tls.expiryDays === 1);
          assert.deepEqual(findings.map(({ rule }) => rule), ["certificate-expires-soon"]);
          assert.equal(of(ports[1]!).tls, false);
          assert.deepEqual([of(unused).tls, of(unused).tlsReason], [null, "nothing listens there"]);
          assert.match(of(80).tlsReason!, /not an address of this machine/);
        });
        secure.close();
        plain.close();
        await serving.catch(() => {});
      });
      await twin.idle();
    },
  );

  test("wrong options are TypeErrors; aborting rejects with the reason", async () => {
    await withHost({}, async (roots) => {
      const take = (options: unknown): Promise<unknown> => takePicture(wrong(options), roots);
      for (
        const bad of [null, { inspectTls: 1 }, { containers: {} }, { implementation: "x" }, {
          certificates: 1,
        }]
      ) {
        await assert.rejects(take(bad), TypeError);
      }
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await assert.rejects(take({ implementation, signal }), (error) => error === reason);
    });
  });
}
