/** What a box with named hosts reaches on real engines, and what not. */

import assert from "assertions";
import { sweepEgress } from "../../../src/containers/egress/sweep.ts";
import { openEgress } from "../../../src/containers/egress/open.ts";
import type { Egress, EgressEvent } from "../../../src/containers/egress/types.ts";
import { AgentError } from "../../../src/shared/errors.ts";

import { Beside } from "../../support/needs.ts";
import { until } from "../../support/values.ts";
import { MACHINE, World, worldMissing } from "./world.ts";

/** What the log says of hosts, in short. */
function decisions(events: readonly EgressEvent[]): string[] {
  return events.flatMap((event) =>
    event.event === "allowed" || event.event === "refused"
      ? [`${event.via} ${event.host}:${event.port} ${event.reason ?? event.address}`]
      : []
  );
}

/** A probe for every way to the machine: told are those that led somewhere. */
const REACH = (addresses: readonly string[]): string => `
found = []
for address in ${JSON.stringify(addresses)}:
    for port in (8080, 53):
        try:
            socket.create_connection((address, port), 0.3).close()
            found.append(f"{address}:{port}")
        except Exception:
            pass
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(b"canary", (address, 9999))
    except Exception:
        pass
tell("found", found)
def mine():
    with open("/proc/net/if_inet6") as table:
        return [line.split()[0] for line in table if not line.endswith(" lo\\n")]
attempt("six", mine)
`;

