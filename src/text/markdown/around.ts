/**
 * What stands around formulas and code and is none of a page's text: the glyphs of a formula whose TeX follows, buttons
 * that copy code, labels that name its language. It is hidden, and tables and editors that hold code are marked. Each
 * piece of code is looked at for a bounded number of nodes. Twin: `around.rs`.
 *
 * @module
 */

import { asciiLower, KNOWN, languageOf, namesNumbers, TOOL, TOOLS } from "./code.ts";
import { plain } from "./plain.ts";
import { BLOCK, CELL, DIV, INLINE, P, PRE, ROW, TABLE, TABLE_TAG, tagTable } from "./tags.ts";
import { AS_CODE, CLASS, HIDDEN, type Tree } from "./tree.ts";

/** So many nodes before and behind code are looked at. */
const AROUND = 16;
/** Elements whose children are the lines of an editor. */
const EDITORS = new Set(
  "CodeMirror-code cm-content view-lines ace_text-layer react-code-lines".split(" "),
);
/** What buttons at code say first. */
const ACTIONS = new Set(
  "copy copied copier copiar kopieren kopiera copia kopiuj コピー 复制".split(" "),
);
/** Words of classes of what names the language. */
const LABELS = new Set(["lang", "language", "label"]);

/** Hides what is around formulas and code, and marks what is written as code. */
export function hideAround(tree: Tree): void {
  let before = -1;
  for (const formula of tree.formulas) {
    hideGlyphs(tree, before, formula);
    before = formula;
  }
  for (const formula of tree.formulas) hideNext(tree, formula);
  const { kinds, known } = tagTable();
  for (let node = 0; node < tree.count; node++) {
    const tag = tree.tag[node]!;
    if (tag === 0 || tag >= known) continue;
    const isCode = kinds[tag] === PRE || (tag === DIV && isEditor(tree, node)) ||
      (tag === TABLE_TAG && holdsCode(tree, node));
    if (!isCode) continue;
    if (kinds[tag] !== PRE) tree.flags[node]! |= AS_CODE;
    hideTools(tree, node);
    if (kinds[tag] !== PRE) node = tree.end[node]! - 1;
  }
}

/** Hides what MathJax made of a formula, which stands right before it. */
function hideGlyphs(tree: Tree, before: number, formula: number): void {
  let edge = formula;
  // The last text that is in no element looked at so far.
  let loose = -1;
  for (let at = formula - 1; at > before; at--) {
    if (tree.tag[at] === 0) {
      if (loose < 0 && textAt(tree, at) !== "") loose = at;
      continue;
    }
    const end = tree.end[at]!;
    if (end > edge) return;
    if (loose >= end || !areGlyphs(tree, at)) continue;
    tree.flags[at]! |= HIDDEN;
    edge = at;
    loose = -1;
  }
}

/** The same where they stand right behind it, before no other formula. */
function hideNext(tree: Tree, formula: number): void {
  let at = formula + 1;
  while (at < tree.count && tree.tag[at] === 0 && textAt(tree, at) === "") at++;
  if (at < tree.count && tree.tag[at] !== 0 && areGlyphs(tree, at)) tree.flags[at]! |= HIDDEN;
}

function areGlyphs(tree: Tree, node: number): boolean {
  const at = tree.find(tree.from[node]!, tree.to[node]!, CLASS);
  return at >= 0 && /(?:^|[ \t\n\f\r])(?:MathJax|mjx-)/.test(
    tree.source.slice(tree.valueFrom[at], tree.valueTo[at]),
  );
}

function isEditor(tree: Tree, node: number): boolean {
  const at = tree.find(tree.from[node]!, tree.to[node]!, CLASS);
  if (at < 0) return false;
  const classes = tree.source.slice(tree.valueFrom[at], tree.valueTo[at]);
  return /[rmwt]-|_/.test(classes) &&
    classes.split(/[ \t\n\f\r]+/).some((word) => EDITORS.has(word));
}

