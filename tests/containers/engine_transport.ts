/**
 * What a transport does, for both twins: bytes out, bytes in. The engines here are servers on the loopback that keep
 * what they were sent.
 *
 * Not part of the contract: the words of faults.
 */

import assert from "assertions";
import {
  EngineFault,
  type EngineFaultKind,
  RefusedUpgrade,
} from "../../src/containers/engine/errors.ts";
import { readWhole } from "../../src/containers/engine/read.ts";
import type { EngineRequest, EngineResponse } from "../../src/containers/engine/types.ts";
import { unusedPort } from "../support/servers.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { answer, type Line, withTransport } from "./engine_recorder.ts";

const encoder = new TextEncoder();

/** All of a body as text. */
export async function textOf({ body }: Pick<EngineResponse, "body">): Promise<string> {
  return new TextDecoder().decode(await readWhole(body, 100_000_000));
}

async function fails(kind: EngineFaultKind, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof EngineFault, `${error}`);
    assert.equal(error.kind, kind);
    return true;
  });
}

/** Registers the suite for one twin. */
export function transportConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void =>
    testOf("transport", twin, name, async () => {
      await body();
      await twin.idle();
    });
  const using = (
    each: (line: Line, number: number) => Promise<void>,
    body: Parameters<typeof withTransport>[2],
  ): Promise<void> => withTransport(twin.name, each, body);
  const get = (path: string, more: Partial<EngineRequest> = {}): EngineRequest => ({
    method: "GET",
    path,
    ...more,
  });

  test("status, fields and body come as they are", async () => {
    await using(async (line) => {
      await line.request();
      await line.send(
        answer('{"a":"é"}', "418 Odd", "X-Twice: 1\r\nx-twice: 2\r\nApi-Version: 1.41\r\n"),
      );
      await line.until();
    }, async (transport) => {
      const response = await transport.request(get("/_ping"));
      assert.equal(response.status, 418);
      assert.equal(response.header("API-version"), "1.41");
      assert.equal(response.header("x-twice"), "1, 2");
      assert.equal(response.header("none"), null);
      assert.equal(await textOf(response), '{"a":"é"}');
    });
  });

  test("one connection carries many exchanges", async () => {
    let connections = 0;
    await using(async (line) => {
      connections++;
      for (let i = 0; i < 5; i++) {
        await line.request();
        await line.send(answer(String(i)));
      }
      await line.until();
    }, async (transport) => {
      for (let i = 0; i < 5; i++) {
        assert.equal(await textOf(await transport.request(get(`/${i}`))), String(i));
      }
    });
    assert.equal(connections, 1);
  });

  for (
    const [name, text] of [
      [
        "chunks",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nt: r\r\n\r\n",
      ],
      ["an end of the connection", "HTTP/1.1 200 OK\r\n\r\nabcdefg"],
      ["an interim answer before", `HTTP/1.1 100 Continue\r\n\r\n${answer("abcdefg")}`],
      ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabcdefg"],
    ] as const
  ) {
    test(`a body of ${name}, cut after every byte`, async () => {
      await using(async (line) => {
        await line.request();
        for (const byte of encoder.encode(text)) await line.send(new Uint8Array([byte]));
        await line.end();
        await line.until();
      }, async (transport) => {
        assert.equal(await textOf(await transport.request(get("/x"))), "abcdefg");
      });
    });
  }

  for (const status of ["204 No Content", "304 Not Modified"]) {
    test(`${status} has no body, whatever it says`, async () => {
      await using(async (line) => {
        await line.request();
        await line.send(`HTTP/1.1 ${status}\r\ncontent-length: 5\r\n\r\n`);
        await line.request();
        await line.send(answer("next"));
        await line.until();
      }, async (transport) => {
        const first = await transport.request({ method: "POST", path: "/a" });
        assert.equal(first.status, Number(status.slice(0, 3)));
        assert.equal(await textOf(first), "");
        assert.equal(await textOf(await transport.request(get("/b"))), "next");
      });
    });
  }

  for (
    const [name, kind, text] of [
      ["closes at once", "reset", ""],
      ["does not speak HTTP", "protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
      ["ends within the head", "reset", "HTTP/1.1 200 OK\r\nconte"],
      ["has a field without a name", "protocol", "HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
      [
        "switches protocols unasked",
        "protocol",
        "HTTP/1.1 101 Odd\r\nupgrade: tcp\r\nconnection: upgrade\r\n\r\n",
      ],
    ] as const
  ) {
    test(`an engine that ${name} is a fault`, async () => {
      await using(async (line) => {
        await line.request();
        await line.send(text);
      }, async (transport) => {
        await fails(kind, transport.request({ method: "POST", path: "/x" }));
      });
    });
  }

  for (
    const [name, text] of [
      ["a length", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"],
      ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nde"],
    ] as const
  ) {
    test(`a body of ${name} that ends early is a fault, after what came`, async () => {
      await using(async (line) => {
        await line.request();
        await line.send(text);
      }, async (transport) => {
        const { body } = await transport.request(get("/x"));
        let seen = "";
        await fails(
          "reset",
          (async () => {
            for await (const piece of body) seen += new TextDecoder().decode(piece);
          })(),
        );
        assert.ok(seen.startsWith("abc"), seen);
      });
    });
  }

  test("where nothing listens is a fault", async () => {
    const { allowEngine, nameEngine, openTransport } = await import(
      "../../src/containers/engine/address.ts"
    );
    const named = nameEngine({ host: `tcp://127.0.0.1:${unusedPort()}` });
    await using transport = await openTransport(await allowEngine(named, 2_000), twin.name);
    await fails("connect", transport.request(get("/x")));
    const missing = nameEngine({ host: "unix:///nowhere/engine.sock" });
    await using other = await openTransport(await allowEngine(missing, 2_000), twin.name);
    await fails("no-socket", other.request(get("/x")));
    await fails("no-socket", other.upgrade({ method: "POST", path: "/x" }));
  });

  test("an idle connection that the engine closed is not used again", async () => {
    await using(async (line, number) => {
      await line.request();
      await line.send(answer(String(number)));
    }, async (transport) => {
      for (let i = 0; i < 3; i++) {
        assert.equal(
          await textOf(await transport.request({ method: "POST", path: "/x" })),
          String(i),
        );
        // The end of the connection has to arrive; a request on its way with it may be lost, as with any engine.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
  });

  test("a connection that ended with its body is not used again", async () => {
    await using(async (line) => {
      await line.request();
      await line.send("HTTP/1.1 200 OK\r\n\r\nall of it");
      await line.end();
      await line.until();
    }, async (transport) => {
      // Many at a time, so that one begins as another ends; what changes something cannot be asked a second time.
      const each = Array.from({ length: 16 }, async (_, of) => {
        for (let i = 0; i < 10; i++) {
          const response = await transport.request({ method: "POST", path: `/${of}/${i}` });
          assert.equal(await textOf(response), "all of it");
        }
      });
      await Promise.all(each);
    });
  });

  test("leaving a body ends the exchange", async () => {
    const closed = Promise.withResolvers<void>();
    await using(async (line) => {
      await line.request();
      await line.send("HTTP/1.1 200 OK\r\n\r\nfirst");
      await line.until();
      closed.resolve();
    }, async (transport) => {
      const { body } = await transport.request(get("/logs"));
      for await (const piece of body) {
        assert.equal(new TextDecoder().decode(piece), "first");
        break;
      }
      await closed.promise;
    });
  });

  test("what is not read stays with the engine", async () => {
    const most = 64 * 1024 * 1024;
    let sent = 0;
    const stuck = Promise.withResolvers<void>();
    await using(async (line) => {
      await line.request();
      await line.send("HTTP/1.1 200 OK\r\n\r\n");
      const piece = new Uint8Array(65_536);
      let timer = setTimeout(stuck.resolve, 300);
      while (sent < most) {
        await line.send(piece);
        sent += piece.length;
        clearTimeout(timer);
        timer = setTimeout(stuck.resolve, 300);
      }
      clearTimeout(timer);
      stuck.resolve();
      await line.end();
      await line.until();
    }, async (transport) => {
      const { body } = await transport.request(get("/export"));
      await stuck.promise;
      assert.ok(sent < most, `${sent} bytes were taken though nobody read them`);
      let length = 0;
      for await (const piece of body) length += piece.length;
      assert.equal(length, most);
    });
  });

  test("a signal ends what waits for a head, and a body", async () => {
    const reason = new Error("enough");
    let closed = 0;
    await using(async (line, number) => {
      await line.request();
      if (number === 1) await line.send("HTTP/1.1 200 OK\r\n\r\nfirst");
      await line.until();
      closed++;
    }, async (transport) => {
      const first = new AbortController();
      const waiting = transport.request(get("/a", { signal: first.signal }));
      setTimeout(() => first.abort(reason), 30);
      await assert.rejects(waiting, (error) => error === reason);
      const second = new AbortController();
      const { body } = await transport.request(get("/b", { signal: second.signal }));
      const reading = Array.fromAsync(body);
      setTimeout(() => second.abort(reason), 30);
      await assert.rejects(reading, (error) => error === reason);
      const aborted = AbortSignal.abort(reason);
      await assert.rejects(
        transport.request(get("/c", { signal: aborted })),
        (error) => error === reason,
      );
    });
    assert.equal(closed, 2);
  });

  test("a time limit is for the head alone", async () => {
    await using(async (line, number) => {
      await line.request();
      if (number === 1) {
        await line.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
        await new Promise((resolve) => setTimeout(resolve, 150));
        await line.send("b");
      }
      await line.until();
    }, async (transport) => {
      await fails("head-timeout", transport.request(get("/a", { timeoutMs: 40 })));
      assert.equal(await textOf(await transport.request(get("/b", { timeoutMs: 100 }))), "ab");
    });
  });

  test("a body that fails ends the exchange with its error", async () => {
    const reason = new Error("the disk is gone");
    await using(async (line) => {
      await line.until();
    }, async (transport) => {
      const body = (async function* () {
        yield encoder.encode("some");
        await new Promise((resolve) => setTimeout(resolve, 10));
        throw reason;
      })();
      await assert.rejects(
        transport.request({ method: "POST", path: "/build", body }),
        (error) => error === reason,
      );
    });
  });

  test("an answer before the end of the request ends the rest of it", async () => {
    let returned = false;
    await using(async (line) => {
      await line.until("\r\n\r\n");
      await line.send(answer("no", "400 Bad Request", "connection: close\r\n"));
      await line.until();
    }, async (transport) => {
      const body = (async function* () {
        try {
          for (;;) {
            yield new Uint8Array(1_000);
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        } finally {
          returned = true;
        }
      })();
      const response = await transport.request({ method: "POST", path: "/build", body });
      assert.equal(response.status, 400);
      assert.equal(await textOf(response), "no");
      for (let tries = 0; !returned && tries < 200; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.ok(returned);
    });
  });

  test("an upgraded connection carries bytes both ways, and each side ends by itself", async () => {
    await using(async (line) => {
      const head = await line.request();
      assert.match(head, /^POST \/exec\/1\/start HTTP\/1\.1\r\n/);
      assert.match(head, /\r\nconnection: Upgrade\r\n/i);
      assert.match(head, /\r\nupgrade: tcp\r\n/i);
      await line.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello ");
      line.received = "";
      const said = await line.until();
      await line.send(`you said ${said.length} bytes, ${said.slice(0, 4)}`);
      await line.end();
    }, async (transport) => {
      const body = encoder.encode('{"Detach":false}');
      const stream = await transport.upgrade({ method: "POST", path: "/exec/1/start", body });
      await stream.write(encoder.encode("abcd"));
      await stream.write(new Uint8Array(700_000));
      await stream.closeWrite();
      const text = await textOf({ body: stream.readable });
      assert.equal(text, "hello you said 700004 bytes, abcd");
      stream.close();
    });
  });

  test("closing an upgraded connection ends both sides", async () => {
    const closed = Promise.withResolvers<void>();
    await using(async (line) => {
      await line.request();
      await line.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      await line.until();
      closed.resolve();
    }, async (transport) => {
      const stream = await transport.upgrade({ method: "POST", path: "/x" });
      const reading = Array.fromAsync(stream.readable);
      stream.close();
      assert.deepEqual(await reading, []);
      await closed.promise;
      await fails("reset", stream.write(encoder.encode("late")));
    });
  });

  test("an upgrade that is refused says how", async () => {
    const words = '{"message":"no such exec"}';
    const refused = answer(words, "404 Not Found", "connection: close\r\n");
    await using(async (line, number) => {
      await line.request();
      if (number === 0) await line.send(refused);
      else await line.send("HTTP/1.1 200 OK\r\n\r\nendless");
      await line.until();
    }, async (transport) => {
      for (const [status, words] of [[404, '{"message":"no such exec"}'], [200, ""]] as const) {
        await assert.rejects(transport.upgrade({ method: "POST", path: "/x" }), (error) => {
          assert.ok(error instanceof RefusedUpgrade, `${error}`);
          assert.equal(error.status, status);
          assert.equal(new TextDecoder().decode(error.body), words);
          return true;
        });
      }
    });
  });

  test("disposing ends what is under way", async () => {
    await using(async (line, number) => {
      await line.request();
      if (number === 1) await line.send("HTTP/1.1 200 OK\r\n\r\nfirst");
      await line.until();
    }, async (transport) => {
      const waiting = fails("closed", transport.request(get("/a")));
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, 30);
      await promise;
      const { body } = await transport.request(get("/b"));
      const reading = fails("closed", Array.fromAsync(body));
      await transport[Symbol.asyncDispose]();
      await waiting;
      await reading;
      await fails("closed", transport.request(get("/c")));
      await fails("closed", transport.upgrade({ method: "POST", path: "/c" }));
    });
  });

  test("many at once", async () => {
    await using(async (line) => {
      for (;;) {
        const request = await line.request();
        if (request === "") return;
        await line.send(answer(request.split(" ")[1]!));
      }
    }, async (transport) => {
      const paths = Array.from({ length: 60 }, (_, i) => `/${i}`);
      const texts = await Promise.all(
        paths.map(async (path) => await textOf(await transport.request(get(path)))),
      );
      assert.deepEqual(texts, paths);
    });
  });
}
