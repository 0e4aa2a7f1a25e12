/**
 * `agent mcp`: documents and tools for any client of the Model Context Protocol, over standard input and output or, with
 * `--http`, over HTTP on this machine.
 *
 * @module
 */

import type { Knowledge } from "../knowledge/mod.ts";
import type { McpOffer } from "../mcp/mod.ts";
import type { Runtime } from "../runtime.ts";
import type { Call, Command } from "./command.ts";
import { emptiness, FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { type Options, UsageError } from "./options.ts";
import { environment, existingPath, knowledgeFile, readFailure } from "./paths.ts";
import { dataFolder } from "./permissions.ts";

const NAME = "mcp";

/** The command. */
export const mcp: Command = {
  name: NAME,
  summary: "Serves documents and tools to clients of the Model Context Protocol",
  usage: "[--docs DIR] [--folder DIR] [--allow TOOL] [--http PORT]",
  options: {
    docs: { value: "DIR", help: "The folder (or file) whose documents are served" },
    ...FOLDER_OPTIONS,
    folder: { value: "DIR", help: "Tools that read files, sources and git there are offered" },
    writable: { value: "DIR", help: "The same, with the tool that writes files" },
    machine: { help: "Offer the tools that look at this machine: figures, sockets, threats" },
    sandbox: { help: "Offer run_code and the tools for containers of this machine's engine" },
    tool: { value: "NAME", many: true, help: "Offer this tool; all that can be, if none is named" },
    allow: { value: "TOOL", many: true, help: "Let a tool run that needs somebody's word" },
    ask: { value: "TOOL", many: true, help: "Offer it, and ask the client's user for each call" },
    "allow-host": {
      value: "HOST",
      many: true,
      help: "A host that pages are fetched from, or that is scanned",
    },
    "max-calls": { value: "N", help: "End after so many tool calls" },
    "call-timeout": { value: "SECONDS", help: "How long a call may take (60)" },
    http: { value: "PORT", help: "Serve over HTTP on 127.0.0.1 instead; 0 chooses a port" },
  },
  positionals: [0, 0],
  details:
    "Without --http a client starts this command itself and speaks with it over standard input and\n" +
    "output. With --http callers send the token, which is that of AGENT_MCP_TOKEN, or else stands in\n" +
    "the file that is named at the start. Tools that need somebody's word (code, scans, pages, files,\n" +
    "what changes something) are offered only if --allow or --ask names them. Nothing that a caller sends widens what is set here.",
  examples: ["scripts/agent mcp --docs docs", "scripts/agent mcp --folder . --allow read_file"],
  run,
};

async function run(call: Call): Promise<number> {
  const { options, output } = call;
  const port = options.number("http", 0, 65_535, "whole");
  // A client reads standard output, so that nothing but the protocol may stand there.
  if (port === undefined && output.json) {
    throw new UsageError("--json needs --http: standard output belongs to the protocol", NAME);
  }
  const docs = options.text("docs");
  const documents = docs === undefined ? undefined : existingPath(docs);
  const [{ createRuntime }, { createMcpHandler, serveMcp }] = await Promise.all([
    import("../runtime.ts"),
    import("../mcp/mod.ts"),
  ]);
  const { implementation } = options.implementation();
  await using runtime = createRuntime({
    ...(implementation !== undefined && { implementation }),
    // What is granted with --allow-host is what can be reached; other addresses Deno refuses.
    http: { allowPrivate: options.list("allow-host").length > 0 },
    ...(documents !== undefined && {
      knowledge: { path: await knowledgeFile(documents, options.text("data")) },
    }),
  });
  const offer = await offerOf(options, runtime, documents);
  const signal = call.interruptible();
  if (documents !== undefined) await indexed(runtime.knowledge, documents, call, signal);
  if (port === undefined) {
    await using served = await serveMcp(offer);
    const end = (): void => void served.close();
    signal.addEventListener("abort", end, { once: true });
    await served.closed;
    return 0;
  }
  const { token, file } = await tokenOf(options);
  await using handler = createMcpHandler({ ...offer, access: { token } });
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    signal,
    onListen: () => undefined,
  }, handler.fetch);
  const url = `http://127.0.0.1:${server.addr.port}/mcp`;
  if (output.json) output.document({ url, tokenFile: file ?? null });
  else output.line(url);
  output.note(`the token is ${file === undefined ? "that of AGENT_MCP_TOKEN" : `in ${file}`}`);
  await server.finished;
  return 0;
}

async function indexed(
  knowledge: Knowledge,
  documents: string,
  { options, output }: Call,
  signal: AbortSignal,
): Promise<void> {
  const { skipped } = await updateKnowledge(knowledge, documents, options, signal);
  noteSkipped(skipped, output, false);
  const empty = emptiness(knowledge, documents, skipped);
  if (empty !== undefined) throw empty;
}

/** What is offered: of all tools those whose ground was given, and of these the ones that were named. */
async function offerOf(
  options: Options,
  runtime: Runtime,
  documents: string | undefined,
): Promise<McpOffer> {
  const { allTools } = await import("./mcp_tools.ts");
  const writable = options.text("writable");
  const named = writable ?? options.text("folder");
  if (writable !== undefined && options.text("folder") !== undefined) {
    throw new UsageError("Give --folder or --writable, not both", NAME);
  }
  const { tools: all, missing } = allTools(runtime, {
    documents,
    folder: named === undefined ? undefined : existingPath(named),
    hosts: options.list("allow-host"),
    grounds: {
      docs: documents !== undefined,
      writable: writable !== undefined,
      machine: options.on("machine"),
      sandbox: options.on("sandbox"),
      "allow-host": options.list("allow-host").length > 0,
    },
  });
  const chosen = options.list("tool");
  const [allow, ask] = [options.list("allow"), options.list("ask")];
  const wanted = [...chosen, ...allow, ...ask];
  for (const name of wanted) {
    if (all.some((tool) => tool.name === name)) continue;
    const ground = missing.get(name);
    if (ground !== undefined) throw new UsageError(`${name} needs --${ground}`, NAME);
    const names = all.map((tool) => tool.name).join(", ");
    throw new UsageError(`There is no tool ${name} here; there are ${names}`, NAME);
  }
  return {
    ...{ allow, ask },
    tools: chosen.length === 0 ? all : all.filter(({ name }) => wanted.includes(name)),
    ...(documents !== undefined && { knowledge: runtime.knowledge }),
    budget: {
      calls: options.number("max-calls", 1, 1e9, "whole"),
      callMs: (options.number("call-timeout", 0.1, 86_400, "any", "seconds") ?? 60) * 1_000,
    },
  };
}

/** The token of the environment, or one in a file that the user alone reads; it is shown nowhere. */
async function tokenOf(options: Options): Promise<{ token: string; file?: string }> {
  const given = environment("AGENT_MCP_TOKEN");
  if (given !== undefined && given !== "") return { token: given };
  const folder = dataFolder(options.text("data"), environment);
  if (folder === undefined) throw new UsageError("Set AGENT_MCP_TOKEN, or give --data DIR", NAME);
  const file = `${folder}/mcp-token`;
  try {
    return { token: (await Deno.readTextFile(file)).trim(), file };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw readFailure(file, error);
  }
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const { newToken } = await import("../mcp/http/guard.ts");
  const token = newToken();
  try {
    await Deno.writeTextFile(file, `${token}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    // Another server made one meanwhile.
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return { token: (await Deno.readTextFile(file)).trim(), file };
  }
  return { token, file };
}
