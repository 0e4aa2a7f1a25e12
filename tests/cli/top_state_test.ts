/** Keys, and what they change; which processes are listed; how much is remembered. */

import assert from "assertions";
import { History, processKey } from "../../src/cli/top/history.ts";
import { KeyReader } from "../../src/cli/top/keys.ts";
import { ioOf, listed, type Sort, SORTS } from "../../src/cli/top/processes.ts";
import { initialState, pressed, type Seen, type State } from "../../src/cli/top/state.ts";
import { snapshotAt } from "./top_snapshots.ts";

const LIST = snapshotAt(3, { processes: 30 }).processes!.list;
const START = initialState("cpu", "");

function press(keys: readonly string[], from: State = START, seen?: Seen): State {
  return keys.reduce((state, key) => {
    const now = seen ?? { list: listed(LIST, state), rows: 5 };
    return pressed(state, key, now);
  }, from);
}

/** The process that is chosen, by its place in the list; -1 for none. */
function place(state: State): number {
  return listed(LIST, state).findIndex((one) => processKey(one) === state.chosen);
}

Deno.test("keys: sequences, controls and characters are told apart", () => {
  const reader = new KeyReader();
  const read = (text: string): string[] => reader.read(new TextEncoder().encode(text));
  assert.deepEqual(read("q\x1b[A\x1bOB\x1b[5~\r\x7f\x03"), [
    ...["q", "up", "down", "page-up", "enter", "backspace", "ctrl-c"],
  ]);
  assert.deepEqual(read("\x1b"), ["escape"]);
  assert.deepEqual(read("\x1b[200~\x1b[<0;1;2Mx"), ["x"], "what is not known is passed over");
  assert.deepEqual(read("\u00e4\u6f22\u{1F600}\x00\u202e"), ["\u00e4", "\u6f22", "\u{1F600}"]);
  const cut = new TextEncoder().encode("\u6f22");
  assert.deepEqual([...reader.read(cut.slice(0, 1)), ...reader.read(cut.slice(1))], ["\u6f22"]);
});

Deno.test("keys: each sort has its letter, and the same again turns it round", () => {
  const letters: [string, Sort][] = [
    ["C", "cpu"],
    ["M", "memory"],
    ["I", "io"],
    ["T", "threads"],
    ["D", "descriptors"],
    ["N", "name"],
    ["P", "pid"],
  ];
  const other = initialState("memory", "");
  for (const [letter, sort] of letters) {
    const from = sort === "memory" ? START : other;
    assert.deepEqual([press([letter], from).sort, press([letter], from).isReversed], [sort, false]);
    assert.equal(press([letter, letter], from).isReversed, true);
  }
  assert.equal(press(SORTS.map(() => ">")).sort, "cpu");
  assert.equal(press(["left"]).sort, "pid");
});

Deno.test("processes: every order is right, and what is not known is last", () => {
  const values: Record<Sort, (one: typeof LIST[number]) => number | string | null> = {
    cpu: ({ cpu }) => cpu,
    memory: ({ rss }) => rss,
    io: ioOf,
    threads: ({ threads }) => threads,
    descriptors: ({ descriptors }) => descriptors,
    name: ({ name }) => name,
    pid: ({ pid }) => pid,
  };
  for (const sort of SORTS) {
    for (const isReversed of [false, true]) {
      const found = listed(LIST, { sort, isReversed, filter: "" }).map(values[sort]);
      assert.equal(found.length, LIST.length);
      const known = found.filter((value) => value !== null);
      assert.ok(found.slice(known.length).every((value) => value === null));
      const isUpwards = (sort === "name" || sort === "pid") !== isReversed;
      const wanted = known.slice().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      assert.deepEqual(known, isUpwards ? wanted : wanted.reverse(), `${sort} ${isReversed}`);
    }
  }
});

Deno.test("processes: a search looks at names as they are shown, and at numbers", () => {
  const by = (filter: string): string[] =>
    listed(LIST, { sort: "pid", isReversed: false, filter }).map(({ name }) => name);
  assert.deepEqual(by("SSH"), ["sshd"]);
  assert.deepEqual(by("101"), ["postgres"]);
  assert.deepEqual(by("10"), ["worker-10"]);
  const hostile = [{ ...LIST[0]!, name: "a\u202eb" }];
  assert.equal(listed(hostile, { sort: "pid", isReversed: false, filter: "202e" }).length, 1);
});

