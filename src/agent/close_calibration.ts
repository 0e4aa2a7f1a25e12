/**
 * What is fitted on questions whose answers are known, for answers that were read closely. Written by
 * bench/evaluation/calibrate_close.ts.
 *
 * @module
 */

/** What a feature adds to the score of a window, of one whose sentences were read, and of a sentence in its window. */
export const CLOSE_READING = {
  window: {
    found: 1.053,
    rank: 0.429,
    words: 0.324,
    read: 3.719,
  },
  closest: {
    found: 0.938,
    words: 0.22,
    read: 1.567,
    best: 1.696,
  },
  sentence: {
    cover: 0.403,
    own: 0.479,
    named: 0.271,
    together: 0.285,
    form: 0.499,
    alike: 0.918,
    lead: 0.08,
    opens: 0.179,
    code: 0.805,
    codeUnasked: 0.591,
    short: -0.243,
    long: 0.132,
    asks: -0.432,
  },
  read: 0.961,
};

/** Two logistic regressions: whether there is an answer, and whether the one that is given is right if so. */
export const CLOSE_CALIBRATION = {
  there: {
    base: -4.752,
    weights: {
      said: 2.551,
      few: 2.38,
      alike: 0.015,
      fit: 3.343,
      named: 1.188,
      read: 4.944,
    },
  },
  right: {
    base: -4.279,
    weights: {
      said: 0,
      few: 1.375,
      share: 3.264,
      fit: 0,
      form: 0.632,
      heading: 0.123,
      both: 0.606,
      read: 2.202,
      sentence: 1.906,
    },
  },
};
