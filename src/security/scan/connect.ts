/**
 * One TCP connect of the pure twin, to the address that was checked and to no other: where Deno grants a name only, that
 * name is resolved once more, and what it leads to is looked at before anything is sent there.
 *
 * @module
 */

import type { Socket } from "node:net";
import { connectTcp } from "../../shared/connect.ts";
import { AgentError } from "../../shared/errors.ts";
import type { PortReason, PortState } from "../types.ts";

/** What the operating system's refusal says about the port. */
export const REFUSALS: Readonly<Record<string, readonly [PortState, PortReason]>> = {
  ECONNREFUSED: ["closed", "refused"],
  ECONNRESET: ["closed", "reset"],
  ETIMEDOUT: ["filtered", "timeout"],
  EHOSTUNREACH: ["filtered", "unreachable"],
  ENETUNREACH: ["filtered", "unreachable"],
  EACCES: ["filtered", "prohibited"],
  EPERM: ["filtered", "prohibited"],
};

/** What is needed of a connection. */
export interface Connection extends Disposable {
  readonly localAddr: Ends;
  readonly remoteAddr: Ends;
  /** As `Deno.Conn` has it. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** As `Deno.Conn` has it. */
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

type Ends = Pick<Deno.NetAddr, "hostname" | "port">;

/**
 * Connects.
 *
 * @param address The literal address.
 * @param port The port.
 * @param dial The address, or the name where only that is granted.
 * @param signal Ends it.
 * @throws {AgentError} `IO` if the name leads elsewhere by now; nothing was sent there.
 */
export async function connect(
  address: string,
  port: number,
  dial: string,
  signal: AbortSignal,
): Promise<Connection> {
  if (dial === address) return await connectTcp({ hostname: address, port }, signal);
  const { connect: dialName } = await import("node:net");
  signal.throwIfAborted();
  const family = address.includes(":") ? 6 : 4;
  // The above resolves and connects in one; this resolves, tells what came of it, and connects to that.
  const socket = dialName({ host: dial, port, family, autoSelectFamily: false });
  const giveUp = (): void => void socket.destroy(signal.reason as Error);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("lookup", (_, found) => {
        if (found !== undefined && found !== address) socket.destroy(elsewhere(dial, found));
      });
      socket.once("connect", resolve);
      socket.on("error", reject);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  return new NamedConnection(socket);
}

function elsewhere(name: string, address: string): AgentError<"IO"> {
  return new AgentError(
    "IO",
    `${name} resolves to ${address} now, which was not checked; nothing was sent there; try again`,
    { path: name, operation: "connect" },
  );
}

/** A connection that was made by a name. */
class NamedConnection implements Connection {
  readonly localAddr: Ends;
  readonly remoteAddr: Ends;
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #left = new Uint8Array(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddr = { hostname: socket.localAddress!, port: socket.localPort! };
    this.remoteAddr = { hostname: socket.remoteAddress!, port: socket.remotePort! };
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#left.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return null;
      this.#left = new Uint8Array(value);
    }
    const count = Math.min(this.#left.length, buffer.length);
    buffer.set(this.#left.subarray(0, count));
    this.#left = this.#left.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length))
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** With a source port equal to the target's, TCP connects a socket to itself: nobody listens. */
export function selfConnected(
  { localAddr, remoteAddr }: Pick<Connection, "localAddr" | "remoteAddr">,
): boolean {
  return localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname;
}
