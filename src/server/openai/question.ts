/**
 * What the OpenAI routes share: reading a question out of a conversation, and what an answer took.
 *
 * @module
 */

import { recall } from "../../agent/recall.ts";
import type { Agent, Answer } from "../../agent/types.ts";
import { badField, HttpFault } from "../faults.ts";
import type { Limits } from "../limits.ts";
import type { Tally } from "../tally.ts";

/** The name of the model that answers from the documents. */
export const MODEL = "agent";

/** A route's surroundings. */
export interface Asked {
  /** Answers. */
  agent: Agent;
  /** The server's bounds. */
  limits: Limits;
  /** Counts tokens. */
  tally: Tally;
  /** The origin under which the server was asked. */
  origin: string;
  /** Aborted when the client has gone or the server closes; left out where that takes no time. */
  signal: AbortSignal | undefined;
}

/** What is asked, and how it is to be answered. */
export interface Question {
  /** The words. */
  text: string;
  /** Who answers; general if left out. */
  domain: string | undefined;
  /** The model's name, as answers carry it. */
  model: string;
  /** Whether it is wanted piece by piece. */
  stream: boolean;
  /** The most tokens of the answer. */
  maxTokens: number | undefined;
}

/** The fields of both routes; the words are read by each. */
export function readQuestion(
  body: Record<string, unknown>,
  text: string,
  limits: Limits,
  maxTokens: string,
): Question {
  const { model, stream = false, tool_choice: choice } = body;
  if (typeof model !== "string" || model === "") {
    throw badField("model", "model must be a name, such as " + JSON.stringify(MODEL));
  }
  if (stream !== null && typeof stream !== "boolean") {
    throw badField("stream", "stream must be true or false");
  }
  if (choice !== undefined && choice !== null && choice !== "auto" && choice !== "none") {
    throw badField("tool_choice", "No tools are called here: tool_choice must be auto or none");
  }
  // Who offers a tool waits for its call, unless it is said that none is wanted.
  for (const offered of ["tools", "functions"]) {
    const list = body[offered];
    const isNone = list === undefined || list === null || Array.isArray(list) && list.length === 0;
    if (!isNone && choice !== "none") {
      throw badField(
        offered,
        `No tools are called here: leave ${offered} out, or set tool_choice to none`,
      );
    }
  }
  checkLength("messages", text, limits);
  if (!/[\p{L}\p{N}]/u.test(text)) {
    throw badField("messages", "The last message of the user must be a question in words");
  }
  const domain = model.startsWith(`${MODEL}-`) ? model.slice(MODEL.length + 1) : undefined;
  return {
    text,
    domain,
    model: domain === undefined ? MODEL : model,
    stream: stream === true,
    maxTokens: readCount(body, maxTokens),
  };
}

/** Refuses questions that are too long, whichever field they stand in. */
export function checkLength(param: string, text: unknown, { questionLength }: Limits): void {
  if (typeof text !== "string" || text.length <= questionLength) return;
  throw badField(
    param,
    `The question has ${text.length} characters; the most are ${questionLength}`,
    "context_length_exceeded",
  );
}

/** A whole number above 0, or undefined. */
export function readCount(body: Record<string, unknown>, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw badField(name, `${name} must be a whole number above 0`);
  }
  return value as number;
}

/** The text of a message's content: a string, or parts of which each is text. */
export function readContent(content: unknown, param: string): string {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw badField(param, `${param} must be a text or a list of parts`);
  return content.map((part: unknown) => {
    const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
    const isText = type === "text" || type === "input_text" || type === "output_text";
    if (!isText || typeof text !== "string") {
      throw badField(param, `Only text can be answered, not ${JSON.stringify(type) ?? "nothing"}`);
    }
    return text;
  }).join("\n");
}

/** The answer to a question, or the fault that it failed with. */
export async function answerTo(question: Question, { agent, signal }: Asked): Promise<Answer> {
  const { text, domain } = question;
  return recall(agent, text, domain) ??
    checkAnswer(await agent.ask(text, { signal, domain }));
}

/** An answer with an error that has no words from the documents is a failure of the request. */
export function checkAnswer(answer: Answer): Answer {
  const { error } = answer;
  if (error === undefined || error.code === "MODEL") return answer;
  if (error.code === "INVALID_QUERY") throw badField("messages", error.message);
  throw new HttpFault(503, error.code.toLowerCase(), answer.answer);
}

/** What answers carry beyond OpenAI's fields. */
export function extensionOf(answer: Answer): object {
  const { domain, confidence, sources, reasoning, keywords, timestamp, cached, error } = answer;
  return {
    ...{ domain, confidence, sources, reasoning, keywords, timestamp, cached },
    ...(error !== undefined && { error }),
  };
}
