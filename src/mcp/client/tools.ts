/**
 * The tools of a server of others, as tools of a run. Nothing of what the server says is believed: its words are shown as its
 * own, its hints about its tools are not used, and each call needs somebody's word unless the program says otherwise.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };
import type { Tool } from "../../agent/loop/types.ts";
import type { JsonSchema } from "../../llm/types.ts";
import { wrongType, wrongValue } from "../../shared/arguments.ts";
import { unlessAborted } from "../../shared/abort.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import { type Client, type ClientSdk, type ClientTransport, loadClient } from "../sdk.ts";
import { line } from "../server/words.ts";
import { textOf } from "./content.ts";
import { boundedFetch } from "./fetch.ts";
import { ProcessTransport } from "./process.ts";
import { usableSchema } from "./schema.ts";
import type { McpAddress, McpCommand, McpTools, McpToolsOptions } from "./types.ts";

/** So many tools are taken of one server. */
const MOST_TOOLS = 128;
/** Of one description. */
const MOST_WORDS = 1_000;
/** How long a server may take to begin and to say which revisions it knows: one that indexes a folder first is slow. */
const PROBE_MS = 20_000;
/** How long the end of a session may take. */
const FAREWELL_MS = 1_000;

/**
 * Connects with an MCP server and gives its tools.
 *
 * @param source A program that is started, or an address.
 * @param options Names, bounds, and whose word is needed.
 * @returns The tools, and what ends the connection.
 * @throws {TypeError} If the source is neither.
 * @throws {AgentError} `PERMISSION`, `UNAVAILABLE` (it does not start, does not answer or speaks something else), `TIMEOUT`,
 * `TOO_LARGE` (more than 128 tools).
 *
 * @example
 * ```ts ignore
 * import { createAgent } from "@agent/runtime/agent";
 * import { mcpTools } from "@agent/runtime/mcp";
 *
 * await using files = await mcpTools({ command: "files-server", args: ["/srv/notes"] });
 * await using agent = createAgent({ model, tools: [...files.tools], approve: () => "allow" });
 * await agent.run("What do the notes say about the lamp?");
 * ```
 */
export function mcpTools(
  source: McpCommand | McpAddress,
  options?: McpToolsOptions,
): Promise<McpTools>;
export async function mcpTools(
  source: McpCommand | McpAddress,
  options: McpToolsOptions = {},
): Promise<McpTools> {
  const { connectMs = 30_000, callMs = 60_000, signal } = options;
  const permission = permissionOf(source);
  const sdk = await loadClient();
  const transport = transportOf(sdk, source);
  const client = new sdk.Client({ name: "agent", version: config.version }, {
    capabilities: options.answer === undefined
      ? {}
      : { elicitation: { form: { applyDefaults: true } } },
    versionNegotiation: { mode: "auto", probe: { timeoutMs: Math.min(PROBE_MS, connectMs) } },
    // What a tool gives is text for a model, so that nothing is gained by running the server's schemas.
    jsonSchemaValidator: {
      getValidator: () => (input) => ({
        ...{ valid: true, data: input as never, errorMessage: undefined },
      }),
    },
  });
  if (options.answer !== undefined) answering(client, options.answer);
  const close = async (): Promise<void> => {
    await endSession(transport);
    await client.close();
    await transport.close();
  };
  try {
    const operation = "connecting with the MCP server";
    return await withDeadline({ operation, timeoutMs: connectMs, signal }, async (either) => {
      await client.connect(transport, { signal: either, timeout: connectMs });
      const { tools } = client.getServerCapabilities()?.tools === undefined
        ? { tools: [] }
        : await client.listTools(undefined, { signal: either, timeout: connectMs });
      const { name = "unnamed", version = "" } = client.getServerVersion() ?? {};
      const server = { name: line(name, 60), version: line(version, 60) };
      return {
        tools: toolsOf(tools, client, { ...{ server: server.name, options, callMs, permission } }),
        server,
        revision: client.getNegotiatedProtocolVersion() ?? "",
        close,
        [Symbol.asyncDispose]: close,
      };
    });
  } catch (error) {
    await close().catch(() => undefined);
    if (error instanceof AgentError || signal?.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const server = "url" in source ? hostOf(source.url) : source.command;
    throw new AgentError(
      "UNAVAILABLE",
      `The MCP server ${server} cannot be used: ${line(why)}`,
      { server },
      { cause: error },
    );
  }
}

/** What all tools of a server share. */
interface Around {
  readonly server: string;
  readonly options: McpToolsOptions;
  readonly callMs: number;
  readonly permission: Deno.PermissionDescriptor;
}

/** A tool as a server lists it. */
interface ForeignTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: unknown;
}

