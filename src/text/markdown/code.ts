/**
 * Preformatted text: its lines without the numbers, buttons and the like that highlighters put into it, and the
 * language that the page names. Twin: `code.rs`.
 *
 * @module
 */

import { longestRun } from "./inline.ts";
import { plain } from "./plain.ts";
import {
  BR,
  BUTTON,
  CELL,
  CODE_TAG,
  DEL,
  IMG,
  INLINE,
  PRE,
  ROW,
  SKIP,
  SUB,
  SUP,
  TABLE_TAG,
  tagTable,
} from "./tags.ts";
import {
  ALT,
  AS_CODE,
  CLASS,
  DATA_CODE_WRAP,
  DATA_ENLIGHTER_LANGUAGE,
  DATA_LANG,
  DATA_LANGUAGE,
  DATA_SYNTAXHIGHLIGHTER_PARAMS,
  DROPPED,
  HIDDEN,
  LANG,
  type Tree,
} from "./tree.ts";

/** How classes of line numbers end, and what they are. */
const NUMBERS =
  "lineno linenos linenodiv line-no line-nos linenum linenums line-num line-nums linenumber linenumbers line-number line-numbers line-numbers-rows lines-num gutter blob-num crayon-num crayon-nums hljs-ln-numbers hljs-ln-n"
    .split(" ");
const SHORT_NUMBERS = new Set(["ln", "lnt", "lnum"]);
/** Words of classes of what copies the code or says what it is. */
export const TOOLS: ReadonlySet<string> = new Set([
  "copy",
  "clipboard",
  "copybtn",
  "copybutton",
  "toolbar",
]);
/** Tools have no more text. */
export const TOOL = 24;
/** Languages that a class or an attribute may name without saying that it is one. */
export const KNOWN: ReadonlySet<string> = new Set(
  "abap actionscript ada apache applescript arduino asm assembly awk bash basic batch bibtex c c# c++ cfg clojure cmake cobol coffeescript console cpp crystal cs csharp css cuda d dart delphi diff dockerfile elixir elm erlang fortran fsharp git glsl go golang gradle graphql groovy haskell hcl html http ini java javascript jl js json json5 jsonc jsx julia kotlin latex less lisp lua make makefile markdown matlab md mermaid mysql nginx nim nix objc objective-c objectivec ocaml pascal perl php plsql postgresql powershell prolog properties protobuf py python python2 python3 pycon r racket rb react ruby rust sass scala scheme scss sh shell solidity sql svelte swift tcl terraform tex toml ts tsx typescript vb vba vbnet verilog vhdl vim vue wasm xml yaml yml zig zsh"
    .split(" "),
);
/** What says that there is none. */
const NONE = new Set(
  "none default text plain plaintext nohighlight auto hljs notranslate".split(" "),
);

/** Elements that are a line of code each. */
const LINE = /(?:^|[ \t\n\f])(?:[A-Za-z0-9_-]*[-_])?line(?=[ \t\n\f]|$)/;

