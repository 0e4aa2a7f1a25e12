/**
 * Options that nobody knows: a mistake in a name must not be a default in silence.
 *
 * @module
 */

/** So many letters of a name may be wrong for another to be meant. */
const MOST_WRONG = 3;

/**
 * Refuses an object with a field that is none of those that are known; fields that are undefined are passed over.
 *
 * @param value The object.
 * @param name What it is called in errors, such as `options`.
 * @param known The names of its fields.
 * @throws {TypeError} With the known name that comes nearest.
 */
export function checkFields(
  value: object | undefined,
  name: string,
  known: readonly string[],
): void {
  for (const field in value) {
    if (known.includes(field) || value[field as keyof typeof value] === undefined) continue;
    const shown = JSON.stringify(field.length > 40 ? `${field.slice(0, 40)}...` : field);
    const meant = nearestOf(field, known);
    const advice = meant === undefined
      ? `it knows ${known.join(", ")}`
      : `did you mean ${JSON.stringify(meant)}?`;
    throw new TypeError(`${name} must have no field ${shown}: ${advice}`);
  }
}

/** The word that comes nearest to another, if one comes near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (word.length > 100) return undefined;
  let nearest: string | undefined;
  let least = Math.min(MOST_WRONG, Math.ceil(word.length / 2)) + 1;
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  // "delay" for "delayMs".
  return nearest ?? known.find((candidate) => word.length > 2 && candidate.startsWith(word));
}

/** How many letters must be put in, taken out or changed. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
