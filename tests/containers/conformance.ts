/**
 * What asking a container engine does, for every twin. The engines here are servers on the
 * loopback; sockets and a real engine are in `tests/containers/`.
 *
 * Not part of the contract: the wording of messages.
 */

import assert from "assertions";
import { type EngineInfo, pingEngine, type PingOptions } from "../../src/containers/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { listening, raw, serving, untilClosed, unusedPort } from "../support/servers.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { delay, wrong } from "../support/values.ts";

const ANSWER = { Version: "20.10.24", ApiVersion: "1.41", Os: "linux", Arch: "amd64" };

/** Runs a body with an engine that answers like this; gets its host as the option has it. */
function answering(
  answer: Parameters<typeof serving>[0],
  body: (host: string, requests: string[]) => Promise<void>,
): Promise<void> {
  return serving(answer, (address, requests) => body(`tcp://${address}`, requests));
}

/** Runs a body with an engine that does what it likes with each connection. */
function behaving(
  each: Parameters<typeof listening>[0],
  body: (host: string) => Promise<void>,
): Promise<void> {
  return listening(each, (address) => body(`tcp://${address}`));
}

/** Registers the suite for one twin. */
export function containersConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("pingEngine", twin, name, async () => {
      await body();
      await twin.idle();
    });
  const ping = (host: string, options: PingOptions = {}): Promise<EngineInfo> =>
    pingEngine({ implementation: twin.name, host, ...options });
  const fails = async <C extends AgentErrorCode>(
    code: C,
    work: Promise<unknown>,
    details: AgentError<C>["details"],
  ): Promise<void> => {
    await assert.rejects(work, (error) => {
      assert.ok(AgentError.is(error, code), `${error}`);
      assert.deepEqual(error.details, details);
      return true;
    });
  };

  test("says who the engine is, by one GET /version", async () => {
    await answering(() => Response.json({ ...ANSWER, Components: [] }), async (host, requests) => {
      assert.deepEqual(await ping(host), {
        host,
        apiVersion: "1.41",
        version: "20.10.24",
        os: "linux",
        arch: "amd64",
      });
      assert.deepEqual(requests, ["GET /version"]);
    });
  });

  for (
    const [theirs, spoken] of [
      ["1.9", "1.9"],
      ["1.53", "1.53"],
      ["1.54", "1.53"],
      ["1.100", "1.53"],
      ["2.0", "1.53"],
      ["01.041", "1.41"],
    ] as const
  ) {
    test(`an engine with API ${theirs} is spoken to in ${spoken}`, async () => {
      await answering(() => Response.json({ ApiVersion: theirs }), async (host) => {
        assert.equal((await ping(host)).apiVersion, spoken);
      });
    });
  }

  test("what the engine does not say is null", async () => {
    const answer = { ApiVersion: "1.41", Os: null };
    await answering(() => Response.json(answer), async (host) => {
      const expected = { host, apiVersion: "1.41", version: null, os: null, arch: null };
      assert.deepEqual(await ping(host), expected);
    });
  });

  test("text of every script survives", async () => {
    const version = "é 漢字 🦀 \u0000 \u2028";
    await answering(() => Response.json({ ...ANSWER, Version: version }), async (host) => {
      assert.equal((await ping(host)).version, version);
    });
  });

  for (const status of [301, 400, 404, 500, 503]) {
    test(`status ${status} is IO, with the engine's words`, async () => {
      const answer = (): Response =>
        Response.json({ message: "the engine's own words" }, {
          status,
          headers: { location: "/elsewhere" },
        });
      await answering(answer, async (host, requests) => {
        await fails("IO", ping(host), { path: host, operation: "pingEngine" });
        await assert.rejects(ping(host), /the engine's own words/);
        assert.deepEqual(requests, ["GET /version", "GET /version"]);
      });
    });
  }

  for (
    const [name, body] of [
      ["nothing", ""],
      ["no JSON", "<html>hello</html>"],
      ["JSON that ends early", '{"ApiVersion": "1.41"'],
      ["an array", "[1]"],
      ["null", "null"],
      ["text", '"1.41"'],
      ["no API version", '{"Version":"1"}'],
      ["an API version that is a number", '{"ApiVersion":1.41}'],
      ["an API version of one part", '{"ApiVersion":"1"}'],
      ["an API version of three parts", '{"ApiVersion":"1.2.3"}'],
      ["an API version with a sign", '{"ApiVersion":"+1.2"}'],
      ["a version that is an object", '{"ApiVersion":"1.41","Version":{}}'],
      ["an OS that is a number", '{"ApiVersion":"1.41","Os":1}'],
      ["a lone surrogate", '{"ApiVersion":"1.41","Arch":"\\ud800"}'],
      ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
    ] as const
  ) {
    test(`${name} is the answer of no engine`, async () => {
      await answering(() => new Response(body), async (host) => {
        await fails("UNSUPPORTED", ping(host), { what: host });
      });
    });
  }

  for (
    const [name, text] of [
      ["closes at once", ""],
      ["does not speak HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
      ["ends its answer early", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}"],
    ] as const
  ) {
    test(`a server that ${name} is IO`, async () => {
      await behaving(raw(text), async (host) => {
        await fails("IO", ping(host), { path: host, operation: "pingEngine" });
      });
    });
  }

  test("a port where nothing listens is IO", async () => {
    const host = `tcp://127.0.0.1:${unusedPort()}`;
    await fails("IO", ping(host), { path: host, operation: "pingEngine" });
  });

  test("a server that does not answer is TIMEOUT, and the connection is closed", async () => {
    let closed = false;
    const silent = async (connection: Deno.TcpConn): Promise<void> => {
      await untilClosed(connection);
      closed = true;
    };
    await behaving(silent, async (host) => {
      const details = { operation: "pingEngine", timeoutMs: 50 };
      await fails("TIMEOUT", ping(host, { timeoutMs: 49.5 }), details);
    });
    assert.ok(closed);
  });

  test("aborting rejects with the reason and closes the connection", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const seen = Promise.withResolvers<void>();
    let closed = false;
    const silent = async (connection: Deno.TcpConn): Promise<void> => {
      await connection.read(new Uint8Array(4096));
      seen.resolve();
      await untilClosed(connection);
      closed = true;
    };
    await behaving(silent, async (host) => {
      const asked = ping(host, { signal: controller.signal });
      await seen.promise;
      controller.abort(reason);
      await assert.rejects(asked, (error) => error === reason);
      await assert.rejects(
        ping(host, { signal: controller.signal }),
        (error) => error === reason,
      );
    });
    assert.ok(closed);
  });

  test("many at once all get their own answer", async () => {
    const answer = async (request: Request): Promise<Response> => {
      await delay(Math.random() * 5);
      return Response.json({ ...ANSWER, Version: request.headers.get("host") });
    };
    await answering(answer, async (host) => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => ping(host)));
      assert.ok(answers.every(({ version }) => `tcp://${version}` === host));
    });
  });

  test("a name and an odd spelling are the same engine", async () => {
    await answering(() => Response.json(ANSWER), async (host) => {
      const port = host.split(":").at(-1);
      assert.equal((await ping(`tcp://LOCALHOST:${port}/`)).host, `tcp://localhost:${port}`);
      assert.equal((await ping(`http://0x7f.1:${port}`)).host, host);
    });
  });

  test("wrong arguments are TypeError and RangeError", async () => {
    for (const host of ["", "nonsense", "/run/docker.sock", "unix://relative", "unix:///a\0b"]) {
      await assert.rejects(ping(host), TypeError, host);
    }
    for (const host of ["tcp://", "tcp://:1", "tcp://h:0", "tcp://h:65536", "tcp://a b:1"]) {
      await assert.rejects(ping(host), TypeError, host);
    }
    await assert.rejects(ping("tcp://h:1/path"), TypeError);
    await assert.rejects(ping(`unix:///${"x".repeat(107)}`), RangeError);
    await assert.rejects(ping(wrong(5)), TypeError);
    await assert.rejects(ping("tcp://127.0.0.1:1", { timeoutMs: wrong("5") }), TypeError);
    for (const timeoutMs of [0, -1, NaN, Infinity, 86_400_001]) {
      await assert.rejects(ping("tcp://127.0.0.1:1", { timeoutMs }), RangeError);
    }
    await assert.rejects(pingEngine({ implementation: wrong("rust") }), TypeError);
  });

  test("engines behind SSH and named pipes are UNSUPPORTED", async () => {
    for (const host of ["ssh://me@there", "npipe:////./pipe/docker_engine", "https://there:1"]) {
      await fails("UNSUPPORTED", ping(host), { what: host });
    }
  });

  test("DOCKER_HOST says where, the option says otherwise", async () => {
    const before = Deno.env.get("DOCKER_HOST");
    await answering(() => Response.json(ANSWER), async (host) => {
      try {
        Deno.env.set("DOCKER_HOST", host);
        assert.equal((await pingEngine({ implementation: twin.name })).host, host);
        Deno.env.set("DOCKER_HOST", "tcp://127.0.0.1:1");
        assert.equal((await ping(host)).host, host);
      } finally {
        if (before === undefined) Deno.env.delete("DOCKER_HOST");
        else Deno.env.set("DOCKER_HOST", before);
      }
    });
  });
}
