/** Clients that know nothing of this server: the `openai` package, and `ai` with its OpenAI-compatible provider. */

import assert from "assertions";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateText, streamText } from "ai";
import OpenAI from "openai";
import type { ChatProvider } from "../../src/agent/types.ts";
import { preloadNative } from "../../mod.ts";
import { LETTERS, QUESTION, served, TOKEN } from "./support.ts";

preloadNative();

Deno.test("openai: a cited answer", async () => {
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });
    const answer = await client.chat.completions.create({
      model: "whatever-it-was-set-to",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: QUESTION }] },
      ],
    });
    const [choice] = answer.choices;
    assert.equal(choice?.finish_reason, "stop");
    assert.match(choice.message.content ?? "", /two minutes/);
    const [citation] = choice.message.annotations ?? [];
    assert.equal(citation?.type, "url_citation");
    const { start_index, end_index, url: address, title } = citation.url_citation;
    assert.equal(choice.message.content?.slice(start_index, end_index), "[1]");
    assert.equal(title, "Tea");
    assert.equal(new URLSearchParams(new URL(address).hash.slice(1)).get("source"), "tea.md");
    assert.equal(answer.model, "agent");
    assert.ok((answer.usage?.completion_tokens ?? 0) > 5);
    assert.equal(
      answer.usage?.total_tokens,
      answer.usage!.prompt_tokens + answer.usage!.completion_tokens,
    );
  });
});

Deno.test("openai: a stream says the same, with citations and usage", async () => {
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });
    const whole = await client.chat.completions.create({
      model: "agent",
      messages: [{ role: "user", content: QUESTION }],
    });
    const stream = await client.chat.completions.create({
      model: "agent",
      messages: [{ role: "user", content: QUESTION }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let annotations: unknown;
    let finish: string | null | undefined;
    let usage: unknown;
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      text += choice?.delta.content ?? "";
      if (choice && "annotations" in choice.delta) annotations = choice.delta.annotations;
      finish = choice?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0]?.message.content);
    assert.deepEqual(annotations, whole.choices[0]?.message.annotations);
    assert.equal(finish, "stop");
    assert.deepEqual(usage, whole.usage);
  });
});

Deno.test("openai: max_tokens cuts, and says so", async () => {
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });
    const ask = { model: "agent", messages: [{ role: "user" as const, content: QUESTION }] };
    const answer = await client.chat.completions.create({ ...ask, max_tokens: 3 });
    assert.equal(answer.choices[0]?.finish_reason, "length");
    assert.equal(answer.usage?.completion_tokens, 3);
    let text = "";
    let finish: string | null | undefined;
    for await (
      const { choices } of await client.chat.completions.create({
        ...ask,
        max_completion_tokens: 3,
        stream: true,
      })
    ) {
      text += choices[0]?.delta.content ?? "";
      finish = choices[0]?.finish_reason ?? finish;
    }
    assert.equal(text, answer.choices[0]?.message.content);
    assert.equal(finish, "length");
  });
});

Deno.test("openai: responses, whole and as events", async () => {
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });
    const whole = await client.responses.create({ model: "agent", input: QUESTION });
    assert.equal(whole.status, "completed");
    assert.match(whole.output_text, /two minutes/);
    const [item] = whole.output;
    assert.ok(item?.type === "message" && item.content[0]?.type === "output_text");
    assert.equal(item.content[0].annotations[0]?.type, "url_citation");
    const kinds: string[] = [];
    let text = "";
    const stream = client.responses.stream({
      model: "agent",
      input: [{ role: "user", content: [{ type: "input_text", text: QUESTION }] }],
    });
    let next = 0;
    for await (const event of stream) {
      assert.equal(event.sequence_number, next++);
      if (kinds.at(-1) !== event.type) kinds.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    assert.equal(text, whole.output_text);
    assert.deepEqual(kinds, [
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.annotation.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const final = await stream.finalResponse();
    assert.equal(final.output_text, whole.output_text);
  });
});

Deno.test("openai: models, embeddings and errors as its classes know them", async () => {
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN, maxRetries: 0 });
    const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
    assert.deepEqual(ids, ["agent", "agent-developer", "agent-trader", "agent-lawyer", "letters"]);
    assert.equal((await client.models.retrieve("agent")).id, "agent");
    // The client asks for base64 by itself, and gives numbers.
    const made = await client.embeddings.create({ model: "letters", input: ["tea", "oboe io"] });
    assert.deepEqual(made.data.map(({ embedding }) => embedding), [[1, 1, 0, 0], [0, 1, 1, 3]]);
    const other = client.embeddings.create({ model: "text-embedding-3-small", input: "tea" });
    await assert.rejects(other, OpenAI.NotFoundError);
    await assert.rejects(client.models.retrieve("gpt-4o"), OpenAI.NotFoundError);
    const wrong = new OpenAI({ baseURL: `${url}/v1`, apiKey: "some-other-token", maxRetries: 0 });
    await assert.rejects(wrong.models.list(), OpenAI.AuthenticationError);
    const picture = client.chat.completions.create({
      model: "agent",
      messages: [{
        role: "user",
        content: [{ type: "image_url", image_url: { url: "https://example.org/a.png" } }],
      }],
    });
    await assert.rejects(picture, (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, "messages[0].content");
      return true;
    });
  }, { embedder: LETTERS });
});

