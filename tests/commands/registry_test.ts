/** The registry: what every command says of itself, what callers may say, and that results are as declared. */

import assert from "assertions";
import { preloadNative } from "../../src/native/status.ts";
import { createRuntime, type Runtime } from "../../src/runtime.ts";
import {
  callCommand,
  type CommandContext,
  commandNamed,
  commandsOf,
  REGISTRY,
  streamCommand,
  type Surface,
} from "../../src/commands/mod.ts";
import { AgentError } from "../../src/shared/errors.ts";
import { plainJudge } from "../../src/shared/plain_schema.ts";
import { temporary } from "../support/programs.ts";

// A library that a test loads stays loaded.
preloadNative();
const { signal } = new AbortController();

function contextOf(
  runtime: Runtime,
  surface: Surface,
  bounds: CommandContext["bounds"] = {},
): CommandContext {
  return { runtime, surface, signal, bounds };
}

function fieldsOf(schema: { readonly [key: string]: unknown }): string[] {
  return Object.keys(schema["properties"] as object);
}

Deno.test("registry: each command says all of itself, and says it well", () => {
  const names = REGISTRY.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const onCli = REGISTRY.flatMap(({ cli }) => cli === undefined ? [] : [cli.name]);
  assert.equal(new Set(onCli).size, onCli.length);
  for (const command of REGISTRY) {
    const { name, summary, input, output, examples, annotations, surfaces, remote } = command;
    assert.match(name, /^[a-z]+(_[a-z]+)*$/);
    assert.match(summary, /^[A-Z].*[^.]$/, name);
    assert.ok(surfaces.length > 0, name);
    assert.equal(surfaces.includes("cli"), command.cli !== undefined, name);
    const judge = plainJudge(input);
    assert.ok(judge, `${name}: its input needs more than the plain judge`);
    assert.ok(plainJudge(output), name);
    assert.ok(examples.length > 0, name);
    for (const { input: example } of examples) assert.deepEqual(judge(example), [], name);
    const fields = fieldsOf(input);
    const { cli, paths, targets } = command;
    const named = [
      ...[...remote, ...paths, ...targets],
      ...[...(cli?.arguments ?? []), ...Object.keys(cli?.flags ?? {})],
    ];
    for (const field of named) assert.ok(fields.includes(field), `${name}: ${field}`);
    if (annotations.readOnly) assert.equal(annotations.destructive, false, name);
    assert.equal(command.stream === undefined, command.events === undefined, name);
  }
});

Deno.test("registry: nothing that widens what is permitted is for remote callers", () => {
  const forbidden =
    /author|scope|root|permission|approv|budget|image|env$|capab|weaker|audit|host$/i;
  for (const { name, remote } of REGISTRY) {
    for (const field of remote) assert.doesNotMatch(field, forbidden, name);
  }
  // A model that speaks MCP must not give itself somebody's word.
  assert.ok(!commandNamed("resume")!.surfaces.includes("mcp"));
});

Deno.test("registry: names with either sign between words", () => {
  assert.equal(commandNamed("get-metrics"), commandNamed("get_metrics"));
  assert.equal(commandNamed("nothing"), undefined);
  assert.ok(commandsOf("mcp").length < REGISTRY.length);
});

Deno.test("callCommand() gives what the command declares", async () => {
  await temporary(async (folder) => {
    Deno.writeTextFileSync(`${folder}/lamp.md`, "# The lamp\n\nThe lamp burns for nine hours.\n");
    await using runtime = createRuntime();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("ok"),
    );
    const inputs: Record<string, unknown> = {
      index_folder: { folder },
      ask: { question: "How long does the lamp burn?" },
      search: { query: "lamp" },
      clear_cache: {},
      update_domain: { domain: "lamps", description: "Lamps", vocabulary: ["lamp"] },
      status: {},
      get_metrics: {},
      reset_metrics: {},
      reload_model: {},
      security_scan: { target: "127.0.0.1", ports: "1-3" },
      connections: { state: "listen" },
      threats: {},
      system_snapshot: { processes: 2 },
      performance_test: { url: `http://127.0.0.1:${server.addr.port}/`, requests: 5 },
      cache_stats: {},
      queue_stats: {},
      remove_documents: { documents: ["nothing"] },
    };
    for (const { name, examples } of REGISTRY) {
      if (name.startsWith("text_")) inputs[name] = examples[0]!.input;
    }
    for (const [name, input] of Object.entries(inputs)) {
      const command = commandNamed(name)!;
      for (const surface of command.surfaces) {
        const context = contextOf(runtime, surface, { roots: [folder] });
        let result;
        try {
          result = await callCommand(command, input, context);
        } catch (error) {
          // Without native code Deno lets only programs with all permissions read the tables of sockets.
          assert.ok(/^(connections|threats)$/.test(name), `${name}: ${error}`);
          assert.ok(AgentError.is(error, "PERMISSION"));
          continue;
        }
        assert.deepEqual(plainJudge(command.output)!(result), [], name);
        assert.deepEqual(JSON.parse(JSON.stringify(result)), result, name);
      }
    }
  });
});

