/**
 * `/v1/chat/completions`: the last message of the user is the question.
 *
 * @module
 */

import { keepBeside, textBeside } from "../../agent/recall.ts";
import type { Answer } from "../../agent/types.ts";
import { type Citation, citationsOf } from "../citations.ts";
import { badField, faultBody, faultOf } from "../faults.ts";
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

/** Who may speak. */
export const ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;

/** A request of this route. */
export interface ChatRequest {
  /** What is asked. */
  question: Question;
  /** Whether a stream tells at its end what was taken. */
  withUsage: boolean;
}

/** Reads a body. */
export function readChat(body: Record<string, unknown>, asked: Asked): ChatRequest {
  const { messages, n, response_format: format, stream_options: options } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw badField("messages", "messages must be a list of at least one message");
  }
  let text: string | undefined;
  for (const [at, message] of messages.entries()) {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    if (!(ROLES as readonly unknown[]).includes(role)) {
      throw badField(
        `messages[${at}].role`,
        `messages[${at}].role must be one of ${ROLES.join(", ")}`,
      );
    }
    if (role === "user") text = readContent(content, `messages[${at}].content`);
  }
  if (text === undefined) throw badField("messages", "messages must have one of the user");
  if (n !== undefined && n !== null && n !== 1) {
    throw badField("n", "There is one answer to a question: n must be 1");
  }
  const { type } = (format ?? { type: "text" }) as { type?: unknown };
  if (type !== "text") {
    throw badField("response_format", "Answers are text: response_format.type must be text");
  }
  const withUsage = typeof options === "object" && options !== null &&
    (options as { include_usage?: unknown }).include_usage === true;
  const most = body["max_completion_tokens"] == null ? "max_tokens" : "max_completion_tokens";
  return { question: readQuestion(body, text, asked.limits, most), withUsage };
}

/** The whole answer, as the text of a JSON document. */
export async function completion(request: ChatRequest, asked: Asked): Promise<string> {
  const { question } = request;
  const answer = await answerTo(question, asked);
  const name = `chat ${asked.origin} ${question.model} ${question.maxTokens} ${question.text}`;
  const rest = textBeside(answer, name) ??
    keepBeside(answer, name, JSON.stringify(await messageOf(answer, question, asked)));
  // What follows the head is the same each time that the answer is.
  return `${JSON.stringify(headOf(question, "chat.completion")).slice(0, -1)},${rest.slice(1)}`;
}

async function messageOf(answer: Answer, question: Question, asked: Asked): Promise<object> {
  const content = await asked.tally.cut(answer.answer, question.maxTokens);
  const usage = await asked.tally.usage(question.text, content);
  return {
    choices: [{
      index: 0,
      message: {
        role: "assistant",
        content,
        refusal: null,
        annotations: annotationsOf(citationsOf({ ...answer, answer: content }, asked.origin)),
      },
      logprobs: null,
      finish_reason: content === answer.answer ? "stop" : "length",
    }],
    ...(usage !== undefined && { usage: usageOf(usage) }),
    agent: extensionOf(answer),
  };
}

/** The answer as chunks. */
export async function* chunks(
  { question, withUsage }: ChatRequest,
  asked: Asked,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const head = headOf(question, "chat.completion.chunk");
  const chunk = (delta: object, finish: string | null = null, more: object = {}): ServerEvent => ({
    data: {
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(withUsage && { usage: null }),
      ...more,
    },
  });
  yield chunk({ role: "assistant", content: "", refusal: null });
  let content = "";
  let cut = false;
  let answer: Answer | undefined;
  for await (
    const event of asked.agent.stream(question.text, { signal, domain: question.domain })
  ) {
    if (event.type === "done") answer = checkAnswer(event.answer);
    if (event.type !== "text" || cut) continue;
    const whole = content + event.text;
    const kept = await asked.tally.cut(whole, question.maxTokens);
    cut = kept.length < whole.length;
    if (kept.length > content.length) yield chunk({ content: kept.slice(content.length) });
    content = kept;
  }
  if (answer === undefined) throw new Error("the agent's stream ended without an answer");
  const annotations = annotationsOf(citationsOf({ ...answer, answer: content }, asked.origin));
  if (annotations.length > 0) yield chunk({ annotations });
  yield chunk({}, cut ? "length" : "stop", { agent: extensionOf(answer) });
  const usage = withUsage ? await asked.tally.usage(question.text, content) : undefined;
  if (usage !== undefined) yield { data: { ...head, choices: [], usage: usageOf(usage) } };
  yield { data: "[DONE]" };
}

/** How a stream tells that it failed. */
export function chunkFailure(error: unknown): ServerEvent[] {
  return [{ data: faultBody(faultOf(error)) }];
}

function headOf({ model }: Question, object: string): object {
  return {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}

function annotationsOf(citations: readonly Citation[]): object[] {
  return citations.map((citation) => ({ type: "url_citation", url_citation: citation }));
}

function usageOf({ input, output }: Usage): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
