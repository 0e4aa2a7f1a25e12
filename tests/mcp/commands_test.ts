import assert from "assertions";
import { REGISTRY } from "../../src/commands/mod.ts";
import { commandTools } from "../../src/mcp/mod.ts";
import { createRuntime } from "../../src/runtime.ts";
import { connect, serve, textOf } from "./support.ts";

Deno.test("the commands declared for MCP are its tools, with what a remote caller may set", async () => {
  await using runtime = createRuntime();
  const tools = commandTools(runtime);
  await using server = serve({ tools, allow: tools.map(({ name }) => name) });
  await using client = await connect(server, "2026-07-28");
  const { tools: listed } = await client.listTools();
  const declared = REGISTRY.filter(({ surfaces }) => surfaces.includes("mcp"));
  assert.deepEqual(listed.map(({ name }) => name), declared.map(({ name }) => name));
  for (const [at, command] of declared.entries()) {
    const { inputSchema, outputSchema, annotations } = listed[at]!;
    const fields = Object.keys(inputSchema.properties ?? {});
    assert.deepEqual(fields.toSorted(), [...command.remote].sort(), command.name);
    for (const name of inputSchema.required ?? []) assert.ok(fields.includes(name), command.name);
    assert.deepEqual(outputSchema, command.output, command.name);
    assert.deepEqual(annotations, {
      readOnlyHint: command.annotations.readOnly,
      destructiveHint: command.annotations.destructive,
      ...(command.annotations.idempotent && { idempotentHint: true }),
      openWorldHint: command.annotations.openWorld,
    }, command.name);
  }
});

Deno.test("without somebody's word only commands that look are offered", async () => {
  await using runtime = createRuntime();
  await using server = serve({ tools: commandTools(runtime) });
  await using client = await connect(server, "legacy");
  for (const { name, annotations } of (await client.listTools()).tools) {
    assert.deepEqual([annotations?.readOnlyHint, annotations?.openWorldHint], [true, false], name);
  }
});

Deno.test("a caller reaches no folder and no target that the program did not name", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/open`);
    await Deno.writeTextFile(`${root}/open/lamp.md`, "# The lamp\n\nIt burns for nine hours.\n");
    await Deno.writeTextFile(`${root}/key.md`, "A secret.");
    await Deno.symlink(root, `${root}/open/out`);
    await using runtime = createRuntime();
    const tools = commandTools(runtime, { roots: [`${root}/open`], scope: ["127.0.0.1"] });
    await using server = serve({ tools, allow: ["index_folder", "security_scan"] });
    await using client = await connect(server, "2026-07-28");
    const call = async (name: string, given: Record<string, unknown>) => {
      const result = await client.callTool({ name, arguments: given });
      return { isError: result.isError === true, text: textOf(result) };
    };
    const paths = [
      ...["/", "/etc", root, `${root}/open/..`, "..", "../open/..", "out", `${root}/open/out`],
      ...["\u0000", "file:///etc", "~", "open/../../..", "%2e%2e"],
    ];
    for (const folder of paths) {
      const { isError, text } = await call("index_folder", { folder });
      assert.ok(isError && /not open|no path/i.test(text), `${folder}: ${text}`);
    }
    assert.equal((await call("index_folder", { folder: "." })).isError, false);
    assert.match((await call("search", { query: "lamp" })).text, /nine hours/);
    assert.doesNotMatch((await call("search", { query: "secret" })).text, /A secret/);
    for (const target of ["8.8.8.8", "169.254.169.254", "0177.0.0.2", "evil.example", "::2"]) {
      const { isError, text } = await call("security_scan", { target });
      assert.ok(isError && /scope/.test(text), `${target}: ${text}`);
    }
    assert.equal((await call("search", { query: "lamp", roots: ["/"] })).isError, true);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a question that would hold up others is refused before anything is run", async () => {
  await using runtime = createRuntime();
  await using server = serve({ tools: commandTools(runtime) });
  await using client = await connect(server, "2026-07-28");
  for (const [name, field] of [["ask", "question"], ["search", "query"]] as const) {
    const result = await client.callTool({ name, arguments: { [field]: "a ".repeat(16_385) } });
    assert.equal(result.isError, true, name);
    assert.match(textOf(result), /at most so many characters: 32768/);
    const most = await client.callTool({ name, arguments: { [field]: "a ".repeat(16_384) } });
    assert.notEqual(most.isError, true, name);
  }
});