Deno.test("keys: a search is typed, kept or given up", () => {
  const typing = press(["/", "s", "h", "x", "backspace"]);
  assert.deepEqual([typing.filter, typing.before], ["sh", ""]);
  // Letters are text while it is typed.
  assert.deepEqual([press(["/", "q", "M"]).filter, press(["/", "q", "M"]).exit], ["qM", null]);
  assert.deepEqual(press(["enter"], typing).filter, "sh");
  assert.deepEqual(press(["escape"], typing).filter, "");
  assert.equal(press(["ctrl-u", "enter"], typing).filter, "");
  const kept = press(["enter", "/", "z", "escape"], typing);
  assert.deepEqual([kept.filter, kept.before], ["sh", null]);
  assert.equal(press(["escape"], kept).filter, "");
  assert.equal([...press(["/", ..."x".repeat(100)]).filter].length, 64);
  assert.equal(press(["/", "ctrl-c"]).exit, 130);
});

Deno.test("keys: the chosen process is followed through orders, and the list scrolls to it", () => {
  assert.equal(place(START), -1);
  assert.equal(place(press(["down"])), 0);
  assert.equal(place(press(["down", "down", "up"])), 0);
  assert.equal(place(press(["end"])), 29);
  assert.equal(place(press(["end", "home"])), 0);
  assert.equal(place(press(["page-down", "page-down"])), 8);
  const seventh = press(new Array(7).fill("j"));
  assert.deepEqual([place(seventh), seventh.scroll], [6, 2]);
  const resorted = press(["N"], seventh);
  assert.equal(resorted.chosen, seventh.chosen);
  assert.equal(place(press(["up", "up", "up", "up", "up", "up", "up"], seventh)), 0);
  assert.equal(press(["down"], START, { list: [], rows: 5 }).chosen, null);
});

Deno.test("keys: details, pause, help and the end", () => {
  const detailed = press(["enter"]);
  assert.deepEqual([detailed.isDetailed, place(detailed)], [true, 0]);
  assert.equal(press(["escape"], detailed).isDetailed, false);
  assert.equal(press(["enter"], START, { list: [], rows: 5 }).isDetailed, false);
  assert.equal(press([" "]).isPaused, true);
  assert.equal(press([" ", " "]).isPaused, false);
  assert.equal(press(["?"]).isHelp, true);
  assert.deepEqual([press(["?", "j"]).isHelp, press(["?", "j"]).chosen], [false, null]);
  assert.deepEqual([press(["q"]).exit, press(["?", "q"]).exit], [0, 0]);
  assert.equal(press(["ctrl-c"]).exit, 130);
  assert.equal(press(["x"]), START);
});

Deno.test("history: bounded, and over for what is gone", () => {
  const history = new History();
  for (let tick = 0; tick < 2_000; tick++) history.add(snapshotAt(tick, { processes: 5 }));
  const { size } = history;
  assert.ok(history.of("cpu").length < 500);
  assert.equal(history.of("cpu").at(-1), snapshotAt(1_999).cpu.busy);
  const [process] = snapshotAt(0, { processes: 5 }).processes!.list;
  const { length } = history.ofProcess(processKey(process!));
  assert.ok(length >= 60 && length < 120);
  assert.ok(history.most("cpu", 50) > 0.9);
  const gone = snapshotAt(2_000, { processes: 3 });
  history.add({ ...gone, networks: null, pressure: null });
  assert.ok(history.size < size);
  assert.deepEqual(history.of("received eth0"), []);
  assert.equal(history.of("pressure io").at(-1), null);
  const [first] = gone.processes!.list;
  history.add({ ...gone, processes: { ...gone.processes!, list: [{ ...first!, startedAt: 1 }] } });
  assert.equal(history.ofProcess(`${first!.pid}.1`).length, 1, "a number that was given anew");
});
