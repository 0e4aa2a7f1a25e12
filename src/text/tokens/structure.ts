/**
 * The outline of a text as splitting sees it: where headings, blocks and fenced code blocks begin. One pass over the
 * lines; Markdown as far as CommonMark's rules for lines tell without parsing.
 *
 * @module
 */

/** Positions in ascending order, UTF-16 units. */
export interface Structure {
  /** Headings that begin a chunk: all but those at the text's start or right behind another heading. */
  headings: number[];
  /** Paragraphs, lists, fences and other blocks; not those right behind a heading, which stay with it. */
  blocks: number[];
  /** Begin and end of each fenced code block, in turn. The end is behind the closing line. */
  fences: number[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t\r]|$)/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t\r]*$/;

/** Finds the outline of a text. */
export function structureOf(text: string): Structure {
  const headings: number[] = [];
  const blocks: number[] = [];
  const fences: number[] = [];
  /** The characters that close the fence which is open, if one is. */
  let fence: string | undefined;
  let blank = true;
  let afterHeading = false;
  /** Where the block began that has had one line so far; -1 if there is none. */
  let single = -1;
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    // What makes a line special stands at its front: very long lines need not be copied.
    const line = text.slice(start, Math.min(end, start + 256));
    const next = Math.min(text.length, end + 1);
    if (fence !== undefined) {
      const mark = FENCE.exec(line);
      if (mark !== null && mark[1]!.startsWith(fence) && mark[2]!.trim() === "") {
        fence = undefined;
        fences.push(next);
        blank = true;
      }
      start = next;
      continue;
    }
    const opening = line.charCodeAt(line.search(/[^ ]|$/)) | 0;
    const mark = opening === 0x60 || opening === 0x7e ? FENCE.exec(line) : null;
    const isBlank = line.trim() === "" && line.length === end - start;
    if (mark !== null && !(mark[1]![0] === "`" && mark[2]!.includes("`"))) {
      if (!afterHeading && start > 0) blocks.push(start);
      fences.push(start);
      fence = mark[1];
      afterHeading = false;
      single = -1;
    } else if (isBlank) {
      blank = true;
      single = -1;
    } else if (opening === 0x23 && HEADING.test(line)) {
      if (!afterHeading && start > 0) headings.push(start);
      afterHeading = true;
      blank = true;
      single = -1;
    } else if (single >= 0 && UNDERLINE.test(line) && line.length === end - start) {
      // The line before was a heading, of the underlined kind: it begins a chunk rather than a block.
      if (blocks.at(-1) === single) {
        blocks.pop();
        headings.push(single);
      }
      afterHeading = true;
      blank = true;
      single = -1;
    } else {
      single = blank ? start : -1;
      if (blank && !afterHeading && start > 0) blocks.push(start);
      blank = false;
      afterHeading = false;
    }
    start = next;
  }
  if (fence !== undefined) fences.push(text.length);
  return { headings, blocks, fences };
}

/** How many of the sorted positions are at or under a place. */
export function countUpTo(positions: readonly number[], place: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
