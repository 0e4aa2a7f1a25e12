/**
 * Tools that read contracts: their clauses, what a checklist misses, what differs between versions.
 *
 * @module
 */

import type { Tool } from "../../loop/types.ts";
import { inputOf, words } from "../../tools/input.ts";
import { COUNT, listOf, OBJECT, READS, resultOf, TEXT } from "../../tools/output.ts";
import { type Clause, clausesOf, MOST_TEXT, NO_ADVICE } from "./clauses.ts";
import { changesOf } from "./redline.ts";
import { CHECKLISTS } from "./checklists.ts";
import { KINDS } from "./vocabulary.ts";

const MOST_CLAUSES = 200;
const MOST_CHANGES = 200;
const MOST_WORDS = 400;
const CONTRACT = words("The text of the contract.", { maxLength: MOST_TEXT });

/** Where a contract speaks of what. */
export function findClauses(): Tool {
  return {
    name: "find_clauses",
    output: resultOf({
      total: COUNT,
      clauses: listOf(
        resultOf({ kind: TEXT, by: TEXT, text: TEXT, start: COUNT, end: COUNT, line: COUNT }),
      ),
      note: TEXT,
    }),
    effects: READS,
    description: "Finds the clauses of a contract by headings, numbers and words: " +
      `${KINDS.map(({ kind }) => kind).join(", ")}. Each with where it stands.`,
    input: inputOf({
      text: CONTRACT,
      "kinds?": {
        type: "array",
        description: "Only these.",
        items: { enum: KINDS.map(({ kind }) => kind) },
      },
    }),
    retry: "safe",
    run(input) {
      const { text, kinds } = input as { text: string; kinds?: readonly string[] };
      const all = clausesOf(checked(text, "text"));
      const clauses = kinds === undefined ? all : all.filter(({ kind }) => kinds.includes(kind));
      return {
        total: clauses.length,
        clauses: clauses.slice(0, MOST_CLAUSES).map((one) => ({
          ...one,
          text: short(text.slice(one.start, one.end).trim()),
        })),
        note: NO_ADVICE,
      };
    },
  };
}

/** What a contract of a sort usually has and this one seems not to have. */
export function missingClauses(): Tool {
  return {
    name: "missing_clauses",
    output: resultOf({
      checklist: TEXT,
      missing: listOf(TEXT),
      weak: listOf(OBJECT),
      present: listOf(OBJECT),
      note: TEXT,
    }),
    effects: READS,
    description:
      "Holds a contract against a checklist (nda, services, employment, lease, or one of your own) and names what it does " +
      "not seem to have.",
    input: inputOf({
      text: CONTRACT,
      "checklist?": words("A list that is built in.", { enum: Object.keys(CHECKLISTS) }),
      "required?": {
        type: "array",
        description: "A list of your own: kinds of clauses, or words that must stand in the text.",
        items: words("A kind or words.", { minLength: 2, maxLength: 100 }),
        minItems: 1,
        maxItems: 100,
      },
    }),
    retry: "safe",
    run(input) {
      const { text, checklist, required } = input as {
        text: string;
        checklist?: string;
        required?: readonly string[];
      };
      if ((checklist === undefined) === (required === undefined)) {
        throw new Error(
          `give either checklist (${Object.keys(CHECKLISTS).join(", ")}) or required`,
        );
      }
      const clauses = clausesOf(checked(text, "text"));
      const plain = text.replace(/\s+/g, " ").toLowerCase();
      const rows = (required ?? CHECKLISTS[checklist!]!).map((item) => ({
        item,
        ...found(item, clauses, plain),
      }));
      return {
        checklist: checklist ?? "your own",
        missing: rows.filter(({ by }) => by === undefined).map(({ item }) => item),
        // No clause of its own, or only a word: to be looked at.
        weak: rows.filter(({ by }) => by === "words").map(({ item, line }) => ({ item, line })),
        present: rows.filter(({ by }) => by === "heading").map(({ item, line }) => ({
          item,
          line,
        })),
        note: NO_ADVICE,
      };
    },
  };
}

/** What differs between two versions. */
export function redline(): Tool {
  const version = words("The text.", { maxLength: MOST_TEXT });
  return {
    name: "redline",
    output: resultOf({
      by: TEXT,
      total: COUNT,
      changes: listOf(resultOf({ before: TEXT, after: TEXT })),
      note: TEXT,
    }),
    effects: READS,
    description:
      "Compares two versions of a text word by word: what was put in, taken out, replaced, and where.",
    input: inputOf({ before: version, after: version }),
    retry: "safe",
    async run(input) {
      const { before, after } = input as { before: string; after: string };
      const { by, changes } = await changesOf(checked(before, "before"), checked(after, "after"));
      return {
        ...{ by, total: changes.length },
        changes: changes.slice(0, MOST_CHANGES).map((change) => ({
          ...change,
          before: short(change.before),
          after: short(change.after),
        })),
        note: NO_ADVICE,
      };
    },
  };
}

function found(
  item: string,
  clauses: readonly Clause[],
  plain: string,
): { by?: Clause["by"]; line?: number } {
  const wanted = item.toLowerCase();
  if (KINDS.some(({ kind }) => kind === wanted)) {
    const those = clauses.filter(({ kind }) => kind === wanted);
    const best = those.find(({ by }) => by === "heading") ??
      those.toSorted((a, b) => b.signs - a.signs)[0];
    return best === undefined ? {} : { by: best.by, line: best.line };
  }
  const titled = clauses.find(({ heading }) => heading?.toLowerCase().includes(wanted));
  if (titled !== undefined) return { by: "heading", line: titled.line };
  return plain.includes(wanted.replace(/\s+/g, " ")) ? { by: "words" } : {};
}

function checked(text: string, name: string): string {
  if (text.length > MOST_TEXT) {
    throw new Error(
      `${name} has ${text.length} characters, more than ${MOST_TEXT}; give a part of it`,
    );
  }
  if (name === "text" && text.trim() === "") {
    throw new Error("text is empty: give the contract's words");
  }
  return text;
}

function short(text: string): string {
  return text.length <= MOST_WORDS ? text : `${text.slice(0, MOST_WORDS).toWellFormed()}...`;
}
