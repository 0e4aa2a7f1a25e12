/** A model's server of the tests' own: it says what a script says, in each of the three protocols, whole or in pieces. */

import { openModel } from "../../src/llm/endpoint.ts";
import type { ModelOptions, OpenModel } from "../../src/llm/types.ts";
import { twins } from "../support/twins.ts";

const http = twins("http");

/** The protocols. */
export const PROTOCOLS = ["openai-chat", "openai-responses", "anthropic"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** What the model says. */
export interface Said {
  readonly text?: string;
  readonly thought?: string;
  readonly calls?: readonly {
    readonly id: string;
    readonly name: string;
    readonly input: string;
  }[];
  readonly finish?: "stop" | "length" | "filter";
  readonly usage?: readonly [input: number, output: number, cached: number];
}

/** A request that came. */
export interface Seen {
  readonly path: string;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- what a test looks into
  readonly body: any;
}

/** What a server does with a request. */
export type Answering = (seen: Seen, at: number) => Said | Response | Promise<Said | Response>;

const opened: OpenModel[] = [];

/** A model that is closed at the end of `modelServer`. */
export function open(options: ModelOptions): OpenModel {
  const model = openModel(options);
  opened.push(model);
  return model;
}

/** Runs a server that answers by the protocol of the request's path. */
export async function modelServer(
  answering: Answering,
  work: (
    options: (protocol: Protocol, more?: Partial<ModelOptions>) => ModelOptions,
    seen: Seen[],
  ) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = new URL(request.url).pathname;
    const one = { path, headers: request.headers, body: await request.json() };
    seen.push(one);
    const said = await answering(one, seen.length - 1);
    if (said instanceof Response) return said;
    const protocol = protocolOf(path);
    return one.body.stream === true
      ? streamed(protocol, said)
      : Response.json(whole(protocol, said));
  });
  const url = `http://127.0.0.1:${server.addr.port}/v1`;
  const options = (protocol: Protocol, more: Partial<ModelOptions> = {}): ModelOptions => ({
    url,
    model: "scripted",
    protocol,
    apiKey: "sk-scripted-key-0123456789",
    ...more,
  });
  try {
    await work(options, seen);
  } finally {
    for (const model of opened.splice(0)) await model.close();
    await server.shutdown();
    // What was aborted has rejected already; its native work ends a moment later.
    await http.native.idle();
  }
}

function protocolOf(path: string): Protocol {
  if (path.endsWith("/chat/completions")) return "openai-chat";
  return path.endsWith("/responses") ? "openai-responses" : "anthropic";
}

/** A reply as one document. */
export function whole(protocol: Protocol, said: Said): object {
  const { text = "", calls = [], usage: [input, output, cached] = [11, 7, 3] } = said;
  if (protocol === "openai-chat") {
    return {
      model: "scripted-1",
      choices: [{
        index: 0,
        message: {
          role: "assistant",
          content: text === "" ? null : text,
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ id, name, input }) => ({
              id,
              type: "function",
              function: { name, arguments: input },
            })),
          }),
        },
        finish_reason: chatReason(said),
      }],
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        prompt_tokens_details: { cached_tokens: cached },
      },
    };
  }
  if (protocol === "openai-responses") {
    const reason = said.finish === "filter" ? "content_filter" : "max_output_tokens";
    const isWhole = (said.finish ?? "stop") === "stop";
    return {
      model: "scripted-1",
      status: isWhole ? "completed" : "incomplete",
      ...(!isWhole && { incomplete_details: { reason } }),
      output: [
        ...(text === "" ? [] : [{ type: "message", content: [{ type: "output_text", text }] }]),
        ...calls.map(({ id, name, input }) => ({
          type: "function_call",
          call_id: id,
          name,
          arguments: input,
        })),
      ],
      usage: {
        input_tokens: input,
        output_tokens: output,
        input_tokens_details: { cached_tokens: cached },
      },
    };
  }
  return {
    model: "scripted-1",
    content: [
      ...(text === "" ? [] : [{ type: "text", text }]),
      ...calls.map(({ id, name, input }) => ({
        type: "tool_use",
        id,
        name,
        input: JSON.parse(input),
      })),
    ],
    stop_reason: messagesReason(said),
    // Their count of the input is without what came from the cache.
    usage: {
      input_tokens: input - cached,
      output_tokens: output,
      cache_read_input_tokens: cached,
    },
  };
}

