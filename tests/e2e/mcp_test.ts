import assert from "assertions";
import { Client as ClientBefore } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { mcpTools } from "../../src/mcp/mod.ts";
import { ROOT } from "../support/programs.ts";
import { agent, documents, permissions, Scratch } from "./helpers.ts";

const AGENT = `${ROOT}scripts/agent`;
const INITIALIZE = JSON.stringify({
  ...{ jsonrpc: "2.0", id: 0, method: "initialize" },
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
});

/** A server that was started, to which lines are written and from which messages are read. */
class Raw implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: Promise<string>;

  constructor(scratch: Scratch, args: readonly string[], env: Record<string, string> = {}) {
    this.#child = new Deno.Command(AGENT, {
      args: ["mcp", ...args],
      ...{ clearEnv: true, env: scratch.env(env) },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    this.#lines = linesOf(this.#child.stdout)[Symbol.asyncIterator]();
    this.#stderr = new Response(this.#child.stderr).text();
  }

  async write(...lines: string[]): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
    writer.releaseLock();
  }

  /** The next line, which must be a message. */
  async message(): Promise<{ id?: unknown; result?: unknown; error?: { code: number } }> {
    const message = JSON.parse(await this.line());
    assert.equal(message.jsonrpc, "2.0");
    return message;
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    assert.ok(!done, "the server ended");
    return value;
  }

  /** Ends its input and waits for its end. */
  async end(): Promise<{ code: number; rest: string[]; stderr: string }> {
    await this.#child.stdin.close().catch(() => undefined);
    const rest: string[] = [];
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      rest.push(next.value);
    }
    return { code: (await this.#child.status).code, rest, stderr: await this.#stderr };
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

Deno.test("mcp: the client of the era before gets a cited answer over standard input and output", async () => {
  using scratch = new Scratch();
  const transport = new StdioClientTransport({
    command: AGENT,
    args: ["mcp", "--docs", documents(scratch)],
    env: scratch.env(),
    stderr: "ignore",
  });
  const client = new ClientBefore({ name: "test", version: "1" }, { capabilities: {} });
  await client.connect(transport);
  try {
    const names = (await client.listTools()).tools.map(({ name }: { name: string }) => name);
    for (const name of ["ask", "search", "status", "text_count", "find_clauses", "backtest"]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
    // Nobody gave their word, a folder, a host or this machine.
    for (const name of ["fetch_page", "security_scan", "run_code", "read_file", "threats", "run"]) {
      assert.ok(!names.includes(name), name);
    }
    const { structuredContent } = await client.callTool({
      name: "ask",
      arguments: { question: "On which port does the orchestrator listen?" },
    });
    const { answer, sources } = structuredContent as { answer: string; sources: object[] };
    assert.match(answer, /7341/);
    assert.match(JSON.stringify(sources[0]), /ports\.md/);
    const { resources } = await client.listResources();
    assert.equal(resources.length, 3);
  } finally {
    await client.close();
    // The client leaves a timer of two seconds behind, by which it would kill a server that does not end.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
  }
});

Deno.test("mcp: tools of this program in another run, and its process ends with them", async () => {
  using scratch = new Scratch();
  const served = await mcpTools({
    command: AGENT,
    args: ["mcp", "--docs", documents(scratch), "--tool", "search"],
    env: scratch.env(),
  }, { prefix: "notes_" });
  assert.equal(served.revision, "2026-07-28");
  assert.equal(served.server.name, "agent");
  const [search, ...others] = served.tools;
  assert.deepEqual([search?.name, search?.approval, others], ["notes_search", "always", []]);
  const call = { id: "1", name: "notes_search", arguments: "" };
  const context = { signal: new AbortController().signal, session: undefined, call };
  assert.match(String(await search!.run({ query: "backups" }, context)), /ninety days/);
  await served.close();
  await assert.rejects(async () => await search!.run({ query: "backups" }, context));
});

Deno.test("mcp: standard output has the protocol and nothing else, whatever comes in", async () => {
  using scratch = new Scratch();
  await using server = new Raw(scratch, []);
  await server.write(INITIALIZE);
  assert.equal((await server.message()).id, 0);
  const call = (id: number, text: string) =>
    JSON.stringify({
      ...{ jsonrpc: "2.0", id, method: "tools/call" },
      params: { name: "text_hash", arguments: { text } },
    });
  await server.write(
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    ...["garbage", "{", "[]", "null", '"x"', "\u0000", '{"jsonrpc":"2.0","id":1}', ""],
    `${"[".repeat(10_000)}${"]".repeat(10_000)}`,
    call(7, "hello"),
  );
  for (let message = await server.message(); message.id !== 7;) message = await server.message();
  // More than one message may hold ends the connection, and with it the program.
  await server.write(call(8, "x".repeat(10_000_000))).catch(() => undefined);
  const { rest, stderr } = await server.end();
  for (const line of rest) assert.equal(JSON.parse(line).jsonrpc, "2.0");
  assert.doesNotMatch(stderr, /at .*\.ts:|hello/);
});

Deno.test("mcp: it ends with its client, and on SIGINT", async () => {
  using scratch = new Scratch();
  await using first = new Raw(scratch, []);
  await first.write(INITIALIZE);
  await first.message();
  assert.deepEqual((await first.end()).code, 0);
  await using second = new Raw(scratch, []);
  await second.write(INITIALIZE);
  await second.message();
  second.kill("SIGINT");
  assert.deepEqual(await second.end(), { code: 0, rest: [], stderr: "" });
});

Deno.test("mcp: over HTTP the token is in a file of the user's alone, and is shown nowhere", async () => {
  using scratch = new Scratch();
  const data = scratch.folder("data");
  const args = ["--docs", documents(scratch), "--http", "0", "--data", data];
  await using server = new Raw(scratch, args);
  const url = await server.line();
  const file = `${data}/mcp-token`;
  const token = Deno.readTextFileSync(file).trim();
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const refused = await fetch(url, { method: "POST" });
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  const client = new ClientBefore({ name: "test", version: "1" }, { capabilities: {} });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  const result = await client.callTool({ name: "search", arguments: { query: "backups" } });
  assert.match(JSON.stringify(result.content), /ninety days/);
  await client.close();
  server.kill("SIGINT");
  const { stderr, rest } = await server.end();
  assert.ok(stderr.includes(file), stderr);
  assert.ok(!`${stderr}${rest}`.includes(token));
});

Deno.test("mcp: a token of the environment is used, and is not in a file", async () => {
  using scratch = new Scratch();
  const token = "a-token-of-the-environment";
  await using server = new Raw(scratch, ["--http", "0"], { AGENT_MCP_TOKEN: token });
  const url = await server.line();
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{",
  });
  assert.equal(response.status, 400);
  await response.body?.cancel();
  server.kill("SIGINT");
  const { stderr } = await server.end();
  assert.ok(!stderr.includes(token));
  assert.throws(() => Deno.statSync(`${scratch.path}/home/.local/share/agent/mcp-token`));
});

Deno.test("mcp: permissions are those of what was named, and no others", async () => {
  using scratch = new Scratch();
  const more = async (...args: string[]): Promise<string[]> => {
    const bare = await permissions(scratch, ["mcp"]);
    return (await permissions(scratch, ["mcp", ...args])).filter((flag) => !bare.includes(flag));
  };
  const bare = await permissions(scratch, ["mcp"]);
  for (const flag of bare) assert.doesNotMatch(flag, /--allow-(net|run|sys)/);
  assert.deepEqual(await more("--http", "7347"), ["--allow-net=127.0.0.1:7347"]);
  assert.deepEqual(await more("--http", "99999"), []);
  assert.deepEqual(await more("--machine"), ["--allow-read=/", "--allow-sys"]);
  assert.deepEqual(await more("--allow-host", "example.org"), ["--allow-net=example.org"]);
  const folder = scratch.folder("work");
  assert.deepEqual(await more("--folder", folder), [
    `--allow-read=${folder}`,
    "--allow-run=git",
  ]);
  assert.deepEqual(await more(`--writable=${folder}`), [
    ...[`--allow-read=${folder}`, `--allow-write=${folder}`, "--allow-run=git"],
  ]);
  assert.ok((await more("--sandbox")).some((flag) => flag.includes("docker.sock")));
});

Deno.test("mcp: mistakes in the command line are told", async () => {
  using scratch = new Scratch();
  for (
    const [args, said] of [
      [["--allow", "fetch_page"], /fetch_page needs --allow-host/],
      [["--tool", "search"], /search needs --docs/],
      [["--ask", "nothing"], /There is no tool nothing here/],
      [["--http", "x"], /whole number/],
      [["--json"], /--json needs --http/],
      [["--folder", ".", "--writable", "."], /not both/],
      [["--max-calls", "0"], /max-calls/],
    ] as const
  ) {
    const { code, stdout, stderr } = await agent(scratch, ["mcp", ...args]);
    assert.equal(code, 2, stderr);
    if (!(args as readonly string[]).includes("--json")) assert.equal(stdout, "");
    assert.match(stderr, said);
  }
});
