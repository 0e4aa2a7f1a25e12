/**
 * The MCP server: a call of a tool over the handler of requests, in the stateless revision, beside the same tool on the SDK's own
 * handler, which looks at neither token, host nor input.
 */

import { createMcpHandler, type McpHandler } from "@agent/runtime/mcp";
import { type Area, atLeast } from "./lib/area.ts";
import { register } from "./lib/register.ts";

const CALL = "a call of a tool, 2026-07-28";
const REVISION = "2026-07-28";
const TOKEN = "a-token-of-the-benches-0123456789";
const INPUT = {
  type: "object" as const,
  properties: { text: { type: "string" as const } },
  required: ["text"],
  additionalProperties: false,
};

/** The area. */
export const area: Area = {
  name: "mcp",
  tools: [["MCP server", CALL, 1]],
  groups() {
    // Made when they are first used: groups open nothing.
    let ours: McpHandler | undefined;
    let theirs: Promise<{ fetch(request: Request): Promise<Response> }> | undefined;
    return [{
      ...{ operation: CALL, size: 1, unit: "calls", front: true },
      rows: [
        {
          ...{ name: "auto", role: "auto" },
          async once(call) {
            ours ??= createMcpHandler({
              tools: [{
                name: "echo",
                description: "Says what it was given.",
                input: INPUT,
                run: (input) => (input as { text: string }).text,
              }],
              access: { token: TOKEN },
            });
            return await answered(await ours.fetch(request(call)));
          },
        },
        {
          ...{ name: "the SDK's handler", role: "peer" },
          async once(call) {
            theirs ??= sdkHandler();
            return await answered(await (await theirs).fetch(request(call)));
          },
        },
      ],
      finish: async () => await ours?.close(),
    }];
  },
  bars: (figures) => [
    atLeast("A call of a tool, against the SDK's handler", figures.times(CALL, 1, "auto"), 0.5),
  ],
};

async function answered(response: Response): Promise<number> {
  const text = await response.text();
  if (!response.ok || !text.includes("word ")) throw new Error(text);
  return text.length;
}

async function sdkHandler(): Promise<{ fetch(request: Request): Promise<Response> }> {
  const sdk = await import("@modelcontextprotocol/server");
  return sdk.createMcpHandler(() => {
    const server = new sdk.Server({ name: "peer", version: "1.0.0" }, {
      capabilities: { tools: {} },
    });
    server.setRequestHandler("tools/list", () => ({
      tools: [{ name: "echo", description: "Says what it was given.", inputSchema: INPUT }],
    }));
    server.setRequestHandler("tools/call", ({ params }) => ({
      content: [{ type: "text", text: String(params.arguments?.["text"]) }],
    }));
    return server;
  });
}

function request(call: number): Request {
  const clientInfo = { name: "bench", version: "1" };
  return new Request("http://127.0.0.1/mcp", {
    method: "POST",
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": REVISION,
      "mcp-method": "tools/call",
      "mcp-name": "echo",
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: call + 1, method: "tools/call" },
      params: {
        ...{ name: "echo", arguments: { text: `word ${call}` } },
        _meta: {
          "io.modelcontextprotocol/protocolVersion": REVISION,
          "io.modelcontextprotocol/clientInfo": clientInfo,
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  });
}

await register(area, import.meta.url);
