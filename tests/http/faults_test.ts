/** Good and bad answers, many at once. The long form is `deno task soak`. */

import assert from "assertions";
import { testOf, twins } from "../support/twins.ts";
import { harmed } from "./faults.ts";

for (const twin of twins("http").each) {
  testOf("http", twin, "whatever a server does, each request ends as it must", async () => {
    let seed = 42;
    const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const { good, faults } = await harmed(twin, 1, 3_000, chance);
    assert.ok(good > 10 && faults > 20);
  });
}