/** The text of a preformatted element, or of a table or editor that holds code; "" if there is nothing to read. */
export function codeOf(tree: Tree, node: number): string {
  const { kinds, known } = tagTable();
  const parts: string[] = [];
  let last = "\n";
  const add = (piece: string): void => {
    if (piece === "") return;
    parts.push(piece);
    last = piece;
  };
  const endLine = (): void => {
    if (parts.length > 0 && !last.endsWith("\n")) add("\n");
  };
  const isTable = tree.tag[node] === TABLE_TAG;
  const isEditor = (tree.flags[node]! & AS_CODE) !== 0;
  // The ends of blocks within, where a line ends too, with how much there was before a line; the ends of the last
  // piece of code, line and cell.
  const open: number[] = [];
  const before: number[] = [];
  let [code, line, lineBefore, cell] = [-1, -1, 0, node];
  const end = tree.end[node]!;
  for (let at = node + 1; at < end;) {
    while (open.length > 0 && open.at(-1)! <= at) {
      open.pop();
      if (before.pop() === parts.length) add("\n");
      else endLine();
    }
    const tag = tree.tag[at]!;
    const kind = tag > 0 && tag < known ? kinds[tag]! : INLINE;
    const isHidden = (tree.flags[at]! & (HIDDEN | DROPPED)) !== 0;
    if (kind === SKIP || tag === BUTTON || isHidden || (tag !== 0 && isTool(tree, at))) {
      at = tree.end[at]!;
      continue;
    }
    if (tag === 0) {
      // Between the cells of a table is nothing.
      if (isTable && at >= cell) {
        at++;
        continue;
      }
      const text = lines(plain(tree.source.slice(tree.from[at]!, tree.to[at]!)));
      add(isEditor ? text.replaceAll("\u200b", "").replaceAll("\u00a0", " ") : text);
    } else if (kind === BR) add("\n");
    else if (kind === IMG) add(tree.value(at, ALT) ?? "");
    else if (kind === SUP || kind === SUB) {
      if (/[A-Za-z0-9)]$/.test(last)) add(kind === SUP ? "^" : "_");
    } else if (tag === CODE_TAG) {
      // Each line is a piece of code of its own.
      if (code === at && at >= line) endLine();
      code = tree.end[at]!;
    } else if (kind !== INLINE && kind < DEL) {
      endLine();
      open.push(tree.end[at]!);
      const isLine = LINE.test(tree.value(at, CLASS) ?? "");
      before.push(isLine ? parts.length : -1);
      if (isLine) line = tree.end[at]!;
      if (kind === CELL) cell = tree.end[at]!;
    } else if (tag < known && LINE.test(tree.value(at, CLASS) ?? "")) {
      // Nothing says where lines end that are one beside the other.
      if (line === at) {
        if (parts.length === lineBefore) add("\n");
        else endLine();
      }
      line = tree.end[at]!;
      lineBefore = parts.length;
    }
    at++;
  }
  const whole = parts.join("");
  let length = whole.length;
  while (length > 0 && whole.charCodeAt(length - 1) === 10) length--;
  const text = whole.slice(0, length);
  return /^[ \t\n\f\u00a0]*$/.test(text) || isGutter(tree, node, text) ? "" : text;
}

/** Whether classes name the numbers of lines. */
export function namesNumbers(classes: string): boolean {
  return classes.split(/[ \t\n\f]+/).some((word) => {
    const lower = asciiLower(word).replaceAll("_", "-");
    return SHORT_NUMBERS.has(lower) || NUMBERS.some((name) => lower.endsWith(name));
  });
}

/** Whether an element within code is none of it: line numbers, a button. */
function isTool(tree: Tree, node: number): boolean {
  const classes = tree.value(node, CLASS);
  if (classes === undefined) return false;
  const isNumbers = namesNumbers(classes);
  if (!isNumbers && !classes.split(/[^A-Za-z]+/).some((word) => TOOLS.has(asciiLower(word)))) {
    return false;
  }
  let length = 0;
  const end = tree.end[node]!;
  for (let at = node + 1; at < end; at++) {
    if (tree.tag[at] !== 0) continue;
    const text = plain(tree.source.slice(tree.from[at]!, tree.to[at]!));
    if (isNumbers && !/^[ \t\n\f\r\u00a0\d|]*$/.test(text)) return false;
    length += text.length;
    if (!isNumbers && length > TOOL) return false;
  }
  return true;
}

