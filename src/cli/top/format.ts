/**
 * Numbers as words of few cells. What is not known is a dash.
 *
 * @module
 */

const UNITS = ["B", "K", "M", "G", "T", "P", "E"];
const NONE = "-";

/** Bytes in at most five cells: `0`, `999B`, `1.2K`, `34M`; K is 1,024. */
export function bytes(value: number | null): string {
  if (value === null) return NONE;
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  if (unit === 0) return rest < 0.5 ? "0" : `${Math.round(rest)}B`;
  return `${rest < 9.95 ? rest.toFixed(1) : Math.round(rest)}${UNITS[unit]}`;
}

/** Bytes a second. */
export function rate(value: number | null): string {
  return value === null ? NONE : `${bytes(value)}/s`;
}

/** A count in at most five cells: `0`, `0.4`, `12`, `9999`, `12k`, `3.4M`. */
export function count(value: number | null): string {
  if (value === null) return NONE;
  if (value < 9.95 && value % 1 !== 0) return value.toFixed(1);
  if (value < 9_999.5) return String(Math.round(value));
  if (value < 999_500) return `${Math.round(value / 1e3)}k`;
  if (value < 999.5e6) return `${(value / 1e6).toFixed(value < 9.95e6 ? 1 : 0)}M`;
  return `${(value / 1e9).toFixed(value < 9.95e9 ? 1 : 0)}G`;
}

/** A share as a percentage without its sign: `0.0`, `45.2`, `100`, `1600`. */
export function percent(share: number | null): string {
  if (share === null) return NONE;
  const value = share * 100;
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

/** Seconds as the two largest units: `9h47m`, `3d04h`, `12m05s`, `7s`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return NONE;
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3_600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  if (days > 0) return `${days}d${two(hours)}h`;
  if (hours > 0) return `${hours}h${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m${two(rest)}s` : `${rest}s`;
}

/** Milliseconds: `0.12 ms`, `3.4 ms`, `1.20 s`, `340 ns`. */
export function milliseconds(value: number | null): string {
  if (value === null) return NONE;
  if (value === 0) return "0 ms";
  if (value < 1e-3) return `${digits(value * 1e6)} ns`;
  if (value < 1) return `${digits(value * 1e3)} us`;
  return value < 1_000 ? `${digits(value)} ms` : `${digits(value / 1_000)} s`;
}

/** Three digits that count. */
function digits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
