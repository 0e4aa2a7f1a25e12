/**
 * Containers as `agent containers` writes them: tables that fit the terminal, sizes and times in words, and output of
 * programs that nobody has read.
 *
 * @module
 */

import type { ContainerInfo, ContainerStats, Output as Piece } from "../containers/mod.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";
import { isTerminal } from "./terminal.ts";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const GAP = 2;
/** A column is not made smaller than this. */
const LEAST = 8;

/** Text on one line, without what a terminal would act on. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

/**
 * A table, its widest columns cut until it fits.
 *
 * @param heading The names of the columns.
 * @param rows The cells.
 * @param width How wide it may be; Infinity where it goes to a file.
 */
export function tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const all = [heading, ...rows.map((row) => row.map(plain))];
  const widths = heading.map((_, at) => Math.max(...all.map((row) => [...row[at]!].length)));
  const total = (): number => widths.reduce((sum, each) => sum + each + GAP, -GAP);
  while (total() > width) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return all.map((row) =>
    row.map((cell, at) => {
      const characters = [...cell];
      const most = widths[at]!;
      const shown = characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : cell;
      return shown + " ".repeat(Math.max(0, most - [...shown].length));
    }).join(" ".repeat(GAP)).trimEnd()
  );
}

/** How wide a table may be: the terminal, or anything. */
export function tableWidth(): number {
  if (!isTerminal(Deno.stdout)) return Infinity;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/** Writes a table, its heading dimmed. */
export function writeTable(
  output: Output,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const [first, ...rest] = tableLines(heading, rows, tableWidth());
  output.line(output.dim(first!));
  for (const line of rest) output.line(line);
}

/** The row of a container in a list. */
export function listRow(container: ContainerInfo): string[] {
  const { id, name, image, state, status, ports, kind } = container;
  const published = ports.filter(({ hostPort }) => hostPort !== null).map((
    { hostAddress, hostPort, containerPort, protocol },
  ) => `${hostAddress}:${hostPort}->${containerPort}/${protocol}`);
  return [name ?? id.slice(0, 12), status ?? state, image, kind ?? "-", published.join(" ") || "-"];
}

/** The row of what a container uses; what is not known is a dash. */
export function statsRow(name: string, stats: ContainerStats): string[] {
  const { cpuPercent, memory, pids, network } = stats;
  return [
    name,
    cpuPercent === null ? "-" : `${cpuPercent.toFixed(1)}%`,
    `${bytes(memory.usedBytes)} / ${bytes(memory.limitBytes)}`,
    `${pids.current ?? "-"} / ${pids.limit ?? "-"}`,
    network === null ? "-" : `${bytes(network.receivedBytes)} / ${bytes(network.sentBytes)}`,
  ];
}

/** Bytes in words. */
export function bytes(count: number | null): string {
  if (count === null) return "-";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds of a time such as `30s`, `500ms` or `8h`; undefined if none was given. */
export function duration(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) {
    throw new UsageError(
      `Option ${option} must be a number above 0 with ms, s, m, h or d, as in 30s, got "${
        text.slice(0, 40)
      }"`,
    );
  }
  return Number(count) * UNITS[unit]!;
}

/** `NAME=VALUE`, several times, as an object. */
export function pairs(texts: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) {
      throw new UsageError(`Option ${option} must be NAME=VALUE, got "${text.slice(0, 40)}"`);
    }
    return [text.slice(0, at), text.slice(at + 1)];
  }));
}

/**
 * Passes on what a program writes, as it comes. On a terminal it loses what a terminal acts on: the program may be
 * anybody's.
 */
export class Passed {
  readonly #output: Output;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #tame = {
    stdout: isTerminal(Deno.stdout),
    stderr: isTerminal(Deno.stderr),
  };

  /** @param output Where it goes. */
  constructor(output: Output) {
    this.#output = output;
  }

  /** Passes on a piece. */
  add({ stream, bytes }: Piece): void {
    this.#write(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  }

  /** Passes on what was cut within a character. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      this.#write(stream, this.#decoders[stream].decode());
    }
  }

  #write(stream: Piece["stream"], text: string): void {
    if (text === "") return;
    const shown = this.#tame[stream] ? text.replace(/[^\P{Cc}\n\t]/gu, "?") : text;
    if (stream === "stdout") return this.#output.write(shown);
    let rest = new TextEncoder().encode(shown);
    try {
      while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
    } catch {
      // Nobody reads standard error.
    }
  }
}
