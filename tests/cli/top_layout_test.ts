/** The whole screen as lines, without a terminal: what is on it, at which size, and what is written to change it. */

import assert from "assertions";
import fc from "fast-check";
import { ansiLine, Canvas } from "../../src/cli/top/ansi.ts";
import { PLAIN, UNICODE } from "../../src/cli/top/charts.ts";
import { StandingAlerts } from "../../src/cli/top/alerts.ts";
import { thresholdOf } from "../../src/cli/top/command.ts";
import { History, processKey } from "../../src/cli/top/history.ts";
import { draw, type Screen } from "../../src/cli/top/layout.ts";
import { lineWidth, plainText, span } from "../../src/cli/top/line.ts";
import { initialState, type State } from "../../src/cli/top/state.ts";
import { checkThresholds } from "../../src/monitor/thresholds/watch.ts";
import { svgOf } from "../../src/cli/top/svg.ts";
import type { View } from "../../src/cli/top/view.ts";
import type { Alert, Snapshot } from "../../src/monitor/mod.ts";
import { type Machine, snapshotAt } from "./top_snapshots.ts";

const TICK = 100;

function viewOf(
  change: Partial<Snapshot> = {},
  state: Partial<State> = {},
  machine?: Machine,
): View {
  const history = new History();
  for (let tick = 0; tick < TICK; tick++) history.add(snapshotAt(tick, machine));
  const snapshot = { ...snapshotAt(TICK, machine), ...change };
  history.add(snapshot);
  return {
    snapshot,
    history,
    state: { ...initialState("cpu", ""), ...state },
    glyphs: UNICODE,
    alerts: [],
  };
}

function texts({ lines }: Screen): string[] {
  return lines.map(plainText);
}

function screen(view: View, columns = 80, rows = 24): string[] {
  return texts(draw(view, { columns, rows }));
}

Deno.test("top: 80x24 has everything, aligned", () => {
  const lines = screen(viewOf());
  const labels = lines.map((line) => line.slice(0, 6).trim());
  assert.deepEqual(labels.slice(1, 12), [
    ...["CPU", "0", "1", "MEM", "SWAP", "STALL", "LIMIT", "", "DISK", "FILES", "NET"],
  ]);
  assert.match(
    lines[0]!,
    /^agent top {2}\d\d:\d\d:\d\d {2}up 9h48m {2}load 1\.05 1\.38 1\.97 .*native, takes 0\.4%$/,
  );
  const ends = lines.slice(1, 12).map((line) => line.slice(6, 13).trimEnd().length);
  assert.deepEqual(new Set(ends), new Set([7]), "values end in one column");
  assert.match(lines[12]!, /^PROCESSES 12 . 2 running . 36 threads . 1 blocked \u2500+$/);
  assert.match(lines[13]!, /^ +PID S +CPU%\u25bc +MEM +READ WRITE +THR +FDS +NAME$/);
  assert.match(lines[23]!, /^q quit {2}\? help/);
  const shares = lines.slice(14, 23).map((line) => Number(line.slice(10, 16)));
  assert.deepEqual(shares, shares.slice().sort((a, b) => b - a));
});

Deno.test("top: figures are those of the snapshot", () => {
  const text = screen(viewOf(), 100, 30).join("\n");
  assert.match(text, /MEM +37\.5% .* 6\.0G of 16G {2}free 4\.0G/);
  assert.match(text, /SWAP +25\.0% .* 512M of 2\.0G {2}in 0\/s {2}out 4\.0K\/s/);
  assert.match(text, /STALL +30\.0% .* cpu 3\.1% {2}memory 0\.0% {2}io 30\.0%/);
  assert.match(text, /LIMIT +60\.0% .* 1\.20 of 2 CPUs {2}throttled 14\.0%/);
  assert.match(text, /FILES +90\.0% .* 20G left of 200G {2}\/var\/lib\/data/);
  assert.match(text, /TEMP +61 C .* k10temp Tctl/);
});

Deno.test("top: 200x60 has two columns of figures and the list below", () => {
  const lines = screen(viewOf(), 200, 60);
  assert.match(lines[1]!, /^CPU [\d.]+% of 4 CPUs \u2500+ {2}MEMORY \u2500+$/);
  assert.ok(lines.some((line) => /^DISKS \u2500+ {2}NETWORK \u2500+$/.test(line)));
  assert.ok(lines.some((line) => /^ +PID +UID S +CPU%\u25bc .*VIRT.*TIME +NAME$/.test(line)));
  assert.ok(lines.some((line) => line.includes("12 of 100 tasks")));
});

