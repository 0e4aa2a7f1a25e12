/**
 * Dates of HTTP (RFC 9110, 5.6.7), in all three forms and no other, and what `Retry-After` says.
 *
 * @module
 */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY = "mon|tue|wed|thu|fri|sat|sun";
const MONTH = MONTHS.join("|");
const TIME = "(\\d\\d):(\\d\\d):(\\d\\d)";

const IMF = new RegExp(`^(?:${DAY}), (\\d\\d) (${MONTH}) (\\d{4}) ${TIME} gmt$`, "i");
const RFC_850 = new RegExp(
  `^(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday), (\\d\\d)-(${MONTH})-(\\d\\d) ${TIME} gmt$`,
  "i",
);
const ASCTIME = new RegExp(`^(?:${DAY}) (${MONTH}) ([ \\d]\\d) ${TIME} (\\d{4})$`, "i");

/** The longest text that is looked at. */
const LONGEST = 64;

/**
 * Reads a date. Whether the day of the week is that of the date does not matter.
 *
 * @param text A field's value.
 * @param nowMs The time by which a year of two digits is understood: never more than 50 years ahead.
 * @returns Milliseconds since 1970; undefined if it is no date.
 */
export function parseHttpDate(text: string, nowMs: number = Date.now()): number | undefined {
  if (text.length > LONGEST) return undefined;
  const written = text.trim();
  const imf = IMF.exec(written);
  if (imf !== null) {
    const [, day, month, year, hour, minute, second] = imf;
    return instant([year!, month!, day!, hour!, minute!, second!]);
  }
  const old = RFC_850.exec(written);
  if (old !== null) {
    const [, day, month, year, hour, minute, second] = old;
    return instant([fullYear(Number(year), nowMs), month!, day!, hour!, minute!, second!]);
  }
  const c = ASCTIME.exec(written);
  if (c !== null) {
    const [, month, day, hour, minute, second, year] = c;
    return instant([year!, month!, day!, hour!, minute!, second!]);
  }
  return undefined;
}

/** The year that two digits mean: that of this century unless it were more than 50 years ahead. */
function fullYear(digits: number, nowMs: number): string {
  const now = new Date(nowMs).getUTCFullYear();
  const year = now - now % 100 + digits;
  return String(year > now + 50 ? year - 100 : year).padStart(4, "0");
}

function instant(parts: readonly string[]): number | undefined {
  const [year, month, day, hour, minute, second] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)];
  // A leap second is one of the next minute.
  if (d < 1 || h > 23 || m > 59 || s > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), monthIndex, d);
  if (date.getUTCDate() !== d) return undefined;
  return date.setUTCHours(h, m, s, 0);
}

/** A date as HTTP writes it. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @param text The field's value; null if there is none.
 * @param nowMs The time now.
 * @returns How long to wait in milliseconds, 0 for a date that is over; undefined if it says nothing.
 */
export function parseRetryAfter(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const written = text.trim();
  if (/^\d{1,15}$/.test(written)) return Number(written) * 1000;
  const date = parseHttpDate(written, nowMs);
  return date === undefined ? undefined : Math.max(0, date - nowMs);
}
