/** The trader's tools: values worked out by hand or published, costs, next-bar fills, no look-ahead, nonsense refused. */

import assert from "assertions";
import { loadPackage } from "../../../src/shared/packages.ts";
import { done, once } from "./support.ts";

await loadPackage("@cfworker/json-schema", "These tests");
await loadPackage("trading-signals", "These tests");

interface Indicators {
  indicators: { values: { bar: number; value: unknown }[]; why?: string }[];
  note: string;
}

async function values(
  kind: string,
  series: object,
  settings: object,
  last = 3,
): Promise<unknown[]> {
  const input = { ...series, indicators: [{ kind, ...settings }], last };
  const { indicators, note } = await done<Indicators>("trader", "indicators", input);
  assert.match(note, /no investment advice/);
  return indicators[0]!.values.map(({ value }) => value);
}

Deno.test("trader: averages, bands, ranges and MACD as worked out by hand", async () => {
  const prices = [1, 2, 3, 4, 5, 9];
  assert.deepEqual(await values("sma", { prices }, { period: 3 }, 6), [null, null, 2, 3, 4, 6]);
  // From the first price on, with the weight 2 / (3 + 1).
  assert.deepEqual(await values("ema", { prices }, { period: 3 }, 4), [
    2.25,
    3.125,
    4.0625,
    6.53125,
  ]);
  // Of 4, 5, 9: mean 6, variance (4 + 1 + 9) / 3.
  const spread = Number((2 * Math.sqrt(14 / 3)).toPrecision(10));
  const [band] = await values("bollinger", { prices }, { period: 3 }, 1) as [
    Record<string, number>,
  ];
  assert.equal(band.middle, 6);
  assert.ok(Math.abs(band.upper! - 6 - spread) < 1e-8 && Math.abs(6 - band.lower! - spread) < 1e-8);
  // True ranges 2, 2, 2, 6: mean 2, then (2 * 2 + 6) / 3.
  const candles = [[3, 1, 2], [4, 2, 3], [5, 3, 4], [9, 3, 4]]
    .map(([high, low, close]) => ({ high, low, close }));
  assert.deepEqual(await values("atr", { candles }, { period: 3 }), [null, 2, 3.333333333]);
  // EMA of 2 less EMA of 3, and the EMA of 2 of that.
  const [first] = await values(
    "macd",
    { prices: [2, 2, 2, 8] },
    { fast: 2, slow: 3, signal: 2 },
    1,
  );
  assert.deepEqual(first, { macd: 1, signal: 0.6666666667, histogram: 0.3333333333 });
});

Deno.test("trader: RSI as published", async () => {
  // The example of StockCharts' ChartSchool, "Relative Strength Index": 70.53, 66.32, 66.55, 69.41, 66.36.
  const prices = [
    ...[44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826],
    ...[45.8931, 46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222],
  ];
  const found = await values("rsi", { prices }, {}, 6) as (number | null)[];
  assert.equal(found[0], null);
  assert.deepEqual(found.slice(1).map((value) => value!.toFixed(2)), [
    ...["70.53", "66.32", "66.55", "69.41", "66.36"],
  ]);
  assert.deepEqual(await values("rsi", { prices: Array(30).fill(7) }, {}, 1), [null]);
});

