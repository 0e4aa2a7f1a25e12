/**
 * A table of comma-separated values as text: a line a record, in which each value has the name of its column before it,
 * so that a record found by itself still says what it is.
 *
 * @module
 */

/** How many records at the beginning tell what separates values. */
const SAMPLE = 20;

/**
 * The records of a table, or undefined if the text is none.
 *
 * Lines stay on their line: a record over several lines is one line and is followed by empty ones.
 */
export function tableText(text: string): string | undefined {
  const separator = separatorOf(text);
  if (separator === undefined) return undefined;
  const records = recordsOf(text, separator);
  const first = records[0];
  if (first === undefined || first.values.length < 2) return undefined;
  const names = first.values.every((value) => /\p{L}/u.test(value)) &&
      new Set(first.values).size === first.values.length
    ? first.values
    : [];
  return records.map(({ values, lines }, at) => {
    const isHead = at === 0 && names.length > 0;
    const said = values.map((value, column) => {
      const name = isHead ? undefined : names[column];
      return name === undefined || value === "" ? value : `${name}: ${value}`;
    }).filter((value) => value !== "");
    const mark = isHead || said.length === 0 ? "" : "- ";
    return mark + said.join("; ") + "\n".repeat(lines);
  }).join("");
}

/** What stands equally often, and at least once, in each of the first records. */
function separatorOf(text: string): string | undefined {
  const head = text.slice(0, 50_000);
  let best: string | undefined;
  let most = 0;
  for (const separator of [",", ";", "\t", "|"]) {
    const records = recordsOf(head, separator, SAMPLE).map(({ values }) => values.length);
    if (records.length > 1 && records.length < SAMPLE && head.length < text.length) records.pop();
    const [count = 0] = records;
    const same = records.filter((length) => length === count).length;
    if (count > 1 && same >= records.length * 0.8 && count > most) {
      best = separator;
      most = count;
    }
  }
  return best;
}

interface Row {
  values: string[];
  /** How many lines of the file it took. */
  lines: number;
}

/** The records by RFC 4180; a quote that is never closed ends with its line. */
function recordsOf(text: string, separator: string, limit = Infinity): Row[] {
  const rows: Row[] = [];
  let values: string[] = [];
  let lines = 1;
  let at = 0;
  while (at < text.length && rows.length < limit) {
    let value: string;
    if (text[at] === '"') {
      let end = at + 1;
      for (end = text.indexOf('"', end); text[end + 1] === '"'; end = text.indexOf('"', end + 2));
      if (end < 0) end = lineEnd(text, at);
      const quoted = text.slice(at + 1, end);
      lines += quoted.split("\n").length - 1;
      value = quoted.replaceAll('""', '"');
      at = end + 1;
      const rest = valueEnd(text, at, separator);
      value += text.slice(at, rest);
      at = rest;
    } else {
      const end = valueEnd(text, at, separator);
      value = text.slice(at, end);
      at = end;
    }
    values.push(value.replace(/\s+/g, " ").trim());
    if (text[at] === separator) {
      at++;
      if (at < text.length && text[at] !== "\n" && text[at] !== "\r") continue;
      values.push("");
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    rows.push({ values, lines });
    values = [];
    lines = 1;
  }
  return rows;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function valueEnd(text: string, from: number, separator: string): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text[at];
    if (unit === separator || unit === "\n") break;
    if (unit === "\r" && text[at + 1] === "\n") break;
  }
  return at;
}
