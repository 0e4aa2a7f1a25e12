/**
 * What is fitted on questions whose answers are known. Written by bench/evaluation/calibrate.ts.
 *
 * @module
 */

/** What a feature adds to the score of a chunk, and of a sentence beside others of its chunk. */
export const READING = {
  chunk: {
    found: 2.201,
    rank: 1.888,
  },
  sentence: {
    cover: 0.615,
    own: 0.949,
    named: 0.246,
    together: 1.002,
    form: 0.558,
    alike: 1.507,
    lead: 0.088,
    opens: 0.242,
    literal: -0.105,
    code: 1.43,
    codeUnasked: 0.186,
    short: -0.294,
    long: 1.088,
    asks: -0.881,
    links: 0,
  },
};

/** Two logistic regressions: whether there is an answer, and whether the one that is given is right if so. */
export const CALIBRATION = {
  there: {
    base: -5.079,
    weights: {
      said: 3.66,
      few: 2.497,
      alike: 2.002,
      fit: 2.949,
      named: 1.99,
    },
  },
  right: {
    base: -4.382,
    weights: {
      said: 0,
      few: 2.343,
      share: 4.083,
      alike: 0,
      chunkAlike: 0,
      fit: 0,
      form: 0.59,
      heading: 0.82,
      both: 2.428,
    },
  },
};