Deno.test("top: every size has exactly its lines and cells, whatever is chosen", () => {
  const hostile = ["\x1b[2J\u202e\u6f22\u5b57", "\u{1F468}\u200d\u{1F469}", "x".repeat(500), ""];
  const sizes = fc.record({
    columns: fc.integer({ min: 1, max: 250 }),
    rows: fc.integer({ min: 1, max: 80 }),
  });
  const chosen = fc.record({
    isHelp: fc.boolean(),
    isDetailed: fc.boolean(),
    isPaused: fc.boolean(),
    before: fc.constantFrom(null, "x"),
    sort: fc.constantFrom("cpu", "name", "descriptors"),
    chosen: fc.constantFrom(null, "gone", processKey(snapshotAt(TICK).processes!.list[3]!)),
    scroll: fc.integer({ min: 0, max: 500 }),
  });
  const machines = [1, 7, 200].map((cores) =>
    viewOf({}, {}, { cores, names: hostile, processes: 40 })
  );
  fc.assert(fc.property(sizes, chosen, fc.nat(machines.length - 1), (size, state, which) => {
    const view = machines[which]!;
    const { lines, state: now } = draw(
      { ...view, state: { ...view.state, ...state } as State },
      size,
    );
    assert.equal(lines.length, size.rows);
    for (const line of lines) {
      assert.equal(lineWidth(line), size.columns);
      assert.doesNotMatch(plainText(line), /[\p{Cc}\p{Cf}]/u);
    }
    assert.ok(now.scroll >= 0 && now.scroll <= 40);
  }));
});

Deno.test("top: what cannot be read is a dash with the reason, not a zero", () => {
  const why = "needs --allow-all or the native library";
  const lines = screen(viewOf({
    cpu: {
      busy: null,
      shares: null,
      cores: null,
      count: 2,
      contextSwitches: null,
      interrupts: null,
    },
    ...{ load: null, pressure: null, memory: null, swap: null, disks: null, filesystems: null },
    ...{ networks: null, processes: null, limits: null, temperatures: null, uptimeSeconds: null },
    unavailable: {
      ...{ "cpu.shares": why, pressure: why, memory: why, swap: why, disks: why },
      ...{ filesystems: why, networks: why, processes: why },
    },
  }));
  for (const label of ["CPU", "MEM", "SWAP", "STALL", "DISK", "FILES", "NET"]) {
    const line = lines.find((one) => one.startsWith(`${label} `));
    assert.match(line ?? "", new RegExp(`^${label} +- .*${why}$`), label);
  }
  assert.ok(lines.some((line) => line.trim() === why), "the list of processes says why too");
});

Deno.test("top: details of the chosen process, beside the list or below it", () => {
  const [, one] = snapshotAt(TICK).processes!.list;
  const state = { chosen: processKey(one!), isDetailed: true };
  const narrow = screen(viewOf({}, state)).join("\n");
  assert.match(narrow, /^PROCESS postgres \u2500+$/m);
  assert.match(narrow, /^number +101 +CPU ever/m);
  assert.match(narrow, /^parent +100 deno/m);
  const wide = screen(viewOf({}, state), 160, 50);
  assert.ok(wide.some((line) => /PROCESSES .* PROCESS postgres \u2500+$/.test(line)));
  assert.ok(wide.some((line) => /descriptors +10$/.test(line)));
  assert.ok(wide.some((line) => /CPU, full height is \d+% of one$/.test(line)));
  const gone = screen(viewOf({}, { chosen: "1.1", isDetailed: true }));
  assert.ok(gone.includes("it has ended"));
});

Deno.test("top: alerts that fire stand at the top, bounded and harmless", () => {
  const alert = (at: number): Alert => ({
    name: `a${at}`,
    metric: "cpu.busy",
    severity: "critical",
    state: "firing",
    value: 1,
    threshold: 0.9,
    since: "2026-01-02T03:04:05.000Z",
    at: "2026-01-02T03:04:05.000Z",
    message: `rule ${at} \x1b[31m`,
    missed: 0,
  });
  const alerts = Array.from({ length: 9 }, (_, at) => alert(at));
  const lines = screen({ ...viewOf(), alerts });
  assert.deepEqual(lines.slice(1, 4), ["! rule 0 <1B>[31m", "! rule 1 <1B>[31m", "! and 7 more"]);
  assert.match(lines[4]!, /^CPU/);
  for (const isDetailed of [false, true]) {
    for (const rows of [4, 5, 7]) {
      const view = { ...viewOf(), alerts };
      const small = screen({ ...view, state: { ...view.state, isDetailed } }, 24, rows);
      assert.equal(small.length, rows);
      assert.equal(small[1], "! 9 alerts");
    }
  }
});

Deno.test("top: the runtime's own parts and operations, where there are some", () => {
  const lines = screen(
    viewOf({
      runtime: { cache: { count: 2, entries: 1_200, bytes: 5e6, hitRatio: 0.875, waiting: null } },
      operations: {
        checkout: { count: 5, failed: 1, rate: 2.5, p50: 12, p95: 30, p99: 40, max: 41 },
      },
    }),
    120,
    33,
  );
  assert.ok(
    lines.some((line) => /^SELF .* cache +count 2 {2}entries 1200 {2}bytes 4\.8M/.test(line)),
  );
  assert.ok(lines.some((line) => /checkout +rate 2\.5\/s {2}p50 12\.0 ms/.test(line)));
});

