/** A program with a command and a pool, to be killed: `last_end_test.ts` starts it. */

import { openPool } from "../../src/containers/sandbox/pool.ts";
import { runSandbox } from "../../src/containers/sandbox/run.ts";
import type { TestEngine } from "../support/engine.ts";
import { connected } from "./sandbox_engines.ts";

const [host = "", folder = "", kind = "docker", twin = "pure", spec = "{}"] = Deno.args;
const engine = { host, folder, kind } as TestEngine;
const context = await connected(engine, twin as "pure" | "native");
const common = JSON.parse(spec);
const files = { "script": "exec sleep 4711" };
const pool = openPool(context, { ...common, size: 1, verify: false });
await pool.warm();
const running = Promise.all([
  // What looks into its own stdin is no shell, and there is none above it.
  runSandbox(context, { ...common, command: ["sleep", "4711"], timeoutMs: 30_000 }),
  runSandbox(context, { ...common, files, command: ["sh", "./script"], timeoutMs: 30_000 }),
]);
Deno.stdout.writeSync(new TextEncoder().encode("ready\n"));
await running;
