/** What is said of TLS and certificates, for every twin, against TLS of Deno and of OpenSSL, and against hostile ones. */

import assert from "assertions";
import { detectOne } from "../../../src/security/services/detect.ts";
import { concat } from "../../../src/security/services/bytes.ts";
import { message, record } from "../../../src/security/services/tls/hello.ts";
import type { DetectOptions, ServiceReport } from "../../../src/security/services/types.ts";
import { certify } from "../../support/certificates.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { listening, untilClosed, unusedPort } from "../../support/servers.ts";
import type { Twin } from "../../support/twins.ts";
import { until } from "../../support/values.ts";

const missing = programMissing("openssl", "openssl");

/** Registers the suite for one twin. */
export function tlsConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testNeeding([twin.missing, missing], `detectService (${twin.name}): ${name}`, async () => {
      await body();
      await twin.idle();
    });
  const detect = (port: number, options: DetectOptions = {}): Promise<ServiceReport> =>
    detectOne("127.0.0.1", port, { implementation: twin.name, ...options });

  test("TLS of this Deno: versions, names, chain, and what is spoken inside", async () => {
    await temporary(async (folder) => {
      await certify(folder);
      const read = (name: string): string => Deno.readTextFileSync(`${folder}/${name}`);
      const listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert: read("server.crt") + read("ca.crt"),
        key: read("server.key"),
      });
      const serving = (async () => {
        for (;;) {
          try {
            const connection = await listener.accept();
            (async () => {
              try {
                await connection.write(new TextEncoder().encode("* OK Dovecot ready.\r\n"));
                await untilClosed(connection as unknown as Deno.TcpConn);
              } catch {
                // A handshake that was only looked at.
              } finally {
                connection.close();
              }
            })();
          } catch {
            return;
          }
        }
      })();
      try {
        const report = await detect(listener.addr.port);
        assert.deepEqual([report.service, report.product, report.how], [
          "imaps",
          "Dovecot",
          "tls+greeting",
        ]);
        const tls = report.tls!;
        assert.deepEqual(tls.versions, ["TLS 1.2", "TLS 1.3"]);
        assert.equal(tls.version, "TLS 1.3");
        assert.match(tls.cipher!, /^TLS_/);
        assert.equal(tls.startTls, null);
        assert.equal(tls.chainReason, null);
        assert.equal(tls.chain.length, 2);
        const [own, authority] = tls.chain;
        assert.deepEqual([own!.subject, own!.issuer, own!.names], ["CN=localhost", "CN=tests", [
          "127.0.0.1",
        ]]);
        assert.deepEqual([own!.key, own!.selfSigned, own!.authority], ["RSA 2048", false, false]);
        assert.deepEqual([authority!.selfSigned, authority!.authority], [true, true]);
        assert.equal(tls.verified, false);
        assert.equal(tls.verifyReason, "unknown-authority");
      } finally {
        listener.close();
        await serving;
      }
    });
  });

  for (
    const [flags, versions] of [
      [["-tls1_2"], ["TLS 1.2"]],
      [["-tls1_3"], ["TLS 1.3"]],
      [["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["TLS 1.1"]],
    ] as const
  ) {
    test(`OpenSSL with ${flags[0]} alone`, async () => {
      await temporary(async (folder) => {
        await certify(folder);
        const port = unusedPort();
        const child = new Deno.Command("openssl", {
          args: ["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-quiet", ...flags].concat(
            ["-cert", "server.crt", "-key", "server.key", "-alpn", "http/1.1"],
          ),
          cwd: folder,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        try {
          await until(async () => {
            try {
              (await Deno.connect({ hostname: "127.0.0.1", port })).close();
              return true;
            } catch {
              return false;
            }
          });
          const report = await detect(port);
          assert.deepEqual(report.tls?.versions, [...versions]);
          assert.deepEqual(report.tls?.chain.map(({ subject }) => subject), ["CN=localhost"]);
          assert.equal(report.tls?.verifyReason, "unknown-authority");
          // What is older than 1.2 is looked at, and not spoken.
          assert.equal(report.service, versions[0] === "TLS 1.1" ? "tls" : "https");
          if (versions[0] !== "TLS 1.1") assert.equal(report.tls?.alpn, "http/1.1");
        } finally {
          child.kill("SIGTERM");
          await child.status;
        }
      });
    });
  }

  /** A ServerHello of TLS 1.2 and what comes after it, to every connection. */
  const showing = async (after: Uint8Array, ends = false): Promise<ServiceReport> => {
    const hello = message(
      2,
      concat([3, 3], new Uint8Array(32).fill(7), [0, 0xc0, 0x2f, 0, 0, 0]),
    );
    let report: ServiceReport | undefined;
    await listening(async (connection) => {
      const buffer = new Uint8Array(4096);
      await connection.read(buffer);
      await connection.write(concat(record(22, hello), after));
      if (!ends) await untilClosed(connection);
    }, async (address) => {
      report = await detect(Number(address.split(":")[1]), { timeoutMs: 300 });
    });
    return report!;
  };
  const certificates = (...ders: readonly Uint8Array[]): Uint8Array => {
    const length = (bytes: number): number[] => [bytes >> 16 & 255, bytes >> 8 & 255, bytes & 255];
    const list = concat(...ders.flatMap((der) => [length(der.length), der]));
    return message(11, concat(length(list.length), list));
  };

  test("certificates that are none, empty lists and huge ones", async () => {
    const junk = await showing(record(22, certificates(new Uint8Array(100).fill(0x30))));
    assert.deepEqual([junk.service, junk.tls?.chain, junk.tls?.verifyReason], [
      "tls",
      [],
      "unreadable",
    ]);
    assert.equal(junk.tls?.chainReason, "a certificate is not readable");
    const none = await showing(record(22, certificates()));
    assert.deepEqual([none.tls?.verified, none.tls?.verifyReason], [false, "no-certificate"]);
    const many = await showing(
      record(22, certificates(...Array.from({ length: 200 }, () => Uint8Array.of(0x30, 0)))),
    );
    assert.match(many.tls!.chainReason!, /only the first 10/);
    const said = record(22, concat([11], [0xff, 0xff, 0xff], new Uint8Array(1000)));
    const huge = await showing(said);
    assert.match(huge.tls!.chainReason!, /over the bound/);
    const cut = await showing(record(22, certificates(new Uint8Array(50)).subarray(0, 20)), true);
    assert.match(cut.tls!.chainReason!, /broke the handshake off/);
  });

  test("empty records, records without end and alerts end it", async () => {
    const empty = await showing(
      concat(...Array.from({ length: 500 }, () => record(22, new Uint8Array(0)))),
    );
    assert.match(empty.tls!.chainReason!, /malformed/);
    const changes = await showing(
      concat(...Array.from({ length: 3000 }, () => record(20, Uint8Array.of(1)))),
    );
    assert.notEqual(changes.tls!.chainReason, null);
    const alert = await showing(record(21, Uint8Array.of(2, 40)));
    assert.match(alert.tls!.chainReason!, /alert 40/);
  });
}
