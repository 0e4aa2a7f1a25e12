/** What the changelog says of a version. */

/** A version's part of the changelog. */
export interface Entry {
  /** The day of the release, as `2026-01-31`. */
  readonly date: string;
  /** The ABI number of the libraries. */
  readonly abi: number;
  /** Its lines, without the heading. */
  readonly text: string;
}

/**
 * Finds a version's entry.
 *
 * @param changelog The text of CHANGELOG.md.
 * @param version The version.
 * @returns Its entry.
 * @throws {Error} If there is none, or it says no day, no ABI or no change.
 */
export function entryOf(changelog: string, version: string): Entry {
  const parts = changelog.split(/^(?=## )/m);
  const part = parts.find((text) => text.startsWith(`## [${version}]`));
  if (part === undefined) {
    throw new Error(
      `CHANGELOG.md has no "## [${version}] - YYYY-MM-DD": give what is under [Unreleased] that heading`,
    );
  }
  const [heading = "", ...lines] = part.split("\n");
  const date = /^## \[[^\]]+\] - (\d{4}-\d{2}-\d{2})$/.exec(heading)?.[1];
  if (date === undefined || Number.isNaN(Date.parse(date))) {
    throw new Error(`CHANGELOG.md: "${heading}" must end with the day, as in " - 2026-01-31"`);
  }
  const abi = /^\*\*ABI\*\* (\d+)$/m.exec(part)?.[1];
  if (abi === undefined) {
    throw new Error(`CHANGELOG.md: ${version} does not say its ABI: **ABI** 2`);
  }
  const text = lines.join("\n").trim();
  if (!/^- /m.test(text)) throw new Error(`CHANGELOG.md: ${version} names no change`);
  return { date, abi: Number(abi), text };
}
