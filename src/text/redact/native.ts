/**
 * The Rust twin of the search: it hands the plan over once and then texts. Twin: `pure.ts`, which says what is found.
 *
 * @module
 */

import { redactNew, redactScan } from "../../native/generated/redact.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { Engine, Plan, Scan } from "./types.ts";

const NO_PROGRAM = new Uint32Array(0);

/** The native engine of a plan. */
export class NativeEngine extends NativeHandle implements Engine {
  /** Prepares a plan. */
  constructor({ rules, groups, literals, patterns, program = NO_PROGRAM }: Plan) {
    const handle = redactNew(rules, Uint32Array.from(groups), literals, patterns, program);
    super("core-utils", handle, "redaction engine");
  }

  scan(text: string, from: number, last: boolean): Scan {
    const numbers = redactScan(this.handle, text, from, last);
    const [hold, keep] = numbers as unknown as [number, number];
    return { hold, keep, found: numbers.subarray(2), count: numbers.length - 2 };
  }
}
