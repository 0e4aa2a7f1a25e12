/**
 * What the tests of MCP share: a handler on a free port, its clients of both eras, and a store of documents.
 */

import { Client as ClientBefore } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportBefore } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Tool } from "../../src/agent/loop/types.ts";
import { type Knowledge, openKnowledge } from "../../src/knowledge/mod.ts";
import { createMcpHandler, type McpHandlerOptions } from "../../src/mcp/mod.ts";
import { type Client, loadClient } from "../../src/mcp/sdk.ts";
import { preloadNative } from "../../src/native/status.ts";

// Outside of every test's sanitizers.
preloadNative();

/** A handler that is served. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** Serves a handler on a free port of this machine. */
export function serve(options: McpHandlerOptions): Served {
  const handler = createMcpHandler(options);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    handler.fetch,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    token: handler.token ?? "",
    async [Symbol.asyncDispose]() {
      await handler.close();
      await server.shutdown();
    },
  };
}

/** The official client, in the era that is named. */
export async function connect(
  { url, token }: { url: string; token: string },
  era: "2026-07-28" | "legacy",
  answer?: (message: string) => { action: "accept" | "decline"; content?: { allow: boolean } },
): Promise<Client & AsyncDisposable> {
  const sdk = await loadClient();
  const client = new sdk.Client({ name: "test", version: "1.0.0" }, {
    capabilities: answer === undefined ? {} : { elicitation: { form: {} } },
    versionNegotiation: { mode: era === "legacy" ? "legacy" : { pin: era } },
  });
  if (answer !== undefined) {
    client.setRequestHandler("elicitation/create", ({ params }) => answer(params.message));
  }
  await client.connect(
    new sdk.StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** The official client of the era before, as programs that exist have it. */
export async function connectBefore(
  { url, token }: { url: string; token: string },
): Promise<ClientBefore & AsyncDisposable> {
  const client = new ClientBefore({ name: "test", version: "1.0.0" }, { capabilities: {} });
  await client.connect(
    new TransportBefore(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** A store with these documents. */
export async function knowledgeOf(documents: Readonly<Record<string, string>>): Promise<Knowledge> {
  const knowledge = openKnowledge();
  await knowledge.add(
    Object.entries(documents).map(([document, text]) => ({ document, text })),
  );
  return knowledge;
}

/** A tool that says what it was given. */
export function echo(more: Partial<Tool> = {}): Tool {
  return {
    name: "echo",
    description: "Says what it was given.",
    input: {
      type: "object",
      properties: { text: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    },
    run: (input) => (input as { text: string }).text,
    ...more,
  };
}

/** The text of a result. */
export function textOf(result: { content?: unknown }): string {
  return (result.content as { text?: string }[]).map(({ text = "" }) => text).join("\n");
}

/** Sends a message as a client of the 2026-07-28 revision does. */
export function post(
  { url, token }: { url: string; token: string },
  body: string | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
  });
}

/** A message of the 2026-07-28 revision with its headers. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
): { body: string; headers: Record<string, string> } {
  const revision = "2026-07-28";
  const name = params["name"] ?? params["uri"];
  return {
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": revision,
          "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
    headers: {
      "mcp-protocol-version": revision,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
    },
  };
}
