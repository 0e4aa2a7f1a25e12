/** Getting in: addresses, passwords, permissions, servers that are none. */

import assert from "assertions";
import { connectCache } from "../../src/cache/mod.ts";
import { parseAddress } from "../../src/cache/distributed/address.ts";
import { Connection, loadClient } from "../../src/cache/distributed/connection.ts";
import { AgentError } from "../../src/shared/errors.ts";
import "../support/default_twin.ts";
import { certify } from "../support/certificates.ts";
import { programMissing } from "../support/needs.ts";
import { deno, ROOT, temporary } from "../support/programs.ts";
import { Server } from "../support/redis.ts";
import { untilAllLeave, unusedPort } from "../support/servers.ts";
import { wrong } from "../support/values.ts";
import { redisTest } from "./distributed.ts";

const PROGRAM = `${ROOT}tests/cache/distributed_program.ts`;

Deno.test("connectCache() refuses what is no URL, and shows no password", async () => {
  const urls = [
    "",
    "hunter2",
    "redis://:hunter2@",
    "redis://:hunter2@host:99999",
    "redis://user:hunter2@host/x",
    "redis://user:12/hunter2@host",
    "hunter2:x@host",
    "redis://user:hunter2@host/1/2",
    "redis://user:hunter2@host/?x=hunter2",
    "redis://user:hunter2@host/#hunter2",
    "redis://user:hunter2%@host",
    "http://user:hunter2@host",
    "redis://user:hunter2@ho st",
    "unix://hunter2/tmp/x",
    "unix:///",
    "unix:///tmp/x?db=y",
  ];
  for (const redis of urls) {
    await assert.rejects(connectCache({ redis }), (error) => {
      assert.ok(error instanceof TypeError, `${redis}: ${error}`);
      assert.ok(!error.message.includes("hunter2"), error.message);
      return true;
    });
  }
  for (const redis of [undefined, null, 5, {}]) {
    await assert.rejects(connectCache({ redis: wrong(redis) }), TypeError);
  }
  const redis = "redis://127.0.0.1";
  await assert.rejects(connectCache(wrong(undefined)), TypeError);
  await assert.rejects(connectCache({ redis, codec: wrong("x") }), TypeError);
  await assert.rejects(connectCache({ redis, timeoutMs: 0 }), RangeError);
  await assert.rejects(connectCache({ redis, timeoutMs: wrong("1") }), TypeError);
  await assert.rejects(connectCache({ redis, maxEntries: 0 }), RangeError);
  await assert.rejects(connectCache({ redis, implementation: wrong("rust") }), TypeError);
});

Deno.test("parseAddress() reads every form", () => {
  const read = (redis: string): unknown[] => {
    const { shown, tcp, path, database, credentials } = parseAddress(redis);
    return [shown, tcp?.tls ?? path, database, credentials()];
  };
  const nobody = undefined;
  assert.deepEqual(read("redis://localhost"), ["localhost:6379", false, 0, nobody]);
  assert.deepEqual(read("redis://LOCALHOST:1/"), ["localhost:1", false, 0, nobody]);
  assert.deepEqual(read("rediss://[::1]:7/12"), ["[::1]:7", true, 12, nobody]);
  assert.deepEqual(read("redis://u:p%40%3A@10.0.0.1"), [
    "10.0.0.1:6379",
    false,
    0,
    { username: "u", password: "p@:" },
  ]);
  assert.deepEqual(read("redis://:p@h"), ["h:6379", false, 0, {
    username: "default",
    password: "p",
  }]);
  assert.deepEqual(read("unix:///run/a%20b.sock?db=3"), [
    "unix:/run/a b.sock",
    "/run/a b.sock",
    3,
    nobody,
  ]);
  assert.deepEqual(read("unix://u:p@localhost/s"), [
    "unix:/s",
    "/s",
    0,
    { username: "u", password: "p" },
  ]);
  assert.ok(
    !Deno.inspect(parseAddress("redis://u:hunter2@h"), { depth: 9, showHidden: true })
      .includes("hunter2"),
  );
});

redisTest("a user, a password and a database", async () => {
  const user = ["--user", "cacher", "on", ">hunter2", "~agent:cache:*", "&*", "+@all"];
  await using server = await Server.start(...user, "--requirepass", "letmein");
  const shown = (value: unknown): string =>
    Deno.inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value) + `${value}`;
  for (const credentials of ["cacher:hunter2@", ":letmein@"]) {
    await using cache = await connectCache({ redis: server.url("/3", credentials) });
    await cache.set("a", credentials);
    assert.equal(await cache.get("a"), credentials);
    assert.doesNotMatch(shown(cache), /hunter2|letmein/);
  }
  for (const credentials of ["cacher:hunter3@", ":hunter3@", "nobody:hunter3@", ""]) {
    await assert.rejects(connectCache({ redis: server.url("/3", credentials) }), (error) => {
      assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
      assert.match(error.message, /WRONGPASS|NOAUTH/);
      assert.doesNotMatch(shown(error) + shown(error.cause), /hunter3/);
      return true;
    });
  }
  await assert.rejects(
    connectCache({ redis: server.url("/99", ":letmein@") }),
    (error) => AgentError.is(error, "UNAVAILABLE") && /DB index/.test(error.message),
  );
});

