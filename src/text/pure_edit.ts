/**
 * Edit-distance kernels of the pure twin: Levenshtein, optimal string alignment and longest common subsequence, all
 * bit-parallel over 32-bit words (Myers 1999; Hyyrö 2003 and 2004), in blocks for longer patterns.
 * They work on code points in Int32Arrays and keep one mask table by code point; memory is linear.
 *
 * @module
 */

const REPLACEMENT = 0xfffd;

// One bit mask for each code point; all zero between calls. Untouched pages of it cost no memory.
let table: Int32Array | undefined;

/** The table of masks by code point; whoever writes into it sets it back to zero. */
export function maskTable(): Int32Array {
  return table ??= new Int32Array(0x110000);
}

/** A growing array for one operand; reused from call to call so that short strings allocate nothing. */
export class CodePoints {
  /** The code points; only the first `length` count. */
  data: Int32Array = new Int32Array(256);
  /** How many there are. */
  length = 0;

  /** Takes over a string, lone surrogates as U+FFFD. */
  read(text: string): this {
    const units = text.length;
    if (this.data.length < units) this.data = new Int32Array(Math.max(units, this.data.length * 2));
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
    if (this.data.length > 1 << 20) this.data = new Int32Array(256);
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

/** Levenshtein distance of a text to a pattern of 1 to 32 code points whose masks are set. */
export function myers(peq: Int32Array, m: number, text: Int32Array, n: number): number {
  const last = 1 << (m - 1);
  let pv = -1;
  let mv = 0;
  let distance = m;
  for (let j = 0; j < n; j++) {
    const eq = peq[text[j]!]!;
    const xv = eq | mv;
    const xh = (((eq & pv) + pv) ^ pv) | eq;
    let ph = mv | ~(xh | pv);
    let mh = pv & xh;
    if (ph & last) distance++;
    else if (mh & last) distance--;
    ph = (ph << 1) | 1;
    mh <<= 1;
    pv = mh | ~(xv | ph);
    mv = ph & xv;
  }
  return distance;
}

/** `myers` straight on a string of the BMP without surrogates; -1 if it has any. */
export function myersUnits(peq: Int32Array, m: number, text: string): number {
  const last = 1 << (m - 1);
  let pv = -1;
  let mv = 0;
  let distance = m;
  for (let j = 0; j < text.length; j++) {
    const unit = text.charCodeAt(j);
    if ((unit & 0xf800) === 0xd800) return -1;
    const eq = peq[unit]!;
    const xv = eq | mv;
    const xh = (((eq & pv) + pv) ^ pv) | eq;
    let ph = mv | ~(xh | pv);
    let mh = pv & xh;
    if (ph & last) distance++;
    else if (mh & last) distance--;
    ph = (ph << 1) | 1;
    mh <<= 1;
    pv = mh | ~(xv | ph);
    mv = ph & xv;
  }
  return distance;
}

/** Bounds of what is left of two operands after their common prefix and suffix are taken away. */
interface Middle {
  start: number;
  endA: number;
  endB: number;
}

const middle: Middle = { start: 0, endA: 0, endB: 0 };

function stripAffix(a: Int32Array, la: number, b: Int32Array, lb: number): Middle {
  const shorter = la < lb ? la : lb;
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  while (la > start && lb > start && a[la - 1] === b[lb - 1]) {
    la--;
    lb--;
  }
  middle.start = start;
  middle.endA = la;
  middle.endB = lb;
  return middle;
}

/** Levenshtein distance of two sequences of code points. */
export function levenshtein(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  const { start, endA, endB } = stripAffix(a, la, b, lb);
  const pattern = endA <= endB ? a.subarray(start, endA) : b.subarray(start, endB);
  const text = endA <= endB ? b.subarray(start, endB) : a.subarray(start, endA);
  const m = pattern.length;
  const n = text.length;
  if (m === 0) return n;
  const peq = maskTable();
  if (m <= 32) {
    setMasks(peq, pattern, 0, m);
    const distance = myers(peq, m, text, n);
    clearMasks(peq, pattern, 0, m);
    return distance;
  }
  // Block by block of 32 rows; carry[j] holds the horizontal deltas that enter column j: bit 0 is +1, bit 1 is -1.
  const carry = new Uint8Array(n).fill(1);
  let distance = m;
  for (let from = 0; from < m; from += 32) {
    const to = Math.min(from + 32, m);
    const lastShift = m - 1 - from < 31 ? m - 1 - from : 31;
    const isLast = to === m;
    setMasks(peq, pattern, from, to);
    let pv = -1;
    let mv = 0;
    for (let j = 0; j < n; j++) {
      const entering = carry[j]!;
      let eq = peq[text[j]!]!;
      const xv = eq | mv;
      eq |= entering >>> 1;
      const xh = (((eq & pv) + pv) ^ pv) | eq;
      let ph = mv | ~(xh | pv);
      let mh = pv & xh;
      if (isLast) distance += ((ph >>> lastShift) & 1) - ((mh >>> lastShift) & 1);
      else carry[j] = (ph >>> 31) | ((mh >>> 31) << 1);
      ph = (ph << 1) | (entering & 1);
      mh = (mh << 1) | (entering >>> 1);
      pv = mh | ~(xv | ph);
      mv = ph & xv;
    }
    clearMasks(peq, pattern, from, to);
  }
  return distance;
}

/** Optimal string alignment distance (adjacent transpositions cost one) of two sequences of code points. */
export function osa(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  const { start, endA, endB } = stripAffix(a, la, b, lb);
  const pattern = endA <= endB ? a.subarray(start, endA) : b.subarray(start, endB);
  const text = endA <= endB ? b.subarray(start, endB) : a.subarray(start, endA);
  const m = pattern.length;
  const n = text.length;
  if (m === 0) return n;
  const peq = maskTable();
  // As in levenshtein; bit 2 of carry[j] is a transposition that reaches over the border of two blocks.
  const carry = m > 32 ? new Uint8Array(n).fill(1) : undefined;
  let distance = m;
  for (let from = 0; from < m; from += 32) {
    const to = Math.min(from + 32, m);
    const lastShift = to - from - 1;
    const isLast = to === m;
    setMasks(peq, pattern, from, to);
    let vp = -1;
    let vn = 0;
    let d0 = 0;
    let previous = 0;
    for (let j = 0; j < n; j++) {
      const entering = carry === undefined ? 1 : carry[j]!;
      const eq = peq[text[j]!]!;
      const swapped = ~d0 & eq;
      const tr = ((swapped << 1) | (entering >>> 2)) & previous;
      const x = eq | ((entering >>> 1) & 1);
      d0 = (((x & vp) + vp) ^ vp) | x | vn | tr;
      let hp = vn | ~(d0 | vp);
      let hn = d0 & vp;
      if (isLast) distance += ((hp >>> lastShift) & 1) - ((hn >>> lastShift) & 1);
      else carry![j] = (hp >>> 31) | ((hn >>> 31) << 1) | ((swapped >>> 31) << 2);
      hp = (hp << 1) | (entering & 1);
      hn = (hn << 1) | ((entering >>> 1) & 1);
      vp = hn | ~(d0 | hp);
      vn = hp & d0;
      previous = eq;
    }
    clearMasks(peq, pattern, from, to);
  }
  return distance;
}

/** Length of the longest common subsequence with a pattern of 1 to 32 code points whose masks are set. */
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
  return popcount(m === 32 ? ~s : ~s & ((1 << m) - 1));
}

/** Length of the longest common subsequence of two sequences of code points. */
export function lcs(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  const { start, endA, endB } = stripAffix(a, la, b, lb);
  const common = start + (la - endA);
  const pattern = endA <= endB ? a.subarray(start, endA) : b.subarray(start, endB);
  const text = endA <= endB ? b.subarray(start, endB) : a.subarray(start, endA);
  const m = pattern.length;
  const n = text.length;
  if (m === 0) return common;
  const peq = maskTable();
  if (m <= 32) {
    setMasks(peq, pattern, 0, m);
    const length = lcsMasked(peq, m, text, 0, n);
    clearMasks(peq, pattern, 0, m);
    return common + length;
  }
  // The addition s + u runs over all blocks: carry[j] is its carry into the next block at column j.
  const carry = new Uint8Array(n);
  let length = common;
  for (let from = 0; from < m; from += 32) {
    const to = Math.min(from + 32, m);
    setMasks(peq, pattern, from, to);
    let s = -1;
    for (let j = 0; j < n; j++) {
      const u = s & peq[text[j]!]!;
      const sum = (s + u + carry[j]!) | 0;
      carry[j] = ((s & u) | ((s | u) & ~sum)) >>> 31;
      s = sum | (s - u);
    }
    clearMasks(peq, pattern, from, to);
    length += popcount(to - from === 32 ? ~s : ~s & ((1 << (to - from)) - 1));
  }
  return length;
}
