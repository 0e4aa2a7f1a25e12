/** How an engine is found where nobody names one, and which certificates it is spoken to with. */

import assert from "assertions";
import { nameEngine } from "../../src/containers/engine/address.ts";
import { connectEngine } from "../../src/containers/engine/connect.ts";
import { findEngine } from "../../src/containers/engine/discover.ts";
import { EngineFault, explain } from "../../src/containers/engine/errors.ts";
import { pingEngine } from "../../src/containers/mod.ts";
import { DEFAULT_HOST, parseEngineHost } from "../../src/containers/host.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { temporary } from "../support/programs.ts";
import { wrong } from "../support/values.ts";

const { test } = Deno;
const VARIABLES = [
  ...["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "XDG_RUNTIME_DIR", "HOME"],
] as const;
const PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/** Runs a body with these variables, and none of the others. */
async function environment(
  values: Partial<Record<typeof VARIABLES[number], string>>,
  body: () => void | Promise<void>,
): Promise<void> {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const name of VARIABLES) {
      const value = values[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    await body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

function isSocket(path: string): boolean {
  try {
    return Deno.statSync(path).isSocket === true;
  } catch {
    return false;
  }
}

test("DOCKER_HOST comes first, then the sockets that are there", async () => {
  await environment({ DOCKER_HOST: "tcp://127.0.0.1:1" }, () => {
    assert.equal(findEngine(), "tcp://127.0.0.1:1");
    assert.equal(nameEngine({ host: "unix:///x" }).host.text, "unix:///x");
  });
  await temporary(async (folder) => {
    await environment({ XDG_RUNTIME_DIR: folder, HOME: folder }, async () => {
      const others = [DEFAULT_HOST, "unix:///run/podman/podman.sock"];
      const there = others.find((host) => isSocket(host.slice("unix://".length)));
      assert.equal(findEngine(), there ?? DEFAULT_HOST);
      await Deno.mkdir(`${folder}/podman`);
      const path = `${folder}/podman/podman.sock`;
      // A file is no socket.
      await Deno.writeTextFile(path, "");
      assert.equal(findEngine(), there ?? DEFAULT_HOST);
      await Deno.remove(path);
      using _listener = Deno.listen({ transport: "unix", path });
      assert.equal(findEngine(), there === DEFAULT_HOST ? DEFAULT_HOST : `unix://${path}`);
    });
  });
});

test("where none is, the error says how to get one", () => {
  const fault = new EngineFault("no-socket", "none");
  const error = explain(parseEngineHost(DEFAULT_HOST), "GET /_ping", fault);
  assert.ok(AgentError.is(error, "NOT_FOUND"));
  assert.match(error.message, /docker\.io.*podman.*DOCKER_HOST/);
  const other = explain(parseEngineHost("unix:///x"), "GET /_ping", fault) as AgentError;
  assert.doesNotMatch(other.message, /apt-get/);
});

const unread = { permissions: { env: false, read: false } } as const;
test("that DOCKER_HOST may not be read is said where no engine is reached", unread, async () => {
  await assert.rejects(connectEngine(), (error) => {
    assert.ok(AgentError.is(error, "PERMISSION"), `${error}`);
    const words = /--allow-net=unix:\S+\. DOCKER_HOST was not looked at, .*--allow-env=DOCKER_HOST/;
    assert.match(error.message, words);
    assert.deepEqual(error.details, { permission: "read", target: "/var/run/docker.sock" });
    return true;
  });
  await assert.rejects(pingEngine(), /DOCKER_HOST was not looked at/);
  // Where it was named, the environment is of no use.
  await assert.rejects(connectEngine({ host: "unix:///x" }), (error) => {
    assert.ok(AgentError.is(error, "PERMISSION"), `${error}`);
    assert.doesNotMatch(error.message, /DOCKER_HOST/);
    return true;
  });
});

const readable = { permissions: { env: ["DOCKER_HOST"], read: false } };
test("an environment that may be read was looked at", readable, async () => {
  const before = Deno.env.get("DOCKER_HOST");
  Deno.env.delete("DOCKER_HOST");
  try {
    await assert.rejects(connectEngine(), (error) => {
      assert.ok(AgentError.is(error, "PERMISSION"), `${error}`);
      assert.doesNotMatch(error.message, /DOCKER_HOST/);
      return true;
    });
  } finally {
    if (before !== undefined) Deno.env.set("DOCKER_HOST", before);
  }
});

test("certificates of the environment are for TCP, and are all there or an error", async () => {
  await temporary(async (folder) => {
    const values = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder };
    await environment(values, async () => {
      assert.equal(nameEngine({ host: "unix:///x" }).tls, undefined);
      const name = () => nameEngine({ host: "tcp://127.0.0.1" });
      assert.throws(name, (error) => AgentError.is(error, "NOT_FOUND"));
      await Deno.writeTextFile(`${folder}/ca.pem`, PEM);
      assert.deepEqual(name().tls, { ca: PEM });
      assert.equal(name().host.text, "tcp://127.0.0.1:2376");
      await Deno.writeTextFile(`${folder}/cert.pem`, PEM);
      assert.throws(name, (error) => AgentError.is(error, "NOT_FOUND"));
      await Deno.writeTextFile(`${folder}/key.pem`, PEM);
      assert.deepEqual(name().tls, { ca: PEM, cert: PEM, key: PEM });
      assert.deepEqual(nameEngine({ host: "tcp://127.0.0.1", tls: {} }).tls, {});
    });
    await environment({ DOCKER_TLS_VERIFY: "" }, () => {
      const { tls, host } = nameEngine({ host: "tcp://127.0.0.1" });
      assert.deepEqual([tls, host.text], [undefined, "tcp://127.0.0.1:2375"]);
    });
    await environment({ DOCKER_TLS_VERIFY: "1" }, () => {
      const name = () => nameEngine({ host: "tcp://127.0.0.1" });
      assert.throws(name, (error) => AgentError.is(error, "NOT_FOUND"));
    });
  });
});

test("certificates that are none are refused, and a key is never shown", async () => {
  await environment({}, () => {
    const name = (tls: unknown, host = "tcp://127.0.0.1"): unknown =>
      nameEngine({ host, tls: wrong(tls) });
    for (const tls of [{ ca: "/path/ca.pem" }, { ca: 5 }, { cert: PEM }, { key: PEM }, "x", null]) {
      assert.throws(() => name(tls), TypeError, JSON.stringify(tls));
    }
    assert.throws(() => name({ certificate: PEM }), /there is no "certificate"/);
    assert.throws(() => name({ ca: PEM }, "unix:///x"), TypeError);
    assert.throws(() => name({ cert: PEM, key: "very secret" }), (error) => {
      assert.ok(error instanceof TypeError && !error.message.includes("very secret"));
      return true;
    });
  });
});
