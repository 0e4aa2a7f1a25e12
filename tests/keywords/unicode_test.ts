/** Every code point that the engine knows, through both twins. */

import assert from "assertions";
import { keywords } from "@agent/runtime/text";
import { DISTINCT, escaped } from "../support/code_points.ts";
import { NATIVE, PURE, testOfBoth, twins } from "../support/twins.ts";

const both = twins("text");

testOfBoth(
  "keywords",
  both,
  "keywords() finds the same words around every known code point",
  () => {
    for (let from = 0; from < DISTINCT.length; from += 400) {
      const text = DISTINCT.slice(from, from + 400).map((c, i) => `xx${c}y${i} ${c}`).join(" ");
      const options = { limit: Infinity, minLength: 0 };
      assert.deepEqual(
        keywords(text, { ...NATIVE, ...options }),
        keywords(text, { ...PURE, ...options }),
        `from ${escaped(DISTINCT[from]!)}`,
      );
    }
  },
);
