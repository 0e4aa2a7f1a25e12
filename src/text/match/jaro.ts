/**
 * Jaro and Jaro-Winkler similarity of the pure twin, over code points. Equal characters within the window are paired
 * by one pointer for each character, so the time is linear; pairs of up to 32 code points use bit masks.
 *
 * @module
 */

import { clearMasks, maskTable, setMasks } from "./edit_distance.ts";

let flaggedA = new Int32Array(64);
let flaggedB = new Uint8Array(64);
let following = new Int32Array(64);

/** Jaro similarity of two sequences of code points. */
export function jaro(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  if (la === 0 || lb === 0) return la === lb ? 1 : 0;
  if (la === 1 && lb === 1) return a[0] === b[0] ? 1 : 0;
  const window = (Math.max(la, lb) >>> 1) - 1;
  return la <= 32 && lb <= 32 ? jaroShort(a, la, b, lb, window) : jaroLong(a, la, b, lb, window);
}

/** Jaro-Winkler: what Jaro gives, raised by a common prefix of up to four if it is above 0.7. */
export function jaroWinkler(a: Int32Array, la: number, b: Int32Array, lb: number): number {
  const score = jaro(a, la, b, lb);
  if (score <= 0.7) return score;
  const most = Math.min(la, lb, 4);
  let prefix = 0;
  while (prefix < most && a[prefix] === b[prefix]) prefix++;
  return Math.min(score + (prefix * 0.1) * (1 - score), 1);
}

/** The one place where the score is computed: three divisions, two sums, one division, in this order. */
function jaroScore(la: number, lb: number, common: number, moved: number): number {
  if (common === 0) return 0;
  let score = common / la;
  score += common / lb;
  score += (common - (moved >>> 1)) / common;
  return score / 3;
}

function jaroShort(a: Int32Array, la: number, b: Int32Array, lb: number, window: number): number {
  const peq = maskTable();
  setMasks(peq, b, 0, lb);
  let free = -1;
  let usedA = 0;
  let common = 0;
  for (let i = 0; i < la; i++) {
    let candidates = peq[a[i]!]! & free;
    if (candidates === 0) continue;
    if (i > window) candidates &= -1 << (i - window);
    if (i + window < 31) candidates &= (1 << (i + window + 1)) - 1;
    if (candidates === 0) continue;
    free &= ~(candidates & -candidates);
    usedA |= 1 << i;
    common++;
  }
  clearMasks(peq, b, 0, lb);
  let usedB = ~free;
  let moved = 0;
  while (usedA !== 0) {
    const i = 31 - Math.clz32(usedA & -usedA);
    const j = 31 - Math.clz32(usedB & -usedB);
    if (a[i] !== b[j]) moved++;
    usedA &= usedA - 1;
    usedB &= usedB - 1;
  }
  return jaroScore(la, lb, common, moved);
}

function jaroLong(a: Int32Array, la: number, b: Int32Array, lb: number, window: number): number {
  if (flaggedA.length < la) flaggedA = new Int32Array(la * 2);
  if (flaggedB.length < lb) flaggedB = new Uint8Array(lb * 2);
  if (following.length < lb) following = new Int32Array(lb * 2);
  flaggedB.fill(0, 0, lb);
  // head[c] - 1 is the first position of c in b that is still free; the lists go upwards.
  const head = maskTable();
  for (let j = lb - 1; j >= 0; j--) {
    following[j] = head[b[j]!]!;
    head[b[j]!] = j + 1;
  }
  let common = 0;
  for (let i = 0; i < la; i++) {
    const character = a[i]!;
    let at = head[character]!;
    while (at !== 0 && at - 1 < i - window) at = following[at - 1]!;
    if (at !== 0 && at - 1 <= i + window) {
      flaggedA[common++] = character;
      flaggedB[at - 1] = 1;
      at = following[at - 1]!;
    }
    head[character] = at;
  }
  for (let j = 0; j < lb; j++) head[b[j]!] = 0;
  for (let i = 0; i < la; i++) head[a[i]!] = 0;
  let moved = 0;
  for (let j = 0, k = 0; k < common; j++) {
    if (flaggedB[j] === 1 && flaggedA[k++] !== b[j]) moved++;
  }
  if (following.length > 1 << 20) {
    flaggedA = new Int32Array(64);
    flaggedB = new Uint8Array(64);
    following = new Int32Array(64);
  }
  return jaroScore(la, lb, common, moved);
}
