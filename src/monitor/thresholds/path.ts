/**
 * Paths of figures: names with dots between, each with brackets behind it where one of several is chosen.
 *
 *     path     = step *("." step)
 *     step     = name ["[" choice "]"]
 *     choice   = "*" | key | "name=" key | "pid=" digits    ; the latter two for processes alone
 *     key      = any text; "]" and "\" have a "\" in front
 *     metric   = path [" / " path]                          ; the ratio of two
 *
 * @module
 */

import { shown } from "../../shared/arguments.ts";
import { suggestion } from "../../shared/known_fields.ts";
import { SHAPE, type Shape } from "./shape.ts";

const MOST_LETTERS = 1_000;

/** What brackets choose. */
export type Choice =
  | { readonly by: "all" }
  | { readonly by: "key"; readonly key: string }
  | { readonly by: "name"; readonly key: string }
  | { readonly by: "pid"; readonly key: string };

/** A step of a path. */
export interface Step {
  readonly name: string;
  readonly choice: Choice | undefined;
  /** What stands there. */
  readonly shape: Shape;
}

/** A path that leads to a number. */
export interface Path {
  readonly text: string;
  readonly steps: readonly Step[];
}

/** What is watched: a number, or a number by another. */
export interface Metric {
  readonly text: string;
  readonly path: Path;
  readonly divisor: Path | undefined;
}

/**
 * Reads a metric.
 *
 * @param text As it is written.
 * @param name What it is called in messages.
 * @throws {RangeError} If it is written wrongly or leads to nothing that a snapshot has.
 */
export function parseMetric(text: string, name: string): Metric {
  const fail = (what: string): RangeError => new RangeError(`${name} ${shown(text)}: ${what}`);
  if (text.length > MOST_LETTERS) throw fail(`it may have ${MOST_LETTERS} characters at most`);
  const reader = new PathReader(text, fail);
  const path = reader.path();
  const divisor = reader.skip(" / ") ? reader.path() : undefined;
  if (!reader.isAtEnd) throw fail(`${shown(reader.rest)} is not expected there`);
  if (divisor !== undefined && starOf(divisor) !== undefined && starOf(divisor) !== starOf(path)) {
    throw fail(`[*] must stand for items of the same list on both sides of " / "`);
  }
  return { text, path, divisor };
}

/** The part of a path before a `[*]`; undefined if it has none. */
export function starOf({ steps }: Path): string | undefined {
  const at = steps.findIndex(({ choice }) => choice?.by === "all");
  return at < 0 ? undefined : textOf(steps.slice(0, at + 1));
}

/** How a path is written; `key` stands for a `*`. */
export function textOf(steps: readonly Step[], key?: string): string {
  return steps.map(({ name, choice }) => {
    if (choice === undefined) return name;
    if (choice.by === "all") return `${name}[${key === undefined ? "*" : escaped(key)}]`;
    return `${name}[${choice.by === "key" ? "" : `${choice.by}=`}${escaped(choice.key)}]`;
  }).join(".");
}

function escaped(key: string): string {
  return key.replace(/[\]\\]/g, "\\$&");
}

class PathReader {
  readonly #text: string;
  readonly #fail: (what: string) => RangeError;
  #at = 0;

  constructor(text: string, fail: (what: string) => RangeError) {
    this.#text = text;
    this.#fail = fail;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  skip(what: string): boolean {
    if (!this.#text.startsWith(what, this.#at)) return false;
    this.#at += what.length;
    return true;
  }

  path(): Path {
    const steps: Step[] = [];
    let { fields } = SHAPE;
    do {
      const before = textOf(steps);
      const name = /^\w*/.exec(this.rest)![0];
      this.#at += name.length;
      if (name === "") throw this.#fail(`a name is missing before ${shown(this.rest)}`);
      const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (shape === undefined) throw this.#fail(unknown(before, name, fields));
      steps.push(this.#step(name, shape));
      if (steps.filter(({ choice }) => choice?.by === "all").length > 1) {
        throw this.#fail("there may be only one [*]");
      }
      const isLast = !this.#text.startsWith(".", this.#at);
      if (shape.kind === "number" && !isLast) throw this.#fail(`${textOf(steps)} is a number`);
      if (shape.kind !== "number" && isLast) {
        throw this.#fail(`${textOf(steps)} is no number${continuation(shape)}`);
      }
      fields = fieldsOf(shape);
    } while (this.skip("."));
    return { text: textOf(steps), steps };
  }

  #step(name: string, shape: Shape): Step {
    if (shape.kind === "number" || shape.kind === "object") {
      if (this.skip("[")) {
        throw this.#fail(`${name} is not a list, there is nothing to choose from`);
      }
      return { name, choice: undefined, shape };
    }
    const example = { list: `${name}[*]`, map: `${name}[NAME]`, processes: `${name}[name=NAME]` };
    if (!this.skip("[")) {
      throw this.#fail(`${name} are several; choose, such as ${example[shape.kind]}`);
    }
    const key = this.#key();
    if (shape.kind === "processes") {
      const [by, rest] = [key.slice(0, key.indexOf("=")), key.slice(key.indexOf("=") + 1)];
      const isChoice = by === "name" ? rest !== "" : by === "pid" && /^\d{1,10}$/.test(rest);
      if (!isChoice) throw this.#fail("processes are chosen by [name=NAME] or [pid=NUMBER]");
      return { name, choice: { by: by as "name" | "pid", key: rest }, shape };
    }
    if (key === "") throw this.#fail(`the brackets of ${name} are empty`);
    return { name, choice: key === "*" ? { by: "all" } : { by: "key", key }, shape };
  }

  /** What stands in the brackets, and the closing one. */
  #key(): string {
    let key = "";
    for (; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at]!;
      if (letter === "]") {
        this.#at++;
        return key;
      }
      if (letter === "\\") this.#at++;
      key += this.#text[this.#at] ?? "";
    }
    throw this.#fail("the closing ] is missing");
  }
}

/** Numbers that only thresholds have: how many processes were chosen. */
const CHOSEN: Readonly<Record<string, Shape>> = { count: { kind: "number" } };

/** What stands behind a place, by name. */
function fieldsOf(shape: Shape): Readonly<Record<string, Shape>> {
  if (shape.kind === "number") return {};
  return shape.kind === "processes" ? { ...shape.fields, ...CHOSEN } : shape.fields;
}

function unknown(
  before: string,
  name: string,
  fields: Readonly<Record<string, Shape>>,
): string {
  const known = Object.keys(fields);
  return `${before === "" ? "a snapshot" : before} has no figure ${shown(name)}${
    suggestion(name, known)
  }`;
}

function continuation(shape: Shape): string {
  const [first] = Object.keys(fieldsOf(shape));
  return first === undefined ? "" : `; go on, such as with .${first}`;
}
