/**
 * A picture as text for a terminal.
 *
 * @module
 */

import { checkNumber } from "../../shared/arguments.ts";
import type { HostPicture, PicturePort, PictureProcess } from "./types.ts";

const LEAST = 40;

/** See `renderPicture` in `mod.ts`. */
export function render(picture: HostPicture, width: number): string {
  checkNumber(width, "options.width");
  const columns = Math.max(LEAST, Math.floor(width));
  const lines = picture.ports.flatMap((port) => portLines(port));
  const { unavailable, established, ports } = picture;
  const head = `${ports.length} open ${ports.length === 1 ? "port" : "ports"}, ` +
    `${established} established ${established === 1 ? "connection" : "connections"}`;
  const missing = Object.entries(unavailable).map(([name, why]) => `not known: ${name} (${why})`);
  return [head, ...lines, ...missing].map((line) => cut(line, columns)).join("\n");
}

function portLines(port: PicturePort): string[] {
  const { protocol, addresses, processes, tls, findings, reason } = port;
  const where = addresses.some((address) => address === "0.0.0.0" || address === "::")
    ? "all addresses"
    : addresses.join(", ");
  const seen = tls === null
    ? ""
    : tls === false
    ? "  no TLS"
    : `  ${
      [tls.version ?? "TLS", tls.subject, tls.validTo && `until ${tls.validTo.slice(0, 10)}`]
        .filter((part) => part).join(", ")
    }`;
  return [
    `${protocol} ${String(port.port).padEnd(5)}  ${where}${seen}`,
    ...processes.length === 0
      ? [`  process not known: ${reason ?? "not found"}`]
      : processes.map(processLine),
    ...findings.map(({ severity, title, rule }) => `  ! ${severity}: ${title} [${rule}]`),
  ];
}

function processLine(process: PictureProcess): string {
  const { pid, name, user, executable, deleted, container } = process;
  const parts = [`  ${name} (${pid})`, user ?? "user not known"];
  if (container !== null) {
    parts.push(`${container.engine} ${container.name ?? container.id.slice(0, 12)}`);
  }
  parts.push((executable ?? "executable not known") + (deleted === true ? " (deleted)" : ""));
  return parts.join("  ");
}

/** A line of at most so many characters; wide ones take two places. */
function cut(line: string, columns: number): string {
  const wide = (character: string): number => character > "\u10ff" ? 2 : 1;
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
