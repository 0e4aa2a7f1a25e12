/**
 * Edit-distance kernels of the pure twin: Levenshtein, optimal string alignment and longest common subsequence, all
 * bit-parallel over 32-bit words (Myers 1999; Hyyrö 2003 and 2004), in blocks for longer patterns.
 * They work on code points in Int32Arrays and keep one mask table by code point; memory is linear.
 *
 * @module
 */

const REPLACEMENT = 0xfffd;
const NOTHING = new Int32Array(0);

// One bit mask for each code point; all zero between calls. Untouched pages of it cost no memory.
let table: Int32Array | undefined;

/** The table of masks by code point; whoever writes into it sets it back to zero. */
export function maskTable(): Int32Array {
  return table ??= new Int32Array(0x110000);
}

/** A growing array for one operand; reused from call to call so that short strings allocate nothing. */
export class CodePoints {
  /** The code points; only the first `length` count. */
  data: Int32Array = NOTHING;
  /** How many there are. */
  length = 0;

  /** Takes over a string, lone surrogates as U+FFFD. */
  read(text: string): this {
    const units = text.length;
    if (this.data.length < units) {
      this.data = new Int32Array(Math.max(units + 8, this.data.length * 2));
    }
    const data = this.data;
    let n = 0;
    for (let i = 0; i < units; i++) {
      const unit = text.charCodeAt(i);
      if ((unit & 0xf800) !== 0xd800) {
        data[n++] = unit;
        continue;
      }
      const low = unit < 0xdc00 && i + 1 < units ? text.charCodeAt(i + 1) : 0;
      if ((low & 0xfc00) === 0xdc00) {
        data[n++] = (unit - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
        i++;
      } else {
        data[n++] = REPLACEMENT;
      }
    }
    this.length = n;
    return this;
  }

  /** Gives back memory that only a very long string needed. */
  trim(): void {
    if (this.data.length > 1 << 20) this.data = NOTHING;
  }
}

/** How many bits are set. */
export function popcount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/** Sets, for the pattern's code points from `from` to `to`, bit (position - from). */
export function setMasks(peq: Int32Array, pattern: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) peq[pattern[i]!]! |= 1 << (i - from);
}

/** Undoes `setMasks`. */
export function clearMasks(peq: Int32Array, pattern: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) peq[pattern[i]!] = 0;
}

/** The bits of a pattern of `m` code points, 1 to 32. */
function bitsOf(m: number): number {
  return m === 32 ? -1 : (1 << m) - 1;
}

/**
 * Levenshtein distance of a text to a pattern of 1 to 32 code points whose masks are set. The distance is read off the
 * vertical differences of the last column: it costs less than to follow the last row.
 */
export function myers(
  peq: Int32Array,
  m: number,
  text: Int32Array,
  from: number,
  to: number,
): number {
  let pv = -1;
  let mv = 0;
  for (let j = from; j < to; j++) {
    const eq = peq[text[j]!]!;
    const xv = eq | mv;
    const xh = (((eq & pv) + pv) ^ pv) | eq;
    const ph = ((mv | ~(xh | pv)) << 1) | 1;
    pv = ((pv & xh) << 1) | ~(xv | ph);
    mv = ph & xv;
  }
  const bits = bitsOf(m);
  return to - from + popcount(pv & bits) - popcount(mv & bits);
}

/** `myers` straight on a string of the BMP without surrogates; -1 if it has any. */
export function myersUnits(peq: Int32Array, m: number, text: string): number {
  const n = text.length;
  let pv = -1;
  let mv = 0;
  for (let j = 0; j < n; j++) {
    const unit = text.charCodeAt(j);
    if ((unit & 0xf800) === 0xd800) return -1;
    const eq = peq[unit]!;
    const xv = eq | mv;
    const xh = (((eq & pv) + pv) ^ pv) | eq;
    const ph = ((mv | ~(xh | pv)) << 1) | 1;
    pv = ((pv & xh) << 1) | ~(xv | ph);
    mv = ph & xv;
  }
  const bits = bitsOf(m);
  return n + popcount(pv & bits) - popcount(mv & bits);
}

