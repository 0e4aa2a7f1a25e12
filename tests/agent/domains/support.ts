/** What the tests of the domains' tools share: a call of one tool as a model makes it. */

import { domainTools } from "../../../src/agent/domains/mod.ts";
import type { DomainToolsName, DomainToolsOptions } from "../../../src/agent/domains/types.ts";
import { Runner } from "../../../src/agent/loop/runner.ts";
import type { Step } from "../../../src/agent/loop/types.ts";
import { asks, call, says, scripted } from "../loop/scripted.ts";

/** What came of one call. */
export type Came = Step["calls"][number];

/** Calls a tool of a domain once, through the loop, so that its input is checked as a model's is. */
export async function once(
  domain: DomainToolsName,
  name: string,
  input: unknown,
  options: DomainToolsOptions = {},
): Promise<Came> {
  const runner = new Runner({
    models: [scripted([asks(call(name, input)), says("ok")])],
    tools: domainTools(domain, options),
  });
  const { steps } = await runner.run("Go.");
  return steps[0]!.calls[0]!;
}

/** The same, of which something must come. */
export async function done<T>(...call: Parameters<typeof once>): Promise<T> {
  const { outcome, result } = await once(...call);
  if (outcome !== "done") throw new Error(`${call[1]}: ${outcome}: ${result}`);
  return JSON.parse(result) as T;
}
