/**
 * Reads the C headers that `cargo run -p headers` writes: functions, integer constants, enums and
 * their comments. It understands exactly that subset of C; anything else is refused with the header,
 * the line, the symbol and what was found, because a guessed type is memory corruption at run time.
 */

/** A header, or a generated table asked of it, breaks a rule of the boundary. */
export class HeaderError extends Error {
  override readonly name = "HeaderError";

  constructor(header: string, line: number, message: string) {
    super(`${header}:${line}: ${message}`);
  }
}

/** One parameter as the header spells it. */
export interface Parameter {
  readonly name: string;
  /** Normalised C type: single spaces, the star at the end, as in `const uint8_t *`. */
  readonly type: string;
}

/** One exported function. */
export interface FunctionItem {
  readonly name: string;
  readonly line: number;
  readonly returns: string;
  readonly parameters: readonly Parameter[];
  readonly doc: readonly string[];
}

/** One integer constant: a `#define` or a variant of an enum. */
export interface ConstantItem {
  readonly name: string;
  readonly line: number;
  readonly value: number;
  readonly doc: readonly string[];
}

/** What one header holds, in its order. */
export interface Header {
  readonly path: string;
  readonly functions: readonly FunctionItem[];
  readonly constants: readonly ConstantItem[];
}

const GUARD =
  /^#(ifndef|define) [A-Z0-9_]+_H$|^#endif(\s*(\/\*.*\*\/|\/\/.*))?$|^#include <stdint\.h>$/;
const INTEGER = /^(-?(0|[1-9]\d*)|0x[0-9a-fA-F]+)$/;

/** Parses one header; `path` is only used in messages and notices. */
export function parseHeader(path: string, text: string): Header {
  return new Reader(path, text).read();
}

