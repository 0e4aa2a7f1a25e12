/**
 * The runtime's own parts as a snapshot shows them: what `src/shared/live.ts` knows, added up by kind and name.
 *
 * @module
 */

import { type LiveNumbers, liveParts } from "../shared/live.ts";

/** All numbers that there are, of whatever kind. */
export const RUNTIME_NUMBERS = [
  "count",
  "entries",
  "bytes",
  "hits",
  "misses",
  "hitRatio",
  "evictions",
  "expirations",
  "waiting",
  "delayed",
  "blocked",
  "running",
  "done",
  "dead",
  "cancelled",
  "inFlight",
  "ageSeconds",
] as const;

/** Those of them that only grow, as long as no part leaves. */
const GROWING: readonly (typeof RUNTIME_NUMBERS)[number][] = [
  "hits",
  "misses",
  "evictions",
  "expirations",
];

/** Whether a number only grows. */
export function isGrowing(name: string): boolean {
  return (GROWING as readonly string[]).includes(name);
}

/** What the numbers of parts are. */
export const RUNTIME_HELP: Readonly<Record<(typeof RUNTIME_NUMBERS)[number], string>> = {
  count: "Parts of this kind and name that are alive.",
  entries: "Entries of caches.",
  bytes: "Bytes of the entries of caches.",
  hits: "Reads of caches that found a value.",
  misses: "Reads of caches that did not.",
  hitRatio: "Share of reads of caches that found a value.",
  evictions: "Entries that caches gave up for others.",
  expirations: "Entries of caches whose time was over.",
  waiting: "Jobs, or requests, that wait.",
  delayed: "Jobs for later.",
  blocked: "Jobs that wait for others.",
  running: "Jobs that run.",
  done: "Jobs that are done and still kept.",
  dead: "Jobs that failed for good.",
  cancelled: "Jobs that were cancelled and are still kept.",
  inFlight: "Requests, or native operations, that are under way.",
  ageSeconds: "How old the figures are of parts whose truth is outside of the program.",
};

/** So many names of a kind are told apart; the others count with those that have none. */
const MOST_NAMES = 100;
const MOST_LETTERS = 100;

/** Numbers by kind and name. */
export type RuntimeFigures = Record<string, Record<string, number | null>>;

/** Asks all parts that are alive. */
export function runtimeFigures(): RuntimeFigures {
  const sums = new Map<string, Record<string, number | null>>();
  const named = new Map<string, number>();
  for (const part of liveParts()) {
    const { kind, name } = part;
    let key: string = name === undefined ? kind : `${kind}:${shortened(name)}`;
    const isKnown = name !== undefined && sums.has(key);
    if (name !== undefined && !isKnown) {
      const names = named.get(kind) ?? 0;
      if (names < MOST_NAMES) named.set(kind, names + 1);
      else key = kind;
    }
    const sum = sums.get(key) ?? { count: 0 };
    sums.set(key, sum);
    sum["count"]! += 1;
    // Views of the same thing all say the same.
    add(sum, part.read(), isKnown && part.isView);
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, withRatio(sum)]));
}

/** Why numbers of parts are null, by their paths in a snapshot. */
export function runtimeReasons(figures: RuntimeFigures): Record<string, string> {
  const unasked = Object.keys(figures).filter((key) => figures[key]!["ageSeconds"] === null);
  return Object.fromEntries(
    unasked.map((
      key,
    ) => [`runtime[${key}]`, "is outside of the program, and its stats() was not asked"]),
  );
}

function add(
  sum: Record<string, number | null>,
  numbers: LiveNumbers,
  isView: boolean,
): void {
  for (const [name, number] of Object.entries(numbers)) {
    const before = sum[name];
    if (isView || before === undefined) sum[name] = number;
    // A sum of which a part is not known is not known; figures together are as old as the oldest.
    else if (before === null || number === null) sum[name] = null;
    else sum[name] = name === "ageSeconds" ? Math.max(before, number) : before + number;
  }
}

function withRatio(sum: Record<string, number | null>): Record<string, number | null> {
  const { hits = null, misses = null } = sum;
  if (hits === null || misses === null) return sum;
  return { ...sum, hitRatio: hits + misses === 0 ? null : hits / (hits + misses) };
}

function shortened(name: string): string {
  return name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS)}...` : name;
}

/**
 * Totals that never fall: a cache that is closed takes its hits along, and whoever makes rates of totals would take what
 * is left for a new beginning.
 */
export class GrowingTotals {
  #totals = new Map<string, { last: number; total: number }>();

  /** The same with totals in the place of sums that only grow while all parts stay. */
  of(runtime: RuntimeFigures): RuntimeFigures {
    const totals = new Map<string, { last: number; total: number }>();
    const result: RuntimeFigures = {};
    for (const [key, numbers] of Object.entries(runtime)) {
      result[key] = { ...numbers };
      for (const name of GROWING) {
        const now = numbers[name];
        if (typeof now !== "number") continue;
        const before = this.#totals.get(`${key}.${name}`) ?? { last: 0, total: 0 };
        const total = before.total + Math.max(0, now - before.last);
        totals.set(`${key}.${name}`, { last: now, total });
        result[key][name] = total;
      }
    }
    // What has left altogether begins anew when it comes back.
    this.#totals = totals;
    return result;
  }
}
