/**
 * `agent serve`: the page, OpenAI's interface and the commands over HTTP, on this machine.
 *
 * @module
 */

import { join } from "node:path";
import { AgentError } from "../shared/errors.ts";
import type { Agent } from "../agent/types.ts";
import type { Runtime } from "../runtime.ts";
import type { AgentServer } from "../server/types.ts";
import { OWN_MACHINE } from "../commands/bounds.ts";
import { approvals } from "./approvals.ts";
import type { Call, Command } from "./command.ts";
import { emptiness, FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { grantedTarget } from "./granted_hosts.ts";
import { modelOf } from "./model.ts";
import { UsageError } from "./options.ts";
import { displayPath, environment, existingPath, knowledgeFile } from "./paths.ts";
import { checkoutPath } from "./permissions.ts";
import { allowedTools, budgetOf, checkAllowed, RUN_OPTIONS, toolsOf } from "./run_setup.ts";

/** Where the server listens unless told otherwise. */
const PORT = 8787;

/** What is said of a model and of its runs, which is nothing without one. */
const OF_A_MODEL = [
  ...["model-name", "protocol", "key-env", "key-file"] as const,
  ...["tools", "folder", "budget", "yes", "allow-host"] as const,
];
const MODEL_AND_RUNS = Object.fromEntries(
  (["model", ...OF_A_MODEL] as const).map((name) => [name, RUN_OPTIONS[name]!]),
);

/** The command. */
export const serve: Command = {
  name: "serve",
  summary: "Serves a page, OpenAI's interface and the commands from a folder of documents",
  usage: "[--docs DIR] [--model URL --model-name NAME]",
  options: {
    docs: { value: "DIR", help: "The folder (or file) to answer from (in a checkout: its docs)" },
    ...FOLDER_OPTIONS,
    port: { value: "NUMBER", help: `The port, 0 for any that is free (${PORT})` },
    listen: { value: "ADDRESS", help: "Where to listen; others than 127.0.0.1 reach the network" },
    "host-name": {
      value: "NAME",
      many: true,
      help: "A name under which clients may ask, besides localhost; may be given several times",
    },
    root: {
      value: "DIR",
      many: true,
      help: "A folder below which callers may name paths, besides --docs; may be repeated",
    },
    scope: {
      value: "TARGET",
      many: true,
      help: "An address, network or name that callers may scan and load, besides this machine",
    },
    ...MODEL_AND_RUNS,
  },
  positionals: [0, 0],
  details:
    "The address that it prints signs one browser in, once. Programs send the token: that of\n" +
    "AGENT_SERVER_TOKEN, else one that is made and kept in the data folder. The folder is indexed\n" +
    "first. Ctrl-C ends it; what is being answered then is answered.\n" +
    "With --model answers are worded by it, and it does tasks with --tools; calls that need\n" +
    "somebody's word wait for it on the page, but for those of --yes.",
  examples: [
    "scripts/agent serve --docs docs",
    "scripts/agent serve --port 0 --json",
    "scripts/agent serve --docs docs --model http://127.0.0.1:11434/v1 --model-name llama3.2",
    "scripts/agent serve --docs docs --root ~/notes --scope 192.168.1.0/24",
  ],
  run,
};

function ownDocuments(): string {
  const docs = checkoutPath("docs");
  if (docs !== undefined) return docs;
  throw new UsageError("Name the folder to answer from with --docs DIR");
}

async function run(call: Call): Promise<number> {
  const { options, output } = call;
  const port = options.number("port", 0, 65_535, "whole") ?? PORT;
  const hostname = options.text("listen") ?? "127.0.0.1";
  const documents = existingPath(options.text("docs") ?? ownDocuments());
  const file = await knowledgeFile(documents, options.text("data"));
  const data = file.slice(0, file.lastIndexOf("/"));
  const roots = [documents, ...options.list("root").map(existingPath)];
  const scope = scopeOf(options.list("scope"));
  const signal = call.interruptible();
  const [{ createRuntime }, { createServer }, { createMcpHandler }, { allTools }, { withAgent }] =
    await Promise
      .all([
        import("../runtime.ts"),
        import("../server/mod.ts"),
        import("../mcp/mod.ts"),
        import("./mcp_tools.ts"),
        import("../agent/commands.ts"),
      ]);
  const { implementation } = options.implementation();
  await using base = createRuntime({ implementation, knowledge: { path: file } });
  await using agent = await agentOf(call, base, join(data, "sessions.sqlite"));
  const token = environment("AGENT_SERVER_TOKEN");
  const grounds = { docs: true, writable: false, machine: false, sandbox: false };
  const { tools } = allTools(withAgent(base, agent), {
    ...{ documents, folder: undefined, hosts: [] },
    grounds: { ...grounds, "allow-host": false },
  });
  const { knowledge } = base;
  await using mcp = createMcpHandler({ tools, knowledge, access: "checked" });
  await using server = createServer({
    ...{ runtime: base, agent, data, mcp, roots, scope },
    embedder: "default",
    allowedHosts: options.list("host-name"),
    ...(token !== undefined && token !== "" && { token }),
  });
  const { skipped } = await updateKnowledge(knowledge, documents, options, signal);
  if (!output.json) noteSkipped(skipped, output, false);
  const empty = emptiness(knowledge, documents, skipped);
  if (empty !== undefined) throw empty;
  await using http = listen(server, hostname, port);
  const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${http.addr.port}`;
  const tokenFile = token === undefined || token === "" ? join(data, "server-token") : null;
  const known = knowledge.stats().documents;
  if (output.json) {
    output.document({ url, signIn: `${url}${server.signInPath()}`, tokenFile, documents: known });
  } else {
    output.line(`Open  ${url}${server.signInPath()}`);
    output.line("      (signs one browser in, within ten minutes)");
    output.line(
      `API   ${url}/v1   token: ${
        tokenFile === null ? "$AGENT_SERVER_TOKEN" : displayPath(tokenFile)
      }`,
    );
    output.line(`MCP   ${url}/mcp   with the same token`);
    output.line(`${known} documents of ${displayPath(documents)}. Ctrl-C ends it.`);
  }
  await ending(signal);
  await server.close();
  await http.shutdown();
  return 0;
}

/** The agent: with a model if one is named, and then with tools, bounds and somebody's word in advance. */
async function agentOf(call: Call, base: Runtime, sessions: string): Promise<Agent> {
  const { options } = call;
  const { makeAgent } = await import("../agent/make.ts");
  const known = { knowledge: base.knowledge, sessions: { path: sessions } };
  if (options.text("model") === undefined) {
    const without = OF_A_MODEL.find((name) => options.values[name] !== undefined);
    if (without !== undefined) throw new UsageError(`Option --${without} needs --model`, "serve");
    return makeAgent(known, base);
  }
  const folder = options.text("folder");
  const tools = await toolsOf(call, base, {
    folder: folder === undefined ? undefined : existingPath(folder),
    domain: undefined,
    search: true,
  });
  const allowed = allowedTools(call);
  checkAllowed(allowed, tools);
  return makeAgent({
    ...known,
    model: await modelOf(call),
    tools,
    budget: budgetOf(options.list("budget")),
    approve: approvals(allowed, undefined),
  }, base);
}

/** What callers may scan and put under load: this machine, and what was named. */
function scopeOf(given: readonly string[]): string[] {
  const wrong = given.find((target) => grantedTarget(target) === "");
  if (wrong !== undefined) {
    throw new UsageError(
      `Option --scope is an address, a network (192.168.1.0/24) or a host name, got "${
        wrong.slice(0, 80)
      }"`,
      "serve",
    );
  }
  return [...OWN_MACHINE, ...given];
}

function listen(
  server: AgentServer,
  hostname: string,
  port: number,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve(
      { hostname, port, onListen() {} },
      (request, info) => server.fetch(request, info),
    );
  } catch (cause) {
    if (
      !(cause instanceof Deno.errors.AddrInUse || cause instanceof Deno.errors.AddrNotAvailable)
    ) {
      throw cause;
    }
    throw new AgentError(
      "UNAVAILABLE",
      `Cannot listen on ${hostname} port ${port} (${cause.message}): choose another with --port`,
      { server: `${hostname}:${port}` },
      { cause },
    );
  }
}

/** Waits for Ctrl-C, or for the system to end the program. */
async function ending(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  Deno.addSignalListener("SIGTERM", resolve);
  try {
    await promise;
  } finally {
    Deno.removeSignalListener("SIGTERM", resolve);
  }
}
