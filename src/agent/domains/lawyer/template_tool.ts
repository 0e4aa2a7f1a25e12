/**
 * The tool that gives a ready-made contract with what is known filled in.
 *
 * @module
 */

import type { Tool } from "../../loop/types.ts";
import { inputOf, words } from "../../tools/input.ts";
import { listOf, READS, resultOf, TEXT } from "../../tools/output.ts";
import { CHECKLISTS } from "./checklists.ts";
import { CLAUSES, TEMPLATES } from "./templates.ts";

/** Stands in each result. */
const NOTE =
  "A form to begin from, not fitted to any law; this is no legal advice, and a lawyer should look at it before it is signed.";
const MOST_VALUE = 2_000;
const FIELD = /\{\{([^{}]+)\}\}/g;

/** A contract to begin from. */
export function contractTemplate(): Tool {
  return {
    name: "contract_template",
    output: resultOf({ kind: TEXT, text: TEXT, open: listOf(TEXT), note: TEXT }),
    effects: READS,
    description: `Gives a ready-made contract (${
      Object.keys(TEMPLATES).join(", ")
    }) with every clause of its checklist. Fields that are given are filled in, the others stand in brackets and are named.`,
    input: inputOf({
      kind: words("The sort of contract.", { enum: Object.keys(TEMPLATES) }),
      "fields?": {
        type: "object",
        description: 'What is known, by the names in "open", such as {"jurisdiction": "Ireland"}.',
        additionalProperties: { type: "string", minLength: 1, maxLength: MOST_VALUE },
      },
    }),
    retry: "safe",
    run(input) {
      const { kind, fields = {} } = input as { kind: string; fields?: Record<string, string> };
      return { kind, ...filled(kind, fields), note: NOTE };
    },
  };
}

function filled(kind: string, fields: Record<string, string>): { text: string; open: string[] } {
  const { title, first, second, clauses } = TEMPLATES[kind]!;
  const open = new Set<string>();
  const known = new Set<string>();
  const fill = (text: string): string =>
    text.replace(FIELD, (_, name: string) => {
      if (name === "FIRST") return first;
      if (name === "SECOND") return second;
      known.add(name);
      // Values are one line each: a line of theirs must not begin a clause.
      if (Object.hasOwn(fields, name)) return fields[name]!.replace(/\s+/g, " ").trim();
      open.add(name);
      return `[${name}]`;
    });
  const sections = CHECKLISTS[kind]!.map((item, at) =>
    `${at + 1}. ${item[0]!.toUpperCase()}${item.slice(1)}\n${fill(clauses[item] ?? CLAUSES[item]!)}`
  );
  const unknown = Object.keys(fields).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `there is no field ${
        unknown.map((name) => JSON.stringify(name.slice(0, 100))).join(", ")
      }; ` +
        `there are: ${[...known].join(", ")}`,
    );
  }
  const ends = [first, second].map((side) => `For the ${side}: ______________________`);
  return { text: [title, ...sections, ends.join("\n")].join("\n\n") + "\n", open: [...open] };
}
