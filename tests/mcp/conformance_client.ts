/**
 * What the conformance suite runs as a client: connects by `mcpTools`, and calls the tools that the scenario names, or all. The
 * suite looks at what the product sends.
 */

import { mcpTools } from "../../src/mcp/mod.ts";

const { toolCalls } = JSON.parse(Deno.env.get("MCP_CONFORMANCE_CONTEXT") ?? "{}") as {
  toolCalls?: { name: string; arguments: Record<string, unknown> }[];
};

await using served = await mcpTools({ url: Deno.args.at(-1)! }, {
  // Accepts, and leaves the fields to their defaults, as a person who presses "yes".
  answer: ({ schema }) => Promise.resolve("ok" in propertiesOf(schema) ? { ok: true } : {}),
});
const calls = toolCalls ?? served.tools.map(({ name, input }) => ({
  name,
  arguments: "a" in propertiesOf(input) ? { a: 5, b: 3 } : {},
}));
for (const { name, arguments: given } of calls) {
  const tool = served.tools.find((one) => one.name === name);
  const call = { id: "1", name, arguments: "" };
  const context = { signal: AbortSignal.timeout(10_000), session: undefined, call };
  // Some tools of the suite fail on purpose.
  await (async () => await tool?.run(given, context))().catch(() => undefined);
}

function propertiesOf(schema: object): object {
  return (schema as { properties?: object }).properties ?? {};
}
