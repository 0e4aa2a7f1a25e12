/** Servers that mean harm or are broken: each is an error that says so, soon, and costs no more than the caps. */

import assert from "assertions";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { HttpClient } from "../../src/http/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { listening, untilClosed, unusedPort, withSilentPort } from "../support/servers.ts";
import type { Twin } from "../support/twins.ts";
import {
  answering,
  httpTest,
  rejects,
  requestHead,
  response,
  scripted,
  writeAll,
} from "./support.ts";

/** Reads a body by both ways; they must fail alike. */
async function failsAlike(
  client: HttpClient,
  url: string,
  code: "UNAVAILABLE" | "TIMEOUT" | "TOO_LARGE",
  message: RegExp,
): Promise<void> {
  const read = async (): Promise<void> => {
    await (await client.fetch(url)).bytes();
  };
  const one = await rejects(read(), code, message);
  for await (const outcome of client.fetchMany([url])) {
    assert.ok(!outcome.ok, url);
    assert.ok(AgentError.is(outcome.error), String(outcome.error));
    assert.equal(outcome.error.message, one.message);
    assert.deepEqual(outcome.error.details, one.details);
  }
}

/** Registers the suite for one twin. */
export function httpHostileConformance(twin: Twin): void {
  const test = (name: string, body: Parameters<typeof httpTest>[2]): void =>
    httpTest(twin, name, body);

  test("a server that is not there", async (make) => {
    await using client = make();
    const url = `http://127.0.0.1:${unusedPort()}/a?secret=1`;
    await failsAlike(client, url, "UNAVAILABLE", /^GET http:\/\/127\.0\.0\.1:\d+\/a: .* cannot be/);
  });

  test("a server that takes no connection", async (make) => {
    await withSilentPort(async (port) => {
      await using client = make({ timeouts: { connectMs: 200 } });
      await failsAlike(
        client,
        `http://127.0.0.1:${port}/`,
        "TIMEOUT",
        /no connection within 200 ms/,
      );
    });
  });

  test("a server that stalls: before its answer, within its head, within its body", async (make) => {
    const timeouts = { firstByteMs: 200, bodyMs: 200 };
    const stalling = (said: string) => async (connection: Deno.TcpConn): Promise<void> => {
      await writeAll(connection, said);
      await untilClosed(connection);
    };
    const cases: [string, RegExp][] = [
      ["", /no answer began within 200 ms/],
      ["HTTP/1.1 200 OK\r\nx: ", /no answer began within 200 ms/],
      ["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", /no more of the body came within 200/],
      ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", /no more of the body/],
    ];
    for (const [said, message] of cases) {
      await scripted(stalling(said), async (address) => {
        await using client = make({ timeouts });
        await failsAlike(client, `http://${address}/`, "TIMEOUT", message);
      });
    }
  });

  test("a body that drips for ever ends with the call's time", async (make) => {
    await scripted(async (connection) => {
      await writeAll(connection, "HTTP/1.1 200 OK\r\n\r\n");
      for (;;) {
        await writeAll(connection, ".");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }, async (address) => {
      await using client = make({ timeoutMs: 300 });
      const url = `http://${address}/`;
      await failsAlike(client, url, "TIMEOUT", /was not finished within 300 ms/);
      const read = async (): Promise<void> => {
        await (await client.fetch(url, { timeoutMs: 200 })).text();
      };
      await rejects(read(), "TIMEOUT", /was not finished within 200 ms/);
    });
  });

  test("an endless body ends at the cap", async (make) => {
    const chunk = response("200 OK", new Uint8Array(65_536));
    await scripted(async (connection) => {
      await writeAll(connection, chunk);
      for (;;) await writeAll(connection, chunk);
    }, async (address) => {
      await using client = make({ maxBodyBytes: 1_000_000 });
      await failsAlike(client, `http://${address}/`, "TOO_LARGE", /body is over 1000000 bytes/);
    });
  });

  test("an endless coded body ends at the cap, too", async (make) => {
    // RFC 1952 and 1951: a head, then stored blocks of which none is the last.
    const head = Uint8Array.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
    const block = new Uint8Array(5 + 65_535);
    block.set([0, 255, 255, 0, 0]);
    await scripted(async (connection) => {
      await writeAll(connection, response("200 OK\r\ncontent-encoding: gzip", head));
      for (;;) await writeAll(connection, block);
    }, async (address) => {
      await using client = make({ maxBodyBytes: 1_000_000 });
      await failsAlike(client, `http://${address}/`, "TOO_LARGE", /body is over 1000000 bytes/);
    });
  });

  test("a connection that ends before the answer, or is reset", async (make) => {
    for (const said of ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nx: y\r\n"]) {
      await scripted((connection) => writeAll(connection, said), async (address) => {
        await using client = make();
        await failsAlike(
          client,
          `http://${address}/`,
          "UNAVAILABLE",
          /ended the connection before/,
        );
      });
    }
    // What was sent is not read to its end, so that the system resets the connection.
    await listening(async (connection) => {
      await connection.read(new Uint8Array(10));
    }, async (address) => {
      await using client = make();
      await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /ended the connection before/);
    });
  });

  test("half a body: by its length, by its chunks", async (make) => {
    const halves: [string, string][] = [
      ["200 OK\r\ncontent-length: 10", "abc"],
      ["200 OK\r\ntransfer-encoding: chunked", "a\r\nabc"],
      ["200 OK\r\ntransfer-encoding: chunked", "3\r\nabc\r\n"],
    ];
    for (const [head, body] of halves) {
      await answering(response(head, body), async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /ended before it was whole/);
      });
    }
  });

  test("heads that are none, or can be read in two ways", async (make) => {
    const heads = [
      "NONSENSE\r\n\r\n",
      "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ncontent-length: 0x3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\na b: 3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\nabc",
      "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 600 High\r\ncontent-length: 0\r\n\r\n",
    ];
    for (const head of heads) {
      await answering(head, async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /not HTTP as it should be/);
      });
    }
  });

  test("chunks that are none", async (make) => {
    const head = "200 OK\r\ntransfer-encoding: chunked";
    for (const body of ["xyz\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n"]) {
      await answering(response(head, body), async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /not HTTP as it should be/);
      });
    }
  });

  test("more than its length is not read as the next answer", async (make) => {
    const two = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n" +
      "content-length: 4\r\n\r\nevil";
    await answering(two, async (address) => {
      await using client = make();
      for (let i = 0; i < 3; i++) {
        assert.equal(await (await client.fetch(`http://${address}/`)).text(), "ok");
      }
    }, false);
  });

  test("a megabyte of fields", async (make) => {
    const line = `x-long: ${"y".repeat(1_000)}\r\n`;
    await answering(response(`200 OK\r\n${line.repeat(1_000)}z: 1`), async (address) => {
      await using client = make();
      await failsAlike(client, `http://${address}/`, "TOO_LARGE", /head is over 262144 bytes/);
    });
    // What is long but not too long is read.
    await answering(response(`200 OK\r\n${line.repeat(90)}content-length: 2`, "ok"), async (at) => {
      await using client = make();
      const { headers } = await client.fetch(`http://${at}/`);
      assert.equal(headers.get("x-long")!.length, 90 * 1_000 + 89 * 2);
    });
  });

  test("as many fields as are taken, and one more", async (make) => {
    const fields = (count: number): string => `${"a: 1\r\n".repeat(count - 1)}content-length: 2`;
    await answering(response(`200 OK\r\n${fields(1_024)}`, "ok"), async (address) => {
      await using client = make();
      assert.equal(await (await client.fetch(`http://${address}/`)).text(), "ok");
    });
    await answering(response(`200 OK\r\n${fields(1_025)}`, "ok"), async (address) => {
      await using client = make();
      const message = /head is over 262144 bytes or 1024 fields/;
      await failsAlike(client, `http://${address}/`, "TOO_LARGE", message);
    });
  });

  test("sizes of chunks up to 64 bits, and above", async (make) => {
    const head = "200 OK\r\ntransfer-encoding: chunked";
    const chunked = (size: string) => response(head, `${size}\r\nabc\r\n0\r\n\r\n`);
    for (const size of ["3", "0003", "00000000000000000000000003"]) {
      await answering(chunked(size), async (address) => {
        await using client = make();
        assert.equal(await (await client.fetch(`http://${address}/`)).text(), "abc");
      });
    }
    for (const size of ["20000000000000", "fffffffffffffff0", "0000ffffffffffffffff"]) {
      await answering(chunked(size), async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /ended before it was whole/);
      });
    }
    for (const size of ["10000000000000000", "123456789abcdef01", "f".repeat(400)]) {
      await answering(chunked(size), async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /not HTTP as it should be/);
      });
    }
  });

  test("bombs of each coding, also one in another", async (make) => {
    const zeros = new Uint8Array(64 * 1024 * 1024);
    const bombs: [string, Uint8Array][] = [
      ["gzip", gzipSync(zeros)],
      ["zstd", zstdCompressSync(zeros)],
      ["br", brotliCompressSync(zeros)],
      ["gzip, gzip", gzipSync(gzipSync(zeros))],
    ];
    for (const [coding, bomb] of bombs) {
      const content = response(`200 OK\r\ncontent-encoding: ${coding}`, Uint8Array.from(bomb));
      await answering(content, async (address) => {
        await using client = make({ maxBodyBytes: 1_000_000 });
        await failsAlike(client, `http://${address}/`, "TOO_LARGE", /body is over 1000000 bytes/);
      });
    }
  });

  test("bodies that are not coded as they say", async (make) => {
    const half = gzipSync("x".repeat(10_000)).subarray(0, 30);
    const bodies: [string, Uint8Array | string][] = [
      ["gzip", "not gzip at all"],
      ["br", "\xff\xff\xff\xff not brotli"],
      ["zstd", "not zstd"],
      ["deflate", "\xff\xff\xff\xff"],
      ["gzip", half],
    ];
    for (const [coding, body] of bodies) {
      const bytes = typeof body === "string" ? body : Uint8Array.from(body);
      await answering(response(`200 OK\r\ncontent-encoding: ${coding}`, bytes), async (address) => {
        await using client = make();
        await failsAlike(client, `http://${address}/`, "UNAVAILABLE", /not coded as it says/);
      });
    }
    // No byte at all is an empty body, whatever coding it has.
    const none = response("200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0");
    await answering(none, async (address) => {
      await using client = make();
      assert.equal(await (await client.fetch(`http://${address}/`)).text(), "");
    });
  });

  test("a connection through which nothing more comes is given up within its time", async (make) => {
    // The first answer keeps the connection; then the server is as good as gone.
    const content = response("200 OK\r\ncontent-length: 2", "ok");
    let answers = 0;
    await listening(async (connection) => {
      while (await requestHead(connection) !== undefined) {
        if (answers++ > 0 && answers < 3) return await untilClosed(connection);
        await writeAll(connection, content);
      }
    }, async (address) => {
      await using client = make({ timeouts: { firstByteMs: 200 }, retries: 1 });
      for (let i = 0; i < 2; i++) {
        const response = await client.fetch(`http://${address}/`);
        assert.equal(await response.text(), "ok");
        assert.equal(response.attempts, 1 + i);
      }
    });
  });
}
