/**
 * Counting and splitting of texts that come in parts and need not fit into memory: only what is not decided yet is held.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { checkString } from "../../shared/arguments.ts";
import { Pace } from "../../shared/pace.ts";
import { lastSafeCut } from "./scan.ts";
import { type Bounds, Splitter } from "./split.ts";
import type { Chunk, TokenTwin } from "./types.ts";

/** UTF-16 units that are counted at once, where there is a place to cut. */
const PORTION = 1 << 18;
/** The longest run without a place to cut that is counted whole. */
const LONGEST_RUN = 1 << 25;

/** See `Encoding.countStream`. */
export async function countStream(
  parts: AsyncIterable<string> | Iterable<string>,
  twin: TokenTwin,
  signal: AbortSignal | undefined,
): Promise<number> {
  const pace = new Pace({ signal }, 0);
  const { cuts } = twin;
  // What is not counted yet, in parts: put together only once there is a place to cut.
  let held: string[] = [];
  let size = 0;
  let before = 0;
  let count = 0;
  for await (const part of parts) {
    checkString(part, "part");
    if (part === "") continue;
    twin.check();
    const cut = size + part.length < PORTION
      ? -1
      : lastSafeCut(part, cuts) || (size > 0 && cuts.isSafe(before, part.charCodeAt(0)) ? 0 : -1);
    if (cut < 0) {
      held.push(part);
      size += part.length;
      if (size > LONGEST_RUN) throw tooLong(size);
    } else {
      held.push(part.slice(0, cut));
      count += twin.count(held.join(""));
      held = [part.slice(cut)];
      size = part.length - cut;
    }
    before = part.charCodeAt(part.length - 1);
    if (pace.due()) await pace.giveWay(0);
  }
  twin.check();
  return count + twin.count(held.join(""));
}

function tooLong(size: number): AgentError {
  return new AgentError(
    "TOO_LARGE",
    `A run of ${size} characters without the end of a word or line cannot be counted in a stream ` +
      `(the limit is ${LONGEST_RUN}); break the text into lines`,
    { what: "run of text", size, limit: LONGEST_RUN },
  );
}

/** See `Encoding.splitter`; the numbers are checked. */
export function splitStream(bounds: Bounds, twin: TokenTwin): TransformStream<string, Chunk> {
  const splitter = new Splitter(bounds, twin);
  return new TransformStream<string, Chunk>({
    transform(part, controller) {
      checkString(part, "part");
      twin.check();
      for (const chunk of splitter.push(part, false)) controller.enqueue(chunk);
    },
    flush(controller) {
      twin.check();
      for (const chunk of splitter.push("", true)) controller.enqueue(chunk);
    },
  });
}
