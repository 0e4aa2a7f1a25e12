/**
 * `Cache-Control` (RFC 9111, 5.2): a list of names with values, which are tokens or quoted strings. What is written
 * wrong or twice with different values is never read in favour of keeping: see `seconds`.
 *
 * @module
 */

/** Directives by name in lower case, each with every value that it was given; "" for none. */
export type Directives = ReadonlyMap<string, readonly string[]>;

/** More than any cache needs to know: 2^31 seconds, 68 years (RFC 9111, 1.2.2). */
const MOST_SECONDS = 2_147_483_648;

const NONE: Directives = new Map();

/** Reads a field's value, in linear time; null is no directives. */
export function parseDirectives(text: string | null): Directives {
  if (text === null || text === "") return NONE;
  const directives = new Map<string, string[]>();
  for (const item of listItems(text)) {
    const equals = item.indexOf("=");
    const name = (equals < 0 ? item : item.slice(0, equals)).toLowerCase();
    // With a space around "=" the name still says what is meant, and the value is none: "max-age =1" is stale.
    const value = equals < 0 ? "" : unquoted(item.slice(equals + 1));
    const values = directives.get(name.trimEnd());
    const given = name.trimEnd() === name ? value : `?${value}`;
    if (values === undefined) directives.set(name.trimEnd(), [given]);
    else values.push(given);
  }
  return directives;
}

/** The items of a list between commas that are not in a quoted string, trimmed; empty ones are left out. */
export function listItems(text: string): string[] {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  const add = (end: number): void => {
    const item = text.slice(start, end).trim();
    if (item !== "") items.push(item);
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) quoted = !quoted;
    else if (quoted && unit === 0x5c) i++;
    else if (!quoted && unit === 0x2c) {
      add(i);
      start = i + 1;
    }
  }
  add(text.length);
  return items;
}

function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/gs, "$1");
}

/**
 * A directive's seconds: undefined if it is not there, 0 if it is not a number or was given twice with different
 * ones, so that a doubt makes a response stale and never fresh.
 */
export function seconds(directives: Directives, name: string): number | undefined {
  const values = directives.get(name);
  if (values === undefined) return undefined;
  const first = values[0]!;
  if (!/^\d+$/.test(first) || values.some((value) => value !== first)) return 0;
  return Math.min(Number(first), MOST_SECONDS);
}
