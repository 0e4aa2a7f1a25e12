/**
 * What the person at the keyboard chose, and how each key changes it. Pure functions.
 *
 * @module
 */

import type { ProcessFigures } from "../../monitor/mod.ts";
import { processKey } from "./history.ts";
import { type Selection, type Sort, SORTS } from "./processes.ts";

/** What was chosen. */
export interface State extends Selection {
  /** The process that is chosen, by its key; null for none. */
  readonly chosen: string | null;
  /** The first line of the list that is seen. */
  readonly scroll: number;
  /** Whether the figures stand still. */
  readonly isPaused: boolean;
  /** What covers the view: nothing or the help. */
  readonly isHelp: boolean;
  /** Whether the chosen process is shown in detail. */
  readonly isDetailed: boolean;
  /** The filter as it was before it was typed at; null while nobody types. */
  readonly before: string | null;
  /** Whether to end: with 0 for q, with 130 for Ctrl-C. */
  readonly exit: number | null;
}

/** The state at the beginning. */
export function initialState(sort: Sort, filter: string): State {
  return {
    sort,
    isReversed: false,
    filter,
    chosen: null,
    scroll: 0,
    isPaused: false,
    isHelp: false,
    isDetailed: false,
    before: null,
    exit: null,
  };
}

/** What a key is judged by besides the state. */
export interface Seen {
  /** The processes as they are listed now. */
  readonly list: readonly ProcessFigures[];
  /** How many lines of the list are on the screen. */
  readonly rows: number;
}

const SORT_KEYS: Readonly<Record<string, Sort>> = {
  C: "cpu",
  M: "memory",
  I: "io",
  T: "threads",
  D: "descriptors",
  N: "name",
  P: "pid",
};
const LONGEST_FILTER = 64;

/** The state after a key. */
export function pressed(state: State, key: string, seen: Seen): State {
  if (key === "ctrl-c") return { ...state, exit: 130 };
  if (state.before !== null) return typed(state, key, state.before);
  if (state.isHelp) {
    return key === "q" ? { ...state, exit: 0 } : { ...state, isHelp: false };
  }
  const sort = SORT_KEYS[key];
  if (sort !== undefined) return sorted(state, sort);
  switch (key) {
    case "q":
      return { ...state, exit: 0 };
    case "?":
    case "h":
      return { ...state, isHelp: true };
    case " ":
      return { ...state, isPaused: !state.isPaused };
    case "/":
      return { ...state, before: state.filter };
    case "r":
      return { ...state, isReversed: !state.isReversed, scroll: 0 };
    case "left":
    case "<":
      return sorted(state, neighbour(state.sort, -1));
    case "right":
    case ">":
      return sorted(state, neighbour(state.sort, 1));
    case "escape":
      if (state.isDetailed) return { ...state, isDetailed: false };
      if (state.filter !== "") return { ...state, filter: "", scroll: 0 };
      return { ...state, chosen: null, scroll: 0 };
    case "enter":
    case "d":
      if (state.isDetailed) return { ...state, isDetailed: false };
      return { ...moved(state, 0, seen), isDetailed: seen.list.length > 0 };
    case "up":
    case "k":
      return moved(state, -1, seen);
    case "down":
    case "j":
      return moved(state, 1, seen);
    case "page-up":
      return moved(state, -Math.max(1, seen.rows - 1), seen);
    case "page-down":
      return moved(state, Math.max(1, seen.rows - 1), seen);
    case "home":
    case "g":
      return moved(state, -Infinity, seen);
    case "end":
    case "G":
      return moved(state, Infinity, seen);
    default:
      return state;
  }
}

/** The state with the chosen process on the screen, as far as it is listed. */
export function followed(state: State, { list, rows }: Seen): State {
  const most = Math.max(0, list.length - rows);
  const at = state.chosen === null ? -1 : list.findIndex((one) => processKey(one) === state.chosen);
  let scroll = Math.min(state.scroll, most);
  if (at >= 0) scroll = Math.min(Math.max(scroll, at - rows + 1), at);
  return scroll === state.scroll ? state : { ...state, scroll: Math.max(0, scroll) };
}

function typed(state: State, key: string, before: string): State {
  const done = (filter: string): State => ({ ...state, filter, before: null, scroll: 0 });
  if (key === "enter") return done(state.filter);
  if (key === "escape") return done(before);
  if (key === "ctrl-u") return { ...state, filter: "", scroll: 0 };
  if (key === "backspace") {
    return { ...state, filter: [...state.filter].slice(0, -1).join(""), scroll: 0 };
  }
  // Names of keys are longer than one character.
  if ([...key].length !== 1 || [...state.filter].length >= LONGEST_FILTER) return state;
  return { ...state, filter: state.filter + key, scroll: 0 };
}

function sorted(state: State, sort: Sort): State {
  // The same again turns the order round.
  const isReversed = sort === state.sort ? !state.isReversed : false;
  return { ...state, sort, isReversed, scroll: 0 };
}

function neighbour(sort: Sort, step: number): Sort {
  return SORTS[(SORTS.indexOf(sort) + step + SORTS.length) % SORTS.length]!;
}

/** Another process chosen, so many lines away; the first one seen if none was. */
function moved(state: State, step: number, seen: Seen): State {
  const { list } = seen;
  if (list.length === 0) return { ...state, chosen: null };
  const at = list.findIndex((one) => processKey(one) === state.chosen);
  const from = at < 0 ? Math.min(state.scroll, list.length - 1) - (step === 1 ? 1 : 0) : at;
  const to = Math.min(list.length - 1, Math.max(0, from + step));
  return followed({ ...state, chosen: processKey(list[to]!) }, seen);
}
