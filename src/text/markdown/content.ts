/**
 * Finds the main content of a page and marks the rest as dropped.
 *
 * What an author marked as main content is believed: `<main>`, else a single or dominant `<article>`. Otherwise blocks
 * of text are told from boilerplate by their length and the share of links in them (Kohlschütter, Fankhauser and Nejdl
 * 2010, "Boilerplate Detection using Shallow Text Features"), and the innermost element with four fifths of the good
 * text is the content. What else is in it is judged by `marks.ts` and `judge.ts`. What would leave too little is not
 * done. Lengths are UTF-16 units of the source. Twin: `content.rs`.
 *
 * @module
 */

import { Judge } from "./judge.ts";
import { BY_ELEMENT, BY_WORD, Marks } from "./marks.ts";
import { Measures, type Range } from "./measures.ts";
import { DROPPED, type Tree } from "./tree.ts";

export type { Range } from "./measures.ts";

/** The main content: a title from outside of it, if it has none itself, and its nodes. */
export interface Content {
  title: Range | undefined;
  body: Range;
}

/** Of the good text an unmarked content has at least so many parts of twenty. */
const MOST = 16;
/** From so much good text on it may be a smaller part of the page. */
const RICH = 250;
/** So many elements around it are looked at. */
const UP = 2;

/** Finds the main content. */
export function mainContent(tree: Tree): Content {
  const measures = new Measures(tree);
  const marks = new Marks(measures);
  const all: Range = { from: 0, to: measures.count };
  const kept = marks.kept(all, BY_ELEMENT);
  if (kept === 0) return { title: undefined, body: all };
  const judge = new Judge(measures, marks);
  const marked = markedRoot(measures, marks, kept);
  const body = marked ?? around(measures, judge);
  judge.judge(body, marked !== undefined);
  const isRich = judge.goodIn(body) >= RICH;
  const least = Math.ceil(kept / (isRich ? 20 : marked !== undefined ? 10 : 4));
  const reasons = marks.kept(body, BY_ELEMENT | BY_WORD) >= Math.max(1, least)
    ? BY_ELEMENT | BY_WORD
    : BY_ELEMENT;
  const content = reasons === BY_ELEMENT
    ? { title: undefined, body: all }
    : { title: titleOf(measures, body), body };
  for (let node = content.body.from; node < content.body.to; node++) {
    if ((marks.why[node]! & reasons) !== 0) tree.flags[node]! |= DROPPED;
  }
  return content;
}

/**
 * Some elements up from the innermost one, as titles and first paragraphs stand beside it, and up to where other sections
 * like it are.
 */
function around({ text, count }: Measures, judge: Judge): Range {
  const { path, shared } = judge.innermost({ from: 0, to: count }, MOST);
  const size = ({ from, to }: Range): number => text[to]! - text[from]!;
  let at = path.length - 1;
  for (let left = UP; at > 0 && left > 0; at--) {
    if (size(path[at - 1]!) > size(path[at]!)) left--;
  }
  at = Math.min(shared, at);
  for (let level = 1; level < path.length && level <= at + 1; level++) {
    if (judge.isOneOf(path[level]!.from - 1, path[level - 1]!)) return path[level - 1]!;
  }
  return path[at]!;
}

/** The element that the author marked as content. */
function markedRoot(measures: Measures, marks: Marks, kept: number): Range | undefined {
  const { text, tree } = measures;
  const largest = (nodes: readonly number[]): number => {
    let best = nodes[0]!;
    for (const node of nodes) {
      if (measures.sum(text, node) > measures.sum(text, best)) best = node;
    }
    return best;
  };
  const inside = (node: number): Range => ({ from: node + 1, to: tree.end[node]! });
  if (marks.mains.length > 0) {
    const node = largest(marks.mains);
    const size = measures.sum(text, node);
    if (size > 0 && size * 10 >= text[measures.count]!) return inside(node);
  }
  if (marks.articles.length > 0) {
    const node = largest(marks.articles);
    const size = measures.sum(text, node);
    let sum = 0;
    for (const article of marks.articles) sum += measures.sum(text, article);
    if (size > 0 && size * 4 >= kept && size * 3 >= sum * 2) return inside(node);
  }
  return undefined;
}

/** The page's only level-one heading, if it is before the content and not a link. */
function titleOf(measures: Measures, body: Range): Range | undefined {
  const { titles, text, linked, count, tree } = measures;
  if (titles[count] !== 1 || titles[body.from] !== 1) return undefined;
  let node = 0;
  while (titles[node + 1] === 0) node++;
  if (measures.sum(linked, node) * 2 > measures.sum(text, node)) return undefined;
  return { from: node, to: tree.end[node]! };
}
