/**
 * The picture of the report: for each operation and size how many times faster or slower than the best peer we are, on
 * a logarithmic scale. Losses are drawn like wins, to the other side.
 */

import type { AreaResult } from "./area.ts";
import { sizeOf, times } from "./findings.ts";
import type { GroupResult, RowResult } from "./harness.ts";

const WIDTH = 860;
const LEFT = 372;
const RIGHT = 64;
const BAR = 13;
const LINE = 17;
const HEAD = 26;
const TOP = 84;

const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .soft { fill: #59636e; }
  .head { font-weight: 600; }
  .grid { stroke: #d1d9e0; }
  .one { stroke: #59636e; }
  .win { fill: #1a7f64; }
  .loss { fill: #c4532d; }
  .range { stroke: #1f2328; opacity: .55; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .one { stroke: #9198a1; }
    .win { fill: #3fb68b; }
    .loss { fill: #e5764d; }
    .range { stroke: #e6edf3; }
  }
`;

interface Item {
  label: string;
  row: RowResult;
}

interface Section {
  title: string;
  items: Item[];
}

/** The row that stands for a group: what a caller gets. */
function ours({ rows }: GroupResult): RowResult[] {
  const compared = rows.filter((row) => row.toPeer !== undefined);
  const auto = compared.filter(({ role }) => role === "auto");
  const native = compared.filter(({ role }) => role === "native");
  const shared = compared.filter(({ name }) => name === "process-wide" && auto.length > 0);
  return [...(auto.length > 0 ? auto : native), ...shared];
}

function sectionsOf(results: readonly AreaResult[]): Section[] {
  const sections = new Map<string, Section>();
  for (const { groups } of results) {
    for (const group of groups) {
      if (group.size === 0) continue;
      for (const row of ours(group)) {
        const peer = row.toPeer!.against.replace(/ \(.*/, "");
        const title = `${group.operation}  \u00b7  against ${peer}`;
        const section = sections.get(title) ?? { title, items: [] };
        const name = row.role === "auto" || row.role === "native" ? "" : `, ${row.name}`;
        section.items.push({ label: sizeOf(group) + name, row });
        sections.set(title, section);
      }
    }
  }
  return [...sections.values()];
}

/** The picture as SVG. */
export function chartOf(results: readonly AreaResult[]): string {
  const sections = sectionsOf(results);
  const values = sections.flatMap(({ items }) => items.map(({ row }) => row.toPeer!.value));
  const least = Math.floor(Math.log10(Math.min(0.1, ...values)));
  const most = Math.ceil(Math.log10(Math.max(10, ...values)));
  const place = (value: number): number => {
    const share = (Math.log10(value) - least) / (most - least);
    return LEFT + Math.min(1, Math.max(0, share)) * (WIDTH - LEFT - RIGHT);
  };
  const lines = sections.reduce((sum, { items }) => sum + HEAD + items.length * LINE, 0);
  const height = TOP + lines + 34;
  const parts: string[] = [
    text(20, 30, "How many times faster than the best peer", "title"),
    text(
      20,
      50,
      "What a caller gets who does not choose. Logarithmic scale; right of 1 we are faster, left of it slower.",
      "soft",
    ),
  ];
  for (let power = least; power <= most; power++) {
    const x = place(10 ** power);
    parts.push(
      `<line class="${power === 0 ? "one" : "grid"}" x1="${r(x)}" x2="${r(x)}" y1="${
        TOP - 6
      }" y2="${height - 28}"/>`,
      text(x, TOP - 12, times(10 ** power), "soft", "middle"),
      text(x, height - 12, times(10 ** power), "soft", "middle"),
    );
  }
  let y = TOP;
  for (const { title, items } of sections) {
    y += HEAD;
    parts.push(text(20, y - 6, title, "head"));
    for (const { label, row } of items) {
      parts.push(bar(label, row, y, place));
      y += LINE;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Ratios against the best peer">
<style>${STYLE}</style>
${parts.join("\n")}
</svg>
`;
}

function bar(label: string, row: RowResult, y: number, place: (value: number) => number): string {
  const { value, low, high } = row.toPeer!;
  const [one, end] = [place(1), place(value)];
  const kind = value >= 1 ? "win" : "loss";
  const middle = y + BAR / 2;
  return [
    text(LEFT - 62, y + 10.5, label, "", "end"),
    text(LEFT - 10, y + 10.5, times(value), kind === "loss" ? "loss" : "soft", "end"),
    `<rect class="${kind}" x="${r(Math.min(one, end))}" y="${y}" width="${
      r(Math.max(1, Math.abs(end - one)))
    }" height="${BAR}" rx="1.5"/>`,
    `<line class="range" x1="${r(place(low))}" x2="${
      r(place(high))
    }" y1="${middle}" y2="${middle}"/>`,
  ].join("");
}

function text(
  x: number,
  y: number,
  content: string,
  kind: string,
  anchor = "start",
): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${kind}" x="${r(x)}" y="${y}" text-anchor="${anchor}">${safe}</text>`;
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