/** One pass over the lines of a header; `#at` only moves forward. */
class Reader {
  readonly #path: string;
  readonly #lines: readonly string[];
  readonly #functions: FunctionItem[] = [];
  readonly #constants: ConstantItem[] = [];
  readonly #enums = new Set<string>();
  /** The documentation comment that belongs to what comes next. */
  #doc: string[] = [];
  #at = 0;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#lines = selectBranches(path, text.replaceAll("\r\n", "\n").split("\n"));
  }

  read(): Header {
    while (this.#skipToCode()) {
      const line = this.#lines[this.#at]!.trim();
      if (line.startsWith("#")) this.#directive(line);
      else if (/^enum\b/.test(line)) this.#enum();
      else this.#declaration();
      this.#doc = [];
    }
    return { path: this.#path, functions: this.#functions, constants: this.#constants };
  }

  #fail(message: string, at = this.#at): never {
    throw new HeaderError(this.#path, at + 1, message);
  }

  /** Moves over blank lines and comments, keeping the last one as documentation; false at the end. */
  #skipToCode(): boolean {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at]!.trim();
      if (line === "") continue;
      if (!line.startsWith("/*")) return true;
      const start = this.#at;
      while (!this.#lines[this.#at]!.includes("*/")) {
        this.#at++;
        if (this.#at === this.#lines.length) this.#fail("A comment without its end", start);
      }
      if (!this.#lines[this.#at]!.trimEnd().endsWith("*/")) {
        this.#fail(`Code after a comment on one line: "${this.#lines[this.#at]!.trim()}"`);
      }
      const comment = this.#lines.slice(start, this.#at + 1);
      this.#doc = line.startsWith("/**") ? commentText(comment) : [];
    }
    return false;
  }

  /** Include guards and includes are skipped; `#define NAME integer` is a constant. */
  #directive(line: string): void {
    if (!GUARD.test(line)) {
      const [, name, literal] = /^#define\s+(\S+)\s+(.+)$/.exec(line) ?? [];
      if (name === undefined || literal === undefined) {
        this.#fail(`A directive that is not understood: "${line}"`);
      }
      if (!/^\w+$/.test(name)) {
        this.#fail(`"${name}" is a macro with parameters; export a function instead`);
      }
      this.#constant(name, literal);
    }
    this.#at++;
  }

  #constant(name: string, literal: string): void {
    const value = INTEGER.test(literal) ? Number(literal) : NaN;
    if (!Number.isSafeInteger(value)) {
      this.#fail(`"${name}" is "${literal}"; only integers that a number holds exactly are known`);
    }
    if (this.#constants.some((known) => known.name === name)) this.#fail(`"${name}" stands twice`);
    this.#constants.push({ name, line: this.#at + 1, value, doc: this.#doc });
  }

  /** An enum with a value given for each variant; each variant becomes a constant. */
  #enum(): void {
    let head = "";
    while (this.#at < this.#lines.length && !head.includes("{")) {
      head += ` ${this.#lines[this.#at++]!.trim()}`;
    }
    const name = /^ enum (\w+)\s*\{$/.exec(head)?.[1];
    if (name === undefined) {
      this.#fail(`An enum that is not understood: "${head.trim()}"`, this.#at - 1);
    }
    this.#enums.add(name);
    while (this.#skipToCode()) {
      const line = this.#lines[this.#at]!.trim();
      if (line === "};") {
        this.#at++;
        return;
      }
      const variant = /^(\w+) = (.+?),?$/.exec(line);
      if (!variant) this.#fail(`A variant of "${name}" without a value of its own: "${line}"`);
      this.#constant(variant[1]!, variant[2]!);
      this.#doc = [];
      this.#at++;
    }
    this.#fail(`The enum "${name}" without its end`);
  }

  #declaration(): void {
    const start = this.#at;
    const parts: string[] = [];
    do {
      if (this.#at === this.#lines.length) {
        this.#fail(`A declaration without its ";": "${parts[0]}"`, start);
      }
      parts.push(this.#lines[this.#at++]!.trim());
    } while (!parts.at(-1)!.includes(";"));
    const text = parts.join(" ");
    const alias = /^typedef int32_t (\w+);$/.exec(text)?.[1];
    if (alias !== undefined && this.#enums.has(alias)) return;
    const [, keyword, symbol] =
      /^(typedef|struct|union|extern|static)\b.*?(\w+)\s*[{;]/.exec(text) ?? [];
    if (keyword !== undefined) {
      this.#fail(
        `"${symbol}" is declared with "${keyword}"; the boundary has functions, enums and integers only`,
        start,
      );
    }
    const [, returns, name, inside] = /^([^()]+?)(\w+)\s*\((.*)\);$/.exec(text) ?? [];
    if (returns === undefined || name === undefined || inside === undefined) {
      this.#fail(`A declaration that is not understood: "${text}"`, start);
    }
    this.#functions.push({
      name,
      line: start + 1,
      returns: normaliseType(returns),
      parameters: this.#parameters(name, inside.trim(), start),
      doc: this.#doc,
    });
  }

  #parameters(symbol: string, list: string, start: number): Parameter[] {
    if (list === "void") return [];
    if (/[()]/.test(list)) {
      this.#fail(
        `"${symbol}" takes a function pointer in "${list}"; completions go through the ring`,
        start,
      );
    }
    return list.split(",").map((part) => {
      const [, type, name] = /^(.*[\s*])(\w+)$/.exec(part.trim()) ?? [];
      if (type === undefined || name === undefined) {
        this.#fail(`"${symbol}" has a parameter without a name: "${part.trim()}"`, start);
      }
      return { name, type: normaliseType(type) };
    });
  }
}

/** Leaves the lines that a C17 compiler sees of cbindgen's test for C23, which gives enums a width. */
function selectBranches(path: string, lines: readonly string[]): string[] {
  let hidden: boolean | undefined;
  const out = lines.map((line, index) => {
    const text = line.trim();
    if (text === "#if __STDC_VERSION__ >= 202311L" && hidden === undefined) hidden = true;
    else if (text === "#else" && hidden === true) hidden = false;
    else if (text.startsWith("#endif") && hidden !== undefined) hidden = undefined;
    else if (/^#(if|else|elif)\b/.test(text)) {
      throw new HeaderError(path, index + 1, `A condition that is not understood: "${text}"`);
    } else return hidden ? "" : line;
    return "";
  });
  if (hidden !== undefined) {
    throw new HeaderError(path, lines.length, "A condition without its #endif");
  }
  return out;
}

/** The lines inside a documentation comment, without the stars; no blank line at either end. */
function commentText(comment: readonly string[]): string[] {
  const body = comment.join("\n").trim().slice(3, -2).split("\n");
  // A comment on one line has a space on both sides of its text instead of stars.
  const text = body.length === 1
    ? [body[0]!.trim()]
    : body.map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  while (text.length > 0 && text[0]!.trim() === "") text.shift();
  while (text.length > 0 && text.at(-1)!.trim() === "") text.pop();
  return text;
}

function normaliseType(type: string): string {
  return type.replace(/\s*\*\s*/g, " *").replace(/\s+/g, " ").trim();
}
