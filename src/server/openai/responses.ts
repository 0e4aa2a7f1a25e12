/**
 * `/v1/responses`: the last message of the user is the question. Nothing is stored.
 *
 * @module
 */

import type { Answer } from "../../agent/types.ts";
import { type Citation, citationsOf } from "../citations.ts";
import { badField, faultOf } from "../faults.ts";
import type { ServerEvent } from "../sse.ts";
import type { Usage } from "../tally.ts";
import {
  answerTo,
  type Asked,
  checkAnswer,
  extensionOf,
  type Question,
  readContent,
  readQuestion,
} from "./question.ts";

/** Reads a body. */
export function readResponse(body: Record<string, unknown>, asked: Asked): Question {
  const { input, previous_response_id: previous, background, conversation } = body;
  if (previous !== undefined && previous !== null) {
    throw badField("previous_response_id", "No response is stored here: send the whole input");
  }
  if (conversation !== undefined && conversation !== null) {
    throw badField("conversation", "No conversation is stored here: send the whole input");
  }
  if (background === true) throw badField("background", "Responses are made while you wait");
  const { format } = (body["text"] ?? {}) as { format?: { type?: unknown } };
  if (format !== undefined && format?.type !== "text") {
    throw badField("text.format", "Answers are text: text.format.type must be text");
  }
  return readQuestion(body, lastWords(input), asked.limits, "max_output_tokens");
}

function lastWords(input: unknown): string {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) throw badField("input", "input must be a text or a list of messages");
  let text: string | undefined;
  for (const [at, item] of input.entries()) {
    const { type = "message", role, content } = (item ?? {}) as Record<string, unknown>;
    if (typeof type !== "string") throw badField(`input[${at}].type`, "An item's type is a word");
    if (type === "message" && role === "user") text = readContent(content, `input[${at}].content`);
  }
  if (text === undefined) throw badField("input", "input must have a message of the user");
  return text;
}

/** The whole response. */
export async function response(question: Question, asked: Asked): Promise<object> {
  const parts = partsOf(question);
  const answer = await answerTo(question, asked);
  const text = await asked.tally.cut(answer.answer, question.maxTokens);
  return await completed(parts, question, asked, answer, text);
}

/** The response as events. */
export async function* responseEvents(
  question: Question,
  asked: Asked,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const parts = partsOf(question);
  let sequence = 0;
  const event = (type: string, fields: object): ServerEvent => ({
    event: type,
    data: { type, sequence_number: sequence++, ...fields },
  });
  const begun = { ...parts.head, status: "in_progress", output: [] };
  yield event("response.created", { response: begun });
  yield event("response.in_progress", { response: begun });
  const item = { id: parts.item, type: "message", role: "assistant" };
  yield event("response.output_item.added", {
    output_index: 0,
    item: { ...item, status: "in_progress", content: [] },
  });
  const at = { item_id: parts.item, output_index: 0, content_index: 0 };
  yield event("response.content_part.added", { ...at, part: outputText("", []) });
  let text = "";
  let cut = false;
  let answer: Answer | undefined;
  for await (
    const piece of asked.agent.stream(question.text, { signal, domain: question.domain })
  ) {
    if (piece.type === "done") answer = checkAnswer(piece.answer);
    if (piece.type !== "text" || cut) continue;
    const whole = text + piece.text;
    const kept = await asked.tally.cut(whole, question.maxTokens);
    cut = kept.length < whole.length;
    if (kept.length > text.length) {
      yield event("response.output_text.delta", {
        ...at,
        delta: kept.slice(text.length),
        logprobs: [],
      });
    }
    text = kept;
  }
  if (answer === undefined) throw new Error("the agent's stream ended without an answer");
  const citations = citationsOf({ ...answer, answer: text }, asked.origin);
  for (const [index, citation] of citations.entries()) {
    yield event("response.output_text.annotation.added", {
      ...at,
      annotation_index: index,
      annotation: annotationOf(citation),
    });
  }
  yield event("response.output_text.done", { ...at, text, logprobs: [] });
  yield event("response.content_part.done", { ...at, part: outputText(text, citations) });
  yield event("response.output_item.done", {
    output_index: 0,
    item: { ...item, status: "completed", content: [outputText(text, citations)] },
  });
  const whole = await completed(parts, question, asked, answer, text);
  yield event(cut ? "response.incomplete" : "response.completed", { response: whole });
}

/** How a stream tells that it failed. */
export function responseFailure(error: unknown): ServerEvent[] {
  const { code, message, param } = faultOf(error);
  const data = { type: "error", code, message, param: param ?? null, sequence_number: 0 };
  return [{ event: "error", data }];
}

interface Parts {
  head: Record<string, unknown>;
  item: string;
}

function partsOf({ model, maxTokens }: Question): Parts {
  return {
    head: {
      id: `resp_${crypto.randomUUID().replaceAll("-", "")}`,
      object: "response",
      created_at: Math.floor(Date.now() / 1000),
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: maxTokens ?? null,
      metadata: {},
      model,
      parallel_tool_calls: false,
      previous_response_id: null,
      store: false,
      temperature: null,
      text: { format: { type: "text" } },
      tool_choice: "none",
      tools: [],
      top_p: null,
      truncation: "disabled",
    },
    item: `msg_${crypto.randomUUID().replaceAll("-", "")}`,
  };
}

async function completed(
  { head, item }: Parts,
  question: Question,
  asked: Asked,
  answer: Answer,
  text: string,
): Promise<object> {
  const cut = text !== answer.answer;
  const usage = await asked.tally.usage(question.text, text);
  const citations = citationsOf({ ...answer, answer: text }, asked.origin);
  return {
    ...head,
    status: cut ? "incomplete" : "completed",
    ...(cut && { incomplete_details: { reason: "max_output_tokens" } }),
    output: [{
      id: item,
      type: "message",
      role: "assistant",
      status: cut ? "incomplete" : "completed",
      content: [outputText(text, citations)],
    }],
    ...(usage !== undefined && { usage: usageOf(usage) }),
    agent: extensionOf(answer),
  };
}

function outputText(text: string, citations: readonly Citation[]): object {
  return { type: "output_text", text, annotations: citations.map(annotationOf), logprobs: [] };
}

function annotationOf(citation: Citation): object {
  return { type: "url_citation", ...citation };
}

function usageOf({ input, output }: Usage): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}
