/** Servers for load tests, beside those of `tests/support/servers.ts`. */

import http2 from "node:http2";
import type { AddressInfo } from "node:net";

/** Options of {@linkcode each}. */
export interface EachOptions {
  /** Closes the connection after the first answer. */
  once?: boolean;
}

/**
 * Answers each request without a body on a connection with the bytes that are given for it; none closes the connection.
 * For `listening`.
 */
export function each(
  answer: (request: number) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
  options: EachOptions = {},
): (connection: Deno.TcpConn) => Promise<void> {
  let requests = 0;
  return async (connection) => {
    const buffer = new Uint8Array(65_536);
    for (;;) {
      if (await connection.read(buffer) === null) return;
      const bytes = await answer(requests++);
      if (bytes === undefined) return;
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      if (options.once) return;
    }
  };
}

/** What a server of HTTP/2 saw. */
export interface H2Seen {
  /** Requests. */
  count: number;
  /** Connections. */
  sessions: number;
  /** All bodies, one behind the other. */
  bodies: string;
}

/** Runs a body against a server that speaks HTTP/2 at once. */
export async function h2Server(
  body: (address: string, seen: H2Seen) => Promise<void>,
): Promise<void> {
  const seen: H2Seen = { count: 0, sessions: 0, bodies: "" };
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer((request, response) => {
    seen.count++;
    request.setEncoding("utf8");
    request.on("data", (text: string) => seen.bodies += text);
    request.on("end", () => {
      response.writeHead(200);
      response.end("hello");
    });
  });
  server.on("session", (session) => {
    seen.sessions++;
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await body(`127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
