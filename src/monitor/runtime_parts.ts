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
};

/** So many names of a kind are told apart; the others count with those that have none. */
const MOST_NAMES = 100;
const MOST_LETTERS = 100;

/** Numbers by kind and name. */
export type RuntimeFigures = Record<string, Record<string, number | null>>;

/** Asks all parts that are alive. */
export function runtimeFigures(): RuntimeFigures {
  const sums = new Map<string, Record<string, number>>();
  const named = new Map<string, number>();
  for (const part of liveParts()) {
    const { kind, name } = part;
    let key: string = name === undefined ? kind : `${kind}:${shortened(name)}`;
    // Views of the same thing all say the same.
    const isView = name !== undefined && sums.has(key);
    if (name !== undefined && !isView) {
      const names = named.get(kind) ?? 0;
      if (names < MOST_NAMES) named.set(kind, names + 1);
      else key = kind;
    }
    const sum = sums.get(key) ?? { count: 0 };
    sums.set(key, sum);
    sum.count! += 1;
    add(sum, part.read(), isView);
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, withRatio(sum)]));
}

function add(sum: Record<string, number>, numbers: LiveNumbers, isView: boolean): void {
  for (const [name, number] of Object.entries(numbers)) {
    sum[name] = isView ? number : (sum[name] ?? 0) + number;
  }
}

function withRatio(sum: Record<string, number>): Record<string, number | null> {
  const { hits, misses } = sum;
  if (hits === undefined || misses === undefined) return sum;
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
