/**
 * Does commands of an agent one after the other and says as JSON what came of each. Argument: JSON, a list of pairs of a name
 * and its parameters. The engine is the one of `DOCKER_HOST`, as for any program.
 */

import { createRuntime } from "../../src/runtime.ts";

const commands = JSON.parse(Deno.args[0]!) as [string, Record<string, unknown>][];
await using runtime = createRuntime();
const results = [];
for (const [name, parameters] of commands) {
  results.push(await runtime.agent.command(name, parameters));
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(results)));
