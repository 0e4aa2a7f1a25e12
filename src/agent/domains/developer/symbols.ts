/**
 * The declarations of a source: functions, methods, types, and what else stands at its top, with their lines. Found by the words
 * that begin them in code without comments and texts; their ends by brackets, in Python by indentation.
 *
 * @module
 */

import type { Family } from "./languages.ts";
import { FILL } from "./mask.ts";
import { HOLDS, NO_NAME, RULES } from "./rules.ts";

/** A declaration. */
export interface Declaration {
  readonly name: string;
  readonly kind: string;
  /** The first and the last line, from 1. */
  readonly line: number;
  readonly end: number;
  /** The declaration that it stands in. */
  readonly in?: string;
}

/** The declarations of code that was masked, in the order of their lines. */
export function declarationsOf(code: string, family: Family): Declaration[] {
  const closing = bracketsOf(code);
  const lines = lineStarts(code);
  const found: (Declaration & { at: number; until: number })[] = [];
  const taken = new Set<number>();
  for (const { pattern, kind, behind, top, ends } of RULES[family]) {
    for (const match of code.matchAll(pattern)) {
      const { name, kind: word } = match.groups!;
      const last = match.index + match[0].length - 1;
      const at = match.index + match[0].search(/\S/);
      if (
        taken.has(at) || (behind !== undefined && NO_NAME.test(name!)) ||
        (top === true && at !== match.index)
      ) continue;
      const isOpen = code[last] === "(";
      const open = isOpen ? closing.get(last) : last;
      if (behind !== undefined) {
        if (open === undefined || !behind.test(code.slice(open + 1, open + 1_500))) continue;
        if (/^\s*(?:return|throw|new|else|await)\b/.test(match[0])) continue;
        if (ends === "body" && bodyAt(code, open + 1, closing) === undefined) continue;
      }
      taken.add(at);
      const head = open ?? last;
      const until = ends === "line"
        ? at + (/(?:\\\n|[^\n])*/.exec(code.slice(at, at + 10_000))?.[0].length ?? 0)
        : family === "python"
        ? indentedEnd(code, at, head)
        : ends === "statement"
        ? statementEnd(code, head, closing)
        : endOf(code, ends === "body" ? bodyAt(code, head + 1, closing) ?? head : head, closing);
      found.push({
        ...{ name: name!.trim().slice(0, 200), kind: word ?? kind!, at, until },
        ...{ line: lineAt(lines, at), end: lineAt(lines, until) },
      });
    }
  }
  found.sort((a, b) => a.at - b.at);
  const holders: typeof found = [];
  return found.map(({ at, until, ...rest }) => {
    while (holders.length > 0 && holders.at(-1)!.until < at) holders.pop();
    const holder = holders.at(-1);
    if (HOLDS.test(rest.kind)) holders.push({ at, until, ...rest });
    if (holder === undefined) return rest;
    const kind = rest.kind === "function" && holder.kind !== "namespace" && holder.kind !== "mod"
      ? "method"
      : rest.kind;
    return { ...rest, kind, in: holder.name };
  });
}

/** From each bracket that opens to the one that closes it. */
function bracketsOf(code: string): Map<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (const { index, 0: sign } of code.matchAll(/[(){}[\]]/g)) {
    if ("({[".includes(sign)) open.push(index);
    else if (open.length > 0 && code[open.at(-1)!] === OPENS[sign]) closing.set(open.pop()!, index);
  }
  return closing;
}

const OPENS: Readonly<Record<string, string>> = { ")": "(", "}": "{", "]": "[" };

/** Where a declaration ends that goes on behind `from`: with its braces, or the statement. */
function endOf(code: string, from: number, closing: ReadonlyMap<number, number>): number {
  const stop = /[{;]|\n[ \t]*\n|\n(?=[ \t]*(?:#|\}))/g;
  stop.lastIndex = code[from] === "{" ? from : from + 1;
  const found = stop.exec(code);
  if (found === null) return from;
  if (found[0] !== "{") return found.index;
  return closing.get(found.index) ?? found.index;
}

/** The brace that opens a body behind parameters, past the type of what is returned; undefined if there is none. */
function bodyAt(
  code: string,
  from: number,
  closing: ReadonlyMap<number, number>,
): number | undefined {
  const stop = /[;{([\]})=]|\n[ \t]*\n/g;
  stop.lastIndex = from;
  for (let found = stop.exec(code); found !== null; found = stop.exec(code)) {
    const at = found.index;
    if (at - from > 5_000) return undefined;
    const before = code.slice(Math.max(0, at - 100), at).trimEnd().at(-1)!;
    if (found[0] === "{" && !":<|&,>".includes(before)) return at;
    // The end of a type's arguments, or of an arrow in a type.
    if (
      found[0] === "{" && before === ">" && !/=>\s*$/.test(code.slice(Math.max(0, at - 20), at))
    ) return at;
    if (found[0] === "=" && code[at + 1] === ">") continue;
    const end = "{([".includes(found[0]) ? closing.get(at) : undefined;
    if (end === undefined) return undefined;
    stop.lastIndex = end + 1;
  }
  return undefined;
}

/** Where a statement ends, past all its brackets. */
function statementEnd(code: string, from: number, closing: ReadonlyMap<number, number>): number {
  const stop = /[;{([]|\n[ \t]*\n/g;
  stop.lastIndex = from + 1;
  for (let found = stop.exec(code); found !== null; found = stop.exec(code)) {
    const end = "{([".includes(found[0]) ? closing.get(found.index) : undefined;
    if (end === undefined) return found.index;
    stop.lastIndex = end + 1;
  }
  return code.trimEnd().length - 1;
}

/** Where lines end that are set in further than the one at `at`. */
function indentedEnd(code: string, at: number, head: number): number {
  const depth = at - (code.lastIndexOf("\n", at) + 1);
  let end = head;
  const line = /\n([ \t]*)(\S?)[^\n]*/g;
  line.lastIndex = code.indexOf("\n", head) < 0 ? code.length : code.indexOf("\n", head);
  for (let row = line.exec(code); row !== null; row = line.exec(code)) {
    if (row[2] === "") continue;
    // What closes the head stands no deeper than it.
    if (row[1]!.length <= depth && !`)]}${FILL}`.includes(row[2]!)) break;
    end = row.index + row[0].trimEnd().length;
  }
  return end;
}

function lineStarts(code: string): number[] {
  const starts = [0];
  for (let at = code.indexOf("\n"); at >= 0; at = code.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low + 1;
}
