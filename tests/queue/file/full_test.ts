/**
 * A disk that is full: what was acknowledged is kept, the error says what it is, and all goes on when there is room. The
 * long form is `deno task soak`.
 */

import { testNeeding } from "../../support/needs.ts";
import { temporary } from "../../support/programs.ts";
import { twins } from "../../support/twins.ts";
import { filled, limited, noLimit, noMount } from "./full.ts";

for (const { name, missing } of twins("queue").each) {
  testNeeding([missing, noLimit], `queue file (${name}): files that may not grow`, async () => {
    await temporary(async (folder) => void await limited(folder, name, 4_000));
  });

  testNeeding([missing, noMount], `queue file (${name}): a full disk`, async () => {
    await temporary(async (folder) => void await filled(folder, name, 20_000_000));
  });
}
