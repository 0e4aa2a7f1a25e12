/**
 * Reads what the native twin answers with. Its writer is `rust/areas/containers/src/wire.rs`.
 *
 * @module
 */

import { EngineFault, type EngineFaultKind } from "../errors.ts";

/** The kinds in the order of their numbers. */
const FAULT_KINDS: readonly EngineFaultKind[] = [
  "no-socket",
  "connect",
  "connect-timeout",
  "tls",
  "reset",
  "protocol",
];

/** An answer's head. */
export interface NativeHead {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads a head from a view that is good during the call only. */
export function readNativeHead(payload: Uint8Array): NativeHead {
  const fields = new Map<string, string>();
  for (const line of new TextDecoder("latin1").decode(payload.subarray(4)).split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1);
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: numberOf(payload), fields };
}

/** Reads the end of an exchange, which is empty unless it is a fault. */
export function readEnd(payload: Uint8Array): void {
  if (payload.length === 0) return;
  const kind = FAULT_KINDS[numberOf(payload)] ?? "protocol";
  throw new EngineFault(kind, new TextDecoder().decode(payload.subarray(4)));
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
