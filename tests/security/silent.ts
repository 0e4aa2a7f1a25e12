/** A port that does not answer, on the loopback. */

/** Fills a listener's backlog, so that the system drops what comes next without an answer. */
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
