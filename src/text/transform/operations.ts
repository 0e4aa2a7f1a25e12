/**
 * The operations of `transform`, by their codes at the boundary.
 *
 * @module
 */

import type { TransformOperation } from "./types.ts";

/** In the order of their codes. */
export const OPERATIONS: readonly TransformOperation[] = [
  "lowercase",
  "uppercase",
  "trim",
  "reverse",
  "nfc",
  "nfkc",
];
