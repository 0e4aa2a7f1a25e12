/** Tells pages that only lead to others (indexes, lists of contents) from those that say something. @module */

const LINK =
  /!?\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?: "[^"]*")?\)/g;
/** A row of a table with more than one cell says something by what stands beside what, even if all of it are links. */
const RECORD = /^\|[^|\n]*[^|\s-][^|\n]*\|[^|\n]*[^|\s-][^\n]*\|$/gm;
/** Fewer links make no index. */
const LEAST_LINKS = 20;
/** So much of the letters may stand outside of links. */
const MOST_OUTSIDE = 0.12;

/** The index of a book has words beside its links, but no sentences. */
const INDEX_LINKS = 200;
const INDEX_OUTSIDE = 0.6;
/** Longer than this a page with so few links cannot be one. */
const LONGEST_LINK = 250;

/** Whether nearly all that a page says, in Markdown, is the text of links. */
export function isLinkPage(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf("]("); at >= 0; at = text.indexOf("](", at + 2)) count++;
  if (count < LEAST_LINKS || text.length > count * LONGEST_LINK) return false;
  let inside = 0;
  let records = 0;
  for (const row of text.match(RECORD) ?? []) records += letters(row);
  const rest = text.replace(RECORD, "").replace(/^#.*$/gm, "").replace(LINK, (_, words: string) => {
    inside += letters(words);
    return "";
  });
  const outside = letters(rest) + records;
  const share = outside / (inside + outside);
  if (share < MOST_OUTSIDE) return true;
  const sentences = rest.match(/\p{L}{3}[.!?](?=\s|$)/gmu)?.length ?? 0;
  return count >= INDEX_LINKS && share < INDEX_OUTSIDE && sentences * 50 < count;
}

function letters(text: string): number {
  return text.replace(/[^\p{L}\p{N}]+/gu, "").length;
}
