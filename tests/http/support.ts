/** What the tests of the HTTP client share: clients of a twin, servers that misbehave, certificates. */

import assert from "assertions";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "../../src/http/mod.ts";
import { AgentError, type AgentErrorCode } from "../../src/shared/errors.ts";
import { temporary } from "../support/programs.ts";
import { listening } from "../support/servers.ts";
import { testOf, type Twin } from "../support/twins.ts";

/** Makes clients. */
export type MakeClient = (options?: HttpClientOptions) => HttpClient;

/** Makes clients of a twin that may reach this machine and repeat nothing, unless told otherwise. */
export function clientsOf(twin: Twin): MakeClient {
  return (options) =>
    createHttpClient({ implementation: twin.name, allowPrivate: true, retries: 0, ...options });
}

/** Registers a test of a twin. */
export function httpTest(
  twin: Twin,
  name: string,
  body: (make: MakeClient) => Promise<void>,
): void {
  testOf("http", twin, name, async () => {
    await body(clientsOf(twin));
    await twin.idle();
  });
}

/** Checks that something rejects with a code, and that its message says this. */
export async function rejects(
  work: Promise<unknown>,
  code: AgentErrorCode,
  message: RegExp,
): Promise<AgentError> {
  let found: AgentError | undefined;
  await assert.rejects(work, (error) => {
    assert.ok(AgentError.is(error), String(error));
    found = error;
    assert.equal(error.code, code, String(error));
    assert.match(error.message, message);
    return true;
  });
  return found!;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Reads a request's head from a connection, and what comes with it; undefined at its end. */
export async function requestHead(connection: Deno.Conn): Promise<string | undefined> {
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    head += decoder.decode(buffer.subarray(0, count));
  }
  return head;
}

/** Writes all of it. */
export async function writeAll(
  connection: Deno.Conn,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Hands on what one connection says to another, and its end. */
export async function relayed(
  from: Deno.TcpConn | Deno.TlsConn,
  to: Deno.TcpConn | Deno.TlsConn,
): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      await writeAll(to, buffer.slice(0, count));
    }
    await to.closeWrite();
  } catch {
    // One that breaks off has said all that it will.
  }
}

/** Runs a body against a server that answers each request with these bytes; it closes if `close` is set. */
export function answering(
  content: string | Uint8Array<ArrayBuffer>,
  body: (address: string) => Promise<void>,
  close = true,
): Promise<void> {
  return listening(async (connection) => {
    while (await requestHead(connection) !== undefined) {
      await writeAll(connection, content);
      if (close) return;
    }
  }, body);
}

/** Runs a body against a server that does as it likes after each request's head. */
export function scripted(
  script: (connection: Deno.TcpConn, head: string) => Promise<void>,
  body: (address: string) => Promise<void>,
): Promise<void> {
  return listening(async (connection) => {
    const head = await requestHead(connection);
    if (head !== undefined) await script(connection, head);
  }, body);
}

/** A head and a body of a response, as bytes. */
export function response(
  head: string,
  body: Uint8Array<ArrayBuffer> | string = "",
): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const start = encoder.encode(`HTTP/1.1 ${head}\r\n\r\n`);
  const all = new Uint8Array(start.length + bytes.length);
  all.set(start);
  all.set(bytes, start.length);
  return all;
}

/** A certificate for a name and 127.0.0.1, and the authority that signed it. PEM. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

let made: Promise<Certificates> | undefined;

/** Certificates of an authority of the tests' own for `secure.test`; made once. */
export function certificates(): Promise<Certificates> {
  return made ??= temporary(async (folder) => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const at = (name: string): string => `${folder}/${name}`;
    await Deno.writeTextFile(at("names"), "subjectAltName=DNS:secure.test,IP:127.0.0.1\n");
    await openssl("req", "-x509", ...key, "-days", "2", "-subj", "/CN=An authority of tests")(
      "-keyout",
      at("ca.key"),
      "-out",
      at("ca.pem"),
    );
    await openssl("req", ...key, "-subj", "/CN=secure.test")(
      "-keyout",
      at("key.pem"),
      "-out",
      at("request"),
    );
    await openssl("x509", "-req", "-days", "2", "-CAcreateserial")(
      "-in",
      at("request"),
      "-CA",
      at("ca.pem"),
      "-CAkey",
      at("ca.key"),
      "-extfile",
      at("names"),
      "-out",
      at("cert.pem"),
    );
    return {
      authority: await Deno.readTextFile(at("ca.pem")),
      certificate: await Deno.readTextFile(at("cert.pem")),
      key: await Deno.readTextFile(at("key.pem")),
    };
  });
}

function openssl(...first: string[]): (...more: string[]) => Promise<void> {
  return async (...more) => {
    const { success, stderr } = await new Deno.Command("openssl", { args: [...first, ...more] })
      .output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
}

/** Runs a body against an HTTPS server with those certificates; it gets the port. */
export async function serveSecurely(
  answer: (request: Request) => Response | Promise<Response>,
  body: (port: number, authority: string) => Promise<void>,
): Promise<void> {
  const { certificate, key, authority } = await certificates();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate,
    key,
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
  }, answer);
  try {
    await body(server.addr.port, authority);
  } finally {
    await server.shutdown();
  }
}
