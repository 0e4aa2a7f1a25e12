/** Disks, file systems, networks and temperatures. @module */

import type { DiskFigures, FilesystemFigures, NetworkFigures } from "../../../monitor/mod.ts";
import { bar, sparkline } from "../charts.ts";
import type { History } from "../history.ts";
import { bytes, count, percent, rate } from "../format.ts";
import { level, span } from "../line.ts";
import { padEnd, visible } from "../cells.ts";
import { nameOf, pairs, reasonOf, type Row, type View } from "../view.ts";

const NAME = 9;
const LATELY = 60;

/** The disks that did most, at most so many. */
export function diskRows({ snapshot, history, glyphs }: View, most: number): Row[] {
  const { disks } = snapshot;
  if (disks === null) {
    return [{ label: "DISK", value: "-", style: "soft", words: [reasonOf(snapshot, "disks")] }];
  }
  const busiest = disks.filter(isUsed).map((disk) => ({
    ...disk,
    lately: lately(history, `read ${disk.name}`) + lately(history, `written ${disk.name}`),
  })).sort((a, b) => b.lately - a.lately || (a.name < b.name ? -1 : 1)).slice(0, most)
    .sort((a, b) => a.name < b.name ? -1 : 1);
  return busiest.map(({ name, utilization, readBytes, writtenBytes, reads, writes }, at): Row => ({
    label: at === 0 ? "DISK" : "",
    value: utilization === null ? "-" : `${percent(utilization)}%`,
    style: level(utilization),
    chart: (width) => sparkline(history.of(`disk ${name}`), width, 1, glyphs),
    words: [
      [span(padEnd(visible(name), NAME))],
      ...pairs(
        ["read", rate(readBytes)],
        ["write", rate(writtenBytes)],
        ["ops", count(reads === null || writes === null ? null : reads + writes)],
      ),
    ],
  }));
}

/** The file systems that are fullest, at most so many. */
export function filesystemRows({ snapshot, glyphs }: View, most: number): Row[] {
  const { filesystems } = snapshot;
  if (filesystems === null) {
    return [{
      label: "FILES",
      value: "-",
      style: "soft",
      words: [reasonOf(snapshot, "filesystems")],
    }];
  }
  const fullest = filesystems
    .map((one) => ({ ...one, share: fullness(one) }))
    .sort((a, b) => (b.share ?? -1) - (a.share ?? -1)).slice(0, most);
  return fullest.map(({ mount, total, available, readOnly, share }, at): Row => ({
    label: at === 0 ? "FILES" : "",
    value: share === null ? "-" : `${percent(share)}%`,
    style: level(share),
    chart: (width) => bar(share, width, glyphs),
    words: [[
      span(`${bytes(available)} left of ${bytes(total)}  `),
      span(visible(mount), "soft"),
    ], ...(readOnly ? [[span("read only", "soft")]] : [])],
  }));
}

/** The networks that did most, at most so many; the machine's own loop comes after the others. */
export function networkRows({ snapshot, history, glyphs }: View, most: number): Row[] {
  const { networks } = snapshot;
  if (networks === null) {
    return [{ label: "NET", value: "-", style: "soft", words: [reasonOf(snapshot, "networks")] }];
  }
  const busiest = networks.map((network) => ({
    ...network,
    lately: lately(history, `received ${network.name}`) + lately(history, `sent ${network.name}`),
  })).sort((a, b) => b.lately - a.lately || rank(a) - rank(b)).slice(0, most)
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  return busiest.map((one, at): Row => {
    const { name, receivedBytes, sentBytes } = one;
    const known = receivedBytes !== null && sentBytes !== null;
    const faults = faultsOf(one);
    return {
      label: at === 0 ? "NET" : "",
      value: known ? rate(receivedBytes + sentBytes) : "-",
      chart: (width) => {
        const series = `received ${name}`;
        return sparkline(history.of(series), width, history.most(series, width), glyphs, "chart");
      },
      words: [
        [span(padEnd(visible(name), NAME))],
        ...pairs(["in", rate(receivedBytes)], ["out", rate(sentBytes)]),
        ...(faults > 0 ? [[span(`${count(faults)} lost/s`, "hot")]] : []),
      ],
    };
  });
}

/** Temperatures, at most so many. */
export function temperatureRows({ snapshot, glyphs }: View, most: number): Row[] {
  return (snapshot.temperatures ?? []).slice(0, most).map((one, at): Row => {
    const top = one.critical ?? one.high ?? 100;
    const share = top > 0 ? one.celsius / top : null;
    return {
      label: at === 0 ? "TEMP" : "",
      value: `${one.celsius.toFixed(0)} C`,
      style: level(share),
      chart: (width) => bar(share, width, glyphs),
      words: [[span(nameOf(`${one.chip} ${one.label}`.trim(), 34))]],
    };
  });
}

/** Devices made of files and memory are listed once they do something. */
function isUsed(disk: DiskFigures): boolean {
  return !/^(loop|ram|zram|fd|sr)\d/.test(disk.name) || traffic(disk) > 0;
}

function traffic({ readBytes, writtenBytes }: DiskFigures): number {
  return (readBytes ?? 0) + (writtenBytes ?? 0);
}

/** Cards before the machine's own loop, and that before interfaces that lead elsewhere. */
function rank({ name }: NetworkFigures): number {
  return /^(en|eth|wl|ww|ib|bond)/.test(name) ? 0 : name === "lo" ? 1 : 2;
}

/** How much there was in the last minute or so: what is listed must not change with every look. */
function lately(history: History, name: string): number {
  return history.of(name).slice(-LATELY).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function faultsOf(one: NetworkFigures): number {
  return (one.receiveErrors ?? 0) + (one.sendErrors ?? 0) + (one.receiveDrops ?? 0) +
    (one.sendDrops ?? 0);
}

/** How full a file system is for who is no administrator, as `df` counts. */
function fullness({ total, free, available }: FilesystemFigures): number | null {
  if (total === null || free === null || available === null) return null;
  const used = total - free;
  return used + available > 0 ? used / (used + available) : null;
}
