/**
 * TCP connections that can be given up without one being left behind: `Deno.connect` that is aborted in the moment in
 * which its connection is made rejects, and leaves the socket open for ever.
 *
 * @module
 */

/**
 * Connects.
 *
 * @param target Where to.
 * @param signal Gives up.
 * @throws What `Deno.connect` throws, or the signal's reason.
 */
export async function connectTcp(
  target: Pick<Deno.ConnectOptions, "hostname" | "port">,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  signal.throwIfAborted();
  const cancel = new AbortController();
  // Deno asks the signal a last time when it has the connection, and would drop that.
  Object.defineProperty(cancel.signal, "throwIfAborted", { value: () => {} });
  const abort = (): void => cancel.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const connection = await Deno.connect({ ...target, signal: cancel.signal });
    if (!signal.aborted) return connection;
    connection.close();
    throw signal.reason;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
