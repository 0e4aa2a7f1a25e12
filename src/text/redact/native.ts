/**
 * The Rust twin of the search: it hands the plan over once and then texts. Twin: `pure.ts`, which says what is found.
 *
 * @module
 */

import { redactNew, redactScan } from "../../native/generated/redact.ts";
import { NativeHandle } from "../../native/handle.ts";
import { NO_TABLE, type TableState } from "./scan/table.ts";
import type { Engine, Plan, Scan } from "./types.ts";

const NO_PROGRAM = new Uint32Array(0);
/** So many numbers are before those of matches. */
const HEAD = 8;
type Head = [hold: number, keep: number, seen: number];

/** The native engine of a plan. */
export class NativeEngine extends NativeHandle implements Engine {
  /** Prepares a plan. */
  constructor({ rules, groups, literals, patterns, program = NO_PROGRAM }: Plan) {
    const handle = redactNew(rules, Uint32Array.from(groups), literals, patterns, program);
    super("core-utils", handle, "redaction engine");
  }

  scan(text: string, from: number, last: boolean, since = from, table = NO_TABLE): Scan {
    const [, row, form, passwords, tokens, maybes] = table;
    const numbers = redactScan(
      this.handle,
      text,
      from,
      last,
      since,
      row,
      form,
      passwords,
      tokens,
      maybes,
    );
    const [hold, keep, seen] = numbers as unknown as Head;
    return {
      hold,
      keep,
      found: numbers.subarray(HEAD),
      count: numbers.length - HEAD,
      table: seen === 0 ? NO_TABLE : [...numbers.subarray(2, HEAD)] as unknown as TableState,
    };
  }
}
