/**
 * Vectors as they are kept: of length one, in whole numbers from -127 to 127 with one scale for all of a dimension
 * count, so that inner products compare exactly on every machine.
 *
 * @module
 */

/** The digits for one; a component is seldom over six times the usual one, and is cut there. */
function scaleOf(dimensions: number): number {
  return 22 * Math.sqrt(dimensions);
}

/** A vector in whole numbers; all 0 if it has no direction. */
export function quantised(vector: ArrayLike<number>): Int8Array {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += vector[i]! * vector[i]!;
  const result = new Int8Array(vector.length);
  if (!(squares > 0) || !Number.isFinite(squares)) return result;
  const factor = scaleOf(vector.length) / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) {
    result[i] = Math.max(-127, Math.min(127, Math.floor(vector[i]! * factor + 0.5)));
  }
  return result;
}

/** The cosine that an inner product of two such vectors stands for, about. */
export function cosineOf(product: number, dimensions: number): number {
  return product / scaleOf(dimensions) ** 2;
}