Deno.test("trader: the size of a position, with costs, lots and capital", async () => {
  const size = (input: object) => done<Record<string, unknown>>("trader", "position_size", input);
  // 1 % of 10,000 is 100; 2 are lost on one.
  const plain = await size({ equity: 10_000, riskPercent: 1, entry: 50, stop: 48, target: 56 });
  assert.match(String(plain.note), /no investment advice/);
  assert.deepEqual({ ...plain, note: 0 }, {
    ...{
      side: "long",
      units: 50,
      value: 2_500,
      limitedBy: "risk",
      riskAmount: 100,
      lossAtStop: 100,
      costs: 0,
    },
    ...{ gainAtTarget: 300, gainPerLoss: 3, note: 0 },
  });
  // A fee of 1 % of each side adds 0.5 + 0.48: 100 / 2.98 = 33.5.
  const fees = await size({ equity: 10_000, riskPercent: 1, entry: 50, stop: 48, feePercent: 1 });
  assert.deepEqual([fees.units, fees.lossAtStop, fees.costs], [33, 98.34, 32.34]);
  const short = await size({ equity: 10_000, riskPercent: 1, entry: 50, stop: 52, lot: 0.1 });
  assert.deepEqual([short.side, short.units], ["short", 50]);
  // A near stop would ask for 10,000 units; the capital has 200.
  const near = await size({ equity: 10_000, riskPercent: 1, entry: 50, stop: 49.99 });
  assert.deepEqual([near.units, near.limitedBy], [200, "capital"]);
  const none = await size({ equity: 10, riskPercent: 1, entry: 50, stop: 48 });
  assert.deepEqual([none.units, none.why], [0, "not one lot of 1 fits"]);
  const good = { equity: 1e4, riskPercent: 1, entry: 50, stop: 48 };
  for (
    const bad of [{ stop: 50 }, { equity: -1 }, { riskPercent: 0 }, { riskPercent: 101 }, {
      target: 40,
    }, { entry: 0 }]
      .map((bad) => ({ ...good, ...bad }) as object)
      .concat([{ ...good, feePercent: -1 }, { ...good, lot: 0 }, { ...good, entry: "50" }, {}])
  ) {
    assert.match(
      (await once("trader", "position_size", bad)).outcome,
      /^(failed|invalid)$/,
      JSON.stringify(bad),
    );
  }
});

const PRICES = [10, 10, 10, 12, 14, 16, 12, 8, 8, 8];
const CROSS = { kind: "sma-cross", fast: 2, slow: 3 };

interface Played {
  finalEquity: number;
  returnPercent: number;
  holdingPercent: number;
  maxDrawdownPercent: number;
  exposurePercent: number;
  costs: number;
  trades: { total: number; won: number; first: { boughtAt: number; soldAt: number }[] };
  open: { boughtAt: number; gain: number } | null;
  note: string;
}

Deno.test("trader: a backtest as worked out by hand", async () => {
  // The averages cross upwards at bar 3 (11 over 10.67) and downwards at bar 7 (10 under 12); done a bar later, at 14 and 8.
  const free = { prices: PRICES, rule: CROSS, capital: 1_400, feePercent: 0, slippagePercent: 0 };
  const played = await done<Played>("trader", "backtest", free);
  assert.equal(played.finalEquity, 800);
  assert.equal(played.returnPercent, Number((-600 / 14).toPrecision(10)));
  assert.equal(played.holdingPercent, -20);
  // From 1600 at bar 5 to 800.
  assert.equal(played.maxDrawdownPercent, 50);
  assert.equal(played.exposurePercent, 40);
  assert.deepEqual(played.trades, {
    ...{ total: 1, won: 0 },
    first: [{ boughtAt: 4, buyPrice: 14, soldAt: 8, sellPrice: 8, gain: -600 }] as never,
  });
  assert.equal(played.open, null);
  assert.match(played.note, /no investment advice/);
  // With 1 % of each: 1400 / (14.14 * 1.01) units, each sold at 7.92 less 1 %.
  const dear = await done<Played>("trader", "backtest", {
    ...free,
    feePercent: 1,
    slippagePercent: 1,
  });
  const units = 1_400 / (14.14 * 1.01);
  assert.equal(dear.finalEquity, Number((units * 7.92 * 0.99).toPrecision(10)));
  assert.ok(Math.abs(dear.costs - units * (0.14 + 0.1414 + 0.08 + 0.0792)) < 1e-6);
  // A position that is open at the end is valued, and said to be open.
  const open = await done<Played>("trader", "backtest", { ...free, prices: PRICES.slice(0, 6) });
  assert.deepEqual([open.finalEquity, open.open?.gain, open.trades.total], [1_600, 200, 0]);
  // Candles are bought at the open of the next: 13.
  const candles = PRICES.map((close, at) => ({
    open: at === 4 ? 13 : close,
    high: close,
    low: Math.min(close, 13),
    close,
  }));
  const bars = await done<Played>("trader", "backtest", { ...free, prices: undefined, candles });
  assert.equal((bars.trades.first[0] as unknown as { buyPrice: number }).buyPrice, 13);
});