Deno.test("streamCommand() tells what happens, and ends with the result", async () => {
  await using runtime = createRuntime();
  await runtime.knowledge.add([{ document: "a", text: "The lamp burns for nine hours." }]);
  const command = commandNamed("ask")!;
  const input = { question: "How long does the lamp burn?" };
  const events = await Array.fromAsync(
    streamCommand(command, input, contextOf(runtime, "http")),
  );
  assert.deepEqual(events.map(({ type }) => type), ["sources", "text", "done"]);
  const judge = plainJudge(command.events!)!;
  for (const event of events) assert.deepEqual(judge(event), []);
  const metrics = await Array.fromAsync(
    streamCommand(commandNamed("get_metrics")!, {}, contextOf(runtime, "mcp")),
  );
  assert.equal(metrics.length, 1);
  assert.equal(metrics[0]!.type, "done");
});

Deno.test("callCommand() refuses what is not of the shape, with the field", async () => {
  await using runtime = createRuntime();
  const context = contextOf(runtime, "http");
  const refused = (name: string, input: unknown, words: RegExp) =>
    assert.rejects(callCommand(commandNamed(name)!, input, context), words);
  await refused("ask", {}, /question is missing/);
  await refused("ask", { question: 7 }, /question must be of type string/);
  await refused("ask", { question: "x", quantity: 1 }, /quantity is not known/);
  await refused("ask", { question: "x", quality: "best" }, /quality must be one of/);
  await refused("ask", null, /it must be of type object/);
  await refused("search", { query: "x", limit: 0 }, /limit must be at least 1/);
  await refused("text_similarity", { a: "a", b: "b", metric: "x" }, /metric must be one of/);
  await refused("ask", JSON.parse('{"question":"x","__proto__":{}}'), /__proto__ is not known/);
});

Deno.test("callCommand() of a remote caller keeps to the fields, the roots and the scope", async () => {
  await temporary(async (folder) => {
    Deno.mkdirSync(`${folder}/open/notes`, { recursive: true });
    Deno.mkdirSync(`${folder}/open-too`);
    Deno.symlinkSync(`${folder}/open-too`, `${folder}/open/link`);
    Deno.writeTextFileSync(`${folder}/open/notes/a.md`, "# A\n\nSome words about lamps.\n");
    await using runtime = createRuntime();
    const bounds = {
      roots: [`${folder}/open`],
      scope: ["127.0.0.1", "10.0.0.0/24", "Lab.Example"],
    };
    const index = commandNamed("index_folder")!;
    for (const surface of ["http", "mcp"] as const) {
      const context = contextOf(runtime, surface, bounds);
      const report = await callCommand(index, { folder: "notes" }, context) as { folder: string };
      assert.equal(report.folder, `${folder}/open/notes`);
      for (
        const path of [
          "..",
          "notes/../..",
          `${folder}/open-too`,
          "link",
          "/",
          "/etc",
          "\0",
          "nothing",
        ]
      ) {
        await assert.rejects(
          callCommand(index, { folder: path }, context),
          { code: "PERMISSION" },
          path,
        );
      }
      await assert.rejects(
        callCommand(index, { folder: "notes" }, contextOf(runtime, surface)),
        /without a root folder/,
      );
      const scan = commandNamed("security_scan")!;
      const outside = [
        ...["127.0.0.2", "10.0.1.1", "10.0.0.0/23", "0.0.0.0/0", "example.org", "lab.example.org"],
        ...["2130706434", "::ffff:10.0.1.1", "localhost", "", " ", "10.0.0.1,10.0.1.1"],
      ];
      for (const target of outside) {
        const call = callCommand(scan, { target, ports: "1" }, context);
        await assert.rejects(call, target === "" ? TypeError : { code: "SCOPE" }, target);
      }
      // The same address in another spelling is within it.
      for (const target of ["127.0.0.1", "2130706433", "::ffff:127.0.0.1"]) {
        await callCommand(scan, { target, ports: "1" }, context);
      }
      const load = commandNamed("performance_test")!;
      for (const url of ["http://127.0.0.2/", "http://127.0.0.1@10.0.1.1/", "file:///etc/passwd"]) {
        await assert.rejects(callCommand(load, { url, requests: 1 }, context), { code: "SCOPE" });
      }
    }
    // Set where the program starts: a remote caller cannot give a container an environment.
    const deploy = commandNamed("deploy_container")!;
    await assert.rejects(
      callCommand(deploy, { template: "x", env: { A: "b" } }, contextOf(runtime, "http", bounds)),
      /env is set where the program is started/,
    );
    await assert.rejects(
      callCommand(commandNamed("resume")!, { session: "s" }, contextOf(runtime, "mcp", bounds)),
      { code: "NOT_FOUND" },
    );
  });
});

Deno.test("callCommand() can be aborted before it begins", async () => {
  await using runtime = createRuntime();
  const context = { ...contextOf(runtime, "cli"), signal: AbortSignal.abort(new Error("enough")) };
  await assert.rejects(callCommand(commandNamed("status")!, {}, context), /enough/);
});
