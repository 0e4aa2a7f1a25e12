/**
 * Prometheus' text format, version 0.0.4.
 *
 * @module
 */

/** What a family of series is. */
export type FamilyType = "counter" | "gauge" | "histogram" | "untyped";

/** Labels by name. Names are ours; values may be anything. */
export type Labels = Readonly<Record<string, string | number>>;

/** A text that grows by families. */
export class Exposition {
  readonly #lines: string[] = [];
  /** Names of the families so far, and of the series of the current one. */
  readonly #families = new Set<string>();
  #series = new Set<string>();

  /**
   * Begins a family; what `add` adds belongs to it. One without series leaves no trace.
   *
   * @throws {Error} If there was one of this name, which would make the text worthless.
   */
  family(name: string, type: FamilyType, help: string, fill: (add: Add) => void): void {
    if (this.#families.has(name)) throw new Error(`There are two families ${name}`);
    this.#families.add(name);
    this.#series = new Set();
    const head = this.#lines.length;
    fill((labels, value, suffix = "") => this.#add(name + suffix, labels, value));
    if (this.#lines.length === head) return;
    const text = help.replace(/[\\\n]/g, (found) => found === "\n" ? "\\n" : "\\\\");
    this.#lines.splice(head, 0, `# HELP ${name} ${text}`, `# TYPE ${name} ${type}`);
  }

  /** The text so far. */
  toString(): string {
    return this.#lines.length === 0 ? "" : `${this.#lines.join("\n")}\n`;
  }

  #add(name: string, labels: Labels, value: number | null | undefined): void {
    if (value === null || value === undefined) return;
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    const series = pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
    // A mount point that is there twice would make the whole text invalid.
    if (this.#series.has(series)) return;
    this.#series.add(series);
    this.#lines.push(`${series} ${shownNumber(value)}`);
  }
}

/** Adds a series to a family; null is what cannot be read, and adds none. */
export type Add = (labels: Labels, value: number | null | undefined, suffix?: string) => void;

function escaped(value: string | number): string {
  if (typeof value === "number") return String(value);
  return value.toWellFormed().replace(
    /[\\"\n]/g,
    (found) => found === "\n" ? "\\n" : `\\${found}`,
  );
}

/** As Go's `ParseFloat` reads it. */
function shownNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}
