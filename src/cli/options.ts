/**
 * The options given to a command, each checked when it is read; every mistake is one sentence.
 *
 * @module
 */

import { shown } from "../shared/arguments.ts";
import type { Implementation } from "../shared/implementation.ts";

/** A mistake in the command line; exit code 2. */
export class UsageError extends Error {
  /** The command whose help explains more, if the mistake is in one. */
  readonly command: string | undefined;

  /**
   * @param message What was wrong, with the value.
   * @param command The command whose help explains more.
   */
  constructor(message: string, command?: string) {
    super(message);
    this.name = "UsageError";
    this.command = command;
  }
}

/** The options given to a command, with checks. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #command: string;

  /**
   * @param values The values by option name, as `node:util` gives them.
   * @param command The command's name, for messages.
   */
  constructor(values: Readonly<Record<string, unknown>>, command: string) {
    this.#values = values;
    this.#command = command;
  }

  /** All values by option name. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** Whether a switch is on. */
  on(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The text of an option, or `undefined` if it was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (typeof value !== "string") return undefined;
    if (value === "") throw new UsageError(`Option --${name} is empty`, this.#command);
    return value;
  }

  /** All texts of an option that may be given several times. */
  list(name: string): string[] {
    const values = this.#values[name];
    if (!Array.isArray(values)) return [];
    if (values.includes("")) throw new UsageError(`Option --${name} is empty`, this.#command);
    return values;
  }

  /** The text of an option that must be given. */
  required(name: string, what: string): string {
    const value = this.text(name);
    if (value === undefined) throw new UsageError(`Give ${what} with --${name}`, this.#command);
    return value;
  }

  /** A number between two bounds, or `undefined`; `unit` says of what, where the option has one. */
  number(
    name: string,
    min: number,
    max: number,
    kind: "whole" | "any",
    unit = "",
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (
      text.trim() === "" || !(value >= min && value <= max) ||
      (kind === "whole" && !Number.isInteger(value))
    ) {
      const plainWord = kind === "whole" ? "a whole number" : "a number";
      const wanted = unit === "" ? plainWord : `${plainWord} of ${unit} without a unit,`;
      throw new UsageError(
        `Option --${name} must be ${wanted} from ${min} to ${max}, got ${shown(text)}`,
        this.#command,
      );
    }
    return value;
  }

  /** One of some words, or `undefined`. */
  choice<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return oneOf(text, words, `Option --${name}`, this.#command);
  }

  /** The twin asked for with `--implementation`, as an option to spread into a call. */
  implementation(): { implementation: Implementation | undefined } {
    return { implementation: this.choice("implementation", ["auto", "native", "pure"]) };
  }
}

/** The word, if it is one of those allowed. */
export function oneOf<T extends string>(
  text: string,
  words: readonly T[],
  what: string,
  command: string,
): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) {
    throw new UsageError(`${what} must be one of ${words.join(", ")}, got ${shown(text)}`, command);
  }
  return word;
}
