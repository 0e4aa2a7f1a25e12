/** Processes that are killed, and processes of both twins on one file. The long form is `deno task soak`. */

import assert from "assertions";
import { testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { twins } from "../../support/twins.ts";
import { killed, together } from "./faults.ts";

const { native } = twins("queue");
let seed = 42;
const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;

testNeeding([native.missing], "queue file: processes that are killed lose nothing", async () => {
  await temporary(async (folder) => {
    const said = await killed(folder, 4, (round) => round % 2 === 0 ? "native" : "pure", chance);
    assert.ok(said.added.size > 20);
  });
});

testNeeding([native.missing], "queue file: two processes of different twins", async () => {
  await temporary(async (folder) => {
    const said = await together(folder, 1_500);
    assert.ok(said.added.size > 20);
  });
});
