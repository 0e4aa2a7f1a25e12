/**
 * A picture as a drawing: a row for each port, and from left to right what is behind it.
 *
 * @module
 */

import { headline } from "./render.ts";
import { type Step, stepsOf } from "./steps.ts";
import type { HostPicture } from "./types.ts";

const COLUMNS: readonly (readonly [name: Step["name"] | "port", title: string, width: number])[] = [
  ["port", "Port", 210],
  ["process", "Process", 200],
  ["executable", "Executable", 240],
  ["container", "Container", 210],
  ["certificate", "Certificate", 290],
  ["finding", "Findings", 330],
];
const GAP = 26;
const MARGIN = 20;
const TOP = 76;
const LINE = 16;
/** Pixels that a character takes at the most. */
const CHARACTER = 6.7;

/** See `renderPicture` in `mod.ts`. */
export function renderSvg(picture: HostPicture): string {
  const lefts: number[] = [];
  let right = MARGIN;
  for (const [, , width] of COLUMNS) {
    lefts.push(right);
    right += width + GAP;
  }
  const width = right - GAP + MARGIN;
  const parts: string[] = [];
  let top = TOP;
  for (const port of picture.ports) {
    const { head, steps } = stepsOf(port);
    const values = new Map<string, readonly string[]>(
      steps.map((step) => [step.name, step.values]),
    );
    values.set("port", head.split(/ {2}|, (?=from)/));
    const high = LINE * Math.max(...[...values.values()].map(({ length }) => length)) + 12;
    let from: number | undefined;
    COLUMNS.forEach(([name, , wide], index) => {
      const lines = values.get(name);
      if (lines === undefined) return;
      const left = lefts[index]!;
      const kind = name === "finding" ? "bad" : name;
      if (from !== undefined) {
        const y = top + 14;
        parts.push(`<path class="way" d="M${from} ${y}H${left}"/>`);
      }
      from = left + wide;
      parts.push(
        `<rect class="${kind}" x="${left}" y="${top}" width="${wide}" height="${
          LINE * lines.length + 12
        }" rx="5"/>`,
      );
      const most = Math.floor((wide - 16) / CHARACTER);
      lines.forEach((line, at) =>
        parts.push(
          `<text x="${left + 8}" y="${top + 18 + LINE * at}"><title>${escaped(line)}</title>${
            escaped(cut(line, most))
          }</text>`,
        )
      );
    });
    top += high + 10;
  }
  const missing = Object.entries(picture.unavailable)
    .map(([name, why]) => `not known: ${name} (${why})`);
  for (const line of missing) {
    parts.push(`<text x="${MARGIN}" y="${top + 14}">${escaped(line)}</text>`);
    top += LINE;
  }
  const titles = COLUMNS.map(([, title], index) =>
    `<text class="title" x="${lefts[index]! + 8}" y="${TOP - 12}">${title}</text>`
  );
  const height = top + MARGIN;
  const head = `${headline(picture)}, ${picture.takenAt}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="head" x="${MARGIN}" y="34">${escaped(head)}</text>`,
    ...titles,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

const STYLE = "text{font:12px ui-monospace,monospace;fill:#1f2933}" +
  ".head{font-size:15px;font-weight:bold}.title{fill:#616e7c}.page{fill:#fff}" +
  "rect{fill:#f1f5f9;stroke:#9aa5b1}.port{fill:#dbeafe;stroke:#2563eb}" +
  ".bad{fill:#fee2e2;stroke:#dc2626}.way{stroke:#9aa5b1;fill:none}";

function cut(line: string, most: number): string {
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** Names are written by whoever made them: none ends the element that it stands in. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    // What XML has no place for.
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?");
}