/**
 * Levenshtein distance straight on two strings of which one has 1 to 32 units; -1 if surrogates are in the way. For
 * short strings this is twice as fast as to read them into arrays first.
 */
export function levenshteinUnits(a: string, b: string): number {
  const pattern = a.length <= b.length ? a : b;
  const text = a.length <= b.length ? b : a;
  const peq = maskTable();
  const m = pattern.length;
  let surrogates = 0;
  for (let i = 0; i < m; i++) {
    const unit = pattern.charCodeAt(i);
    if ((unit & 0xf800) === 0xd800) surrogates = 1;
    peq[unit]! |= 1 << i;
  }
  const distance = surrogates === 0 ? myersUnits(peq, m, text) : -1;
  for (let i = 0; i < m; i++) peq[pattern.charCodeAt(i)] = 0;
  return distance;
}

/** What is left of two operands after their common prefix and suffix: the shorter one is the pattern. */
interface Middle {
  start: number;
  pattern: Int32Array;
  patternEnd: number;
  text: Int32Array;
  textEnd: number;
}

const middle: Middle = { start: 0, pattern: NOTHING, patternEnd: 0, text: NOTHING, textEnd: 0 };

function stripAffix(a: Int32Array, la: number, b: Int32Array, lb: number): void {
  const shorter = la < lb ? la : lb;
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  while (la > start && lb > start && a[la - 1] === b[lb - 1]) {
    la--;
    lb--;
  }
  middle.start = start;
  middle.pattern = la <= lb ? a : b;
  middle.patternEnd = la <= lb ? la : lb;
  middle.text = la <= lb ? b : a;
  middle.textEnd = la <= lb ? lb : la;
}

let carries = new Uint8Array(1024);

/** One byte for each column of a comparison in blocks, all set to a value. */
export function carryOf(columns: number, value: number): Uint8Array {
  if (columns > 1 << 20) return new Uint8Array(columns).fill(value);
  if (carries.length < columns) carries = new Uint8Array(columns * 2);
  return carries.fill(value, 0, columns);
}

/** Levenshtein distance of two sequences of code points. */
export function levenshtein(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  stripAffix(a, la, b, lb);
  const { start, pattern, patternEnd, text, textEnd } = middle;
  const n = textEnd - start;
  if (patternEnd === start) return n;
  const peq = maskTable();
  if (patternEnd - start <= 32) {
    setMasks(peq, pattern, start, patternEnd);
    const distance = myers(peq, patternEnd - start, text, start, textEnd);
    clearMasks(peq, pattern, start, patternEnd);
    return distance;
  }
  // Block by block of 32 rows; carry holds the horizontal deltas that enter a column: bit 0 is +1, bit 1 is -1.
  const carry = carryOf(n, 1);
  let distance = n;
  for (let from = start; from < patternEnd; from += 32) {
    const to = Math.min(from + 32, patternEnd);
    setMasks(peq, pattern, from, to);
    let pv = -1;
    let mv = 0;
    for (let j = 0; j < n; j++) {
      const entering = carry[j]!;
      let eq = peq[text[start + j]!]!;
      const xv = eq | mv;
      eq |= entering >>> 1;
      const xh = (((eq & pv) + pv) ^ pv) | eq;
      let ph = mv | ~(xh | pv);
      const mh = pv & xh;
      carry[j] = (ph >>> 31) | ((mh >>> 31) << 1);
      ph = (ph << 1) | (entering & 1);
      pv = ((mh << 1) | (entering >>> 1)) | ~(xv | ph);
      mv = ph & xv;
    }
    clearMasks(peq, pattern, from, to);
    const bits = bitsOf(to - from);
    distance += popcount(pv & bits) - popcount(mv & bits);
  }
  return distance;
}

