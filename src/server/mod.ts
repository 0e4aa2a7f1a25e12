/**
 * One place to see it all, and a server that other people's programs already speak to: OpenAI's interface over the
 * indexed documents, commands, figures, and a page.
 *
 * ```ts
 * import { createAgent } from "@agent/runtime/agent";
 * import { createServer } from "@agent/runtime/server";
 * import assert from "node:assert/strict";
 *
 * await using agent = createAgent();
 * await agent.knowledge.add([{ document: "tea.md", text: "Green tea steeps for two minutes." }]);
 * await using server = createServer({ agent });
 * // Deno.serve({ hostname: "127.0.0.1", port: 8080 }, (request, info) => server.fetch(request, info));
 * const response = await server.fetch(
 *   new Request("http://127.0.0.1/v1/chat/completions", {
 *     method: "POST",
 *     headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
 *     body: JSON.stringify({
 *       model: "agent",
 *       messages: [{ role: "user", content: "How long does green tea steep?" }],
 *     }),
 *   }),
 * );
 * const { choices } = await response.json();
 * assert.match(choices[0].message.content, /two minutes/);
 * assert.equal(choices[0].message.annotations[0].url_citation.title, "tea.md");
 * ```
 *
 * @module
 */

import { knownFields } from "../shared/known_fields.ts";
import { DocumentServer } from "./server.ts";
import type { AgentServer, ServerOptions } from "./types.ts";

export * from "../shared/errors.ts";
export type * from "./types.ts";

const OPTIONS = [
  ...[
    "runtime",
    "agent",
    "token",
    "data",
    "allowedHosts",
    "roots",
    "scope",
    "embedder",
    "mcp",
    "limits",
  ],
];

/**
 * Makes a server over a runtime or an agent. It listens to nothing by itself: give its `fetch` to `Deno.serve`, on a loopback
 * address. Every route but `/healthz` needs the token, or a browser that was signed in with a code.
 *
 * @param options What it shows, who may ask, bounds.
 * @returns The server; dispose it with `await using`, or close it. The runtime stays open.
 * @throws {TypeError | RangeError} For wrong options.
 * @throws {AgentError} `UNAVAILABLE` if another server has the folder `data`; `IO`, `PERMISSION` or `CORRUPT` if it cannot be
 * used.
 *
 * @example
 * ```ts
 * import { createAgent } from "@agent/runtime/agent";
 * import { createServer } from "@agent/runtime/server";
 * import assert from "node:assert/strict";
 *
 * await using agent = createAgent();
 * await using server = createServer({ agent });
 * const response = await server.fetch(new Request("http://127.0.0.1/v1/models"));
 * assert.equal(response.status, 401);
 * ```
 */
export function createServer(options: ServerOptions): AgentServer {
  knownFields(options, "options", OPTIONS);
  return new DocumentServer(options);
}
