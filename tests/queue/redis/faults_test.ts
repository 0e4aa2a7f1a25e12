/** Processes on one queue that are killed or stand still, and a server that restarts. The long form is `deno task soak`. */

import assert from "assertions";
import { testNeeding } from "../../support/needs.ts";
import { missing } from "../../support/redis.ts";
import { broken } from "./faults.ts";

let seed = 42;
const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;

testNeeding(
  [missing],
  "queue (Redis): faults of processes and of the server lose nothing",
  async () => {
    const { added } = await broken(6, chance);
    assert.ok(added > 30);
  },
);
