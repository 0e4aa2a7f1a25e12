/**
 * The values of a template's options. A value is checked by its type and format, and then goes as a value to where it
 * belongs: a build argument or a variable. It is never put into a text that a shell, a builder or anything reads.
 *
 * @module
 */

import { checkBoolean, checkString, shown, wrongType, wrongValue } from "../../shared/arguments.ts";
import { imageReference, suggestion } from "../policy/mod.ts";
import type {
  FilledTemplate,
  OptionFormat,
  OptionValues,
  Template,
  TemplateOption,
} from "./types.ts";

/** The formats that there are. */
export const FORMATS = [
  "image",
  "word",
  "packages",
  "text",
] as const satisfies readonly OptionFormat[];

const MOST_CHARACTERS = 1000;
const PACKAGE = "[A-Za-z0-9][A-Za-z0-9+._=:~,\\[\\]-]*";

const PATTERNS: Readonly<
  Record<Exclude<OptionFormat, "image">, { pattern: RegExp; what: string }>
> = {
  word: { pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]*$/, what: "letters, digits, dots and dashes" },
  packages: {
    pattern: new RegExp(`^(${PACKAGE}( ${PACKAGE})*)?$`),
    what: "names of packages, parted by single blanks",
  },
  text: { pattern: /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, what: "one line" },
};

/**
 * Refuses what is no value of an option.
 *
 * @throws {TypeError | RangeError} Naming the option and what it takes.
 */
export function checkValue(value: unknown, option: TemplateOption, name: string): void {
  if (option.type === "boolean") return checkBoolean(value, name);
  checkString(value, name);
  if (value.length > MOST_CHARACTERS || !value.isWellFormed()) {
    throw wrongValue(name, `well-formed and of at most ${MOST_CHARACTERS} characters`, value);
  }
  if (option.enum !== undefined) {
    if (option.enum.includes(value)) return;
    throw new RangeError(
      `${name} must be one of its values, got ${shown(value)}${suggestion(value, option.enum)}`,
    );
  }
  if (option.format === "image") {
    imageReference(value, name);
    return;
  }
  const { pattern, what } = PATTERNS[option.format];
  if (!pattern.test(value)) throw wrongValue(name, what, value);
}

/**
 * Puts values into their places.
 *
 * @param template The template.
 * @param given What was chosen; the rest is as the template says.
 * @throws {TypeError | RangeError} For an option that there is not, or a value that is none.
 */
export function fillTemplate(template: Template, given: unknown = {}): FilledTemplate {
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw wrongType("options.options", "an object of values", given);
  }
  const names = Object.keys(template.options);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    throw new TypeError(
      `The template ${template.id} has no option ${shown(name)}${suggestion(name, names)}`,
    );
  }
  const values: Record<string, string | boolean> = {};
  const buildArgs: Record<string, string> = {};
  const env: Record<string, string> = {};
  let gpu = false;
  for (const [name, option] of Object.entries(template.options)) {
    // Its own alone: an option may have the name of something that every object has.
    const chosen = Object.hasOwn(given, name) ? (given as OptionValues)[name] : undefined;
    const value = chosen === undefined ? option.default : chosen;
    checkValue(value, option, `options.options.${name}`);
    values[name] = value;
    if ("gpu" in option.to) gpu = value === true;
    else if ("env" in option.to) env[option.to.env] = String(value);
    else buildArgs[option.to.buildArg] = String(value);
  }
  return { template, values, buildArgs, env, gpu };
}
