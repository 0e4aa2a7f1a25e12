/** Memory, swap, pressure, and what the control group allows. @module */

import type { LimitFigures, Pressure } from "../../../monitor/mod.ts";
import { padEnd } from "../cells.ts";
import { bar, sparkline } from "../charts.ts";
import { bytes, count, percent, rate } from "../format.ts";
import { level, type Line, span } from "../line.ts";
import { pairs, reasonOf, type Row, type View } from "../view.ts";

/** Memory and swap. */
export function memoryRows({ snapshot, glyphs }: View): Row[] {
  const { memory, swap } = snapshot;
  const rows: Row[] = [];
  if (memory === null) rows.push(missing("MEM", reasonOf(snapshot, "memory")));
  else {
    const share = memory.total > 0 ? memory.used / memory.total : null;
    rows.push({
      label: "MEM",
      value: sign(share),
      style: level(share),
      chart: (width) => bar(share, width, glyphs),
      words: [
        [span(`${bytes(memory.used)} of ${bytes(memory.total)}`)],
        ...pairs(["free", bytes(memory.free)], ["cached", bytes(memory.cached)]),
      ],
    });
  }
  if (swap === null) rows.push(missing("SWAP", reasonOf(snapshot, "swap")));
  else if (swap.total === 0) rows.push(missing("SWAP", [span("none", "soft")]));
  else {
    const share = swap.used / swap.total;
    rows.push({
      label: "SWAP",
      value: sign(share),
      style: level(share),
      chart: (width) => bar(share, width, glyphs),
      words: [
        [span(`${bytes(swap.used)} of ${bytes(swap.total)}`)],
        ...pairs(["in", rate(swap.in)], ["out", rate(swap.out)]),
      ],
    });
  }
  return rows;
}

/** Time in which tasks waited, each kind on a row. */
export function pressureRows({ snapshot, history, glyphs }: View): Row[] {
  const { pressure } = snapshot;
  if (pressure === null) return [missing("STALL", reasonOf(snapshot, "pressure"))];
  return (["cpu", "memory", "io"] as const).map((kind): Row => {
    const seen = pressure[kind];
    const share = seen?.some.avg10 ?? null;
    return {
      label: kind === "cpu" ? "STALL" : "",
      value: sign(share),
      style: strain(share),
      chart: (width) => sparkline(history.of(`pressure ${kind}`), width, 1, glyphs),
      words: [
        [span(padEnd(kind, 6))],
        ...(seen === null ? [reasonOf(snapshot, `pressure.${kind}`)] : longer(seen)),
      ],
    };
  });
}

/** The same on one row. */
export function pressureRow({ snapshot, history, glyphs }: View): Row {
  const { pressure } = snapshot;
  if (pressure === null) return missing("STALL", reasonOf(snapshot, "pressure"));
  const share = (kind: "cpu" | "memory" | "io"): number | null =>
    pressure[kind]?.some.avg10 ?? null;
  const [cpu, memory, io] = [share("cpu"), share("memory"), share("io")];
  const worst = Math.max(cpu ?? 0, memory ?? 0, io ?? 0);
  return {
    label: "STALL",
    value: sign(worst),
    style: strain(worst),
    chart: (width) => sparkline(history.of("pressure"), width, 1, glyphs),
    words: pairs(
      ["cpu", sign(cpu), strain(cpu)],
      ["memory", sign(memory), strain(memory)],
      ["io", sign(io), strain(io)],
    ),
  };
}

/** What the control group allows and how much of it is used; nothing where nothing is limited. */
export function limitRows({ snapshot, history, glyphs }: View): Row[] {
  const { limits } = snapshot;
  if (limits === null) return [];
  const rows: Row[] = [];
  if (limits.cpus !== null) {
    const share = limits.cpuUsed === null ? null : limits.cpuUsed / limits.cpus;
    rows.push({
      label: "LIMIT",
      value: sign(share),
      style: level(share),
      chart: (width) => sparkline(history.of("throttled"), width, 1, glyphs),
      words: [
        [span(`${limits.cpuUsed?.toFixed(2) ?? "-"} of ${count(limits.cpus)} CPUs`)],
        ...pairs(["throttled", sign(limits.throttled), strain(limits.throttled)]),
      ],
    });
  }
  if (limits.memory !== null) {
    const share = limits.memoryUsed === null ? null : limits.memoryUsed / limits.memory;
    rows.push({
      label: rows.length === 0 ? "LIMIT" : "",
      value: sign(share),
      style: level(share),
      chart: (width) => bar(share, width, glyphs),
      words: [
        [span(`${bytes(limits.memoryUsed)} of ${bytes(limits.memory)} memory`)],
        ...killed(limits),
      ],
    });
  }
  if (limits.pids !== null) {
    const share = limits.pidsUsed === null ? null : limits.pidsUsed / limits.pids;
    rows.push({
      label: rows.length === 0 ? "LIMIT" : "",
      value: sign(share),
      style: level(share),
      chart: (width) => bar(share, width, glyphs),
      words: [[span(`${count(limits.pidsUsed)} of ${count(limits.pids)} tasks`)]],
    });
  }
  return rows;
}

function killed({ oomKills }: LimitFigures): Line[] {
  return oomKills === null || oomKills === 0
    ? []
    : [[span(`${count(oomKills)} killed for it`, "hot")]];
}

function longer({ some, full }: Pressure): Line[] {
  return pairs(
    ["1 min", sign(some.avg60)],
    ["all", full === null ? "-" : sign(full.avg10)],
  );
}

/** Of waiting a little is much. */
function strain(share: number | null): ReturnType<typeof level> {
  return level(share === null ? null : share * 3);
}

function missing(label: string, words: Line): Row {
  return { label, value: "-", style: "soft", words: [words] };
}

function sign(share: number | null): string {
  return share === null ? "-" : `${percent(share)}%`;
}
