/**
 * The crossing itself: what an empty call costs, and asynchronous work through the completion ring against one
 * nonblocking call each. The work is real: the BLAKE3 hash of 4 KiB.
 */

import { textDoor } from "../src/ffi/doors/text.ts";
import { textManyDoor } from "../src/ffi/doors/text_many.ts";
import { ffiTestingSymbols } from "../src/ffi/generated/ffi_testing.ts";
import { coreTextSymbols } from "../src/ffi/generated/core_text.ts";
import { alreadyOpened, type LoadedLibrary } from "../src/ffi/load.ts";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";

const BYTES = 4096;
const IN_FLIGHT = [1, 16, 64, 256, 1024];
const HASH = "BLAKE3 of 4 KiB, off the event loop";
const RING = "ring";
const NONBLOCKING = "a nonblocking call each";

/** The groups. */
export function groups(context: Context): Group[] {
  if (!context.twins.includes("native")) return [];
  return [crossings(), ...IN_FLIGHT.map(hashing)];
}

function crossings(): Group {
  textDoor.require();
  const testing = core().table(ffiTestingSymbols);
  const data = new Uint8Array(8);
  const out = new Uint8Array(8);
  return {
    operation: "bare crossing",
    size: 0,
    unit: "bytes",
    rows: [
      {
        name: "synchronous, no argument",
        role: "other",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += testing.agent_ffi_test_nothing();
          return sum;
        },
      },
      {
        name: "synchronous, two buffers",
        role: "other",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += testing.agent_ffi_test_echo(data, 8, out, 8);
          return sum;
        },
      },
      {
        name: "nonblocking, one at a time",
        role: "other",
        async run(calls): Promise<number> {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += await testing.agent_ffi_test_nothing_nonblocking();
          return sum;
        },
      },
    ],
  };
}

function core(): LoadedLibrary {
  const library = alreadyOpened("core-utils")?.library;
  if (library === undefined) throw new Error("The library core-utils is not open");
  return library;
}

/** The hash as a nonblocking export: the same code, run on a thread of Deno's. */
function nonblockingHash(): (
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
  out: Uint8Array<ArrayBuffer>,
  capacity: number,
) => Promise<number> {
  const hash = { ...coreTextSymbols.agent_core_text_hash, nonblocking: true } as const;
  return core().table({ agent_core_text_hash: hash }).agent_core_text_hash;
}

function hashing(inFlight: number): Group {
  const { symbols, ring } = textManyDoor.require();
  const once = textDoor.require().symbols;
  const nonblocking = nonblockingHash();
  // Enough for the beginning and the end, where fewer are in flight, not to count.
  const operations = Math.max(512, inFlight * 32);
  let inputs: Uint8Array<ArrayBuffer>[] = [];
  const outs = Array.from({ length: inFlight }, () => new Uint8Array(64));
  const out = new Uint8Array(64);
  const lanes =
    (one: (input: Uint8Array<ArrayBuffer>, lane: number) => Promise<number>) =>
    async (calls: number): Promise<number> => {
      const total = calls * operations;
      let next = 0;
      let sum = 0;
      const lane = async (_: unknown, number: number): Promise<void> => {
        while (next < total) sum += await one(inputs[next++ & 63]!, number);
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
      return sum;
    };
  const rows: Row[] = [
    {
      name: RING,
      role: "native",
      scale: 1 / operations,
      run: lanes((input) =>
        ring.submit(
          "text_hash",
          (id, operation, errors, capacity) =>
            symbols.agent_core_text_submit_hash(id, operation, input, BYTES, errors, capacity),
          (payload) => payload[0]!,
        )
      ),
    },
    {
      name: NONBLOCKING,
      role: "peer",
      scale: 1 / operations,
      run: lanes(async (input, lane) => {
        const target = outs[lane]!;
        await nonblocking(input, BYTES, target, 64);
        return target[0]!;
      }),
    },
    {
      name: "synchronous calls, the event loop held",
      role: "other",
      scale: 1 / operations,
      run(calls): number {
        let sum = 0;
        for (let i = calls * operations; i > 0; i--) {
          once.agent_core_text_hash(inputs[i & 63]!, BYTES, out, 64);
          sum += out[0]!;
        }
        return sum;
      },
    },
  ];
  return {
    operation: HASH,
    size: inFlight,
    unit: "in flight",
    rows,
    prepare(random: Random): void {
      inputs = Array.from({ length: 64 }, () => random.bytes(BYTES));
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const ratio = (inFlight: number): number | undefined =>
    figures.row(HASH, inFlight, RING)?.toPeer?.value;
  return [
    atLeast(
      "Ring with a real operation, 256 in flight: at least 6 times the throughput of one nonblocking call each",
      ratio(256),
      6,
    ),
    atLeast("The same with 16 in flight: not slower", ratio(16), 1),
  ];
}
