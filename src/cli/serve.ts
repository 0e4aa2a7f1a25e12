/**
 * `agent serve`: the page, OpenAI's interface and the commands over HTTP, on this machine.
 *
 * @module
 */

import { join } from "node:path";
import { AgentError } from "../shared/errors.ts";
import type { AgentServer } from "../server/types.ts";
import type { Call, Command } from "./command.ts";
import { emptiness, FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { displayPath, environment, existingPath, knowledgeFile } from "./paths.ts";
import { checkoutPath } from "./permissions.ts";

/** Where the server listens unless told otherwise. */
const PORT = 8787;

/** The command. */
export const serve: Command = {
  name: "serve",
  summary: "Serves a page, OpenAI's interface and the commands from a folder of documents",
  usage: "[--docs DIR]",
  options: {
    docs: { value: "DIR", help: "The folder (or file) to answer from (this program's own docs)" },
    ...FOLDER_OPTIONS,
    port: { value: "NUMBER", help: `The port, 0 for any that is free (${PORT})` },
    listen: { value: "ADDRESS", help: "Where to listen; others than 127.0.0.1 reach the network" },
    "host-name": {
      value: "NAME",
      many: true,
      help: "A name under which clients may ask, besides localhost; may be given several times",
    },
  },
  positionals: [0, 0],
  details:
    "The address that it prints signs one browser in, once. Programs send the token: that of\n" +
    "AGENT_SERVER_TOKEN, else one that is made and kept in the data folder. The folder is indexed\n" +
    "first. Ctrl-C ends it; what is being answered then is answered.",
  examples: ["scripts/agent serve --docs docs", "scripts/agent serve --port 0 --json"],
  run,
};

async function run(call: Call): Promise<number> {
  const { options, output } = call;
  const port = options.number("port", 0, 65_535, "whole") ?? PORT;
  const hostname = options.text("listen") ?? "127.0.0.1";
  const documents = existingPath(options.text("docs") ?? checkoutPath("docs"));
  const file = await knowledgeFile(documents, options.text("data"));
  const data = file.slice(0, file.lastIndexOf("/"));
  const signal = call.interruptible();
  const [{ createRuntime }, { createServer }, { createMcpHandler }, { allTools }] = await Promise
    .all([
      import("../runtime.ts"),
      import("../server/mod.ts"),
      import("../mcp/mod.ts"),
      import("./mcp_tools.ts"),
    ]);
  const { implementation } = options.implementation();
  await using runtime = createRuntime({
    implementation,
    knowledge: { path: file },
    agent: { sessions: { path: join(data, "sessions.sqlite") } },
  });
  const token = environment("AGENT_SERVER_TOKEN");
  const grounds = { docs: true, writable: false, machine: false, sandbox: false };
  const { tools } = allTools(runtime, {
    ...{ documents, folder: undefined, hosts: [] },
    grounds: { ...grounds, "allow-host": false },
  });
  await using mcp = createMcpHandler({ tools, knowledge: runtime.knowledge, access: "checked" });
  await using server = createServer({
    ...{ runtime, data, mcp },
    roots: [documents],
    allowedHosts: options.list("host-name"),
    ...(token !== undefined && token !== "" && { token }),
  });
  const { skipped } = await updateKnowledge(runtime.knowledge, documents, options, signal);
  if (!output.json) noteSkipped(skipped, output, false);
  const empty = emptiness(runtime.knowledge, documents, skipped);
  if (empty !== undefined) throw empty;
  await using http = listen(server, hostname, port);
  const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${http.addr.port}`;
  const tokenFile = token === undefined || token === "" ? join(data, "server-token") : null;
  const known = runtime.knowledge.stats().documents;
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
