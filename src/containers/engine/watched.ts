/**
 * A transport whose exchanges are counted while they are under way, so that somebody can tell whether a client is used.
 *
 * @module
 */

import type { EngineStream, EngineTransport } from "./types.ts";

/** Is told that an exchange begins; gives what is called when it has ended. */
export type Begin = () => () => void;

/** Counts the exchanges of a transport, from the request to the end of the answer's body. Disposing it closes nothing. */
export function watchedTransport(transport: EngineTransport, begin: Begin): EngineTransport {
  return {
    implementation: transport.implementation,
    async request(request) {
      const end = once(begin());
      try {
        const response = await transport.request(request);
        return {
          status: response.status,
          header: (name) => response.header(name),
          body: endedBy(response.body, end),
        };
      } catch (error) {
        end();
        throw error;
      }
    },
    async upgrade(request) {
      const end = once(begin());
      try {
        const stream: EngineStream = await transport.upgrade(request);
        return {
          readable: endedBy(stream.readable, end),
          write: (bytes) => stream.write(bytes),
          closeWrite: () => stream.closeWrite(),
          close: () => {
            end();
            stream.close();
          },
        };
      } catch (error) {
        end();
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function once(end: () => void): () => void {
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    end();
  };
}

/** By hand: a generator that was never begun would not hear that it is given up. */
function endedBy(body: AsyncIterable<Uint8Array>, end: () => void): AsyncIterable<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const iterator: AsyncIterableIterator<Uint8Array> = {
    next: async () => {
      try {
        const piece = await pieces.next();
        if (piece.done === true) end();
        return piece;
      } catch (error) {
        end();
        throw error;
      }
    },
    return: async () => {
      end();
      await pieces.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
