/**
 * The picture of the report: for each tool how many times as fast as the best peer it is, on a logarithmic scale, for
 * light and dark pages. Losses are drawn like wins, to the other side.
 */

import { sizeOf } from "./group.ts";
import type { Tool } from "./page.ts";
import { times } from "./results.ts";

const WIDTH = 900;
const HEIGHT = 600;
const LEFT = 460;
const RIGHT = 70;
const TOP = 90;
const BOTTOM = 40;
const MOST_LINE = 40;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
  .title { font-size: 18px; font-weight: 600; }
  .soft { fill: #59636e; font-size: 11px; }
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

/** The picture as SVG. */
export function pictureOf(tools: readonly Tool[]): string {
  const values = tools.map(({ ours }) => ours.toPeer!.value);
  const least = Math.floor(Math.log10(Math.min(0.5, ...values)));
  const most = Math.ceil(Math.log10(Math.max(10, ...values)));
  const place = (value: number): number => {
    const share = (Math.log10(value) - least) / (most - least);
    return LEFT + Math.min(1, Math.max(0, share)) * (WIDTH - LEFT - RIGHT);
  };
  const line = Math.min(MOST_LINE, (HEIGHT - TOP - BOTTOM) / Math.max(1, tools.length));
  const parts = [
    text(20, 32, "How many times as fast as the best peer", "title"),
    text(
      20,
      54,
      "What a caller gets who does not choose; logarithmic, left of 1x is slower.",
      "soft",
    ),
  ];
  for (let power = least; power <= most; power++) {
    const x = round(place(10 ** power));
    const kind = power === 0 ? "one" : "grid";
    parts.push(
      `<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${HEIGHT - BOTTOM + 6}"/>`,
      text(x, HEIGHT - BOTTOM + 24, times(10 ** power), "soft", "middle"),
    );
  }
  tools.forEach((tool, index) => parts.push(bar(tool, TOP + index * line, line, place)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Ratios against the best peer">
<style>${STYLE}</style>
${parts.join("\n")}
</svg>
`;
}

function bar(
  { name, group, ours }: Tool,
  top: number,
  line: number,
  place: (value: number) => number,
): string {
  const { value, low, high } = ours.toPeer!;
  const against = ours.toPeer!.against.replace(/ in a loop$/, "");
  const [one, end] = [place(1), place(value)];
  const height = Math.min(18, line - 6);
  const middle = round(top + line / 2);
  const kind = value >= 1 ? "win" : "loss";
  return [
    text(20, middle + 4.5, name, ""),
    text(LEFT - 12, middle + 4.5, `${sizeOf(group)} \u00b7 ${against}`, "soft", "end"),
    `<rect class="${kind}" x="${round(Math.min(one, end))}" y="${
      round(middle - height / 2)
    }" width="${round(Math.max(1, Math.abs(end - one)))}" height="${round(height)}" rx="2"/>`,
    `<line class="range" x1="${round(place(low))}" x2="${
      round(place(high))
    }" y1="${middle}" y2="${middle}"/>`,
    text(Math.max(one, place(high)) + 6, middle + 4.5, times(value), kind === "loss" ? kind : ""),
  ].join("\n");
}

function text(x: number, y: number, content: string, kind: string, anchor = "start"): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text class="${kind}" x="${round(x)}" y="${
    round(y)
  }" text-anchor="${anchor}">${safe}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
