/**
 * Documents and a tool of one's own for any client of the Model Context Protocol, over HTTP. What the server may do is
 * set here, by whoever starts it, and never by a client.
 *
 * deno run --allow-read --allow-net=127.0.0.1:8808 examples/mcp_server.ts docs 8808
 */

import { openKnowledge } from "@agent/runtime/knowledge";
import type { Tool } from "@agent/runtime/agent";
import { createMcpHandler } from "@agent/runtime/mcp";

const [folder = "docs", port = "8808"] = Deno.args;
using knowledge = openKnowledge();
await knowledge.addFolder(folder);

const today: Tool = {
  name: "today",
  description: "The day of today.",
  input: { type: "object" },
  approval: "never",
  run: () => new Date().toISOString().slice(0, 10),
};
await using handler = createMcpHandler({ knowledge, tools: [today] });
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen() {} },
  handler.fetch,
);
console.log(`http://127.0.0.1:${port}/mcp`);
console.log(`Authorization: Bearer ${handler.token}`);
await server.finished;
