/**
 * Cuts a document's text into chunks that cover it without gap or overlap, so that offsets are
 * true by construction: at headings, else between blocks, else between sentences, else at white
 * space, and never inside a surrogate pair.
 *
 * @module
 */
import {
  type Block,
  blocksOf,
  borderBefore,
  HeadingPath,
  isTerm,
  sentencesOf,
} from "../text/outline/mod.ts";
import type { DocumentFormat } from "./types.ts";

/** A chunk of a text: `text.slice(start, end)`. */
export interface Chunk {
  /** Where it starts. */
  start: number;
  /** Where it ends, exclusive: where the next one starts. */
  end: number;
  /** The headings above it, outermost first. */
  heading: string;
}

/** A chunk is closed at the next block once it has this many UTF-16 units. */
const TARGET = 900;
/** No chunk is longer than this, in UTF-16 units, white space at its ends aside. */
export const MAX_CHUNK = 1_500;

/** Chunks of a text; whoever has its blocks already gives them along. */
export function chunksOf(
  text: string,
  format: DocumentFormat,
  blocks: readonly Block[] = blocksOf(text, format),
): Chunk[] {
  const chunks: Chunk[] = [];
  const path = new HeadingPath();
  let start = 0;
  let heading = "";
  let content = false; // whether the open chunk has more than headings
  const cut = (at: number) => {
    if (at > start) chunks.push({ start, end: at, heading });
    start = at;
    content = false;
  };
  for (const [at, block] of blocks.entries()) {
    if (block.kind === "heading") {
      if (content || block.end - start > TARGET) cut(block.start);
      path.enter(text, block);
      heading = path.titles().join(" > ");
      continue;
    }
    // A term stays with its description, which is often all that is searched for.
    const above = blocks[at - 1];
    const from = above !== undefined && isTerm(text, above, block) ? above.start : block.start;
    if (content && block.end - start > TARGET) cut(Math.max(from, start));
    content = true;
    if (block.end - start > MAX_CHUNK) {
      for (const at of cutsIn(text, block, start)) {
        cut(at);
        content = true;
      }
    }
  }
  // White space after the last block can be long as well.
  while (text.length - start > MAX_CHUNK) cut(borderBefore(text, start, start + MAX_CHUNK));
  cut(text.length);
  return chunks;
}

/** Where to cut a block that does not fit, given where the open chunk starts. */
function cutsIn(text: string, block: Block, chunkStart: number): number[] {
  const cuts: number[] = [];
  let from = chunkStart;
  const whole: Block = block.kind === "code" ? { ...block, kind: "table" } : block; // by lines
  for (const { start, end } of sentencesOf(text, whole)) {
    if (start > from && end - from > TARGET) cuts.push(from = start);
    while (end - from > MAX_CHUNK) cuts.push(from = borderBefore(text, from, from + MAX_CHUNK));
  }
  return cuts;
}
