/** Traces of runs, as Deno exports them to a collector: spans, attributes, what belongs to what, and no content unasked. */

import assert from "assertions";
import { createAgent } from "../../src/agent/mod.ts";
import { scriptedProvider } from "../../src/agent/testing/mod.ts";
import { preloadNative } from "../../src/native/status.ts";
import { deno, ROOT } from "../support/programs.ts";
import { wrong } from "../support/values.ts";

preloadNative();

interface Exported {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Map<string, unknown>;
  status: { code?: number; message?: string };
}

interface Request {
  resourceSpans: {
    scopeSpans: {
      scope: { name: string };
      spans: (Omit<Exported, "attributes"> & { attributes: { key: string; value: object }[] })[];
    }[];
  }[];
}

/** What the program's spans are, and the whole text that came to the collector. */
async function traced(
  tracing: unknown,
  { isOn = true, streamed = false } = {},
): Promise<{ spans: Exported[]; text: string }> {
  let text = "";
  const spans: Exported[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/page") return new Response("SECRET-PAGE");
      const body = await request.text();
      if (pathname !== "/v1/traces") return new Response("{}");
      text += body;
      for (const { scopeSpans } of (JSON.parse(body) as Request).resourceSpans) {
        for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
          const attributes = span.attributes.map(({ key, value }) => [key, plain(value)] as const);
          spans.push({ ...span, attributes: new Map(attributes) });
        }
      }
      return new Response("{}", { headers: { "content-type": "application/json" } });
    },
  );
  const base = `http://127.0.0.1:${server.addr.port}`;
  const flags = ["--quiet", "--no-prompt", "--no-check", "--cached-only", "--allow-net=127.0.0.1"];
  const { code, stderr } = await deno(
    [
      ...["run", ...flags, `${ROOT}tests/agent/tracing_program.ts`, JSON.stringify(tracing)],
      ...[`${base}/page`, streamed ? "streamed" : ""],
    ],
    isOn
      ? {
        OTEL_DENO: "true",
        OTEL_EXPORTER_OTLP_ENDPOINT: base,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      }
      : {},
  );
  assert.equal(code, 0, stderr);
  return { spans, text };
}

function plain(value: object): unknown {
  const [inner] = Object.values(value);
  const values = (inner as { values?: object[] })?.values;
  return values === undefined ? inner : values.map(plain);
}

const OF_RUNS = /^(invoke_agent|chat|execute_tool) /;

for (const streamed of [false, true]) {
  Deno.test(`tracing: spans of run, turns and tools${streamed ? ", streamed" : ""}`, async () => {
    const { spans, text } = await traced(true, { streamed });
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [run, failed] = named("invoke_agent agent") as [Exported, Exported];
    const turns = named("chat model-1");
    const [look] = named("execute_tool look") as [Exported];
    const [fail] = named("execute_tool fail") as [Exported];
    assert.equal(named("invoke_agent agent").length, 2);
    assert.equal(turns.length, 2);
    // All of one run belong to it.
    for (const span of [...turns, look, fail]) {
      assert.equal(span.parentSpanId, run.spanId, span.name);
      assert.equal(span.traceId, run.traceId);
    }
    // What a tool fetches belongs to the tool.
    const [fetched] = named("GET") as [Exported];
    assert.equal(fetched.parentSpanId, look.spanId);
    const of = (span: Exported, names: readonly string[]) =>
      names.map((name) => span.attributes.get(name));
    assert.deepEqual(
      of(run, [
        ...["gen_ai.operation.name", "gen_ai.agent.name", "agent.finish_reason"],
        ...["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"],
      ]).map(String),
      ["invoke_agent", "agent", "done", "80", "16"],
    );
    assert.deepEqual(
      of(turns[0]!, [
        ...["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"],
        ...["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"],
        ...["gen_ai.usage.cache_read.input_tokens", "gen_ai.response.finish_reasons"],
      ]).map(String),
      ["chat", "scripted", "model-1", "30", "7", "10", "tool_calls"],
    );
    assert.equal(turns[0]!.kind, 3); // a client's
    assert.deepEqual(
      of(look, ["gen_ai.operation.name", "gen_ai.tool.name", "gen_ai.tool.call.id", "error.type"]),
      ["execute_tool", "look", "call_1_1", undefined],
    );
    assert.equal(fail.status.code, 2);
    assert.equal(fail.attributes.get("error.type"), "failed");
    assert.equal(failed.status.code, 2);
    assert.equal(failed.attributes.get("error.type"), "UNAVAILABLE");
    assert.equal(named("chat down")[0]!.attributes.get("error.type"), "UNAVAILABLE");
    assert.ok(!text.includes("SECRET"), /.{0,60}SECRET.{0,20}/.exec(text)?.[0]);
  });
}

Deno.test("tracing: what is said is there if it was asked for", async () => {
  const { spans, text } = await traced({ content: true });
  for (const word of ["TASK", "THOUGHT", "INPUT", "ANSWER", "PAGE", "FAILURE", "ERROR"]) {
    assert.ok(text.includes(`SECRET-${word}`), word);
  }
  const [first] = spans.filter(({ name }) => name === "chat model-1");
  const input = JSON.parse(String(first!.attributes.get("gen_ai.input.messages")));
  assert.deepEqual(input.at(-1), {
    role: "user",
    parts: [{ type: "text", content: "SECRET-TASK" }],
  });
});

Deno.test("tracing: off by default, and without a collector nothing comes of it", async () => {
  const { spans } = await traced(false);
  assert.deepEqual(spans.filter(({ name }) => OF_RUNS.test(name)), []);
  const { spans: none } = await traced(true, { isOn: false });
  assert.deepEqual(none, []);
});

Deno.test("tracing: wrong options are refused", () => {
  const model = scriptedProvider([]);
  for (const tracing of [7, null, { contents: true }, { content: 1 }]) {
    assert.throws(() => createAgent({ model, tracing: wrong(tracing) }), TypeError);
  }
});
