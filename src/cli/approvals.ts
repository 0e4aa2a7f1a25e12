/**
 * Somebody's word for a call, asked for on the terminal. Without a terminal nobody is asked, and the run waits.
 *
 * @module
 */

import type { Approve, Decision } from "../agent/loop/types.ts";
import { harmless, harmlessJson } from "./harmless.ts";

/** Of an input, on the terminal. */
const MOST_INPUT = 4_000;

/** Asks a question and gives the line that was typed; undefined at the end of the input. */
export type AskLine = (question: string, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Decides calls: those of tools that were allowed before, then whoever sits at the terminal.
 *
 * @param allowed Tools that run without asking.
 * @param ask Asks; undefined where there is no terminal.
 */
export function approvals(allowed: readonly string[], ask: AskLine | undefined): Approve {
  const always = new Set(allowed);
  return async ({ name, input }, { signal }): Promise<Decision | undefined> => {
    if (always.has(name)) return "allow";
    if (ask === undefined) return undefined;
    const words = visible(JSON.stringify(input, undefined, 2) ?? "null");
    const shown = words.length > MOST_INPUT
      ? `${words.slice(0, MOST_INPUT)}\n(${words.length - MOST_INPUT} characters more)`
      : words;
    const question = `\nThe model wants to call ${harmless(name)} with\n${shown}\n` +
      "Allow it? y: yes, a: yes to all calls of this tool, n: no, or say why not: ";
    for (;;) {
      const line = await ask(question, signal);
      if (line === undefined) return undefined;
      const word = line.trim();
      if (/^(y|yes)$/i.test(word)) return "allow";
      if (/^(a|all|always)$/i.test(word)) {
        always.add(name);
        return "allow";
      }
      if (/^(n|no)$/i.test(word)) return { deny: "the person at the terminal said no" };
      if (word !== "") return { deny: word };
    }
  };
}

/** JSON with what nobody would see in it as escapes: who says yes has seen all of it, and in its order. */
function visible(json: string): string {
  return harmlessJson(json).replace(
    /[\p{Cf}\p{Co}\u115f\u1160\u3164\uffa0]/gu,
    (character) =>
      Array.from(
        { length: character.length },
        (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
