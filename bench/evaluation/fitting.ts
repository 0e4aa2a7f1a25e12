/**
 * Two small models, fitted by gradient descent on standardised numbers with the squares of the weights held down,
 * since the questions are few: which of many candidates is right, and whether an answer is.
 *
 * @module
 */

/** The candidates of one question. */
export interface Choice {
  /** The features of each. */
  rows: readonly (readonly number[])[];
  /** Which of them are right; at least one. */
  right: readonly boolean[];
  /** How much the question counts. */
  weight: number;
}

/** What came of one question. */
export interface Sample {
  /** The signs of its answer. */
  signs: readonly number[];
  /** Whether the answer is right. */
  right: boolean;
}

/** The chance of a right answer: the base and what each sign adds. */
export interface Fit {
  base: number;
  weights: number[];
}

const STEPS = 800;
const CHOICE_RIDGE = 0.3;
const SIGN_RIDGE = 0.02;

/** Weights under which the shares of right candidates, by a softmax of their weighed features, are largest. */
export function fitChoices(choices: readonly Choice[]): number[] {
  const { scale } = spreadOf(choices.flatMap(({ rows }) => rows));
  const width = scale.length;
  const all = choices.reduce((sum, { weight }) => sum + weight, 0);
  const scaled = choices.map((choice) => ({
    ...choice,
    rows: choice.rows.map((row) => Float64Array.from(row, (x, at) => x * scale[at]!)),
  }));
  const weights = descend(width, (weights) => {
    const slope = weights.map((w) => CHOICE_RIDGE * w);
    for (const { rows, right, weight } of scaled) {
      const scores = rows.map((row) => dot(row, weights));
      const top = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - top));
      const sum = shares.reduce((a, b) => a + b, 0);
      const sumRight = shares.reduce((a, b, at) => right[at] ? a + b : a, 0);
      rows.forEach((row, at) => {
        const pull = shares[at]! / sum - (right[at] ? shares[at]! / sumRight : 0);
        for (let i = 0; i < width; i++) slope[i]! += weight / all * pull * row[i]!;
      });
    }
    return slope;
  });
  return weights.map((w, at) => w * scale[at]!);
}

/** A logistic regression in which no sign speaks against an answer: what seems to is chance. */
export function fitSigns(samples: readonly Sample[]): Fit {
  const { mean, scale } = spreadOf(samples.map(({ signs }) => signs));
  const width = scale.length;
  const rows = samples.map(({ signs }) => [...signs.map((x, i) => (x - mean[i]!) * scale[i]!), 1]);
  const fitted = descend(width + 1, (weights) => {
    const slope = weights.map((w, at) => at === width ? 0 : SIGN_RIDGE * w);
    rows.forEach((row, at) => {
      const error = sigmoid(dot(row, weights)) - Number(samples[at]!.right);
      for (let i = 0; i <= width; i++) slope[i]! += error * row[i]! / rows.length;
    });
    return slope;
  }, (weights) => weights.map((w, at) => at === width ? w : Math.max(0, w)));
  const weights = fitted.slice(0, width).map((w, at) => w * scale[at]!);
  return { base: fitted[width]! - dot(weights, mean), weights };
}

/** The chance of a right answer. */
export function chanceOf({ base, weights }: Fit, signs: readonly number[]): number {
  return sigmoid(base + dot(weights, signs));
}

/** Adam, from zero. */
function descend(
  width: number,
  slopeAt: (weights: number[]) => number[],
  bound: (weights: number[]) => number[] = (weights) => weights,
): number[] {
  let weights = new Array<number>(width).fill(0);
  const pace = new Float64Array(width);
  const size = new Float64Array(width);
  for (let step = 1; step <= STEPS; step++) {
    const rate = 0.05 * (1 - step / (STEPS + 1));
    const slope = slopeAt(weights);
    weights = bound(weights.map((w, i) => {
      pace[i] = 0.9 * pace[i]! + 0.1 * slope[i]!;
      size[i] = 0.99 * size[i]! + 0.01 * slope[i]! ** 2;
      const [p, s] = [pace[i]! / (1 - 0.9 ** step), size[i]! / (1 - 0.99 ** step)];
      return w - rate * p / (Math.sqrt(s) + 1e-8);
    }));
  }
  return weights;
}

function spreadOf(rows: readonly (readonly number[])[]): { mean: number[]; scale: number[] } {
  const width = rows[0]?.length ?? 0;
  const mean = new Array<number>(width).fill(0);
  const spread = new Array<number>(width).fill(0);
  for (const row of rows) row.forEach((x, i) => mean[i]! += x / rows.length);
  for (const row of rows) row.forEach((x, i) => spread[i]! += (x - mean[i]!) ** 2 / rows.length);
  return { mean, scale: spread.map((x) => x > 1e-9 ? 1 / Math.sqrt(x) : 0) };
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!;
  return sum;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
