/**
 * Files and processes by the Rust library: twin of `pure/`, which says what it must do.
 *
 * It keeps descriptors of processes open between readings: all readers together at most 8,192, and at most a third of what this process may have.
 *
 * @module
 */

import { monitorSample, monitorSampler } from "../../native/generated/monitor.ts";
import { NativeHandle } from "../../native/handle.ts";
import { COLUMNS, missingOf, type RawSample, type RawText, type Reader } from "./raw.ts";

/** Numbers at the beginning of a payload: see `Sampler::sample` in the Rust crate. */
const HEAD = 8;

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** The native twin. */
export class NativeReader extends NativeHandle implements Reader {
  /**
   * Makes one.
   *
   * @param root Empty for the machine, or a folder that holds `proc` and `sys`.
   */
  constructor(root: string) {
    super("performance-monitor", monitorSampler(root), "source of figures");
  }

  /** See {@linkcode Reader}. */
  async sample(paths: readonly string[], most: number, processes: boolean): Promise<RawSample> {
    return await monitorSample(
      this.handle,
      paths,
      most,
      processes,
      (payload) => decode(payload, paths.length),
    );
  }
}

function decode(payload: Uint8Array, files: number): RawSample {
  // A copy: the payload does not last, and the numbers in it need not be aligned.
  const bytes = payload.slice();
  const head = new Float64Array(bytes.buffer, 0, HEAD + files);
  const number = (place: number): number => head[place]!;
  const count = number(3);
  const rows = Math.max(0, count);
  const numbers = new Float64Array(bytes.buffer, head.byteLength, COLUMNS * rows);
  let at = head.byteLength + numbers.byteLength;
  const texts = new Array<RawText>(files);
  for (let i = 0; i < files; i++) {
    const length = head[HEAD + i]!;
    texts[i] = length < 0
      ? { error: missingOf(length) }
      : DECODER.decode(bytes.subarray(at, at + length));
    at += Math.max(0, length);
  }
  const processes = count < 0 ? { error: missingOf(count) } : {
    count,
    numbers,
    names: DECODER.decode(bytes.subarray(at)),
    listed: number(4),
    denied: number(5),
    ended: number(6),
    broken: number(7),
  };
  return { time: number(0), processTime: number(1), cpuMs: number(2), texts, processes };
}
