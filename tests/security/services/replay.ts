/** Servers that say again what real ones said, as `tests/vectors/services.json` has it; `record.ts` wrote that. */

import { ROOT } from "../../support/programs.ts";

/** Where the recordings are. */
export const VECTORS = `${ROOT}tests/vectors/services.json`;

/** What one server said. */
export interface Recording {
  name: string;
  transport: "tcp" | "udp";
  /** What is right to say of it. */
  service: string;
  product: string | null;
  version: string | null;
  /** By {@linkcode keyOf} what was sent: what came back, in base64, and whether the server closed then. */
  answers: Record<string, { bytes: string; closes: boolean }>;
}

/** The name of what was sent: its bytes; a ClientHello has others each time. */
export function keyOf(send: Uint8Array): string {
  return send[0] === 22 && send[1] === 3 ? "ClientHello" : send.toHex();
}

/** All recordings. */
export function recordings(): Recording[] {
  return JSON.parse(Deno.readTextFileSync(VECTORS));
}

/** Runs a body with a server of loopback that says what was recorded; to what was never asked it says nothing. */
export async function replaying(
  { transport, answers }: Recording,
  body: (port: number) => Promise<void>,
): Promise<void> {
  if (transport === "udp") return await replayingDatagrams(answers, body);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = new Set<Promise<void>>();
  const serve = async (connection: Deno.Conn): Promise<void> => {
    const buffer = new Uint8Array(16 * 1024);
    try {
      for (let send = buffer.subarray(0, 0);;) {
        const answer = answers[keyOf(send)];
        if (answer !== undefined) {
          await connection.write(Uint8Array.fromBase64(answer.bytes));
          if (answer.closes) return;
        }
        const count = await connection.read(buffer);
        if (count === null) return;
        send = buffer.subarray(0, count);
      }
    } catch {
      // The client left in the middle.
    } finally {
      connection.close();
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      const one = serve(connection);
      served.add(one);
    }
  })();
  try {
    await body(listener.addr.port);
  } finally {
    listener.close();
    await accepting;
    await Promise.all(served);
  }
}

async function replayingDatagrams(
  answers: Recording["answers"],
  body: (port: number) => Promise<void>,
): Promise<void> {
  const { createSocket } = await import("node:dgram");
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const answer = answers[keyOf(message)];
    if (answer !== undefined) {
      socket.send(Uint8Array.fromBase64(answer.bytes), from.port, from.address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  try {
    await body(socket.address().port);
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}