Deno.test("top: without block characters nothing but ASCII is drawn", () => {
  const view = { ...viewOf({}, { chosen: "100.x", isDetailed: true }), glyphs: PLAIN };
  for (const [columns, rows] of [[80, 24], [200, 60]] as const) {
    for (const line of screen(view, columns, rows)) assert.match(line, /^[\x20-\x7e]*$/);
  }
});

Deno.test("ansi: colours are set back, and none are there when there are none", () => {
  const line = [span("a", "hot"), span("  "), span("b", "plain"), span("c", "chosen")];
  assert.equal(ansiLine(line, "basic"), "\x1b[0;31ma  \x1b[0mb\x1b[0;7mc\x1b[0m");
  assert.equal(ansiLine([span("a", "calm"), span("b", "soft")], "none"), "ab");
  // deno-lint-ignore no-control-regex
  assert.match(ansiLine(line, "many"), /^\x1b\[0;38;5;\d+ma/);
});

Deno.test("canvas: only lines that changed are written", () => {
  const canvas = new Canvas("none");
  const lines = draw(viewOf(), { columns: 80, rows: 24 }).lines;
  const first = canvas.update(lines);
  assert.ok(first.includes("\x1b[2J") && first.includes("\x1b[24;1H"));
  assert.equal(canvas.update(lines), "");
  const changed = lines.map((line, at) => at === 4 ? [span("other".padEnd(80))] : line);
  const second = canvas.update(changed);
  assert.equal(second, `\x1b[?2026h\x1b[5;1H${"other".padEnd(80)}\x1b[?2026l`);
  canvas.clear();
  assert.ok(canvas.update(changed).length > second.length);
  // Another size is another screen.
  assert.ok(canvas.update(lines.slice(0, 10)).includes("\x1b[2J"));
});

Deno.test("svg: a picture of the same lines, well-formed whatever is in them", () => {
  const view = viewOf({}, {}, { names: ['<b>&"\x1b[0m'] });
  const { lines } = draw(view, { columns: 100, rows: 30 });
  const svg = svgOf(lines, 100, "agent <top>");
  assert.match(svg, /^<svg [^>]*viewBox="0 0 812 542"[^>]*aria-label="agent &lt;top>"/);
  assert.ok(svg.includes("&lt;b>&amp;&quot;&lt;1B>[0m"));
  assert.ok(!svg.includes("<b>") && !svg.includes("\x1b"));
  assert.equal(svg.match(/<text /g)?.length, svg.match(/<\/text>/g)?.length);
  assert.ok(svg.includes('<rect class="chart"'));
});

Deno.test("top: an alert of each of several stands until it is resolved itself", () => {
  const standing = new StandingAlerts();
  const alert = (metric: string, state: Alert["state"]): Alert => ({
    ...{ name: "space", metric, state, severity: "warning", value: 1, threshold: 2 },
    ...{ since: "", at: "", message: `${metric} ${state}`, missed: 0 },
  });
  const metrics = (): string[] => standing.list().map(({ message }) => message);
  standing.take(alert("filesystems[/].available", "firing"));
  standing.take(alert("filesystems[/home].available", "firing"));
  standing.take(alert("filesystems[/].available", "unknown"));
  assert.deepEqual(metrics(), [
    "filesystems[/].available unknown",
    "filesystems[/home].available firing",
  ]);
  standing.take(alert("filesystems[/home].available", "resolved"));
  assert.deepEqual(metrics(), ["filesystems[/].available unknown"]);
});

Deno.test("top --alert: rules are read, and what is none is refused", () => {
  assert.deepEqual(thresholdOf("cpu.busy>0.9"), { metric: "cpu.busy", above: 0.9, forMs: 0 });
  assert.deepEqual(thresholdOf("memory.available < 1e9 : 30s"), {
    metric: "memory.available",
    below: 1e9,
    forMs: 30_000,
  });
  assert.equal(thresholdOf("filesystems[/].available<5").metric, "filesystems[/].available");
  for (const name of ["Web Content", "a>5", "x < y :3s", "\\]]", "tab\there", "two\nlines"]) {
    const metric = `processes.list[name=${name.replace(/[\]\\]/g, "\\$&")}].rss`;
    const read = thresholdOf(` ${metric} > -1.5e-3 : 2 s `);
    assert.deepEqual(read, { metric, above: -0.0015, forMs: 2_000 });
    assert.doesNotThrow(() => checkThresholds([read], () => true));
  }
  const ratio = "filesystems[/my disk].available / filesystems[/my disk].total";
  assert.equal(thresholdOf(`${ratio}<0.1`).metric, ratio);
  for (
    const wrong of [
      "",
      " >1",
      "cpu.busy",
      "cpu.busy>",
      ">1",
      "a>b",
      "cpu>1>2",
      "cpu>1:x",
      "cpu>1..2",
    ]
  ) {
    assert.throws(() => thresholdOf(wrong), /--alert must be as in/, wrong);
  }
});
