/** What the pure cache remembers of evicted keys. */

import assert from "assertions";
import { Ghost } from "../../src/cache/pure/ghost.ts";
import { Prints } from "../../src/cache/pure/prints.ts";

for (const held of [1_000, 5_000, 40_000]) {
  Deno.test(`ghost: of ${held} entries, what was evicted lately is known, once`, () => {
    const ghost = new Ghost();
    const prints = new Prints();
    const known = (from: number, to: number): number => {
      let count = 0;
      for (let i = from; i < to; i++) if (ghost.take(prints.of(`key ${i}`), held)) count++;
      return count;
    };
    assert.equal(known(0, held), 0);
    // So many that the moments, which are counted in 16 bits, come round.
    const count = Math.max(20 * held, 200_000);
    for (let i = 0; i < count; i++) ghost.add(prints.of(`key ${i}`), held);
    assert.ok(known(0, count - held) < count / 500, "what was evicted long ago is forgotten");
    assert.ok(known(count - held, count) > 0.75 * held, "what was evicted lately is known");
    assert.ok(known(count - held, count) < held / 500, "asking forgets");
  });
}

Deno.test("ghost: a key that is evicted again is remembered anew", () => {
  let remembered = 0;
  // Fingerprints are by chance: now and then four others that came later share the bucket.
  for (let round = 0; round < 60; round++) {
    const ghost = new Ghost();
    const prints = new Prints();
    const print = prints.of("again");
    for (let i = 0; i < 1_000; i++) {
      if (i % 40 === 0) ghost.add(print, 100);
      ghost.add(prints.of(`key ${i}`), 100);
    }
    if (ghost.take(print, 100)) remembered++;
    assert.ok(!ghost.take(print, 100), "asking forgets");
  }
  assert.ok(remembered > 45, `${remembered} of 60 were remembered`);
});