const beside = new Beside();
for (const kind of ["docker", "podman"] as const) {
  const missing = worldMissing(kind);
  let world!: World;
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      world = await World.start(kind);
    });
    Deno.test.afterAll(() => world?.[Symbol.asyncDispose]());
  }
  const test = (name: string, body: () => Promise<void>): void =>
    beside.add([missing], `egress: ${name}`, kind, () => world.test(body));
  /** The addresses at which a box could try to find the machine. */
  const addresses = async (): Promise<string[]> => {
    const { stdout } = await world.engine.enter(["ip", "-o", "address"]);
    const own = [...stdout.matchAll(/inet6? ([^/ ]+)/g)].map((match) => match[1]!);
    return own.filter((address) => !/^(127\.|::1$)/.test(address));
  };

  test("what is named is reached, however a program asks for it", async () => {
    await using way = await world.open({
      allow: ["open.test:80", "open.test:443", "*.wild.test:8080", "open.test:2222"],
      // Those of the engine, which asks a server of the machine's loopback.
      dns: [],
    });
    const tried = await world.box(
      way,
      `
attempt("http", lambda: get("http://open.test/a?b=c", data=b"body", headers={"X-Own": "1"}))
attempt("hop", lambda: through(b"GET http://open.test/hop HTTP/1.1\\r\\nHost: open.test\\r\\nConnection: close, x-hop\\r\\nX-Hop: 2\\r\\nX-Own: 3\\r\\nProxy-Authorization: Basic YTpi\\r\\n\\r\\n"))
attempt("https", lambda: get("https://open.test/secret"))
attempt("wild", lambda: get("http://A.WILD.test:8080/"))
os.environ.clear()
attempt("plain", lambda: get("http://open.test/plain"))
attempt("tls", lambda: get("https://open.test/tls"))
attempt("wild plain", lambda: get("http://a.wild.test:8080/wild"))
`,
    );
    const http = tried["http"] as Record<string, Record<string, string>>;
    assert.deepEqual([http.host, http.method, http.path, http.body], [
      ...["open.test", "POST", "/a?b=c", "body"],
    ]);
    assert.equal(http.headers!["x-own"], "1");
    assert.match(String(tried["hop"]), /"x-own":"3"/);
    assert.doesNotMatch(String(tried["hop"]), /x-hop|proxy-authorization|keep-alive/i);
    for (const [name, path] of [["https", "/secret"], ["plain", "/plain"], ["tls", "/tls"]]) {
      assert.equal((tried[name!] as { path: string })?.path, path, JSON.stringify(tried[name!]));
    }
    assert.equal((tried["wild"] as { host: string }).host, "a.wild.test:8080");
    assert.equal((tried["wild plain"] as { path: string }).path, "/wild", JSON.stringify(tried));
    assert.deepEqual(decisions(await way.log()), [
      `http open.test:80 ${MACHINE.open}`,
      `http open.test:80 ${MACHINE.open}`,
      `connect open.test:443 ${MACHINE.open}`,
      `http a.wild.test:8080 ${MACHINE.open}`,
      `host open.test:80 ${MACHINE.open}`,
      `tls open.test:443 ${MACHINE.open}`,
      `host a.wild.test:8080 ${MACHINE.open}`,
    ]);
    // What goes through a tunnel is not in the log: only that something did.
    assert.doesNotMatch(JSON.stringify(await way.log()), /secret/);
  });

  test("a tunnel carries any protocol, also one whose server speaks first", async () => {
    await using way = await world.open({ allow: ["open.test:2222"] });
    const tried = await world.box(
      way,
      `
def speak():
    with socket.create_connection(proxy(), 5) as connection:
        connection.sendall(b"CONNECT open.test:2222 HTTP/1.1\\r\\nHost: open.test:2222\\r\\n\\r\\n")
        got = b""
        while not got.endswith(b"hello\\n"):
            got += connection.recv(4096)
        connection.sendall(b"ping")
        connection.shutdown(socket.SHUT_WR)
        return [got.split(b"\\r\\n")[0].decode(), connection.recv(4096).decode()]
attempt("speak", speak)
`,
    );
    assert.deepEqual(tried["speak"], ["HTTP/1.1 200 OK", "ping"]);
    const closed = async (): Promise<EgressEvent | undefined> =>
      (await way.log()).find(({ event }) => event === "closed");
    await until(async () => await closed() !== undefined, "the connection is not closed");
    const event = await closed() as EgressEvent & { event: "closed" };
    assert.equal(event.end, "closed");
    assert.ok(event.sent > 4 && event.received > 9, JSON.stringify(event));
  });

  test("what is not named is refused, and reaches no one", async () => {
    await using way = await world.open({ allow: ["open.test:80", "*.wild.test:443"] });
    const tried = await world.box(
      way,
      `
attempt("host", lambda: get("http://other.test/"))
attempt("port", lambda: get("http://open.test:8080/"))
attempt("address", lambda: get("http://${MACHINE.open}/"))
attempt("spelling", lambda: get("http://open.test./fine"))
attempt("domain", lambda: get("https://wild.test/"))
attempt("below", lambda: get("http://x.open.test/"))
connect = lambda target: through(f"CONNECT {target} HTTP/1.1\\r\\n\\r\\n".encode()).split("\\r\\n")[0]
for target in ("open.test:443", "open.test", "open.test:0", "user@open.test:80", "open.test:80:80", "[::ffff:${MACHINE.open}]:80"):
    attempt(target, lambda: connect(target))
attempt("ftp", lambda: through(b"GET ftp://open.test/ HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n").split("\\r\\n")[0])
attempt("user", lambda: through(b"GET http://a@open.test/ HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n").split("\\r\\n")[0])
attempt("origin", lambda: through(b"GET / HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n").split("\\r\\n")[0])
`,
    );
    const refused = [403, "egress: not-allowed"];
    assert.deepEqual(tried["host"], refused);
    assert.deepEqual(tried["port"], refused);
    assert.deepEqual(tried["address"], refused);
    assert.equal((tried["spelling"] as { path: string }).path, "/fine");
    assert.equal(tried["domain"], "Tunnel connection failed: 403 Forbidden");
    assert.deepEqual(tried["below"], refused);
    for (const name of Object.keys(tried).slice(6)) {
      assert.match(String(tried[name]), /^HTTP\/1\.1 40[03] /, `${name}: ${tried[name]}`);
    }
    assert.deepEqual(world.seen().filter(({ name }) => name === undefined), [
      { web: "GET /fine", host: "open.test", secure: false },
    ]);
  });

  test("a name in the request or in TLS that is another one gets nowhere", async () => {
    await using way = await world.open({ allow: ["open.test:80", "open.test:443"] });
    const tried = await world.box(
      way,
      `
def hidden():
    with socket.create_connection(proxy(), 5) as connection:
        connection.sendall(b"CONNECT open.test:443 HTTP/1.1\\r\\n\\r\\n")
        connection.recv(4096)
        with open_context().wrap_socket(connection, server_hostname="other.test"):
            return "reached"
attempt("hidden", hidden)
def named(name):
    with socket.create_connection(("open.test", 443), 5) as connection:
        with open_context().wrap_socket(connection, server_hostname=name):
            return "reached"
attempt("named", lambda: named("other.test"))
attempt("nameless", lambda: named(None))
attempt("rewritten", lambda: through(b"GET http://open.test/one HTTP/1.1\\r\\nHost: other.test\\r\\nConnection: close\\r\\n\\r\\n"))
attempt("behind", lambda: through(b"GET http://open.test/two HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\nGET http://other.test/three HTTP/1.1\\r\\nHost: other.test\\r\\nConnection: close\\r\\n\\r\\n"))
attempt("host", lambda: raw("open.test", 80, b"GET /four HTTP/1.1\\r\\nHost: other.test\\r\\nConnection: close\\r\\n\\r\\n"))
attempt("two", lambda: raw("open.test", 80, b"GET /five HTTP/1.1\\r\\nHost: open.test\\r\\nHost: other.test\\r\\nConnection: close\\r\\n\\r\\n"))
attempt("smuggled", lambda: raw("open.test", 80, b"POST /six HTTP/1.1\\r\\nHost: open.test\\r\\nContent-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\nConnection: close\\r\\n\\r\\n0\\r\\n\\r\\nGET /seven HTTP/1.1\\r\\nHost: other.test\\r\\n\\r\\n"))
attempt("garbage", lambda: raw("open.test", 443, b"\\x16\\x03\\x01\\x00\\x05hello"))
`,
    );
    for (const name of ["hidden", "named", "nameless"]) {
      assert.notEqual(tried[name], "reached", name);
    }
    assert.match(String(tried["rewritten"]), /"host":"open\.test"/);
    assert.match(String(tried["behind"]), /\/two.*403 Forbidden.*not-allowed/s);
    assert.match(String(tried["host"]), /^HTTP\/1\.1 403 /);
    const hosts = world.seen().flatMap(({ host }) => host === undefined ? [] : [host]);
    assert.equal(hosts.includes("other.test"), false, JSON.stringify(hosts));
    const reasons = (await way.log()).flatMap((event) =>
      event.event === "refused" ? [event.reason] : []
    );
    assert.ok(reasons.includes("tls-name"), JSON.stringify(reasons));
    assert.ok(reasons.includes("tls"), JSON.stringify(reasons));
    assert.ok(reasons.includes("request"), JSON.stringify(reasons));
  });

  test("a name that leads to a network of one's own is refused, whatever it is named", async () => {
    const names = ["private", "loopback", "clouds", "both", "mapped", "nat64", "gone"];
    const allow = names.map((name) => `${name}.test:80`);
    const ask = names.map((name) => `attempt("${name}", lambda: get("http://${name}.test/"))`);
    await using way = await world.open({ allow });
    const tried = await world.box(way, ask.join("\n"));
    for (const name of names.slice(0, -1)) {
      const [status, why] = tried[name] as [number, string];
      assert.equal(status, 403, name);
      assert.match(why, /^egress: address: /, name);
    }
    assert.equal((tried["gone"] as [number, string])[0], 502);
    assert.equal(world.seen().some(({ web }) => web !== undefined), false);
    // What is opened is opened for what is named, and a metadata service never.
    await using opened = await world.open({ allow, allowPrivate: true });
    const again = await world.box(opened, ask.join("\n"));
    assert.equal((again["private"] as { path: string }).path, "/");
    assert.equal((again["both"] as { path: string }).path, "/");
    for (const name of ["clouds", "nat64"]) {
      assert.equal((again[name] as [number, string])[0], 403, name);
    }
  });

  test("the machine is not there for the box, at none of its addresses", async () => {
    const everywhere = REACH([...await addresses(), "0.0.0.0"]);
    // That the probe finds what can be found: the engine's usual network of this kind has the machine in it.
    const { engine } = world;
    const created = await engine.ask("POST", "/networks/create", { Name: "usual", Internal: true });
    assert.equal(created.status < 300, true, created.text);
    const { IPAM } = (await engine.ask("GET", "/networks/usual")).json() as {
      IPAM: { Config: { Subnet: string; Gateway: string }[] };
    };
    const gateway = IPAM.Config[0]!.Gateway;
    const usual = await world.box({ kind: "internal", name: "usual" }, REACH([gateway]));
    assert.ok((usual["found"] as string[]).includes(`${gateway}:8080`), JSON.stringify(usual));
    await engine.ask("DELETE", "/networks/usual");
    world.seen();

    await using way = await world.open({ allow: ["open.test:80"] });
    const inner =
      (await engine.ask("GET", `/networks/${way.network.kind === "none" || way.network.name}`))
        .json() as { IPAM: { Config: { Subnet: string }[] } };
    const [network = ""] = inner.IPAM.Config[0]!.Subnet.split("/");
    const beside = (host: number): string => network.replace(/\d+$/, (last) => `${+last + host}`);
    const own = new URL(way.env["HTTP_PROXY"]!).hostname;
    const near = [1, 2, 3, 4, 14].map(beside);
    const tried = await world.box(way, REACH(near.filter((address) => address !== own)));
    assert.deepEqual(tried["found"], []);
    // Addresses of IPv6 would be enough for a way to the machine on the same link.
    assert.deepEqual(tried["six"], []);
    const far = await world.box(
      way,
      `${everywhere}\nattempt("still", lambda: get("http://open.test/"))`,
    );
    assert.deepEqual(far["found"], []);
    assert.equal((far["still"] as { path: string }).path, "/");
    assert.equal(world.seen().some(({ datagram }) => datagram !== undefined), false);
  });

  test("names carry nothing out, with hosts and without", async () => {
    const script = `
attempt("canary", lambda: socket.gethostbyname("secret1.canary.test"))
attempt("known", lambda: socket.gethostbyname("other.test"))
attempt("http", lambda: get("http://secret2.canary.test/"))
settings = open("/etc/resolv.conf") if os.path.exists("/etc/resolv.conf") else []
servers = [line.split()[1] for line in settings if line.startswith("nameserver")]
question = b"\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x07secret3\\x06canary\\x04test\\x00\\x00\\x01\\x00\\x01"
for server in servers + ["127.0.0.11", "127.0.0.53"]:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(1)
            udp.sendto(question, (server, 53))
            udp.recv(512)
    except Exception:
        pass
`;
    await using way = await world.open({ allow: ["open.test:80", "*.wild.test:80"] });
    const tried = await world.box(
      way,
      `${script}
attempt("mine", lambda: socket.gethostbyname("b.wild.test"))`,
    );
    assert.equal(tried["canary"], "gaierror");
    assert.equal(tried["known"], "gaierror");
    assert.deepEqual(tried["http"], [403, "egress: not-allowed"]);
    assert.equal(tried["mine"], new URL(way.env["HTTP_PROXY"]!).hostname);
    await using nowhere = await world.open({ allow: [] });
    assert.deepEqual(nowhere.network, { kind: "none" });
    const none = await world.box(nowhere, script);
    assert.equal(none["canary"], "gaierror");
    assert.deepEqual(world.seen().filter(({ name }) => /canary/.test(String(name))), []);
  });

  test("without the proxy nothing gets out", async () => {
    await using way = await world.open({ allow: ["open.test:80"] });
    const before = await world.box(way, `attempt("before", lambda: get("http://open.test/"))`);
    assert.equal((before["before"] as { path: string }).path, "/");
    await world.client.empty("POST", `/containers/${way.proxyId}/kill`);
    world.seen();
    const tried = await world.box(
      way,
      `${REACH(await addresses())}
attempt("proxy", lambda: get("http://open.test/"))
os.environ.clear()
attempt("plain", lambda: get("http://open.test/"))
attempt("name", lambda: socket.gethostbyname("other.test"))`,
    );
    assert.deepEqual(tried["found"], []);
    for (const name of ["proxy", "plain", "name"]) assert.equal(typeof tried[name], "string", name);
    assert.deepEqual(world.seen(), []);
  });

  test("bounds end what is too large, silent or too many", async () => {
    const limits = { bytes: 1_000_000, idleMs: 500, connections: 2 };
    await using way = await world.open({ allow: ["open.test:80"], limits });
    const tried = await world.box(
      way,
      `
attempt("large", lambda: len(through(b"GET http://open.test/large HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n", most=8_000_000)) <= 1_000_000)
attempt("silent", lambda: through(b"GET http://open.test/silent HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n"))
held = [socket.create_connection(proxy(), 5) for _ in range(2)]
for connection in held: connection.sendall(b"CONNECT open.test:80 HTTP/1.1\\r\\n\\r\\n")
for connection in held: connection.recv(100)
attempt("many", lambda: through(b"CONNECT open.test:80 HTTP/1.1\\r\\n\\r\\n"))
`,
    );
    assert.ok(
      tried["large"] === true || tried["large"] === "ConnectionResetError",
      JSON.stringify(tried),
    );
    assert.ok(
      tried["silent"] === "" || tried["silent"] === "ConnectionResetError",
      JSON.stringify(tried),
    );
    assert.ok(tried["many"] === "" || tried["many"] === "ConnectionResetError", `${tried["many"]}`);
    const ends = async (): Promise<string[]> =>
      (await way.log()).flatMap((event) => event.event === "closed" ? [event.end] : []);
    await until(async () => (await ends()).length >= 4, "connections stay");
    assert.ok((await ends()).includes("bytes"), JSON.stringify(await ends()));
    assert.ok((await ends()).includes("idle"), JSON.stringify(await ends()));
    const refused = (await way.log()).filter(({ event }) => event === "refused");
    assert.deepEqual(refused.map((event) => event.event === "refused" && event.reason), [
      "connections",
    ]);
  });

  test("closing leaves nothing; the sweep takes what a process left", async () => {
    const { client, context } = world;
    const left = async (): Promise<string[]> => {
      const filters = { label: ["agent.kind=egress"] };
      const query = { all: 1, filters };
      const containers = await client.json<{ Id: string }[]>("GET", "/containers/json", { query });
      const networks = await client.json<{ Name: string }[]>("GET", "/networks", {
        query: { filters },
      });
      return [...containers.map(({ Id }) => Id), ...networks.map(({ Name }) => Name)];
    };
    const ways: Egress[] = await Promise.all(
      Array.from({ length: 3 }, () => world.open({ allow: ["open.test:80"] })),
    );
    assert.equal((await left()).length, 7);
    assert.deepEqual(await sweepEgress(context), { containers: [], networks: [] });
    await Promise.all(ways.map((way) => way.close()));
    assert.deepEqual(await left(), []);
    // One of a process that is not there any more: its lock is let go.
    const gone = { ...context.owner, id: "0".repeat(32) };
    await Deno.writeTextFile(`${context.owner.lockFolder}/${gone.id}.lock`, "");
    await openEgress({ ...context, owner: gone }, { allow: ["open.test:80"] });
    const { containers, networks } = await sweepEgress(context);
    assert.deepEqual([containers.length, networks.length], [1, 2]);
    assert.deepEqual(await left(), []);
  });

  test("a proxy beside which the machine stands does not start", async () => {
    const { client, engine } = world;
    await using way = await world.open({ allow: ["open.test:80"] });
    const inspected = (await engine.ask("GET", `/containers/${way.proxyId}/json`)).json() as {
      Config: { Cmd: string[] };
    };
    const settings = JSON.parse(inspected.Config.Cmd.at(-1)!);
    const { Id } = await client.json<{ Id: string }>("POST", "/networks/create", {
      body: { Name: "beside", Internal: true },
    });
    const wire = await client.json<{ IPAM: { Config: { Gateway: string }[] } }>(
      "GET",
      `/networks/${Id}`,
    );
    const { Gateway } = wire.IPAM.Config[0]!;
    const image = (await engine.ask("GET", `/containers/${way.proxyId}/json`)).json() as {
      Config: { Image: string };
    };
    const body = {
      Image: image.Config.Image,
      Entrypoint: ["/egress-proxy"],
      Cmd: [JSON.stringify({ ...settings, gateway: Gateway, beside: Gateway })],
      HostConfig: { NetworkMode: "beside" },
    };
    const box = await client.json<{ Id: string }>("POST", "/containers/create", { body });
    await client.empty("POST", `/containers/${box.Id}/start`);
    const { StatusCode } = await client.json<{ StatusCode: number }>(
      "POST",
      `/containers/${box.Id}/wait`,
    );
    const { text } = await engine.ask("GET", `/containers/${box.Id}/logs?stdout=1`);
    await client.empty("DELETE", `/containers/${box.Id}`, { query: { force: 1 } });
    await client.empty("DELETE", "/networks/beside");
    assert.equal(StatusCode, 1);
    assert.match(text, /"reason":"host-address"/);
  });
}
beside.register();

Deno.test("egress: what nothing may reach is refused before anything is made", async () => {
  const context = {} as never;
  for (const target of ["10.0.0.1:80", "[::ffff:169.254.169.254]:80", "0x7f.1:80"]) {
    await assert.rejects(
      openEgress(context, { allow: [target] }),
      (error) => error instanceof AgentError && error.code === "SCOPE",
      target,
    );
  }
});