redisTest("a Unix socket", async () => {
  await using server = await Server.start("--unixsocket", "redis.sock");
  await using cache = await connectCache({ redis: `unix://${server.folder}/redis.sock?db=2` });
  await cache.set("a", "1");
  assert.equal(await cache.get("a"), "1");
  await using same = await connectCache({ redis: server.url("/2") });
  assert.equal(await same.get("a"), "1");
});

redisTest("TLS, and a certificate that nobody here knows", async () => {
  await temporary(async (folder) => {
    await certify(folder);
    await using server = await Server.start(
      ...["--tls-cert-file", `${folder}/server.crt`, "--tls-key-file", `${folder}/server.key`],
      ...["--tls-ca-cert-file", `${folder}/ca.crt`, "--tls-auth-clients", "no"],
    );
    // A free port that the server opens beside the other, which the helper asks whether it is there.
    const port = unusedPort();
    assert.equal(await server.command("CONFIG", "SET", "tls-port", `${port}`), "+OK\r\n");
    const redis = `rediss://127.0.0.1:${port}`;
    await assert.rejects(connectCache({ redis }), (error) => {
      assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
      assert.match(error.message, /certificate/);
      return true;
    });
    const { stdout, stderr } = await deno([
      ...["run", "--no-prompt", "--no-check", `--allow-net=127.0.0.1:${port}`],
      ...[`--cert=${folder}/ca.crt`, PROGRAM, redis, "name", ""],
    ]);
    assert.equal(stdout, `"connected"\n`, stderr);
  });
}, [programMissing("openssl", "openssl")]);

Deno.test("a port on which nobody listens, silence, and a server that is too old", async () => {
  const started = performance.now();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const redis = `redis://:hunter2@127.0.0.1:${port}`;
  const away = (error: unknown): boolean => {
    assert.ok(AgentError.is(error, "UNAVAILABLE"), `${error}`);
    assert.deepEqual(error.details, { server: `127.0.0.1:${port}` });
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  };
  /** Accepts one connection and answers the first command. */
  const answer = async (reply: string | undefined): Promise<void> => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(1_000);
    await connection.read(buffer);
    if (reply !== undefined) await connection.write(new TextEncoder().encode(reply));
    while (await connection.read(buffer).catch(() => null) !== null);
  };
  const silent = answer(undefined);
  await assert.rejects(connectCache({ redis, timeoutMs: 100 }), away);
  await silent;
  const old = answer("-ERR unknown command 'HELLO'\r\n");
  await assert.rejects(connectCache({ redis }), (error) => {
    assert.ok(AgentError.is(error, "UNSUPPORTED"), `${error}`);
    assert.match(error.message, /6\.0/);
    return true;
  });
  await old;
  const web = answer("HTTP/1.1 400 Bad Request\r\n\r\n");
  await assert.rejects(connectCache({ redis }), away);
  await web;
  listener.close();
  await assert.rejects(connectCache({ redis }), away);
  assert.ok(performance.now() - started < 10_000);
});

redisTest("connectCache() needs the network, and nothing else", async () => {
  await using server = await Server.start("--unixsocket", "redis.sock");
  const run = async (flags: string[], redis: string, what = ""): Promise<unknown> => {
    const { stdout, stderr } = await deno(
      ["run", "--no-prompt", "--no-check", ...flags, PROGRAM, redis, "name", what],
    );
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout);
  };
  const { port, folder } = server;
  const address = `127.0.0.1:${port}`;
  assert.equal(await run([`--allow-net=${address}`], `redis://${address}`), "connected");
  // An open connection keeps no program running.
  assert.equal(await run([`--allow-net=${address}`], `redis://${address}`, "idle"), "1");
  assert.equal(await run(["--allow-net=localhost"], `redis://localhost:${port}`), "connected");
  const socket = `${folder}/redis.sock`;
  const flags = [
    `--allow-net=unix:${socket}`,
    `--allow-read=${socket}`,
    `--allow-write=${socket}`,
  ];
  assert.equal(await run(flags, `unix://${socket}`), "connected");
  for (
    const [given, redis, permission, target] of [
      [[], `redis://${address}`, "net", address],
      [[`--allow-net=127.0.0.1:1`], `redis://${address}`, "net", address],
      [[`--allow-net=localhost:${port}`], `redis://localhost:${port}`, "net", "localhost"],
      [flags.slice(1), `unix://${socket}`, "net", `unix:${socket}`],
      [flags.slice(0, 2), `unix://${socket}`, "write", socket],
    ] as const
  ) {
    const { error } = await run([...given], redis) as {
      error: { code: string; details: unknown };
    };
    assert.equal(error.code, "PERMISSION");
    assert.deepEqual(error.details, { permission, target });
  }
});

Deno.test("a connection that is given up while it is made does not stay open", async () => {
  const client = await loadClient();
  await untilAllLeave(async (host) => {
    const settings = { client, address: parseAddress(`redis://${host}`), timeoutMs: 1_000 };
    for (let at = 0; at < 5; at++) {
      const stop = new AbortController();
      const listener = { changed() {}, lost() {} };
      const opening = Connection.open(
        { ...settings, tracked: at % 2 === 0 },
        listener,
        stop.signal,
      );
      stop.abort(new Error("enough"));
      await assert.rejects(opening, { message: "enough" });
    }
  });
});
