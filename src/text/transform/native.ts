/**
 * Transformations in Rust. Twin: `pure.ts`, which says what comes out.
 *
 * @module
 */

import { textTransform } from "../../native/generated/text.ts";
import { OPERATIONS } from "./operations.ts";
import type { TransformOperation } from "./types.ts";

/** See `transform` in `mod.ts`. */
export function transform(strings: readonly string[], operation: TransformOperation): string[] {
  return textTransform(OPERATIONS.indexOf(operation), strings);
}
