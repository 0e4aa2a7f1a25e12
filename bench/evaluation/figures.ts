/**
 * What is counted of an evaluation: right and wrong answers, how well the search found, how true the confidence is.
 *
 * @module
 */

/** What came of one question. */
export interface Measured {
  /** Whether the documents answer it. */
  answerable: boolean;
  /** Which hit is the first of a right document; -1 if none is. */
  documentRank: number;
  /** Which hit is the first of a right document with the phrase; -1 if none is. */
  passageRank: number;
  /** Whether it was said not to be answered. */
  abstained: boolean;
  /** Whether that, or the answer, is right. */
  right: boolean;
  /** Whether the first marked sentence holds the phrase. */
  marked: boolean;
  /** How sure the answer was said to be. */
  confidence: number;
  /** How long the answer took. */
  ms: number;
}

/** The figures of a set of questions. */
export interface Figures {
  /** Questions with an answer in the documents. */
  answerable: number;
  /** Questions without. */
  unanswerable: number;
  /** Right documents among the first five hits. */
  "document@5": number;
  /** Right passages among the first five hits. */
  "passage@5": number;
  /** Right passages among 24 hits. */
  "passage@24": number;
  /** Answered right. */
  right: number;
  /** Whose first marked sentence is right. */
  marked: number;
  /** Answered wrong. */
  wrong: number;
  /** Said not to be answered though they are. */
  abstainedWrongly: number;
  /** Answered though nothing answers them. */
  answeredWrongly: number;
  /** How often a right answer is surer than a wrong one; null without both. */
  confidenceAUC: number | null;
  /** Median time of an answer in milliseconds. */
  medianMs: number;
}

/** Counts. */
export function figuresOf(measured: readonly Measured[]): Figures {
  const asked = measured.filter(({ answerable }) => answerable);
  const others = measured.filter(({ answerable }) => !answerable);
  const within = (rank: number, most: number) => rank >= 0 && rank < most;
  const times = measured.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    answerable: asked.length,
    unanswerable: others.length,
    "document@5": asked.filter((one) => within(one.documentRank, 5)).length,
    "passage@5": asked.filter((one) => within(one.passageRank, 5)).length,
    "passage@24": asked.filter((one) => within(one.passageRank, 24)).length,
    right: asked.filter(({ right }) => right).length,
    marked: asked.filter(({ marked }) => marked).length,
    wrong: asked.filter(({ right, abstained }) => !right && !abstained).length,
    abstainedWrongly: asked.filter(({ abstained }) => abstained).length,
    answeredWrongly: others.filter(({ abstained }) => !abstained).length,
    confidenceAUC: areaUnder(measured.filter(({ abstained }) => !abstained)),
    medianMs: Math.round((times[times.length >> 1] ?? 0) * 10) / 10,
  };
}

/** The area under the ROC curve of confidence as a sign of a right answer. */
export function areaUnder(
  measured: readonly Pick<Measured, "confidence" | "right">[],
): number | null {
  const right = measured.filter((one) => one.right);
  const wrong = measured.filter((one) => !one.right);
  if (right.length === 0 || wrong.length === 0) return null;
  let won = 0;
  for (const { confidence } of right) {
    for (const other of wrong) {
      won += confidence > other.confidence ? 1 : confidence === other.confidence ? 0.5 : 0;
    }
  }
  return Math.round(won / right.length / wrong.length * 100) / 100;
}
