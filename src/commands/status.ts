/**
 * Commands about the agent itself: how it is set up, what it did, its model.
 *
 * @module
 */

import { define, LOOKS } from "./define.ts";
import { COUNT, FIGURE, LIST, ROWS, THING, THING_OR_NULL, WORDS, WORDS_OR_NULL } from "./fields.ts";

const METRICS = {
  questions: COUNT,
  answered: COUNT,
  abstained: COUNT,
  cached: COUNT,
  failed: COUNT,
  byDomain: { type: "object", additionalProperties: { type: "integer" } },
  p50Ms: FIGURE,
  p95Ms: FIGURE,
} as const;

const status = define({
  name: "status",
  summary: "Tells how the agent is set up and what it has done",
  details: "What cannot be known is null, and `unavailable` says why.",
  fields: {},
  result: {
    path: WORDS,
    knowledge: THING,
    model: WORDS_OR_NULL,
    models: ROWS,
    tools: LIST,
    sessions: THING_OR_NULL,
    cache: WORDS,
    domains: LIST,
    implementation: WORDS,
    metrics: THING,
    startedAt: WORDS,
    unavailable: { type: "object", additionalProperties: { type: "string" } },
  },
  examples: [{ title: "All of it", input: {} }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "status" },
  run: (_, { runtime }) => runtime.agent.status(),
});

const getMetrics = define({
  name: "get_metrics",
  summary: "Counts questions by how they were answered, with their times",
  fields: {},
  result: METRICS,
  examples: [{ title: "The counts so far", input: {} }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "get-metrics" },
  run: (_, { runtime }) => runtime.agent.metrics(),
});

const resetMetrics = define({
  name: "reset_metrics",
  summary: "Begins the counts at zero again",
  fields: {},
  result: METRICS,
  examples: [{ title: "Zero", input: {} }],
  annotations: { ...LOOKS, readOnly: false, destructive: true },
  permissions: ["write"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "reset-metrics" },
  run: (_, { runtime }) => {
    runtime.agent.resetMetrics();
    return runtime.agent.metrics();
  },
});

const reloadModel = define({
  name: "reload_model",
  summary: "Opens the model anew, with new connections",
  details: "Runs under way go on with what they began with.",
  fields: {},
  result: { models: ROWS },
  examples: [{ title: "The model that the agent has", input: {} }],
  annotations: { ...LOOKS, readOnly: false, openWorld: true },
  permissions: ["net"],
  surfaces: ["cli", "http", "mcp"],
  remote: [] as never[],
  cli: { name: "reload-model" },
  run: async (_, { runtime }) => ({ models: await runtime.agent.reloadModel() }),
});

/** The commands. */
export const statusCommands = [status, getMetrics, resetMetrics, reloadModel] as const;
