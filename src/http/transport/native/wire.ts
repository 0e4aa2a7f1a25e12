/**
 * Reads what the native engine answers with: a record of four numbers, then bytes. Its writer is
 * `rust/areas/http/src/wire.rs`.
 *
 * @module
 */

import { TransportFault } from "../fault.ts";
import type { FaultKind } from "../types.ts";
import { FieldBlock } from "./fields.ts";

const RECORD_BYTES = 16;
const BODILESS = 2;
const APART = 4;

/** The kinds in the order of their numbers. */
const FAULT_KINDS: readonly FaultKind[] = [
  "connect",
  "connect-timeout",
  "tls",
  "reset",
  "protocol",
  "head-too-large",
  "first-byte-timeout",
  "body-timeout",
  "total-timeout",
  "body-too-large",
  "body-incomplete",
  "encoding",
];

const decoder = new TextDecoder();

/** A response's head. */
export interface Head {
  readonly status: number;
  readonly fields: FieldBlock;
  /** Whether there can be no body. */
  readonly isBodiless: boolean;
  /** How long the body is that came along or is kept. */
  readonly bodyLength: number;
}

/**
 * Reads a head.
 *
 * @param payload A view that is good during the call only.
 * @throws {TransportFault} If it is a fault.
 */
export function readHead(payload: Uint8Array): Head {
  const status = numberAt(payload, 0);
  if (status === 0) throw faultOf(payload);
  const flags = numberAt(payload, 8);
  return {
    status,
    fields: new FieldBlock(
      payload.slice(RECORD_BYTES, RECORD_BYTES + numberAt(payload, 4)),
    ),
    isBodiless: (flags & BODILESS) !== 0,
    bodyLength: numberAt(payload, 12),
  };
}

/** The body that came along with a head, a copy; undefined if it was set apart. */
export function readBody(payload: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if ((payload[8]! & APART) !== 0) return undefined;
  return payload.slice(RECORD_BYTES + numberAt(payload, 4)) as Uint8Array<ArrayBuffer>;
}

/** The number of the body that was set apart; undefined if there is none. */
export function readApart(payload: Uint8Array): number | undefined {
  if ((payload[8]! & APART) === 0 || numberAt(payload, 0) === 0) return undefined;
  return numberAt(payload, RECORD_BYTES + numberAt(payload, 4));
}

/** Reads the end of a stream, which is empty unless it is a fault. */
export function readEnd(payload: Uint8Array): void {
  if (payload.length > 0) throw faultOf(payload);
}

function faultOf(payload: Uint8Array): TransportFault {
  const kind = FAULT_KINDS[numberAt(payload, 4)] ?? "protocol";
  const detail = decoder.decode(payload.subarray(RECORD_BYTES));
  return new TransportFault(kind, detail, numberAt(payload, 8) !== 0);
}

function numberAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}
