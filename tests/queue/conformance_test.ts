/** Runs the queue's suite on the memory stores. */

import { createQueue } from "../../src/queue/mod.ts";
import { twins } from "../support/twins.ts";
import { queueConformance } from "./conformance.ts";

for (const twin of twins("queue").each) {
  queueConformance({
    name: `memory, ${twin.name}`,
    missing: twin.missing,
    make: (name, options) =>
      createQueue({ implementation: twin.name, name, shared: "preferred", ...options }),
  });
}