/** Optimal string alignment distance (adjacent transpositions cost one) of two sequences of code points. */
export function osa(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  stripAffix(a, la, b, lb);
  const { start, pattern, patternEnd, text, textEnd } = middle;
  const n = textEnd - start;
  if (patternEnd === start) return n;
  const peq = maskTable();
  // As in levenshtein; bit 2 of carry is a transposition that reaches over the border of two blocks.
  const carry = patternEnd - start > 32 ? carryOf(n, 1) : undefined;
  let distance = n;
  for (let from = start; from < patternEnd; from += 32) {
    const to = Math.min(from + 32, patternEnd);
    setMasks(peq, pattern, from, to);
    let vp = -1;
    let vn = 0;
    let d0 = 0;
    let previous = 0;
    for (let j = 0; j < n; j++) {
      const entering = carry === undefined ? 1 : carry[j]!;
      const eq = peq[text[start + j]!]!;
      const swapped = ~d0 & eq;
      const tr = ((swapped << 1) | (entering >>> 2)) & previous;
      const x = eq | ((entering >>> 1) & 1);
      d0 = (((x & vp) + vp) ^ vp) | x | vn | tr;
      let hp = vn | ~(d0 | vp);
      const hn = d0 & vp;
      if (carry !== undefined) {
        carry[j] = (hp >>> 31) | ((hn >>> 31) << 1) | ((swapped >>> 31) << 2);
      }
      hp = (hp << 1) | (entering & 1);
      vp = ((hn << 1) | ((entering >>> 1) & 1)) | ~(d0 | hp);
      vn = hp & d0;
      previous = eq;
    }
    clearMasks(peq, pattern, from, to);
    const bits = bitsOf(to - from);
    distance += popcount(vp & bits) - popcount(vn & bits);
  }
  return distance;
}

/** Length of the longest common subsequence of text[from, to) and a pattern of 1 to 32 code points with masks set. */
export function lcsMasked(
  peq: Int32Array,
  m: number,
  text: Int32Array,
  from: number,
  to: number,
): number {
  let s = -1;
  for (let j = from; j < to; j++) {
    const u = s & peq[text[j]!]!;
    s = (s + u) | (s - u);
  }
  return popcount(~s & bitsOf(m));
}

/**
 * The same for a pattern of any length, block by block. Afterwards `carry[j]` is 1 where the length grew from the prefix
 * of j code points of the text to that of j + 1, because a growth is what is carried out of the last block.
 */
export function lcsBlocks(
  pattern: Int32Array,
  patternFrom: number,
  patternTo: number,
  text: Int32Array,
  from: number,
  to: number,
  carry: Uint8Array,
): number {
  const peq = maskTable();
  const n = to - from;
  let length = 0;
  for (let first = patternFrom; first < patternTo; first += 32) {
    const last = Math.min(first + 32, patternTo);
    setMasks(peq, pattern, first, last);
    let s = -1;
    for (let j = 0; j < n; j++) {
      const u = s & peq[text[from + j]!]!;
      const sum = (((s + u) | 0) + carry[j]!) | 0;
      carry[j] = ((s & u) | ((s | u) & ~sum)) >>> 31;
      s = sum | (s - u);
    }
    clearMasks(peq, pattern, first, last);
    length += popcount(~s & bitsOf(last - first));
  }
  return length;
}

/** Length of the longest common subsequence of two sequences of code points. */
export function lcs(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  stripAffix(a, la, b, lb);
  const { start, pattern, patternEnd, text, textEnd } = middle;
  const common = start + Math.min(la, lb) - patternEnd;
  if (patternEnd === start) return common;
  if (patternEnd - start > 32) {
    const carry = carryOf(textEnd - start, 0);
    return common + lcsBlocks(pattern, start, patternEnd, text, start, textEnd, carry);
  }
  const peq = maskTable();
  setMasks(peq, pattern, start, patternEnd);
  const length = lcsMasked(peq, patternEnd - start, text, start, textEnd);
  clearMasks(peq, pattern, start, patternEnd);
  return common + length;
}
