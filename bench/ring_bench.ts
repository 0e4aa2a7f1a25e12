/**
 * The boundary itself: what an empty call costs, and asynchronous work through the completion ring against one
 * nonblocking call each. The work is real: the BLAKE3 hash of 4 KiB.
 */

import { type Area, atLeast, together } from "./lib/area.ts";
import { type Group, ladder } from "./lib/group.ts";
import { type Boundary, type Bytes, openBoundary } from "./lib/native.ts";
import { register } from "./lib/register.ts";

const BYTES = 4096;
const HASH = "hash of 4 KiB";
const RING = "ring";

/** The area. */
export const area: Area = {
  name: "ring",
  tools: [["hashes off the event loop", HASH, 256]],
  groups({ twins }) {
    if (!twins.includes("native")) return [];
    const boundary = openBoundary();
    return [
      crossings(boundary),
      ...ladder([1, 16, 64, 256, 1024], [1, 16, 256], (size) => hashing(boundary, size)),
    ];
  },
  bars: (figures) => [
    together(
      "Ring beside nonblocking calls, 256 in flight; 16",
      atLeast("256", figures.times(HASH, 256, RING), 6),
      atLeast("16", figures.times(HASH, 16, RING), 1),
    ),
  ],
};

function crossings({ nothing, echo, nothingNonblocking }: Boundary): Group {
  const data = new Uint8Array(8);
  const out = new Uint8Array(8);
  return {
    operation: "bare crossing",
    size: 0,
    unit: "",
    front: true,
    rows: [
      { name: "synchronous, no argument", role: "other", once: () => nothing() },
      { name: "synchronous, two buffers", role: "other", once: () => echo(data, 8, out, 8) },
      { name: "nonblocking", role: "other", once: async () => await nothingNonblocking() },
    ],
  };
}

function hashing({ hash, hashNonblocking, hashInRing }: Boundary, inFlight: number): Group {
  // Enough for the beginning and the end, where fewer are in flight, not to count.
  const operations = Math.max(512, inFlight * 32);
  let inputs: Bytes[] = [];
  const outs = Array.from({ length: inFlight }, () => new Uint8Array(64));
  const lanes = async (one: (input: Bytes, lane: number) => Promise<number>): Promise<number> => {
    let next = 0;
    let sum = 0;
    const lane = async (_: unknown, number: number): Promise<void> => {
      while (next < operations) sum += await one(inputs[next++ & 63]!, number);
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return sum;
  };
  return {
    operation: HASH,
    size: inFlight,
    unit: "in flight",
    per: operations,
    rows: [
      { name: RING, role: "other", once: async () => await lanes(hashInRing) },
      {
        name: "nonblocking calls",
        role: "peer",
        once: async () =>
          await lanes(async (input, lane) => {
            const out = outs[lane]!;
            await hashNonblocking(input, BYTES, out, 64);
            return out[0]!;
          }),
      },
      {
        name: "synchronous calls",
        role: "other",
        once(): number {
          const out = outs[0]!;
          let sum = 0;
          for (let i = operations; i > 0; i--) {
            hash(inputs[i & 63]!, BYTES, out, 64);
            sum += out[0]!;
          }
          return sum;
        },
      },
    ],
    prepare(random): void {
      inputs = Array.from({ length: 64 }, () => random.bytes(BYTES));
    },
  };
}

await register(area, import.meta.url);
