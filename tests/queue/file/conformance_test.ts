/** Runs the queue's suite on queues in a file. */

import { createQueue } from "../../../src/queue/mod.ts";
import { twins } from "../../support/twins.ts";
import { queueConformance } from "../conformance.ts";
import { removeFolder, shared } from "./support.ts";

for (const twin of twins("queue").each) {
  queueConformance({
    name: `file, ${twin.name}`,
    missing: twin.missing,
    slackMs: 100,
    make: (place, options) =>
      createQueue({
        implementation: twin.name,
        ...options,
        name: place,
        store: { file: `${shared(place)}/queue.db`, synchronous: "normal" },
      }),
    finish: async (place) => {
      await twin.idle();
      removeFolder(place);
    },
  });
}
