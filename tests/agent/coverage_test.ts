/**
 * What older systems of this kind promised, and which test holds it here. The table is read by people; that each test is there,
 * under its name and in its file, is what is tested.
 */

import assert from "assertions";
import { ROOT } from "../support/programs.ts";

/** What was promised, with the files and the beginnings of the names of the tests that hold it. */
const ROWS: readonly (readonly [promise: string, ...tests: (readonly [string, string])[]])[] = [
  [
    "a question gives all eight fields on every path, and an error as a field of its own",
    ["agent/agent_test.ts", "ask() answers with sentences of the documents"],
    ["agent/agent_test.ts", "ask() says so when the documents do not answer"],
    ["agent/agent_test.ts", "ask() on no documents at all says so"],
    ["agent/agent_test.ts", "ask() answers a question without words with an error in the answer"],
    ["agent/agent_test.ts", "ask() gives a failure of the store as an error in the answer"],
    ["agent/model_test.ts", "a model that fails leaves the extracted answer, with the error"],
  ],
  [
    "what was asked before comes from the cache, with the first time",
    [
      "agent/agent_test.ts",
      "ask() again gives the same answer from the cache, with the first time",
    ],
  ],
  [
    "an unknown domain is general, never an exception",
    ["agent/domains/routing_test.ts", "routing: an answer says which domain it is of and why"],
  ],
  [
    "context is given with a question",
    ["agent/agent_test.ts", "context counts as documents, for one question"],
  ],
  [
    "confidence is computed, its parts are told, and below a bound nothing is answered",
    ["agent/agent_test.ts", "ask() says so when the documents do not answer"],
    ["agent/evaluation_test.ts", "questions on the documents are answered, others are not"],
    ["agent/model_test.ts", "what a model says counts only as far as its citations hold"],
  ],
  [
    "developer: figures of code, git, what comments document",
    ["agent/domains/sources_test.ts", "sources: figures of a folder, counted by hand"],
    ["agent/domains/git_test.ts", "git: log, blame and diff of a small repository"],
    ["agent/domains/docs_test.ts", "sources: what is said of a declaration is told with it"],
  ],
  [
    "trader: SMA, EMA, RSI, MACD, Bollinger bands, the size of a position, a backtest",
    ["agent/domains/trader_test.ts", "trader: averages, bands, ranges and MACD as worked out"],
    ["agent/domains/trader_test.ts", "trader: RSI as published"],
    ["agent/domains/trader_test.ts", "trader: the size of a position"],
    ["agent/domains/trader_test.ts", "trader: a backtest as worked out by hand"],
  ],
  [
    "lawyer: clauses with spans, what is missing, a redline, ready-made contracts",
    ["agent/domains/lawyer_test.ts", "lawyer: clauses with their kinds and spans"],
    ["agent/domains/lawyer_test.ts", "lawyer: what a checklist misses"],
    ["agent/domains/lawyer_test.ts", "lawyer: a redline by words"],
    ["agent/domains/lawyer_test.ts", "lawyer: a ready-made contract has every clause"],
  ],
  [
    "get_metrics, reset_metrics, clear_cache",
    ["agent/agent_test.ts", "command() does what its name says"],
    ["agent/administration_test.ts", "state: two agents at once count together"],
  ],
  [
    "security_scan, performance_test",
    ["agent/administration_test.ts", "command() does each command of the registry"],
    ["commands/registry_test.ts", "callCommand() gives what the command declares"],
  ],
  [
    "deploy_container, list_containers, start_container, stop_container, remove_container",
    ["commands/engine_test.ts", "commands: a container is deployed, listed, stopped, started"],
    ["e2e/containers_test.ts", "what is there: list, logs, exec, stats, stop, start, remove"],
  ],
  [
    "reload_model, update_domain",
    ["agent/administration_test.ts", "reloadModel() opens connections anew"],
    ["agent/administration_test.ts", "updateDomain() changes what it is given, and adds"],
  ],
  [
    "a status that is true",
    ["agent/administration_test.ts", "status() says what is not known, and why"],
    ["agent/agent_test.ts", "status() tells how the agent is set up and what it did"],
  ],
  [
    "native and TypeScript under one suite, and compared on random input",
    ...["hash", "transform", "match", "keywords", "tokens", "redact", "cache", "http", "queue"]
      .flatMap((area): [string, string][] => [
        [`${area}/conformance_test.ts`, "conformance"],
        [`${area}/differential_test.ts`, "support/twins.ts"],
      ]),
    ...["containers", "security", "monitor", "process", "markdown", "duplicates"]
      .map((area): [string, string] => [`${area}/conformance_test.ts`, "conformance"]),
  ],
  [
    "several models: real ones, their cost and time, one after the other, rests, bounds",
    ["real_models/models_test.ts", "real model, ${protocol}: streams, shapes, ends"],
    [
      "agent/loop/loop_test.ts",
      "run: the next model is asked where one fails, and pays by its own",
    ],
    ["llm/breaker_test.ts", "models: one that failed several times in a row is passed over"],
    ["agent/loop/loop_test.ts", "run: bounds end it with the reason"],
    ["agent/loop/loop_test.ts", "run: dollars that nobody can count are refused"],
  ],
];

Deno.test("what was promised is held by tests that are there", async () => {
  for (const [promise, ...tests] of ROWS) {
    assert.ok(tests.length > 0, promise);
    for (const [file, name] of tests) {
      const text = await Deno.readTextFile(`${ROOT}tests/${file}`);
      assert.ok(text.includes(name), `${promise}: ${file} has no test "${name}"`);
    }
  }
});
