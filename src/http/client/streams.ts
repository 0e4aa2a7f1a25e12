/**
 * The body of a response as the caller reads it: bytes that are read ahead a little, so that a small body that nobody
 * reads keeps neither its connection nor its slot.
 *
 * @module
 */

import { TransportFault } from "../transport/fault.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How far is read ahead. */
const AHEAD_BYTES = 262_144;

/** What is to be known of a body. */
export interface TrackOptions {
  /** Called once, when it is over: read, given up or failed. */
  readonly ended: () => void;
  /** Makes the error that the caller sees. */
  readonly errorOf: (failure: unknown) => unknown;
}

/** Wraps a body. */
export function trackedBody(
  body: ReadableStream<Bytes>,
  { ended, errorOf }: TrackOptions,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  let isOver = false;
  let failed: { error: unknown } | undefined;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    ended();
  };
  const source: UnderlyingByteSource = {
    type: "bytes",
    async pull(controller): Promise<void> {
      // A stream that fails forgets what was read ahead: the reader gets that first.
      if (failed !== undefined) {
        if (controller.desiredSize === AHEAD_BYTES) controller.error(failed.error);
        return;
      }
      try {
        const { done, value } = await reader.read();
        if (!done) {
          if (value.length > 0) controller.enqueue(value);
          return;
        }
        end();
        controller.close();
        // A reader of its own buffer waits for an answer to the end, too.
        controller.byobRequest?.respond(0);
      } catch (failure) {
        end();
        const error = errorOf(failure);
        // An abort is one at once.
        if (failure instanceof TransportFault && controller.desiredSize !== AHEAD_BYTES) {
          failed = { error };
        } else controller.error(error);
      }
    },
    async cancel(reason): Promise<void> {
      end();
      await reader.cancel(reason);
    },
  };
  return new ReadableStream(source, { highWaterMark: AHEAD_BYTES });
}
