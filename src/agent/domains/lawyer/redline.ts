/**
 * What differs between two versions of a text, word by word, with where it stands in each.
 *
 * @module
 */

import { loadPackage } from "../../../shared/packages.ts";

/** Words that differ beyond this are not looked for; the versions are then told paragraph by paragraph. */
const MOST_EDITS = 2_000;
const TIMEOUT_MS = 2_000;

/** A change. Spans are in UTF-16 units of the version that they speak of. */
export interface Change {
  readonly kind: "inserted" | "deleted" | "replaced";
  readonly before: string;
  readonly after: string;
  readonly beforeStart: number;
  readonly beforeEnd: number;
  readonly afterStart: number;
  readonly afterEnd: number;
}

interface Part {
  readonly value: string;
  readonly added: boolean;
  readonly removed: boolean;
}

type Compare = (
  before: string,
  after: string,
  options: { maxEditLength?: number; timeout?: number },
) => readonly Part[] | undefined;

/** The changes, and by what they were told: words, or lines where words would take too long. */
export async function changesOf(
  before: string,
  after: string,
): Promise<{ by: "words" | "lines" | "whole"; changes: Change[] }> {
  const { diffWordsWithSpace, diffLines } = await loadPackage<
    { diffWordsWithSpace: Compare; diffLines: Compare }
  >("diff", "Comparing versions");
  const bounds = { maxEditLength: MOST_EDITS, timeout: TIMEOUT_MS };
  const words = diffWordsWithSpace(before, after, bounds);
  if (words !== undefined) return { by: "words", changes: joined(words) };
  const lines = diffLines(before, after, bounds);
  if (lines !== undefined) return { by: "lines", changes: joined(lines) };
  const whole = [{ value: before, added: false, removed: true }, {
    ...{ value: after, added: true, removed: false },
  }];
  return { by: "whole", changes: joined(whole) };
}

/** Parts as changes: what is taken out and put in at one place is one. */
function joined(parts: readonly Part[]): Change[] {
  const changes: Change[] = [];
  let [at, to, old, now] = [0, 0, "", ""];
  const close = () => {
    if (old === "" && now === "") return;
    const kind = old === "" ? "inserted" : now === "" ? "deleted" : "replaced";
    changes.push({
      ...{ kind, before: old, after: now },
      ...{ beforeStart: at - old.length, beforeEnd: at, afterStart: to - now.length, afterEnd: to },
    });
    old = now = "";
  };
  for (const { value, added, removed } of parts) {
    if (removed) {
      old += value;
      at += value.length;
    } else if (added) {
      now += value;
      to += value.length;
    } else {
      close();
      at += value.length;
      to += value.length;
    }
  }
  close();
  return changes;
}