Deno.test("trader: rules of RSI and breakout", async () => {
  const free = { capital: 100, feePercent: 0, slippagePercent: 0 };
  // 5 is over the 3 closes before it: bought at 6. 4 is under the 2 before it: sold at 3.
  const breakout = { kind: "breakout", period: 3, exit: 2 };
  const one = await done<Played>("trader", "backtest", {
    ...free,
    prices: [4, 4, 4, 5, 6, 7, 4, 3, 3],
    rule: breakout,
  });
  assert.deepEqual(one.trades.first.map(({ boughtAt, soldAt }) => [boughtAt, soldAt]), [[4, 7]]);
  assert.equal(one.finalEquity, 50);
  // Falls alone are an RSI of 0, rises alone bring it over 50.
  const rsi = { kind: "rsi", period: 2, buyBelow: 20, sellAbove: 80 };
  const two = await done<Played>("trader", "backtest", {
    ...free,
    prices: [9, 8, 7, 6, 9, 12, 12],
    rule: rsi,
  });
  // RSI 0 at bar 2: bought at bar 3, at 6. At bar 4 it is 75 (1.5 to 0.5), at bar 5 90 (2.25 to 0.25): sold at bar 6.
  assert.deepEqual(two.trades.first.map(({ boughtAt, soldAt }) => [boughtAt, soldAt]), [[3, 6]]);
  assert.equal(two.finalEquity, 200);
});

Deno.test("trader: what comes later changes nothing of what was done before", async () => {
  let state = 7;
  const next = () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
  const prices = [100];
  while (prices.length < 300) prices.push(prices.at(-1)! * (0.97 + 0.06 * next()));
  const rules = [{ kind: "sma-cross", fast: 3, slow: 9 }, {
    kind: "rsi",
    period: 5,
    buyBelow: 40,
    sellAbove: 60,
  }, {
    ...{ kind: "breakout", period: 8, exit: 4 },
  }];
  for (const rule of rules) {
    const whole = (await done<Played>("trader", "backtest", { prices, rule })).trades.first;
    assert.ok(whole.length > 3);
    for (const length of [100, 170, 250]) {
      const changed = prices.slice(0, length).concat(Array(20).fill(1e6));
      const early =
        (await done<Played>("trader", "backtest", { prices: changed, rule })).trades.first;
      const before = (trades: Played["trades"]["first"]) =>
        trades.filter(({ soldAt }) => soldAt < length);
      assert.deepEqual(before(early), before(whole));
    }
  }
});

Deno.test("trader: without a series they say what they need; hostile ones are refused", async () => {
  const rule = CROSS;
  for (const name of ["indicators", "backtest"]) {
    const rest = name === "backtest" ? { rule } : { indicators: [{ kind: "sma", period: 2 }] };
    const { outcome, result } = await once("trader", name, rest);
    assert.equal(outcome, "failed");
    assert.match(result, /give a series.*neither fetched nor made up/);
    const bad = [
      ...["[1,2,-3]", "[1,2,1e400]", "[1,2,0]", "[1,2,1e-300]", '[1,2,"3"]', "[1,2,null]", "[]"]
        .map((prices) => `"prices":${prices}`),
      `"prices":[1,2,3],"candles":[]`,
      `"candles":[{"high":1,"low":2,"close":1},{"high":1,"low":1,"close":1},{"high":1,"low":1,"close":1}]`,
      `"prices":[${"1,".repeat(20_000)}1]`,
    ];
    for (const series of bad) {
      const input = `{${series},${JSON.stringify(rest).slice(1)}`;
      const { outcome } = await once("trader", name, input);
      assert.match(outcome, /^(failed|invalid)$/, `${name} ${input.slice(0, 80)}`);
    }
  }
  for (
    const wrong of [{ ...CROSS, fast: 3 }, { kind: "rsi", period: 2, buyBelow: 9, sellAbove: 9 }, {
      kind: "magic",
    }, { ...CROSS, slow: 1e9 }]
  ) {
    const { outcome } = await once("trader", "backtest", { prices: PRICES, rule: wrong });
    assert.match(outcome, /^(failed|invalid)$/, JSON.stringify(wrong));
  }
  assert.match(
    (await once("trader", "indicators", { prices: PRICES, indicators: [{ kind: "atr" }] })).result,
    /needs candles/,
  );
  const many = Array.from({ length: 20_000 }, (_, at) => 100 + at % 7);
  const long = await once("trader", "backtest", {
    prices: many,
    rule: { kind: "breakout", period: 2, exit: 2 },
  });
  assert.equal(long.outcome, "done");
  assert.ok(long.result.length < 20_000);
});
