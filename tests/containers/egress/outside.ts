/**
 * What stands outside of a box in the tests: web servers, a listener on every address, and a name server. It runs where
 * the engine runs, in a network that leads nowhere, and writes what reached it, a JSON object a line.
 *
 * Usage: outside.ts FOLDER NAMES, where the folder has a certificate and NAMES is JSON: addresses by name.
 */

const [folder = "", names = "{}"] = Deno.args;
const table: Record<string, string[]> = JSON.parse(names);

function say(event: Record<string, unknown>): void {
  Deno.writeTextFileSync(`${folder}/seen`, `${JSON.stringify(event)}\n`, { append: true });
}

/** Answers with what was asked, so that a test sees what arrived. */
async function web(request: Request, secure: boolean): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const host = request.headers.get("host");
  say({ web: `${request.method} ${pathname}${search}`, host, secure });
  if (pathname === "/large") return new Response(new Uint8Array(4 * 1024 * 1024));
  if (pathname === "/silent") await new Promise(() => {});
  const seen = {
    host,
    method: request.method,
    path: `${pathname}${search}`,
    body: await request.text(),
    headers: Object.fromEntries(request.headers),
  };
  return Response.json(seen, { headers: { "keep-alive": "timeout=5" } });
}

const options = { hostname: "0.0.0.0", onListen() {} };
Deno.serve({ ...options, port: 80 }, (request) => web(request, false));
Deno.serve({ ...options, hostname: "::", port: 8080 }, (request) => web(request, false));
Deno.serve({
  ...options,
  port: 443,
  cert: Deno.readTextFileSync(`${folder}/server.crt`),
  key: Deno.readTextFileSync(`${folder}/server.key`),
}, (request) => web(request, true));

/** Speaks first, as SSH does, then sends back what it gets. */
async function echo(): Promise<void> {
  for await (const connection of Deno.listen({ hostname: "0.0.0.0", port: 2222 })) {
    say({ echo: "connected" });
    const serve = async (): Promise<void> => {
      await connection.write(new TextEncoder().encode("hello\n"));
      await connection.readable.pipeTo(connection.writable);
    };
    serve().catch(() => {});
  }
}

async function datagrams(): Promise<void> {
  const socket = Deno.listenDatagram({ hostname: "0.0.0.0", port: 9999, transport: "udp" });
  for await (const [bytes] of socket) say({ datagram: new TextDecoder().decode(bytes) });
}

/** A name server: names of the table exist, with addresses of the kind that is asked for. */
async function answerNames(hostname: string): Promise<void> {
  const socket = Deno.listenDatagram({ hostname, port: 53, transport: "udp" });
  for await (const [question, from] of socket) {
    const { name, type, end } = nameIn(question);
    say({ name, type });
    let known = table[name.toLowerCase()];
    // One that a test says where it leads.
    if (name === "self.test") known = [Deno.readTextFileSync(`${folder}/self`)];
    // One that leads elsewhere each time it is asked for.
    if (name === "rebind.test" && type === 1) known = [known![turn++ % 2]!];
    const addresses = (known ?? []).map(bytesOf).filter(({ length }) =>
      length === (type === 1 ? 4 : type === 28 ? 16 : 0)
    );
    const records = addresses.flatMap((bytes) => [
      ...[0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, bytes.length],
      ...bytes,
    ]);
    const head = [0x81, known === undefined ? 0x83 : 0x80, 0, 1, 0, addresses.length, 0, 0, 0, 0];
    const answer = [...question.subarray(0, 2), ...head, ...question.subarray(12, end), ...records];
    await socket.send(Uint8Array.from(answer), from);
  }
}

let turn = 0;

function nameIn(question: Uint8Array): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at]!; length > 0; length = question[at]!) {
    labels.push(new TextDecoder().decode(question.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return { name: labels.join("."), type: question[at + 2]!, end: at + 5 };
}

/** Hexadecimal digits of 4 or 16 bytes, or four decimal parts. */
function bytesOf(address: string): number[] {
  if (address.includes(".")) return address.split(".").map(Number);
  return address.match(/../g)!.map((digits) => parseInt(digits, 16));
}

Deno.writeTextFileSync(`${folder}/seen`, "");
const servers = ["127.0.0.53", "93.184.216.34", "10.9.9.9"];
const serving = [echo(), datagrams(), ...servers.map(answerNames)];
Deno.writeTextFileSync(`${folder}/ready`, "");
await Promise.all(serving);
