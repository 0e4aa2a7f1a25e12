/** Both transports: the suite on each, what they send compared byte by byte, and TLS with certificates of both sides. */

import assert from "assertions";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import { allowEngine, nameEngine, openTransport } from "../../src/containers/engine/address.ts";
import type { EngineRequest } from "../../src/containers/engine/types.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { certify } from "../support/certificates.ts";
import { programMissing, testNeeding } from "../support/needs.ts";
import { unusedPort } from "../support/servers.ts";
import { temporary } from "../support/programs.ts";
import { testOfBoth, twins } from "../support/twins.ts";
import { answer, withTransport } from "./engine_recorder.ts";
import { textOf, transportConformance } from "./engine_transport.ts";

const both = twins("containers");
for (const twin of both.each) transportConformance(twin);

const encoder = new TextEncoder();

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield encoder.encode("abc");
  yield new Uint8Array(0);
  yield encoder.encode("defgh");
}

const REQUESTS: readonly (() => EngineRequest)[] = [
  () => ({ method: "GET", path: "/_ping" }),
  () => ({
    method: "GET",
    path: "/v1.41/containers/json?all=1&filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D",
  }),
  () => ({ method: "HEAD", path: "/v1.41/containers/x/archive?path=%2Ftmp%2F%C3%A9" }),
  () => ({ method: "POST", path: "/v1.41/containers/x/start" }),
  () => ({ method: "DELETE", path: "/v1.41/containers/x?force=1&v=1" }),
  () => ({
    method: "POST",
    path: "/v1.41/containers/create?name=x",
    headers: [["content-type", "application/json"]],
    body: encoder.encode('{"Image":"é"}'),
  }),
  () => ({
    method: "POST",
    path: "/v1.41/images/create?fromImage=a%3Ab",
    headers: [["x-registry-auth", "e30="]],
  }),
  () => ({
    method: "PUT",
    path: "/v1.41/containers/x/archive?path=%2F",
    headers: [["content-type", "application/x-tar"]],
    body: new Uint8Array(100_000),
  }),
  () => ({
    method: "POST",
    path: "/v1.41/build",
    headers: [["content-type", "application/x-tar"]],
    body: pieces(),
  }),
];

/** A request as its line, its fields in order of their names, and its body without chunks. */
function parts(request: string): { line: string; fields: string[]; body: string } {
  const end = request.indexOf("\r\n\r\n");
  const [line, ...fields] = request.slice(0, end).split("\r\n");
  let body = request.slice(end + 4);
  if (fields.some((field) => /^transfer-encoding: chunked$/i.test(field))) {
    body = body.split("\r\n").filter((_, at) => at % 2 === 1).join("");
  }
  const named = fields.map((field) => {
    const colon = field.indexOf(":");
    return field.slice(0, colon).toLowerCase() + field.slice(colon);
  });
  return { line: line!, fields: named.sort(), body };
}

