/**
 * Why a figure is null, out of a snapshot's `unavailable`.
 *
 * @module
 */

/**
 * Finds the reason of a path: its own, that of all items of its list, that of the part that it is in, or that of all rates.
 *
 * @param unavailable Reasons by path.
 * @param path The path of a figure, such as `disks[sda].readBytes`.
 * @returns The reason; undefined if none is given.
 */
export function reasonFor(
  unavailable: Readonly<Record<string, string>>,
  path: string,
): string | undefined {
  for (let part = path;;) {
    const items = part.replace(/\[[^\]]*\]/g, "[]");
    const reason = own(unavailable, part) ?? own(unavailable, items);
    if (reason !== undefined) return reason;
    const end = Math.max(part.lastIndexOf("."), part.lastIndexOf("["));
    if (end <= 0) return own(unavailable, "windowMs");
    part = part.slice(0, end);
  }
}

function own(reasons: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(reasons, key) ? reasons[key] : undefined;
}
