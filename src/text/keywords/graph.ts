/**
 * TextRank (Mihalcea & Tarau 2004) over the terms of a text. Every step is in integers or in + * / of a fixed order, so
 * that the native twin computes the same bits.
 *
 * @module
 */

import type { Vocabulary } from "./vocabulary.ts";

const REACH = 2;
const MAX_ROUNDS = 30;
const SETTLED = 0.0001;

/** Symmetric co-occurrence counts, rows ascending and packed. */
export interface Graph {
  size: number;
  starts: Int32Array;
  neighbours: Int32Array;
  weights: Float64Array;
}

/** The graph of the vertices: each term votes for the two that follow it. */
export function graphOf(vocabulary: Vocabulary, vertexOf: Int32Array, size: number): Graph {
  const dense = new Uint32Array(size * size);
  const { sequence, length } = vocabulary;
  for (let q = 1; q < length; q++) {
    const v = vertexOf[sequence[q]!]!;
    if (v < 0) continue;
    for (let p = Math.max(0, q - REACH); p < q; p++) {
      const u = vertexOf[sequence[p]!]!;
      if (u < 0 || u === v) continue;
      dense[u * size + v]!++;
      dense[v * size + u]!++;
    }
  }
  let edges = 0;
  for (let i = 0; i < dense.length; i++) if (dense[i] !== 0) edges++;
  const starts = new Int32Array(size + 1);
  const neighbours = new Int32Array(edges);
  const weights = new Float64Array(edges);
  let edge = 0;
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const weight = dense[v * size + u]!;
      if (weight === 0) continue;
      neighbours[edge] = u;
      weights[edge++] = weight;
    }
    starts[v + 1] = edge;
  }
  return { size, starts, neighbours, weights };
}

/** The scores of the vertices. */
export function textRank({ size, starts, neighbours, weights }: Graph): Float64Array {
  const out = new Float64Array(size);
  for (let v = 0; v < size; v++) {
    for (let e = starts[v]!; e < starts[v + 1]!; e++) out[v]! += weights[e]!;
  }
  let score = new Float64Array(size).fill(1);
  let next = new Float64Array(size);
  const share = new Float64Array(size);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (let v = 0; v < size; v++) share[v] = out[v]! > 0 ? score[v]! / out[v]! : 0;
    let settled = true;
    for (let v = 0; v < size; v++) {
      let sum = 0;
      for (let e = starts[v]!; e < starts[v + 1]!; e++) sum += weights[e]! * share[neighbours[e]!]!;
      const value = 0.15 + 0.85 * sum;
      if (!(Math.abs(value - score[v]!) < SETTLED)) settled = false;
      next[v] = value;
    }
    [score, next] = [next, score];
    if (settled) break;
  }
  return score;
}