Deno.test("ai: text, a stream and a vector by the compatible provider", async () => {
  await served(async ({ url }) => {
    const provider = createOpenAICompatible({ name: "agent", baseURL: `${url}/v1`, apiKey: TOKEN });
    const { text, finishReason, usage } = await generateText({
      model: provider("agent"),
      prompt: QUESTION,
    });
    assert.match(text, /two minutes/);
    assert.equal(finishReason, "stop");
    assert.ok((usage.outputTokens ?? 0) > 5);
    const streamed = streamText({ model: provider("agent"), prompt: QUESTION });
    assert.equal((await Array.fromAsync(streamed.textStream)).join(""), text);
    const { embedding } = await embed({ model: provider.embeddingModel("letters"), value: "tea" });
    assert.deepEqual(embedding, [1, 1, 0, 0]);
  }, { embedder: LETTERS });
});

Deno.test("a model behind words the answer, and its failure is no failure of the request", async () => {
  let broken = false;
  const model: ChatProvider = {
    name: "scripted",
    chat: () => {
      if (broken) return Promise.reject(new Error("it is out of order"));
      return Promise.resolve({ text: "Green tea steeps for two minutes [1]." });
    },
  };
  await served(async ({ url }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: TOKEN });
    const ask = async (content: string): Promise<string> =>
      (await client.chat.completions.create({
        model: "agent",
        messages: [{ role: "user", content }],
      })).choices[0]?.message.content ?? "";
    assert.match(await ask(QUESTION), /two minutes/);
    broken = true;
    assert.match(await ask("For how long does the lamp burn?"), /nine hours/);
  }, { agentOptions: { model, cache: false } });
});

const TOOL = { type: "function", function: { name: "weather", parameters: { type: "object" } } };

Deno.test("what is asked wrongly: 400 with the field, never 5xx", async () => {
  await served(async ({ post }) => {
    const user = [{ role: "user", content: QUESTION }];
    const wrong: readonly (readonly [string, unknown, string | null])[] = [
      ["/v1/chat/completions", {}, "messages"],
      ["/v1/chat/completions", { messages: [] }, "messages"],
      ["/v1/chat/completions", { model: "agent", messages: "hello" }, "messages"],
      ["/v1/chat/completions", { model: "agent", messages: [null] }, "messages[0].role"],
      [
        "/v1/chat/completions",
        { model: "agent", messages: [{ role: "king" }] },
        "messages[0].role",
      ],
      ["/v1/chat/completions", { messages: user }, "model"],
      ["/v1/chat/completions", { model: 5, messages: user }, "model"],
      ["/v1/chat/completions", { model: "agent", messages: user, n: 2 }, "n"],
      ["/v1/chat/completions", { model: "agent", messages: user, stream: "yes" }, "stream"],
      ["/v1/chat/completions", { model: "agent", messages: user, max_tokens: -1 }, "max_tokens"],
      [
        "/v1/chat/completions",
        { model: "agent", messages: user, tool_choice: "required" },
        "tool_choice",
      ],
      ["/v1/chat/completions", { model: "agent", messages: user, tools: [TOOL] }, "tools"],
      ["/v1/chat/completions", { model: "agent", messages: user, tools: "all" }, "tools"],
      ["/v1/chat/completions", { model: "agent", messages: user, functions: [TOOL] }, "functions"],
      ["/v1/responses", { model: "agent", input: QUESTION, tools: [TOOL] }, "tools"],
      [
        "/v1/chat/completions",
        { model: "agent", messages: user, response_format: { type: "json_object" } },
        "response_format",
      ],
      [
        "/v1/chat/completions",
        { model: "agent", messages: [{ role: "user", content: "?!" }] },
        "messages",
      ],
      ["/v1/responses", { model: "agent", input: 7 }, "input"],
      ["/v1/responses", { model: "agent", input: [{ type: 5 }] }, "input[0].type"],
      [
        "/v1/responses",
        { model: "agent", input: QUESTION, previous_response_id: "resp_1" },
        "previous_response_id",
      ],
      ["/v1/embeddings", { model: "letters", input: [[1, 2]] }, "input"],
      ["/v1/embeddings", { model: "letters", input: "a", dimensions: 3 }, "dimensions"],
      ["/v1/chat/completions", "[1]", null],
      ["/v1/chat/completions", "{", null],
      ["/v1/chat/completions", "null", null],
    ];
    for (const [path, body, param] of wrong) {
      const response = await post(path, body);
      const { error } = await response.json();
      assert.equal(response.status, 400, JSON.stringify(body));
      assert.equal(error.param, param, JSON.stringify(body));
      assert.equal(error.type, "invalid_request_error");
    }
    for (const none of [{ tools: [] }, { tools: null }, { tools: [TOOL], tool_choice: "none" }]) {
      const response = await post("/v1/chat/completions", {
        ...{ model: "agent", messages: user },
        ...none,
      });
      assert.match(await response.text(), /two minutes/, JSON.stringify(none));
    }
    const form = await post("/v1/responses", "a=b", {});
    await form.body?.cancel();
    assert.equal(form.status, 400);
  }, { embedder: LETTERS });
});
