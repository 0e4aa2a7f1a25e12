/**
 * A program for the tests of permissions: makes one call, as its first argument says in JSON, and
 * prints what came of it in JSON. What it may do is decided by the flags that it is started with.
 */

import { pingEngine } from "../../src/containers/mod.ts";
import { memoryInfo } from "../../src/monitor/mod.ts";
import { discoverHosts, probePort, scanHosts, scanPorts } from "../../src/security/mod.ts";

/** What to call, and with what. */
export interface Call {
  name:
    | "pingEngine"
    | "probePort"
    | "scanPorts"
    | "scanHosts"
    | "discoverHosts"
    | "memoryInfo";
  args: unknown[];
}

/** What came of it. */
export interface Result {
  value?: unknown;
  error?: { name: string; code?: string; details?: unknown; message: string };
}

const CALLS = { pingEngine, probePort, scanPorts, scanHosts, discoverHosts, memoryInfo } as Record<
  Call["name"],
  (...args: unknown[]) => unknown
>;

async function run({ name, args }: Call): Promise<Result> {
  try {
    return { value: await CALLS[name](...args) };
  } catch (error) {
    const { name, code, details, message } = error as NonNullable<Result["error"]>;
    return { error: { name, code, details, message } };
  }
}

if (import.meta.main) {
  const result = await run(JSON.parse(Deno.args[0]!) as Call);
  // deno-lint-ignore no-console
  console.log(JSON.stringify(result));
}
