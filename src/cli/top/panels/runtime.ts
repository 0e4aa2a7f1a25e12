/** The runtime's own parts and operations, as far as there are some. @module */

import { bytes, count, milliseconds, percent } from "../format.ts";
import { span } from "../line.ts";
import { padEnd, visible, widthOf } from "../cells.ts";
import { nameOf, pairs, type Row, type View } from "../view.ts";

/** The longest name of a part is shown whole: `ring:container-orchestrator`. */
const MOST_NAME = 27;

/** Caches, queues, rings, and what was recorded; at most so many rows. */
export function runtimeRows({ snapshot }: View, most: number): Row[] {
  const names = [...Object.keys(snapshot.runtime), ...Object.keys(snapshot.operations)];
  const width = Math.min(MOST_NAME, Math.max(0, ...names.map((name) => widthOf(visible(name)))));
  const parts = Object.entries(snapshot.runtime).map(([name, figures]): Row => ({
    label: "",
    value: "",
    words: [
      [span(`${padEnd(visible(name), width)}`)],
      ...pairs(
        ...Object.entries(figures).filter(([, value]) => value !== null).map(([what, value]) =>
          [nameOf(what, 16), figure(what, value!)] as const
        ),
      ),
    ],
  }));
  const operations = Object.entries(snapshot.operations).map(([name, one]): Row => ({
    label: "",
    value: "",
    words: [
      [span(`${padEnd(visible(name), width)}`)],
      ...pairs(
        ["rate", `${count(one.rate)}/s`],
        ["p50", milliseconds(one.p50)],
        ["p99", milliseconds(one.p99)],
        ["failed", count(one.failed), one.failed > 0 ? "busy" : undefined],
      ),
    ],
  }));
  return [...parts, ...operations].slice(0, most).map((row, at) =>
    at === 0 ? { ...row, label: "SELF" } : row
  );
}

function figure(what: string, value: number): string {
  if (what === "bytes") return bytes(value);
  return /ratio$/i.test(what) ? `${percent(value)}%` : count(value);
}
