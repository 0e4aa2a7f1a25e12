/**
 * The Rust twin of the search: it hands the plan over once and then texts. Twin: `pure.ts`, which says what is found.
 *
 * @module
 */

import type { NativeArea } from "../../ffi/area.ts";
import { callInto } from "../../ffi/call.ts";
import { packStrings, releasePacked, Scratch } from "../../ffi/encode.ts";
import type { CoreRedactSymbols } from "../../ffi/generated/core_redact.ts";
import { NativeHandle } from "../../ffi/handle.ts";
import type { Engine, Plan, Scan } from "./types.ts";

const NO_PROGRAM = new Uint32Array(0);
const scratch = new Scratch();

/** The native engine of a plan. */
export class NativeEngine extends NativeHandle implements Engine {
  readonly #symbols: CoreRedactSymbols;

  /** Prepares a plan. */
  constructor(area: NativeArea<CoreRedactSymbols>, plan: Plan) {
    const { symbols } = area;
    const program = plan.program ?? NO_PROGRAM;
    const { bytes, byteLength, lengths, count } = packStrings(plan.literals);
    const out = callInto("redact_new", (out, capacity) =>
      symbols.agent_core_redact_new(
        plan.rules,
        plan.ignoreCase ? 1 : 0,
        bytes,
        byteLength,
        lengths,
        count,
        plan.patterns,
        program,
        program.length,
        out,
        capacity,
      ));
    const handle = new DataView(out.buffer, out.byteOffset).getFloat64(0, true);
    releasePacked();
    super(area.common, handle, "redaction engine");
    this.#symbols = symbols;
  }

  scan(text: string, from: number, last: boolean): Scan {
    const { handle } = this;
    const symbols = this.#symbols;
    const length = scratch.encode(text);
    const bytes = scratch.bytes;
    const out = callInto(
      "redact_scan",
      (out, capacity) =>
        symbols.agent_core_redact_scan(
          handle,
          bytes,
          length,
          from,
          last ? 1 : 0,
          out,
          capacity,
        ),
      1024 + (length >> 4),
    );
    scratch.release();
    const numbers = new Uint32Array(out.buffer, out.byteOffset, out.length >> 2);
    return { hold: numbers[0]!, found: numbers.subarray(1), count: numbers.length - 1 };
  }
}