/** Whether a preformatted text is the numbers of the lines of another. */
function isGutter(tree: Tree, node: number, text: string): boolean {
  if (!/^[ \t\n\f\r\u00a0\d]*$/.test(text)) return false;
  const numbers = text.split(/[^\d]+/).filter((number) => number !== "");
  if (numbers.some((number) => number.length > 9)) return false;
  for (let at = 1; at < numbers.length; at++) {
    if (Number(numbers[at]) !== Number(numbers[0]) + at) return false;
  }
  const { kinds, known } = tagTable();
  const kind = (at: number): number => tree.tag[at]! < known ? kinds[tree.tag[at]!]! : INLINE;
  if (namesNumbers(tree.value(node, CLASS) ?? "")) return true;
  const end = tree.end[node]!;
  let row = -1;
  let cell = -1;
  for (let at = node - 1; at >= 0 && at >= node - 6; at--) {
    if (tree.tag[at] === 0 || tree.end[at]! < end) continue;
    if (namesNumbers(tree.value(at, CLASS) ?? "")) return true;
    if (cell < 0 && kind(at) === CELL) cell = at;
    else if (row < 0 && kind(at) === ROW) row = at;
  }
  if (cell < 0 || row < 0) return false;
  const most = Math.min(tree.end[row]!, tree.end[cell]! + 8);
  for (let at = tree.end[cell]!; at < most; at++) if (kind(at) === PRE) return true;
  return false;
}

function lines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** The language of a preformatted element, or "". */
export function languageOf(tree: Tree, node: number): string {
  const end = tree.end[node]!;
  // Itself, what is in it at once, then what it is in.
  const places: number[] = [];
  for (let at = node; at < end && at < node + 3; at++) if (tree.tag[at] !== 0) places.push(at);
  for (let at = node - 1; at >= 0 && at >= node - 4; at--) {
    if (tree.tag[at] !== 0 && tree.end[at]! >= end) places.push(at);
  }
  for (const at of places) {
    for (const name of [DATA_LANG, DATA_LANGUAGE, DATA_ENLIGHTER_LANGUAGE, DATA_CODE_WRAP]) {
      const found = named(tree.value(at, name) ?? "");
      if (found !== "") return found;
    }
    const found = ofClasses(tree.value(at, CLASS) ?? "") ??
      brushOf(tree.value(at, DATA_SYNTAXHIGHLIGHTER_PARAMS) ?? "");
    if (found !== undefined) return found;
  }
  for (const at of places) {
    if (at < node) break;
    const found = asciiLower(tree.value(at, LANG) ?? "");
    if (KNOWN.has(found)) return found;
  }
  // A bare word counts on the code and what is right around it.
  for (const at of places.slice(0, 4)) {
    for (const word of (tree.value(at, CLASS) ?? "").split(/[ \t\n\f]+/)) {
      const found = asciiLower(word);
      if (found.length > 1 && KNOWN.has(found)) return found;
    }
  }
  return "";
}

/** A text with its ASCII letters small. */
export function asciiLower(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function named(value: string): string {
  return /^[A-Za-z0-9_+#.-]+$/.test(value) && !NONE.has(asciiLower(value)) ? value : "";
}

/** The language behind `brush:`. */
function brushOf(text: string): string | undefined {
  const brush = /(?:^|[ \t\n\f;])brush:[ \t\n\f]*([A-Za-z0-9_+#.-]+)/.exec(text);
  return brush === null ? undefined : named(brush[1]!);
}

/** The language that classes name; "" if they say that there is none, undefined if they say nothing. */
function ofClasses(classes: string): string | undefined {
  const brush = brushOf(classes);
  if (brush !== undefined) return brush;
  for (const word of classes.split(/[ \t\n\f]+/)) {
    const found =
      /^(?:language-|lang-|highlight-source-|highlight-text-|highlight-|source-|src-|syntax-|code-|brush-|sh_)([A-Za-z0-9_+#.-]+)$/
        .exec(word);
    if (found === null) continue;
    const name = found[1]!;
    const isSure = /^(?:language|lang|highlight-source|highlight-text)-/.test(word);
    if (NONE.has(asciiLower(name))) {
      if (isSure) return "";
      continue;
    }
    if (isSure || KNOWN.has(asciiLower(name))) return name;
  }
  return undefined;
}

/** A line of code within a cell. */
export function codeSpan(line: string): string {
  const fence = "`".repeat(longestRun(line) + 1);
  const pads = line.startsWith("`") || line.endsWith("`") ||
    (line.startsWith(" ") && line.endsWith(" ") && /[^ ]/.test(line));
  const pad = pads ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
