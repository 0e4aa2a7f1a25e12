/**
 * Which implementation is wished for, by area: what `AGENT_IMPLEMENTATION` says, unless the call does.
 *
 * The value is one word for all areas, then exceptions: `auto`, `pure`, `auto,cache=pure`.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";
import { type Area, TWIN_AREAS } from "../areas.ts";
import { checkImplementation } from "../shared/arguments.ts";
import { readEnvironment } from "./permissions.ts";

const WORDS: readonly Implementation[] = ["auto", "native", "pure"];

let settings: Readonly<Record<Area, Implementation>> | undefined;

/** The wish that holds for an area where a call says nothing. Read once. */
export function defaultImplementation(area: Area): Implementation {
  settings ??= parseSettings(readEnvironment("AGENT_IMPLEMENTATION") ?? "");
  return settings[area];
}

/**
 * The wish that holds for a call.
 *
 * @param area The area that the call belongs to.
 * @param option What the caller said.
 * @returns One of the three words.
 * @throws {TypeError} If the option is none of them.
 */
export function effectiveImplementation(
  area: Area,
  option: Implementation | undefined,
): Implementation {
  if (option === undefined) return defaultImplementation(area);
  checkImplementation(option, "options.implementation");
  return option;
}

/**
 * Reads a setting such as `auto,cache=pure`.
 *
 * @param text The setting; empty means `auto`.
 * @returns The word for each area.
 * @throws {TypeError} If a word or an area is not known.
 */
export function parseSettings(text: string): Readonly<Record<Area, Implementation>> {
  const result = Object.fromEntries(TWIN_AREAS.map((area) => [area, "auto"])) as Record<
    Area,
    Implementation
  >;
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  for (const part of parts.sort((a, b) => Number(a.includes("=")) - Number(b.includes("=")))) {
    const equals = part.indexOf("=");
    const left = equals < 0 ? undefined : part.slice(0, equals);
    const right = part.slice(equals + 1);
    const word = WORDS.find((known) => known === right.trim());
    if (word === undefined) {
      throw new TypeError(
        `AGENT_IMPLEMENTATION is ${JSON.stringify(text)}: ${JSON.stringify(right)} must be ` +
          `"auto", "native" or "pure"`,
      );
    }
    if (left === undefined) {
      for (const area of TWIN_AREAS) result[area] = word;
      continue;
    }
    const area = TWIN_AREAS.find((known) => known === left.trim());
    if (area === undefined) {
      throw new TypeError(
        `AGENT_IMPLEMENTATION is ${JSON.stringify(text)}: ${JSON.stringify(left)} must be one of ` +
          TWIN_AREAS.join(", "),
      );
    }
    result[area] = word;
  }
  return result;
}
