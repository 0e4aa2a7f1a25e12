/**
 * A server over standard input and output, for the one client that started the program.
 *
 * @module
 */

import { loadServer, loadServerStdio } from "./sdk.ts";
import { factoryOf } from "./server/factory.ts";
import { readOffer } from "./server/offer.ts";
import type { McpConnection, McpOffer } from "./types.ts";

/** Of one message, in bytes; a longer one ends the connection. */
const MOST_MESSAGE = 4 * 2 ** 20;

/**
 * Serves what a program offers over its standard input and output, in the 2026-07-28 revision and those of 2025, as the client
 * begins. Nothing else may write to standard output meanwhile.
 *
 * @param options What is offered.
 * @returns The connection, which ends with the client.
 * @throws {AgentError} `UNAVAILABLE` if the package is not on this machine and cannot be downloaded.
 */
export async function serveMcp(options: McpOffer): Promise<McpConnection> {
  const offer = readOffer(options);
  const [sdk, { StdioServerTransport, serveStdio }] = await Promise.all([
    loadServer(),
    loadServerStdio(),
  ]);
  const transport = new StdioServerTransport(undefined, undefined, {
    maxBufferSize: MOST_MESSAGE,
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const served = serveStdio(factoryOf(sdk, offer), { transport, maxSubscriptions: 16 });
  const ended = transport.onclose;
  transport.onclose = () => {
    ended?.();
    resolve();
  };
  const close = async (): Promise<void> => {
    await served.close();
    resolve();
  };
  return { closed, close, [Symbol.asyncDispose]: close };
}
