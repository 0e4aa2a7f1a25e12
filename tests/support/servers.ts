/** Servers of the tests, on free ports of the loopback. */

import { until } from "./values.ts";

/**
 * Runs a body against an HTTP server.
 *
 * @param answer What it answers.
 * @param body Gets its address as `host:port`, and what was asked so far as `METHOD /path`.
 */
export async function serving(
  answer: (request: Request) => Response | Promise<Response>,
  body: (address: string, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    return answer(request);
  });
  try {
    await body(`127.0.0.1:${server.addr.port}`, requests);
  } finally {
    await server.shutdown();
  }
}

/** Runs a body against a server that does what it likes with the bytes of each connection. */
export async function listening(
  each: (connection: Deno.TcpConn) => Promise<void>,
  body: (address: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      served.push(each(connection).catch(() => {}).finally(() => close(connection)));
    }
  })();
  try {
    await body(`127.0.0.1:${listener.addr.port}`);
  } finally {
    listener.close();
    await accepting;
    await Promise.all(served);
  }
}

/** One that its server closed already is closed. */
function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Answers any request with these bytes, then closes; for {@linkcode listening}. */
export function raw(text: string): (connection: Deno.TcpConn) => Promise<void> {
  return async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(new TextEncoder().encode(text));
  };
}

/** Reads until the other side closes. */
export async function untilClosed(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}

/** A port of this machine where nothing listens. */
export function unusedPort(hostname: string = "127.0.0.1"): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

/**
 * Runs a body with a port that does not answer: a listener whose backlog is full, so that the system
 * drops what comes next.
 */
export async function withSilentPort(body: (port: number) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const held: Deno.TcpConn[] = [];
  try {
    while (held.length < 64) {
      const signal = AbortSignal.timeout(300);
      try {
        held.push(await Deno.connect({ hostname: "127.0.0.1", port, signal }));
      } catch {
        await body(port);
        return;
      }
    }
    throw new Error("The backlog of 1 took 64 connections");
  } finally {
    for (const connection of held) connection.close();
    listener.close();
  }
}

/**
 * Runs a body against a server that says nothing, and then waits until all connections to it were closed by the other
 * side.
 *
 * @throws {Error} If one stays open.
 */
export async function untilAllLeave(body: (address: string) => Promise<void>): Promise<void> {
  const open = new Set<Deno.TcpConn>();
  let came = 0;
  const each = async (connection: Deno.TcpConn): Promise<void> => {
    came++;
    open.add(connection);
    await untilClosed(connection);
    open.delete(connection);
  };
  await listening(each, async (address) => {
    try {
      await body(address);
      const before = came;
      // Comes after all that were made before it.
      const [hostname, port] = address.split(":") as [string, string];
      using _last = await Deno.connect({ hostname, port: Number(port) });
      await until(
        () => came > before && open.size === 1,
        () => `${open.size - 1} of ${came - 1} stay open`,
      );
    } finally {
      for (const connection of open) connection.close();
    }
  });
}
