/** How a queue comes to its server: URLs, passwords, TLS, sockets, permissions, and servers that are unfit. */

import assert from "assertions";
import { createQueue } from "../../../src/queue/mod.ts";
import { AgentError } from "../../../src/shared/errors.ts";
import { certify } from "../../support/certificates.ts";
import { programMissing, testNeeding } from "../../support/needs.ts";
import { deno, ROOT, temporary } from "../../support/programs.ts";
import { missing, Server } from "../../support/redis.ts";
import { unusedPort } from "../../support/servers.ts";
import { wrong } from "../../support/values.ts";

const PROGRAM = `${ROOT}tests/queue/redis/connect_program.ts`;
const DONE = { results: [42, 2], changed: 0, same: true };

interface Said {
  error?: { code: string; message: string; details: unknown; shown: string };
}

/** What the program says with some permissions; it writes nothing to standard error. */
async function run(flags: readonly string[], redis: string): Promise<Said> {
  const { stdout, stderr } = await deno(
    ["run", "--no-prompt", "--no-check", "--quiet", ...flags, PROGRAM, redis],
  );
  assert.equal(stderr, "");
  return JSON.parse(stdout) as Said;
}

Deno.test("queue (Redis): wrong URLs and names are refused at once, passwords unseen", () => {
  for (
    const [redis, message] of [
      ["", /options\.store\.redis must be a URL .* that cannot be read/],
      ["redis://", /that cannot be read|without a host/],
      ["http://me:hunter2@here", /with another scheme/],
      ["redis://me:hunter2@here/x", /whose database is no whole number/],
      ["redis://me:%zz-hunter2@here", /"%" in the password that encodes nothing/],
      ["redis://me:hunter2@here?db=1", /with more behind that/],
      ["unix://me:hunter2@there/path", /with a host/],
    ] as const
  ) {
    assert.throws(() => createQueue({ store: { redis } }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
      assert.ok(!Deno.inspect(error).includes("hunter2"));
      return true;
    });
  }
  const store = { redis: "redis://127.0.0.1" };
  assert.throws(() => createQueue({ name: "a:b", store }), { message: /options\.name must be/ });
  assert.throws(() => createQueue({ store: { ...store, timeoutMs: 0 } }), { name: "RangeError" });
  assert.throws(() => createQueue({ store: wrong({ redis: 5 }) }), { name: "TypeError" });
});

testNeeding([missing], "queue (Redis): the network, and nothing else, is needed", async () => {
  await using server = await Server.start("--unixsocket", "redis.sock");
  const { port, folder } = server;
  const address = `127.0.0.1:${port}`;
  const socket = `${folder}/redis.sock`;
  for (
    const more of [[], ["--allow-env"], ["--ignore-env"], ["--allow-env=HOME"], ["--allow-all"]]
  ) {
    const flags = more[0] === "--allow-all" ? more : [`--allow-net=${address}`, ...more];
    assert.deepEqual(await run(flags, `redis://${address}/3`), DONE, more.join());
  }
  assert.deepEqual(await run(["--allow-net=localhost"], `redis://localhost:${port}`), DONE);
  const flags = [`--allow-net=unix:${socket}`, `--allow-read=${socket}`, `--allow-write=${socket}`];
  assert.deepEqual(await run(flags, `unix://${socket}?db=4`), DONE);
  for (
    const [given, redis, permission, target] of [
      [[], `redis://${address}`, "net", address],
      [["--allow-net=127.0.0.1:1"], `redis://${address}`, "net", address],
      [[`--allow-net=localhost:${port}`], `redis://localhost:${port}`, "net", "localhost"],
      [flags.slice(1), `unix://${socket}`, "net", `unix:${socket}`],
      [flags.slice(0, 2), `unix://${socket}`, "write", socket],
    ] as const
  ) {
    const { error } = await run(given, redis);
    assert.equal(error?.code, "PERMISSION");
    assert.deepEqual(error?.details, { permission, target });
  }
});

testNeeding([missing], "queue (Redis): passwords, users and databases", async () => {
  await using server = await Server.start("--requirepass", "hunter2");
  const flags = [`--allow-net=127.0.0.1:${server.port}`];
  assert.deepEqual(await run(flags, server.url("/5", ":hunter2@")), DONE);
  assert.deepEqual(await run(flags, server.url("/5", "default:hunter2@")), DONE);
  for (
    const [credentials, rest, message] of [
      ["", "", /let nobody in: NOAUTH/],
      [":swordfish@", "", /let nobody in: WRONGPASS/],
      ["nobody:swordfish@", "", /let nobody in: WRONGPASS/],
      [":hunter2@", "/99", /DB index is out of range/],
    ] as const
  ) {
    const { error } = await run(flags, server.url(rest, credentials));
    assert.equal(error?.code, "UNAVAILABLE");
    assert.match(error!.message, message);
    assert.doesNotMatch(error!.shown, /hunter2|swordfish/);
  }
});

testNeeding(
  [missing, programMissing("openssl", "openssl")],
  "queue (Redis): TLS, and a certificate that nobody here knows",
  () =>
    temporary(async (folder) => {
      await certify(folder);
      await using server = await Server.start(
        ...["--tls-cert-file", `${folder}/server.crt`, "--tls-key-file", `${folder}/server.key`],
        ...["--tls-ca-cert-file", `${folder}/ca.crt`, "--tls-auth-clients", "no"],
      );
      const port = unusedPort();
      assert.equal(await server.command("CONFIG", "SET", "tls-port", `${port}`), "+OK\r\n");
      const redis = `rediss://127.0.0.1:${port}`;
      const flags = [`--allow-net=127.0.0.1:${port}`];
      const { error } = await run(flags, redis);
      assert.equal(error?.code, "UNAVAILABLE");
      assert.match(error!.message, /certificate/);
      assert.deepEqual(await run([...flags, `--cert=${folder}/ca.crt`], redis), DONE);
    }),
);

testNeeding(
  [missing],
  "queue (Redis): a server that drops jobs is refused, others are not",
  async () => {
    await using server = await Server.start(
      "--maxmemory",
      "50mb",
      "--maxmemory-policy",
      "allkeys-lru",
    );
    const flags = [`--allow-net=127.0.0.1:${server.port}`];
    const { error } = await run(flags, server.url());
    assert.equal(error?.code, "UNSUPPORTED");
    assert.match(error!.message, /drops jobs .* allkeys-lru\); set it to noeviction/);
    // It evicts what has an end, and jobs have none: fine, and no warning of BullMQ's either.
    await server.command("CONFIG", "SET", "maxmemory-policy", "volatile-lru");
    assert.deepEqual(await run(flags, server.url()), DONE);
  },
);

Deno.test("queue (Redis): silence, and what is no Redis, end in time", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  let reply = "";
  const accepting = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      if (reply !== "") await connection.write(new TextEncoder().encode(reply)).catch(() => {});
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  for (reply of ["", "HTTP/1.1 400 Bad Request\r\n\r\n"]) {
    const queue = createQueue<number, number>({
      store: { redis: `redis://:hunter2@127.0.0.1:${port}`, timeoutMs: 200 },
    });
    await assert.rejects(queue.add(1), (error) => {
      assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
      assert.deepEqual(error.details, { server: `127.0.0.1:${port}` });
      assert.ok(!Deno.inspect(error).includes("hunter2"));
      return true;
    });
    await queue.close();
  }
  listener.close();
  await accepting;
  for (const connection of connections) connection.close();
});
