/**
 * Long lists on the ring: cut into operations of a bounded size, each telling how far it is.
 *
 * @module
 */

import type { CallOptions } from "../shared/implementation.ts";
import { reporter } from "../shared/progress.ts";
import type { SubmitOptions } from "./ring.ts";

/** One operation takes items up to about this size. */
const BATCH_UNITS = 8 << 20;

/** How a list is cut and sent. */
export interface Batching<T, R> {
  /** What an item counts; by default its length and 16. */
  weigh?(item: T): number;
  /** How much one operation takes; an item over it goes alone. Default 8 Mi. */
  most?: number;
  /**
   * Whether all operations are sent at once, because each must see what the first one sees; otherwise one follows the
   * other, and the memory of one is needed.
   */
  atOnce?: boolean;
  /** Sends a part of the list. */
  submit(part: readonly T[], options: SubmitOptions): Promise<R>;
}

/**
 * Sends a list in batches.
 *
 * @param items The list; it is copied, so that it may change meanwhile.
 * @param options The caller's signal and progress function.
 * @param batching How it is cut and sent.
 * @returns What each operation gave, in order.
 */
export async function batches<T, R>(
  items: readonly T[],
  options: CallOptions,
  batching: Batching<T, R>,
): Promise<R[]> {
  const { signal } = options;
  const total = items.length;
  const progress = reporter(options.onProgress, total);
  const finished: number[] = [];
  const send = async (part: readonly T[]): Promise<R> => {
    const batch = finished.push(0) - 1;
    const result = await batching.submit(part, {
      ...(signal && { signal }),
      ...(options.onProgress && {
        onPiece: (piece) => {
          finished[batch] = doneOf(piece);
          progress.report(sumOf(finished));
        },
      }),
    });
    finished[batch] = part.length;
    return result;
  };
  const results: (R | Promise<R>)[] = [];
  const kept = items.slice();
  for (let from = 0; from < total;) {
    const to = endOf(kept, from, batching);
    const sent = send(kept.slice(from, to));
    results.push(batching.atOnce === true ? sent : await sent);
    from = to;
  }
  const settled = await Promise.all(results);
  progress.finish();
  return settled;
}

function endOf<T>(items: readonly T[], from: number, batching: Batching<T, unknown>): number {
  const { weigh = weightOf, most = BATCH_UNITS } = batching;
  let size = 0;
  let to = from;
  do size += weigh(items[to++]!); while (to < items.length && size + weigh(items[to]!) <= most);
  return to;
}

function weightOf(item: unknown): number {
  return (item as { length: number }).length + 16;
}

/** How many items of its batch an operation has done: the first of two 32-bit numbers, the other is their count. */
function doneOf(piece: Uint8Array): number {
  return new DataView(piece.buffer, piece.byteOffset).getUint32(0, true);
}

function sumOf(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
