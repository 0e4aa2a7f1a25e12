/**
 * Which id of a page leads to which heading of the Markdown that was made of it. The ids are taken from the page's own
 * headings and found again by their words, in order. Linear in the page, whatever it holds.
 *
 * @module
 */

import { decodeReferences } from "../../text/markdown/page.ts";
import { type Block, headingText } from "../../text/outline/mod.ts";

/** A place of a document that can be named from outside. */
export interface Anchor {
  /** Where it starts in the text. */
  start: number;
  /** What stands behind the `#`. */
  anchor: string;
}

const HEADING = /<h[1-6](?=[\s>])([^>]{0,1000})>/gi;
const ID = /\s(?:id|name)\s*=\s*(?:"([^"]{1,300})"|'([^']{1,300})'|([^\s"'>]{1,300}))/i;
const OWN_LINK = /\shref\s*=\s*["']?#([^"'\s>]{1,300})/i;
/** So much of a heading, and of what stands before it, is looked at. */
const LONGEST_HEADING = 2_000;
const LONGEST_WAY = 1_500;
const MOST_TAGS = 12;

/**
 * The anchors of a page.
 *
 * @param html The page.
 * @param text The Markdown made of it.
 * @param blocks The blocks of the Markdown.
 */
export function anchorsOf(html: string, text: string, blocks: readonly Block[]): Anchor[] {
  const ids = new Map<string, { at: number; id: string }[]>();
  let at = 0;
  HEADING.lastIndex = 0;
  for (let found = HEADING.exec(html); found !== null; found = HEADING.exec(html)) {
    const inner = html.slice(HEADING.lastIndex, HEADING.lastIndex + LONGEST_HEADING);
    const content = inner.slice(0, Math.max(inner.search(/<\/h[1-6]/i), 0));
    const id = idIn(found[1]!) ?? idIn(content) ?? before(html, found.index) ??
      OWN_LINK.exec(content)?.[1];
    if (id === undefined) continue;
    const words = wordsOf(decodeReferences(content.replace(/<[^<>]*>/g, " "), false));
    if (words === "") continue;
    const list = ids.get(words) ?? [];
    list.push({ at: at++, id: decodeReferences(id, true) });
    ids.set(words, list);
  }
  const anchors: Anchor[] = [];
  let last = -1;
  for (const block of blocks) {
    if (block.kind !== "heading") continue;
    const same = ids.get(wordsOf(headingText(text, block)));
    while (same !== undefined && same.length > 0) {
      const next = same.shift()!;
      if (next.at < last) continue;
      last = next.at;
      // A copy: a piece of the page's text would keep all of the page in memory.
      anchors.push({ start: block.start, anchor: ` ${next.id}`.slice(1) });
      break;
    }
  }
  return anchors;
}

function idIn(tag: string): string | undefined {
  const found = ID.exec(` ${tag}`);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** The id of what begins right before a heading: of the section that it heads, or of an empty link. */
function before(html: string, end: number): string | undefined {
  let rest = html.slice(Math.max(0, end - LONGEST_WAY), end);
  for (let tags = 0; tags < MOST_TAGS; tags++) {
    rest = rest.trimEnd();
    if (!rest.endsWith(">")) return undefined;
    const open = rest.lastIndexOf("<");
    if (open < 0) return undefined;
    const tag = rest.slice(open);
    if (!tag.startsWith("</") && !tag.startsWith("<!")) {
      const id = idIn(tag);
      if (id !== undefined) return id;
    }
    rest = rest.slice(0, open);
  }
  return undefined;
}

function wordsOf(text: string): string {
  const head = text.slice(0, 400).toLowerCase();
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(head)
    ? head.replace(/[^a-z0-9]+/g, "")
    : head.replace(/[^\p{L}\p{N}]+/gu, "");
}
