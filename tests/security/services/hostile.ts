/**
 * Servers that mean ill, for every twin: answers without end after a good beginning, lengths that are lies, TLS that drips,
 * floods or goes in circles. Each ends with a report, after a bounded number of connections and bytes.
 *
 * Not part of the contract: what such a server is taken for.
 */

import assert from "assertions";
import fc from "fast-check";
import { generateKeyPairSync } from "node:crypto";
import { detectOne } from "../../../src/security/services/detect.ts";
import { concat, hex } from "../../../src/security/services/bytes.ts";
import { message, record } from "../../../src/security/services/tls/hello.ts";
import type { DetectOptions, ServiceReport } from "../../../src/security/services/types.ts";
import { certify } from "../../support/certificates.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { listening, untilClosed } from "../../support/servers.ts";
import type { Twin } from "../../support/twins.ts";
import { keyOf, recordings } from "./replay.ts";

const noOpenssl = programMissing("openssl", "openssl");
const MOST_CONNECTIONS = 120;
/** Buffers of the system are filled by servers that nobody reads from. */
const MOST_BYTES = 16 << 20;
const TLS12 = 0x0303;

/** A ServerHello of TLS 1.2 that takes ECDHE with RSA and AES. */
const HELLO = record(
  22,
  message(2, concat([3, 3], new Uint8Array(32).fill(7), [0, 0xc0, 0x2f, 0, 0, 0])),
);
const CERTIFICATES = record(22, message(11, new Uint8Array(3)));
const DONE = record(22, message(14, new Uint8Array(0)));

