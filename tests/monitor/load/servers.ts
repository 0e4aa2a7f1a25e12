/** Servers for load tests, beside those of `tests/support/servers.ts`. */

import { untilClosed } from "../../support/servers.ts";

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
      if (options.once) {
        // Closed with bytes unread, it would take back what it wrote.
        await connection.closeWrite();
        return await untilClosed(connection);
      }
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

/**
 * Runs a body against a server that speaks HTTP/2 at once. That of `node:http2` ends the program now and then where a client
 * leaves: a check of its own fails.
 */
export async function h2Server(
  body: (address: string, seen: H2Seen) => Promise<void>,
): Promise<void> {
  const seen: H2Seen = { count: 0, sessions: 0, bodies: "" };
  const clients = new Set<number>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request, { remoteAddr }) => {
      seen.count++;
      seen.sessions = clients.add((remoteAddr as Deno.NetAddr).port).size;
      seen.bodies += await request.text();
      return new Response("hello");
    },
  );
  await body(`127.0.0.1:${server.addr.port}`, seen);
}