/** Whether each row of a table begins with numbers of lines, and something stands beside. */
function holdsCode(tree: Tree, table: number): boolean {
  const { kinds, known } = tagTable();
  const end = tree.end[table]!;
  let [cells, lines, row] = [0, 0, -1];
  for (let at = table + 1; at < end; at++) {
    const tag = tree.tag[at]!;
    const kind = tag > 0 && tag < known ? kinds[tag]! : INLINE;
    if (kind === TABLE || kind === PRE) return false;
    if (kind === ROW) row = at;
    if (kind !== CELL) continue;
    if (row < 0) {
      lines++;
      continue;
    }
    row = -1;
    const classes = tree.value(at, CLASS) ?? "";
    if (!namesNumbers(classes)) return false;
    let digits = false;
    for (let inner = at + 1; inner < tree.end[at]!; inner++) {
      if (tree.tag[inner] !== 0) continue;
      const text = textAt(tree, inner);
      if (!/^[\d|]*$/.test(text)) return false;
      if (text !== "") digits = true;
    }
    // A gutter may be any empty cell.
    if (!digits && /gutter/i.test(classes)) return false;
    cells++;
  }
  return cells > 0 && lines > 0;
}

/** Hides the buttons and labels right before and behind code. */
function hideTools(tree: Tree, code: number): void {
  const { kinds, known } = tagTable();
  const language = asciiLower(languageOf(tree, code));
  const isBox = (at: number): boolean => {
    const tag = tree.tag[at]!;
    if (tag >= known) return true;
    const kind = kinds[tag]!;
    return kind === INLINE || (kind === BLOCK && tag !== P);
  };
  const behind = Math.min(tree.count, tree.end[code]! + AROUND);
  for (let at = tree.end[code]!; at < behind;) {
    if (tree.tag[at] === 0) {
      if (textAt(tree, at) !== "") break;
      at++;
    } else if (!isBox(at)) break;
    else if (isTool(tree, at, language)) {
      tree.flags[at]! |= HIDDEN;
      at = tree.end[at]!;
    } else at++;
  }
  let loose = -1;
  for (let at = code - 1; at >= 0 && at >= code - AROUND; at--) {
    if (tree.tag[at] === 0) {
      if (loose < 0 && textAt(tree, at) !== "") loose = at;
      continue;
    }
    const end = tree.end[at]!;
    if (end > code) {
      if (loose >= 0) return;
      continue;
    }
    if (!isBox(at)) return;
    if (loose < end && isTool(tree, at, language)) {
      tree.flags[at]! |= HIDDEN;
      loose = -1;
    }
  }
}

/** Whether an element beside code copies it or names its language. */
function isTool(tree: Tree, node: number, language: string): boolean {
  const end = tree.end[node]!;
  if (end > node + AROUND) return false;
  let text = "";
  for (let at = node + 1; at < end; at++) {
    if (tree.tag[at] === 0) text += tree.source.slice(tree.from[at]!, tree.to[at]!);
    if (text.length > 2 * TOOL) return false;
  }
  text = asciiLower(trimmed(plain(text)));
  if (text === "" || text.length > TOOL) return false;
  if (ACTIONS.has(/^[^ !.\t\n\f\r]*/.exec(text)![0])) return true;
  if (text === language) return true;
  const words = asciiLower(tree.value(node, CLASS) ?? "").split(/[^a-z]+/);
  return words.some((word) => TOOLS.has(word) || (LABELS.has(word) && KNOWN.has(text)));
}

function textAt(tree: Tree, node: number): string {
  return trimmed(plain(tree.source.slice(tree.from[node]!, tree.to[node]!)));
}

function trimmed(text: string): string {
  const isSpace = (at: number): boolean => " \t\n\f\r\u00a0".includes(text[at]!);
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(from)) from++;
  while (to > from && isSpace(to - 1)) to--;
  return text.slice(from, to);
}
