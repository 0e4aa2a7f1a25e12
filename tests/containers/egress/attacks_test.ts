/** What a hostile box tries against the proxy that it reaches the outside by, on a real engine. */

import assert from "assertions";
import type { EgressEvent } from "../../../src/containers/egress/types.ts";
import { Beside } from "../../support/needs.ts";
import { until } from "../../support/values.ts";
import { MACHINE, World, worldMissing } from "./world.ts";

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
    beside.add([missing], `egress under attack: ${name}`, kind, () => world.test(body));
  const reasons = (events: readonly EgressEvent[]): string[] =>
    events.flatMap((event) => event.event === "refused" ? [event.reason ?? ""] : []);

  test("at the port of TLS nothing else is carried, unless it is said", async () => {
    const script = `
def tunnel(target, sent=b""):
    with socket.create_connection(proxy(), 5) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\\r\\n\\r\\n".encode())
        head = connection.recv(4096)
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while True:
            piece = connection.recv(4096)
            if not piece: break
            got += piece
        return [head.split(b"\\r\\n")[0].decode(), got[:12].decode("latin-1")]
def tls(name):
    with socket.create_connection(proxy(), 5) as connection:
        connection.sendall(b"CONNECT open.test:443 HTTP/1.1\\r\\n\\r\\n")
        connection.recv(4096)
        with open_context().wrap_socket(connection, server_hostname=name):
            return "reached"
attempt("plain", lambda: tunnel("open.test:443", b"GET /plain HTTP/1.1\\r\\nHost: other.test\\r\\n\\r\\n"))
attempt("ssh", lambda: tunnel("open.test:443", b"SSH-2.0-x\\r\\n"))
attempt("same", lambda: tls("open.test"))
attempt("other", lambda: tls("other.test"))
attempt("nameless", lambda: tls(None))
attempt("address", lambda: tunnel("${MACHINE.open}:443", b"GET / HTTP/1.1\\r\\n\\r\\n"))
`;
    await using strict = await world.open({ allow: ["open.test:443", `${MACHINE.open}:443`] });
    const tried = await world.box(strict, script);
    for (const name of ["plain", "ssh", "address"]) {
      assert.notEqual((tried[name] as string[])[1]?.slice(0, 4), "HTTP", name);
    }
    assert.equal(tried["same"], "reached");
    assert.notEqual(tried["other"], "reached");
    assert.notEqual(tried["nameless"], "reached");
    assert.deepEqual(reasons(await strict.log()), [
      ...["not-tls", "not-tls", "tls-name", "tls-name", "not-tls"],
    ]);
    // One that was named with its protocol takes any; the name in TLS must still be its own.
    await using any = await world.open({ allow: ["open.test:443/tcp"] });
    const again = await world.box(any, script);
    assert.match((again["plain"] as string[])[0]!, /200/);
    assert.equal(again["same"], "reached");
    assert.equal(again["nameless"], "reached");
    assert.notEqual(again["other"], "reached");
    assert.equal(reasons(await any.log()).includes("not-tls"), false);
  });

  test("a name whose address changes is judged each time, and dialled where it was judged", async () => {
    await using way = await world.open({ allow: ["rebind.test:80"], dns: [MACHINE.open] });
    const tried = await world.box(
      way,
      `
import time
attempt("first", lambda: get("http://rebind.test/first"))
for at in range(8):
    time.sleep(0.4)
    attempt(f"later {at}", lambda: get("http://rebind.test/later"))
`,
    );
    assert.equal((tried["first"] as { path: string }).path, "/first");
    const later = Object.entries(tried).filter(([name]) => name !== "first");
    assert.ok(
      later.some(([, said]) => /egress: address: 10\.9\.9\.9/.test(String(said))),
      JSON.stringify(later),
    );
    for (const event of await way.log()) {
      if (event.event === "allowed") assert.equal(event.address, MACHINE.open);
    }
  });

  test("no spelling of an address leads anywhere, nor does the proxy itself", async () => {
    await using way = await world.open({ allow: ["open.test:80"], allowPrivate: true });
    const { hostname, port } = new URL(way.env["HTTP_PROXY"]!);
    const targets = [
      ...["10.9.9.9:80", "168364297:80", "0x0a090909:80", "012.011.011.011:80", "10.9.2313:80"],
      ...["[::ffff:10.9.9.9]:80", "[::ffff:a09:909]:80", "[64:ff9b::a09:909]:80", "[::1]:80"],
      ...["[fe80::1%25eth0]:80", "127.0.0.1:80", "localhost:80", "0.0.0.0:80", "[::]:80"],
      ...["169.254.169.254:80", "metadata.google.internal:80", "[fd00:ec2::254]:80"],
      ...[`${hostname}:${port}`, `127.0.0.1:${port}`, `${hostname}:53`, "open.test:65616"],
      ...["open.test@10.9.9.9:80", "10.9.9.9#open.test:80", "open.test\\t:80", "open.test%00:80"],
    ];
    const tried = await world.box(
      way,
      `
for target in json.loads(${JSON.stringify(JSON.stringify(targets))}):
    attempt("CONNECT " + target, lambda: through(f"CONNECT {target} HTTP/1.1\\r\\nHost: open.test:80\\r\\n\\r\\n".encode()).split("\\r\\n")[0])
    attempt("GET " + target, lambda: through(f"GET http://{target}/ HTTP/1.1\\r\\nHost: open.test\\r\\nConnection: close\\r\\n\\r\\n".encode()).split("\\r\\n")[0])
attempt("admin", lambda: [through(f"{method} {path} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n".encode()).split("\\r\\n")[0] for method in ("GET", "OPTIONS", "TRACE") for path in ("/", "*", "/metrics") for host in ("localhost", "${hostname}")])
`,
    );
    for (const [name, said] of Object.entries(tried)) {
      for (const line of [said].flat()) {
        assert.match(`${line}`, /^(HTTP\/1\.[01] 40[03] .*|ConnectionResetError|)$/, name);
      }
    }
    assert.deepEqual(world.seen().filter(({ web }) => web !== undefined), []);
    assert.equal((await way.log()).some(({ event }) => event === "allowed"), false);
    // A name that leads to the proxy is refused too, where networks of one's own are open.
    await using round = await world.open({
      allow: ["self.test:3128"],
      allowPrivate: true,
      dns: [MACHINE.open],
    });
    const own = new URL(round.env["HTTP_PROXY"]!);
    await Deno.writeTextFile(`${world.engine.folder}/self`, own.hostname);
    const again = await world.box(round, `attempt("own", lambda: get("http://self.test:3128/"))`);
    assert.deepEqual(again["own"], [403, `egress: address: ${own.hostname} is the proxy`]);
  });

  test("requests that can be read in two ways are read in none", async () => {
    await using way = await world.open({ allow: ["open.test:80"] });
    const requests: Record<string, string> = {
      "bare CR":
        "GET http://open.test/a HTTP/1.1\\r\\nHost: open.test\\r\\nX: 1\\rHost: other.test\\r\\n\\r\\n",
      "line break in the target":
        "GET http://open.test/a\\r\\nHost: other.test\\r\\n/ HTTP/1.1\\r\\nHost: open.test\\r\\n\\r\\n",
      "two lengths":
        "POST http://open.test/b HTTP/1.1\\r\\nHost: open.test\\r\\nContent-Length: 4\\r\\nContent-Length: 40\\r\\n\\r\\nbody",
      "signed length":
        "POST http://open.test/c HTTP/1.1\\r\\nHost: open.test\\r\\nContent-Length: +4\\r\\n\\r\\nbody",
      "unknown coding":
        "POST http://open.test/d HTTP/1.1\\r\\nHost: open.test\\r\\nTransfer-Encoding: xchunked\\r\\n\\r\\n0\\r\\n\\r\\n",
      "space before colon":
        "POST http://open.test/e HTTP/1.1\\r\\nHost: open.test\\r\\nTransfer-Encoding : chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET http://other.test/f HTTP/1.1\\r\\nHost: other.test\\r\\n\\r\\n",
      "bad chunk":
        "POST http://open.test/g HTTP/1.1\\r\\nHost: open.test\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n-1\\r\\n\\r\\n",
    };
    const tried = await world.box(
      way,
      [
        ...Object.entries(requests).map(([name, text]) =>
          `attempt("${name}", lambda: through(b"${text}", timeout=3)[:60])`
        ),
        'attempt("huge", lambda: through(b"GET http://open.test/huge HTTP/1.1\\r\\nHost: open.test\\r\\nX: " + b"x" * 200000 + b"\\r\\n\\r\\n")[:20])',
        'attempt("many", lambda: through(b"GET http://open.test/many HTTP/1.1\\r\\nHost: open.test\\r\\n" + b"A: b\\r\\n" * 5000 + b"\\r\\n")[:20])',
        'attempt("alive", lambda: get("http://open.test/alive"))',
      ].join("\n"),
    );
    assert.equal((tried["alive"] as { path: string }).path, "/alive", JSON.stringify(tried));
    for (const name of ["bare CR", "two lengths", "signed length", "huge", "many"]) {
      assert.doesNotMatch(String(tried[name]), /^HTTP\/1\.[01] 200/, name);
    }
    const seen = world.seen().filter(({ web }) => web !== undefined);
    for (const { host } of seen) assert.equal(host, "open.test", JSON.stringify(seen));
    assert.equal(seen.some(({ web }) => /huge|many|\/f$/.test(String(web))), false);
  });

  test("floods and slow beginnings hold no place for ever, and ports cannot be scanned", async () => {
    const limits = { connections: 8, idleMs: 1_500 };
    await using way = await world.open({ allow: ["open.test:80", "open.test:443"], limits });
    const tried = await world.box(
      way,
      `
import time
def slow(first, port=None):
    connection = socket.create_connection(proxy() if port is None else ("open.test", port), 5)
    connection.sendall(first)
    return connection
began = time.monotonic()
# A head, and the beginning of TLS, a byte at a time: neither is ever whole.
held = [slow(b"GET http://open.test/ HTTP/1.1\\r\\nX: ") for _ in range(4)] + [slow(b"\\x16\\x03\\x01\\x20\\x00\\x01\\x00", 443) for _ in range(4)]
while held and time.monotonic() - began < 30:
    time.sleep(0.1)
    for connection in list(held):
        try:
            connection.sendall(b"a")
            connection.settimeout(0.001)
            try:
                if connection.recv(100) == b"": raise ConnectionResetError()
            except TimeoutError:
                pass
        except OSError:
            held.remove(connection)
tell("held", len(held))
flood = []
for _ in range(300):
    try: flood.append(socket.create_connection(proxy(), 5))
    except OSError: pass
for connection in flood: connection.close()
def alive():
    for _ in range(50):
        try: return get("http://open.test/alive")["path"]
        except Exception: time.sleep(0.2)
attempt("alive", alive)
opened = []
for port in list(range(1, 80)) + [8080, 2222, 3128]:
    for _ in range(50):
        try:
            line = through(f"CONNECT open.test:{port} HTTP/1.1\\r\\nHost: open.test:{port}\\r\\n\\r\\n".encode())
        except OSError:
            line = ""
        if line: break
        time.sleep(0.05)
    if "403" not in line[:20]: opened.append([port, line[:20]])
tell("opened", opened)
`,
    );
    assert.equal(tried["held"], 0);
    assert.equal(tried["alive"], "/alive");
    assert.deepEqual(tried["opened"], []);
    assert.deepEqual(world.seen().filter(({ echo }) => echo !== undefined), []);
    assert.ok(reasons(await way.log()).includes("connections"));
  });

  test("the ways of two boxes do not meet", async () => {
    await using one = await world.open({ allow: ["open.test:80"] });
    await using other = await world.open({ allow: ["open.test:443"] });
    const { hostname, port } = new URL(other.env["HTTP_PROXY"]!);
    const tried = await world.box(
      one,
      `
attempt("other", lambda: raw("${hostname}", ${port}, b"CONNECT open.test:443 HTTP/1.1\\r\\n\\r\\n", timeout=2))
attempt("through", lambda: through(b"CONNECT ${hostname}:${port} HTTP/1.1\\r\\n\\r\\n").split("\\r\\n")[0])
attempt("names", lambda: socket.gethostbyname("${other.proxyId!.slice(0, 12)}"))
`,
    );
    assert.match(String(tried["other"]), /Error|timeout/i);
    assert.match(String(tried["through"]), / 403 /);
    assert.equal(tried["names"], "gaierror");
    await until(async () => (await one.log()).length > 0, "nothing is in the log");
    assert.deepEqual(await other.log(), []);
  });
}
beside.register();
