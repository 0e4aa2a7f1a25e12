/**
 * The limiter: a reservation that need not wait, beside what other limiters take for it; many that wait; and what
 * Workers, and processes on Redis, use of a limit together.
 */

import { createLimiter, type Limiter } from "@agent/runtime/http";
import { type Area, atMost, type Bar, type Context, type Figures, together } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { redisBar, redisFacts } from "./lib/limiter_redis.ts";
import { shareFacts, SHORTEST, USED } from "./lib/limiter_share.ts";
import type { Bottleneck, FlexibleLimiter } from "./lib/peers.ts";
import { register } from "./lib/register.ts";

const RESERVE = "reserve and release";
const TRY = "tryReserve and settle";
const PLACES = "reserve and release with concurrency";
const WAIT = "reserve when a place is given back";
/** Reservations in one call: one alone is too short to be told from the clock. */
const PER = 1_000;
/** As many of a peer that takes milliseconds for each. */
const FEW = 20;
const MUCH = 1e9;

/** The area. */
export const area: Area = {
  name: "limiter",
  tools: [["limiter, reserve", RESERVE, PER]],
  async groups(context) {
    return [
      group(context, RESERVE, {}, reserving, await peerRows(context), true),
      group(context, TRY, {}, trying, []),
      group(context, PLACES, { concurrency: 100 }, reserving, []),
      group(context, WAIT, { concurrency: 1 }, waiting, await waitingPeers(context)),
    ];
  },
  async facts(context) {
    const facts = await redisFacts(context);
    if (context.quick || !context.twins.includes("native")) return facts;
    context.note("eight Workers that share a limit");
    return [...await shareFacts(), ...facts];
  },
  bars(figures): Bar[] {
    return [
      together(
        "A reservation in process: pure; native; for all Workers",
        ...["pure", "native", "process-wide"].map((name) =>
          atMost(name, microseconds(figures, name), 1, " \u00b5s")
        ),
      ),
      shareBar(figures),
      redisBar(figures),
    ];
  },
};

/** The median of one reservation. */
function microseconds(figures: Figures, row: string): number | undefined {
  const ms = figures.milliseconds(RESERVE, PER, row);
  return ms === undefined ? undefined : ms * 1_000;
}

function shareBar(figures: Figures): Bar {
  const name = "What 8 Workers together use of a limit";
  const promised = "98 to 100 %";
  const used = figures.fact(USED);
  const shortest = figures.fact(SHORTEST);
  if (used === undefined || shortest === undefined) return { name, promised };
  // A time is read when a Worker sees its reservation, which may be some milliseconds late.
  const met = used >= 98 && used <= 100.05;
  return { name, promised, measured: `${used.toFixed(2)} %`, met };
}

type Body = (limiter: Limiter) => Promise<number> | number;

async function reserving(limiter: Limiter): Promise<number> {
  let sum = 0;
  for (let i = 0; i < PER; i++) {
    const reservation = await limiter.reserve(10);
    sum += reservation.tokens;
    reservation.release();
  }
  return sum;
}

function trying(limiter: Limiter): number {
  let sum = 0;
  for (let i = 0; i < PER; i++) {
    const reservation = limiter.tryReserve(10)!;
    sum += reservation.tokens;
    reservation.settle(10);
  }
  return sum;
}

/** All but the first wait; each gives its place to the next. */
async function waiting(limiter: Limiter): Promise<number> {
  let sum = 0;
  await Promise.all(Array.from({ length: PER }, async () => {
    const reservation = await limiter.reserve(1);
    sum += reservation.tokens;
    reservation.release();
  }));
  return sum;
}

let names = 0;

function group(
  { twins }: Context,
  operation: string,
  options: { concurrency?: number },
  body: Body,
  peers: Row[],
  front = false,
): Group {
  const limiters: Limiter[] = [];
  const limits = { requestsPerMinute: MUCH, tokensPerMinute: MUCH * 100, ...options };
  const row = (name: string, role: Row["role"], make: () => Limiter): Row => {
    let limiter: Limiter | undefined;
    const opened = (): Limiter => {
      if (limiter === undefined) limiters.push(limiter = make());
      return limiter;
    };
    const once = body.constructor === trying.constructor
      ? () => body(opened())
      : async () => await body(opened());
    return { name, role, once };
  };
  return {
    operation,
    size: PER,
    unit: "reservations",
    per: PER,
    front,
    rows: [
      ...twins.map((implementation) =>
        row(implementation, implementation, () => createLimiter({ ...limits, implementation }))
      ),
      ...(twins.includes("native")
        ? [
          row(
            "process-wide",
            "other",
            () => createLimiter({ ...limits, name: `bench ${names++}` }),
          ),
        ]
        : []),
      ...peers,
    ],
    finish(): void {
      for (const limiter of limiters.splice(0)) limiter.close();
    },
  };
}

async function peerRows({ peers }: Context): Promise<Row[]> {
  const rows: Row[] = [];
  const Flexible = await peers.flexibleLimiter();
  if (Flexible !== undefined) {
    let limiter: FlexibleLimiter | undefined;
    rows.push({
      name: "rate-limiter-flexible",
      role: "peer",
      async once(): Promise<number> {
        limiter ??= new Flexible({ points: MUCH * 100, duration: 60 });
        for (let i = 0; i < PER; i++) {
          await limiter.consume("key", 10);
          await limiter.reward("key", 10);
        }
        return PER;
      },
    });
  }
  return rows;
}

async function waitingPeers({ peers }: Context): Promise<Row[]> {
  const Bottleneck = await peers.bottleneck();
  if (Bottleneck === undefined) return [];
  let limiter: Bottleneck | undefined;
  return [{
    name: "bottleneck",
    role: "peer",
    scale: PER / FEW,
    async once(): Promise<number> {
      const one = limiter ??= new Bottleneck({ maxConcurrent: 1 });
      let sum = 0;
      await Promise.all(Array.from({ length: FEW }, async () => {
        sum += await one.schedule({ weight: 1 }, () => Promise.resolve(1));
      }));
      return sum;
    },
  }];
}

await register(area, import.meta.url);
