/** Event streams of a client, over both transports, with servers. */

import assert from "assertions";
import { ndjson, parseEvents } from "../../../src/http/mod.ts";
import { serving } from "../../support/servers.ts";
import { twins } from "../../support/twins.ts";
import { httpTest, type MakeClient, rejects, scripted, writeAll } from "../support.ts";

const EVENTS = { "content-type": "text/event-stream" };

for (const twin of twins("http").each) {
  const test = (name: string, body: (make: MakeClient) => Promise<void>): void =>
    httpTest(twin, `events: ${name}`, body);

  test("they come as they are sent, and a stream that breaks goes on where it was", async (make) => {
    const ids: (string | undefined)[] = [];
    const head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const script = async (connection: Deno.TcpConn, asked: string): Promise<void> => {
      const last = /^last-event-id: (.*)\r$/im.exec(asked)?.[1];
      ids.push(last);
      const from = Number(last ?? 0);
      if (from >= 6) {
        return await writeAll(connection, "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
      }
      await writeAll(connection, head);
      for (const n of [from + 1, from + 2]) {
        await writeAll(connection, chunk(`retry: 1\nid: ${n}\ndata: ${n}\n\n`));
      }
      // The second one breaks off in the middle of an event.
      await writeAll(connection, from === 2 ? chunk("id: 99\ndata: half") : "0\r\n\r\n");
    };
    await scripted(script, async (address) => {
      await using client = make();
      const seen: string[] = [];
      for await (const { data } of client.events(`http://${address}/`)) seen.push(data);
      assert.deepEqual(seen, ["1", "2", "3", "4", "5", "6"]);
      assert.deepEqual(ids, [undefined, "2", "4", "6"]);
    });
  });

  test("a POST is answered with events, by the client or of a response", async (make) => {
    const answer = async (request: Request): Promise<Response> =>
      new Response(`data: ${request.method} ${await request.text()}\n\ndata: [DONE]\n\n`, {
        headers: EVENTS,
      });
    await serving(answer, async (address, requests) => {
      await using client = make();
      const init = { method: "POST", body: '{"stream":true}' };
      const expected = ['POST {"stream":true}', "[DONE]"];
      const seen: string[] = [];
      for await (const { data } of client.events(`http://${address}/`, init)) seen.push(data);
      assert.deepEqual(seen, expected);
      const response = await client.fetch(`http://${address}/`, init);
      const again: string[] = [];
      for await (const { data } of parseEvents(response)) again.push(data);
      assert.deepEqual([again, requests.length], [expected, 2]);
    });
  });

  test("leaving the loop, a signal and the client's end all end the connection", async (make) => {
    let open = 0;
    const answer = (): Response => {
      open++;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
        cancel: () => {
          open--;
        },
      });
      return new Response(body, { headers: EVENTS });
    };
    await serving(answer, async (address) => {
      const client = make();
      for await (const { data } of client.events(`http://${address}/`)) {
        assert.equal(data, "1");
        break;
      }
      const controller = new AbortController();
      const iterator = client.events(`http://${address}/`, { signal: controller.signal })
        [Symbol.asyncIterator]();
      assert.equal((await iterator.next()).value!.data, "1");
      controller.abort(new Error("enough"));
      await assert.rejects(iterator.next(), { message: "enough" });
      const last = client.events(`http://${address}/`)[Symbol.asyncIterator]();
      assert.equal((await last.next()).value!.data, "1");
      const ending = assert.rejects(async () => await last.next(), { code: "CLOSED" });
      await client.close();
      await ending;
      assert.throws(() => client.events(`http://${address}/`), { code: "CLOSED" });
    });
    assert.equal(open, 0);
  });

  test("a refusal of the client is one at once", async (make) => {
    await using client = make({ allowPrivate: false });
    const read = async (): Promise<void> => {
      for await (const _ of client.events("http://127.0.0.1:1/"));
    };
    await rejects(read(), "SCOPE", /127\.0\.0\.1/);
    assert.throws(() => client.events("no address"), TypeError);
  });

  test("values of a response, one a line", async (make) => {
    await serving(() => new Response('{"n":1}\n{"n":2}\n'), async (address) => {
      await using client = make();
      const values = await Array.fromAsync(ndjson(await client.fetch(`http://${address}/`)));
      assert.deepEqual(values, [{ n: 1 }, { n: 2 }]);
    });
  });
}