function toolsOf(listed: readonly ForeignTool[], client: Client, around: Around): Tool[] {
  const { only, allow = [] } = around.options;
  const unknown = [...only ?? [], ...allow].find((name) =>
    !listed.some((one) => one.name === name)
  );
  if (unknown !== undefined) {
    throw new AgentError("NOT_FOUND", `${around.server} has no tool ${JSON.stringify(unknown)}`, {
      what: unknown,
    });
  }
  const chosen = listed.filter(({ name }) => only?.includes(name) ?? true);
  if (chosen.length > MOST_TOOLS) {
    throw new AgentError(
      "TOO_LARGE",
      `${around.server} has ${chosen.length} tools, more than ${MOST_TOOLS}: name those you want with "only"`,
      { what: "tools", size: chosen.length, limit: MOST_TOOLS },
    );
  }
  const taken = new Set<string>();
  return chosen.flatMap((one) => {
    const input = usableSchema(one.inputSchema);
    return input === undefined ? [] : [toolOf(one, input, client, around, taken)];
  });
}

function toolOf(
  { name, description = "" }: ForeignTool,
  input: JsonSchema,
  client: Client,
  { server, options, callMs, permission }: Around,
  taken: Set<string>,
): Tool {
  const words = JSON.stringify(line(description, MOST_WORDS));
  return {
    name: nameOf(`${options.prefix ?? ""}${name}`, taken),
    description: `A tool of the MCP server ${JSON.stringify(server)}, which says of it: ${words}`,
    input,
    approval: options.allow?.includes(name) ? "never" : "always",
    retry: "never",
    permissions: [permission],
    effects: { openWorld: true },
    async run(given, { signal }) {
      const result = await client.callTool(
        { name, arguments: given as Record<string, unknown> },
        { signal, timeout: callMs, maxTotalTimeout: callMs },
      );
      const text = textOf(result);
      if (result.isError) throw new Error(text === "" ? "the tool failed" : text);
      return text;
    },
  };
}

/** A name that all models take, and that no other tool of the server has. */
function nameOf(name: string, taken: Set<string>): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "tool";
  let unique = plain;
  for (let number = 2; taken.has(unique); number++) {
    unique = `${plain.slice(0, 60)}_${number}`;
  }
  taken.add(unique);
  return unique;
}

function answering(client: Client, answer: NonNullable<McpToolsOptions["answer"]>): void {
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq: { signal } }) => {
    if (!("requestedSchema" in params)) return { action: "decline" };
    const question = {
      message: line(params.message, MOST_WORDS),
      schema: params.requestedSchema as JsonSchema,
    };
    const content = await answer(question, { signal });
    if (content === undefined) return { action: "decline" };
    return { action: "accept", content: content as Record<string, string> };
  });
}

function transportOf(sdk: ClientSdk, source: McpCommand | McpAddress): ClientTransport {
  if ("command" in source) return new ProcessTransport(sdk, source);
  return new sdk.StreamableHTTPClientTransport(new URL(source.url), {
    requestInit: { headers: { ...source.headers } },
    fetch: boundedFetch,
  });
}

/** Tells a server of the 2025 revisions that its session is over; one that does not answer is not waited for. */
async function endSession(transport: ClientTransport): Promise<void> {
  if (!("terminateSession" in transport) || transport.sessionId === undefined) return;
  const ending = (transport.terminateSession as () => Promise<void>).call(transport);
  await unlessAborted(ending, AbortSignal.timeout(FAREWELL_MS)).catch(() => undefined);
}

function permissionOf(source: McpCommand | McpAddress): Deno.PermissionDescriptor {
  if (source !== null && typeof source === "object") {
    if ("command" in source && typeof source.command === "string" && source.command !== "") {
      return { name: "run", command: source.command };
    }
    if ("url" in source && typeof source.url === "string") {
      return { name: "net", host: hostOf(source.url) };
    }
  }
  throw wrongType("source", "an object with command or url", source);
}

function hostOf(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrongValue("source.url", "an address of http or https", address);
  }
  return url.port === "" ? `${url.hostname}:${url.protocol === "http:" ? 80 : 443}` : url.host;
}
