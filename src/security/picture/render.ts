/**
 * A picture as text for a terminal: below each port what is behind it, one step a line.
 *
 * @module
 */

import type { HostPicture, PicturePort } from "./types.ts";
import { stepsOf } from "./steps.ts";

const LEAST = 40;

/** See `renderPicture` in `mod.ts`. */
export function renderText(picture: HostPicture, width: number): string {
  const columns = Math.max(LEAST, Math.floor(width));
  const lines = picture.ports.flatMap((port) => ["", ...portLines(port)]);
  const missing = Object.entries(picture.unavailable)
    .map(([name, why]) => `not known: ${name} (${why})`);
  return [headline(picture), ...lines, ...missing].map((line) => cut(line, columns)).join("\n");
}

/** What there is, in one line. */
export function headline({ ports, established }: HostPicture): string {
  return `${ports.length} open ${ports.length === 1 ? "port" : "ports"}, ` +
    `${established} established ${established === 1 ? "connection" : "connections"}`;
}

function portLines(port: PicturePort): string[] {
  const { head, steps } = stepsOf(port);
  const lines = steps.flatMap(({ name, values }) =>
    values.map((value, index) => [index === 0 ? name : "", value])
  );
  return [
    head,
    ...lines.map(([name = "", value], index) =>
      `${index === lines.length - 1 ? "└─" : "├─"} ${name.padEnd(11)} ${value}`
    ),
  ];
}

/** A line of at most so many characters; wide ones take two places. */
function cut(line: string, columns: number): string {
  const wide = (character: string): number => isWide(character) ? 2 : 1;
  const characters = [...line];
  let used = 0;
  for (const character of characters) used += wide(character);
  if (used <= columns) return line;
  let text = "";
  used = 3;
  for (const character of characters) {
    used += wide(character);
    if (used > columns) break;
    text += character;
  }
  return `${text}...`;
}

/** Whether a character may take two places; lines of boxes take one. */
function isWide(character: string): boolean {
  return character > "\u10ff" && !/[\u2500-\u257f]/.test(character);
}
