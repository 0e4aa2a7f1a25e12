/** Runs the queue's suite on Redis, with BullMQ. */

import { createQueue } from "../../../src/queue/mod.ts";
import { missing, sharedServer } from "../../support/redis.ts";
import { queueConformance } from "../conformance.ts";

const server = sharedServer();

queueConformance({
  name: "Redis, BullMQ",
  missing,
  lacks: {
    groups: "BullMQ keeps groups for those who pay",
    "cancelled jobs are kept": "nothing to refuse: BullMQ removes a job that is cancelled",
    "cancelling a child": "BullMQ takes a child that is removed for one that never was",
    "keys of flows": "BullMQ knows no key of a job that waits for others",
    "cancelling a flow": "nothing to refuse: no cancelled jobs are counted; see queue_test.ts",
    "forgetting results":
      "nothing to refuse: a queue keeps the results that it heard of for a while",
    "changing a repeat":
      "nothing to refuse: an occurrence is named by its time, and keeps its id; see queue_test.ts",
  },
  slackMs: 30,
  make: (name, options) => createQueue({ name, store: { redis: server().url() }, ...options }),
  finish: async () => {
    await server().command("FLUSHALL");
  },
});