/** The server's key for the exchange, which nobody checks the signature of. */
function serverKey(): Uint8Array {
  const { publicKey } = generateKeyPairSync("x25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return record(22, message(12, concat([3, 0, 29, 32], new Uint8Array(raw), hex("0401 0000"))));
}

/** Writes the same again and again, until the other side is gone; says how many bytes that were. */
async function floodedBy(connection: Deno.TcpConn, bytes: Uint8Array): Promise<number> {
  let sent = 0;
  try {
    for (;;) sent += await connection.write(bytes);
  } catch {
    return sent;
  }
}

/** Registers the suite for one twin. */
export function hostileConformance(twin: Twin): void {
  const test = (
    name: string,
    body: () => Promise<void>,
    missing: readonly (string | undefined)[] = [],
  ): void =>
    testNeeding([twin.missing, ...missing], `detectService (${twin.name}): ${name}`, async () => {
      await body();
      await twin.idle();
    });

  /** What is said of a server that does this with each connection; its connections and bytes are bounded. */
  const against = async (
    each: (connection: Deno.TcpConn) => Promise<number | void>,
    options: DetectOptions = {},
  ): Promise<ServiceReport> => {
    let report: ServiceReport | undefined;
    let connections = 0;
    let sent = 0;
    await listening(async (connection) => {
      connections++;
      sent += await each(connection) ?? 0;
    }, async (address) => {
      report = await detectOne("127.0.0.1", Number(address.split(":")[1]), {
        implementation: twin.name,
        timeoutMs: 100,
        ...options,
      });
    });
    assert.ok(connections <= MOST_CONNECTIONS, `${connections} connections`);
    assert.ok(sent <= MOST_BYTES * connections, `${sent} bytes in ${connections} connections`);
    return report!;
  };
  /** The same of one that has read the ClientHello. */
  const afterHello = (
    each: (connection: Deno.TcpConn) => Promise<number | void>,
  ): Promise<ServiceReport> =>
    against(async (connection) => {
      await connection.read(new Uint8Array(4096));
      return await each(connection);
    });

  for (const { name, transport, answers } of recordings()) {
    if (transport === "udp") continue;
    test(`${name} that does not stop talking`, async () => {
      const flood = new Uint8Array(64 * 1024).fill(0x41);
      const report = await against(async (connection) => {
        const greeting = answers[""];
        const buffer = new Uint8Array(16 * 1024);
        let send = buffer.subarray(0, 0);
        let said = greeting;
        while (said === undefined) {
          const count = await connection.read(buffer);
          if (count === null) return;
          send = buffer.subarray(0, count);
          said = answers[keyOf(send)] ?? { bytes: "QUFB", closes: false };
        }
        await connection.write(Uint8Array.fromBase64(said.bytes));
        return await floodedBy(connection, flood);
      }, { tls: false });
      assert.ok(report.banner === null || report.banner.text.length <= 4_096);
    });
  }

  test("lengths that are lies, in answers of every protocol", async () => {
    const lies = recordings().filter(({ transport }) => transport === "tcp").flatMap(
      ({ answers }) =>
        Object.values(answers).map(({ bytes }) => Uint8Array.fromBase64(bytes)).filter((bytes) =>
          bytes.length > 8
        ),
    );
    const [first] = lies;
    assert.ok(first !== undefined);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lies),
        fc.nat(12),
        fc.constantFrom([0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 0]),
        async (answer, at, length) => {
          const bytes = concat(answer);
          bytes.set(length.slice(0, Math.max(0, bytes.length - at)), at);
          await against(async (connection) => {
            await connection.read(new Uint8Array(4096));
            await connection.write(bytes);
            await untilClosed(connection);
          }, { timeoutMs: 20, tls: false });
        },
      ),
      { seed: 40, numRuns: 12 },
    );
  });

  test("TLS that changes the cipher for ever", async () => {
    const changes = concat(...Array.from({ length: 1_000 }, () => record(20, Uint8Array.of(1))));
    const { tls } = await afterHello(async (connection) => {
      await connection.write(HELLO);
      return await floodedBy(connection, changes);
    });
    assert.match(tls!.chainReason!, /malformed/);
  });

  test("TLS that drips a record for ever", async () => {
    const { service, tls } = await afterHello(async (connection) => {
      await connection.write(concat(HELLO, hex("16 0303 4000 0b 003ffc")));
      for (;;) {
        await connection.write(Uint8Array.of(0x41));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    assert.equal(service, "tls");
    assert.match(tls!.chainReason!, /broke the handshake off/);
  });

  test("TLS that goes on in the clear after the handshake's end", async () => {
    const tickets = concat(
      ...Array.from({ length: 1_000 }, () => record(22, new Uint8Array(8), TLS12)),
    );
    const { service, tls } = await afterHello(async (connection) => {
      await connection.write(concat(HELLO, CERTIFICATES, serverKey(), DONE));
      return await floodedBy(connection, tickets);
    });
    assert.equal(service, "tls");
    assert.equal(tls!.verifyReason, "no-certificate");
  });

  test("TLS that repeats the handshake's messages in a circle", async () => {
    const circle = concat(HELLO, CERTIFICATES, serverKey(), DONE);
    const { service } = await afterHello((connection) => floodedBy(connection, circle));
    assert.equal(service, "tls");
  });

  test("a flood inside TLS is cut, and one that drips there ends", async () => {
    await temporary(async (folder) => {
      await certify(folder);
      const read = (name: string): string => Deno.readTextFileSync(`${folder}/${name}`);
      for (const how of ["flood", "drip"]) {
        const listener = Deno.listenTls({
          hostname: "127.0.0.1",
          port: 0,
          cert: read("server.crt"),
          key: read("server.key"),
        });
        const served: Promise<void>[] = [];
        let connections = 0;
        const serve = async (connection: Deno.TlsConn): Promise<void> => {
          connections++;
          const bytes = new Uint8Array(how === "flood" ? 64 * 1024 : 1).fill(0x41);
          try {
            for (;;) {
              await connection.write(bytes);
              if (how === "drip") await new Promise((resolve) => setTimeout(resolve, 10));
            }
          } catch {
            connection.close();
          }
        };
        const serving = (async () => {
          for (;;) {
            try {
              served.push(serve(await listener.accept()));
            } catch {
              return;
            }
          }
        })();
        const report = await detectOne("127.0.0.1", listener.addr.port, {
          implementation: twin.name,
          timeoutMs: 400,
        });
        listener.close();
        await serving;
        await Promise.all(served);
        assert.equal(report.service, "tls", how);
        assert.ok(connections <= MOST_CONNECTIONS, `${connections} connections`);
        if (how === "flood") assert.deepEqual(report.banner?.text.length, 4_096);
      }
    });
  }, [noOpenssl]);

  test("handshakes that somebody changed on their way", async () => {
    await temporary(async (folder) => {
      await certify(folder);
      const read = (name: string): string => Deno.readTextFileSync(`${folder}/${name}`);
      const listener = Deno.listenTls({
        hostname: "127.0.0.1",
        port: 0,
        cert: read("server.crt") + read("ca.crt"),
        key: read("server.key"),
      });
      const served: Promise<void>[] = [];
      const serve = async (connection: Deno.TlsConn): Promise<void> => {
        try {
          await connection.write(new TextEncoder().encode("220 mail ESMTP Postfix\r\n"));
          await untilClosed(connection as unknown as Deno.TcpConn);
        } catch {
          // The handshake was broken off.
        } finally {
          connection.close();
        }
      };
      const serving = (async () => {
        for (;;) {
          try {
            served.push(serve(await listener.accept()));
          } catch {
            return;
          }
        }
      })();
      const change = fc.tuple(
        fc.oneof(fc.nat(200), fc.nat(3_000)),
        fc.integer({ min: 1, max: 255 }),
      );
      try {
        await fc.assert(
          fc.asyncProperty(
            fc.array(change, { minLength: 1, maxLength: 3 }),
            async (changes) => {
              const report = await against(
                (connection) => forwarded(connection, listener.addr.port, changes),
                { timeoutMs: 60 },
              );
              // deno-lint-ignore no-control-regex
              const harmful = /[\x00-\x1f\x7f-\x9f]|\\u00[01]/;
              const banner = report.banner?.text.replaceAll("\n", "");
              assert.doesNotMatch(JSON.stringify({ ...report, banner }), harmful);
              assert.equal(report.tls?.verified ?? false, false);
            },
          ),
          { seed: 41, numRuns: 20 },
        );
      } finally {
        listener.close();
        await serving;
        await Promise.all(served);
      }
    });
  }, [noOpenssl]);
}

/** Carries bytes to another port and back, on the way back with some of them turned over. */
async function forwarded(
  connection: Deno.TcpConn,
  port: number,
  changes: readonly (readonly [at: number, by: number])[],
): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  const up = (async () => {
    try {
      const buffer = new Uint8Array(16 * 1024);
      for (let count; (count = await connection.read(buffer)) !== null;) {
        await server.write(buffer.subarray(0, count));
      }
    } finally {
      server.close();
    }
  })();
  up.catch(() => {});
  const buffer = new Uint8Array(16 * 1024);
  let from = 0;
  for (;;) {
    const count = await server.read(buffer).catch(() => null);
    if (count === null) return;
    for (const [at, by] of changes) {
      if (at >= from && at < from + count) buffer[at - from]! ^= by;
    }
    from += count;
    await connection.write(buffer.subarray(0, count));
  }
}
