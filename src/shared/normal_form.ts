/**
 * Unicode's normal forms in linear time: the engine puts marks into their order by insertion, which is quadratic for long
 * runs of them. Here long runs are put into order before; what the engine then makes of them is the same. In the text
 * area this is the pure twin; the Rust twin sorts.
 *
 * @module
 */

/** Runs of so many UTF-16 units are put into order here. */
const LONG = 128;

/** Marks of the lowest and the highest class. */
const LOWEST = "\u0334";
const HIGHEST = "\u0345";

/** The normal form of a well-formed text. */
export function normalized(text: string, form: "NFC" | "NFKC"): string {
  // A long run covers one of these places.
  for (let at = LONG; at < text.length; at += LONG) {
    if (isMark(text, at)) return withoutDisorder(text, at, form).normalize(form);
  }
  return text.normalize(form);
}

/**
 * Whether a mark is at a place, or the second half of one: what can be reordered, or be decomposed to what can. The
 * two halfwidth sound marks of Katakana are among them.
 */
function isMark(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0x300) return false;
  const first = (unit & 0xfc00) === 0xdc00 ? at - 1 : at;
  return /^[\p{M}\uff9e\uff9f]/u.test(text.slice(first, first + 2));
}

/** The text with the marks of its long runs in their order; there is none before `from`. */
function withoutDisorder(text: string, from: number, form: "NFC" | "NFKC"): string {
  const decomposition = form === "NFC" ? "NFD" : "NFKD";
  let out = "";
  let done = 0;
  for (let at = from; at < text.length; at += LONG) {
    if (!isMark(text, at)) continue;
    let start = at;
    while (start > done && isMark(text, start - 1)) start--;
    let end = at + 1;
    while (end < text.length && isMark(text, end)) end++;
    if (end - start >= LONG) {
      out += text.slice(done, start) + inOrder(text.slice(start, end), decomposition);
      done = end;
    }
    at = end - end % LONG;
  }
  return out + text.slice(done);
}

/** A run of marks, decomposed, each stretch between starters sorted by class; equals stay in their order. */
function inOrder(run: string, form: "NFD" | "NFKD"): string {
  const parts = new Map<string, readonly string[]>();
  const marks: string[] = [];
  for (const mark of run) {
    let part = parts.get(mark);
    if (part === undefined) parts.set(mark, part = [...mark.normalize(form)]);
    for (const one of part) marks.push(one);
  }
  const ranks = ranksOf(new Set(marks));
  const stretches: string[][] = [];
  let stretch: string[][] = [];
  const close = (): void => {
    stretches.push(stretch.flat());
    stretch = [];
  };
  for (const mark of marks) {
    const rank = ranks.get(mark)!;
    // A starter: nothing goes past it.
    if (rank === 0 && stretch.length > 0) close();
    (stretch[rank] ??= []).push(mark);
  }
  close();
  return stretches.flat().join("");
}

/** The order of the classes that marks have, from 1 up; 0 for those that are starters. */
function ranksOf(marks: ReadonlySet<string>): Map<string, number> {
  const moves = (before: string, behind: string): boolean =>
    (before + behind).normalize("NFD") !== before + behind;
  const ranks = new Map<string, number>();
  const movable: string[] = [];
  for (const mark of marks) {
    if (moves(mark, LOWEST) || moves(HIGHEST, mark)) movable.push(mark);
    else ranks.set(mark, 0);
  }
  movable.sort((a, b) => moves(a, b) ? 1 : moves(b, a) ? -1 : 0);
  let rank = 0;
  movable.forEach((mark, index) => {
    if (index === 0 || moves(mark, movable[index - 1]!) || moves(movable[index - 1]!, mark)) rank++;
    ranks.set(mark, rank);
  });
  return ranks;
}