async function sent(implementation: "pure" | "native", request: EngineRequest): Promise<string> {
  let got = "";
  await withTransport(implementation, async (line) => {
    const isChunked = request.body !== undefined && !(request.body instanceof Uint8Array);
    got = isChunked ? await line.until("0\r\n\r\n") : await line.request();
    await line.send("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  }, async (transport, address) => {
    await textOf(await transport.request(request));
    got = got.replaceAll(address, "HOST");
  });
  return got;
}

testOfBoth("transport", both, "what is sent is the same, line by line", async () => {
  for (const make of REQUESTS) {
    const pure = parts(await sent("pure", make()));
    const native = parts(await sent("native", make()));
    assert.equal(pure.line, `${make().method} ${make().path} HTTP/1.1`);
    assert.deepEqual(native, pure);
  }
  await both.native.idle();
});

for (const twin of both.each) {
  testNeeding(
    [twin.missing],
    `the version that was negotiated is in each target (${twin.name})`,
    async () => {
      const targets: string[] = [];
      await withTransport("pure", async (line) => {
        for (;;) {
          const target = (await line.request()).split(" ")[1];
          if (target === undefined) return;
          targets.push(target);
          const bodies: Record<string, string> = {
            "/_ping": "OK",
            "/version": '{"Version":"29.1.0","ApiVersion":"1.60","MinAPIVersion":"1.44"}',
          };
          await line.send(answer(bodies[target] ?? "{}", "200 OK", "api-version: 1.60\r\n"));
        }
      }, async (_, address) => {
        await using client = await connectEngine({
          host: `tcp://${address}`,
          implementation: twin.name,
        });
        assert.equal(client.apiVersion, "1.53");
        await client.json("GET", "/containers/json", { query: { all: 1 } });
      });
      const expected = ["/_ping", "/version", "/v1.53/info", "/v1.53/containers/json?all=1"];
      assert.deepEqual(targets, expected);
      await twin.idle();
    },
  );

  testNeeding(
    [twin.missing, programMissing("openssl", "openssl")],
    `TLS with certificates of both sides (${twin.name})`,
    async () => {
      await temporary(async (folder) => {
        await certify(folder);
        await certifyClient(folder);
        const read = (name: string): Promise<string> => Deno.readTextFile(`${folder}/${name}`);
        const [ca, cert, key] = [
          await read("ca.crt"),
          await read("client.crt"),
          await read("client.key"),
        ];
        const port = unusedPort();
        // It answers any request with what it knows of the connection.
        const server = new Deno.Command("openssl", {
          args: [
            ...[
              "s_server",
              "-accept",
              `127.0.0.1:${port}`,
              "-cert",
              "server.crt",
              "-key",
              "server.key",
            ],
            ...["-CAfile", "ca.crt", "-Verify", "1", "-verify_return_error", "-www", "-quiet"],
          ],
          cwd: folder,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        try {
          await reachable(port);
          const ask = async (tls: object): Promise<string> => {
            const named = nameEngine({ host: `tcp://127.0.0.1:${port}`, tls });
            await using transport = await openTransport(await allowEngine(named, 5_000), twin.name);
            return await textOf(await transport.request({ method: "GET", path: "/" }));
          };
          assert.match(await ask({ ca, cert, key }), /Client certificate/);
          await assert.rejects(ask({ ca }));
          await assert.rejects(ask({ cert, key }));
          await assert.rejects(
            connectEngine({
              host: `tcp://127.0.0.1:${port}`,
              tls: { ca: await read("client.crt") },
              implementation: twin.name,
            }),
            (error) => AgentError.is(error, "IO") && !error.message.includes("PRIVATE"),
          );
        } finally {
          server.kill("SIGKILL");
          await server.status;
        }
      });
      await twin.idle();
    },
  );
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Adds the certificate of a client, by the same authority. */
async function certifyClient(folder: string): Promise<void> {
  const run = async (...args: string[]): Promise<void> => {
    const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  await run(
    ...["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "client.key"],
    ...["-out", "client.csr", "-subj", "/CN=client"],
  );
  await run(
    ...["x509", "-req", "-in", "client.csr", "-CA", "ca.crt", "-CAkey", "ca.key"],
    ...["-CAcreateserial", "-extfile", "names", "-out", "client.crt"],
  );
}

for (const { name, missing } of both.each) {
  testNeeding(
    [missing],
    `a program that was busy has its connection in time (${name})`,
    async () => {
      await withTransport("pure", async (line) => {
        await line.request();
        await line.send(answer("there"));
        await line.until();
      }, async (_, address) => {
        const allowed = await allowEngine(nameEngine({ host: `tcp://${address}` }), 100);
        await using transport = await openTransport(allowed, name);
        const asked = transport.request({ method: "GET", path: "/_ping" });
        await Promise.resolve();
        for (const end = performance.now() + 200; performance.now() < end;);
        assert.equal(await textOf(await asked), "there");
      });
      await both.native.idle();
    },
  );
}