function chatReason({ calls = [], finish = "stop" }: Said): string {
  if (calls.length > 0) return "tool_calls";
  return finish === "filter" ? "content_filter" : finish;
}

function messagesReason({ calls = [], finish = "stop" }: Said): string {
  if (calls.length > 0) return "tool_use";
  return { stop: "end_turn", length: "max_tokens", filter: "refusal" }[finish];
}

/** Events as a response. */
export function eventStream(events: Iterable<object | string>): Response {
  const text = Array.from(events, (event) => {
    if (typeof event === "string") return event;
    const { type } = event as { type?: string };
    return `${type === undefined ? "" : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`;
  });
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}

/** A reply in pieces of four characters. */
export function streamed(protocol: Protocol, said: Said): Response {
  return eventStream(eventsOf(protocol, said));
}

const pieces = (text: string): string[] => text.match(/[^]{1,4}/gu) ?? [];

/** The events of a reply. */
export function eventsOf(protocol: Protocol, said: Said): (object | string)[] {
  const { text = "", thought = "", calls = [], usage: [input, output, cached] = [11, 7, 3] } = said;
  if (protocol === "openai-chat") {
    const chunk = (delta: object, more: object = {}): object => ({
      model: "scripted-1",
      choices: [{ index: 0, delta, ...more }],
    });
    return [
      chunk({ role: "assistant", content: "" }),
      ...pieces(thought).map((piece) => chunk({ reasoning_content: piece })),
      ...pieces(text).map((piece) => chunk({ content: piece })),
      ...calls.flatMap(({ id, name, input }, index) => [
        chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
        ...pieces(input).map((piece) =>
          chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
        ),
      ]),
      chunk({}, { finish_reason: chatReason(said) }),
      {
        choices: [],
        usage: {
          prompt_tokens: input,
          completion_tokens: output,
          prompt_tokens_details: { cached_tokens: cached },
        },
      },
      "data: [DONE]\n\n",
    ];
  }
  if (protocol === "openai-responses") {
    const response = whole(protocol, said) as { status: string };
    return [
      { type: "response.created", response: { status: "in_progress" } },
      ...pieces(thought).map((delta) => ({ type: "response.reasoning_text.delta", delta })),
      ...pieces(text).map((delta) => ({
        type: "response.output_text.delta",
        output_index: 0,
        delta,
      })),
      ...calls.flatMap(({ id, name, input }, at) => [
        {
          type: "response.output_item.added",
          output_index: at + 1,
          item: { type: "function_call", call_id: id, name, arguments: "" },
        },
        ...pieces(input).map((delta) => ({
          type: "response.function_call_arguments.delta",
          output_index: at + 1,
          delta,
        })),
      ]),
      { type: `response.${response.status}`, response },
    ];
  }
  const block = (index: number, content_block: object, deltas: object[]): object[] => [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
  return [
    {
      type: "message_start",
      message: {
        model: "scripted-1",
        usage: { input_tokens: input - cached, output_tokens: 1, cache_read_input_tokens: cached },
      },
    },
    { type: "ping" },
    ...block(0, { type: "thinking" }, pieces(thought).map((thinking) => ({ thinking }))),
    ...block(1, { type: "text", text: "" }, pieces(text).map((text) => ({ text }))),
    ...calls.flatMap(({ id, name, input }, at) =>
      block(
        at + 2,
        { type: "tool_use", id, name, input: {} },
        pieces(input).map((partial_json) => ({ partial_json })),
      )
    ),
    {
      type: "message_delta",
      delta: { stop_reason: messagesReason(said) },
      usage: { output_tokens: output },
    },
    { type: "message_stop" },
  ];
}
