/**
 * How many tokens messages and tools cost, by the overheads that OpenAI publishes in its cookbook (MIT): "How to count
 * tokens with tiktoken", https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken, sections 6 and 7.
 *
 * @module
 */

import { checkString, wrongType, wrongValue } from "../../shared/arguments.ts";
import type { CountedMessage, CountedTool } from "./types.ts";

const PER_MESSAGE = 3;
const PER_NAME = 1;
/** Every reply begins with so many. */
const PRIMING = 3;
const TOOL_START = { o200k: 7, cl100k: 10 };
const PROPERTIES_START = 3;
const PER_PROPERTY = 3;
const ENUM_START = -3;
const PER_ENUM_VALUE = 3;
const TOOLS_END = 12;

type Fields = Readonly<Record<string, unknown>>;

/** See `Encoding.countMessages`. */
export function countMessages(
  messages: readonly CountedMessage[],
  tools: readonly CountedTool[],
  count: (text: string) => number,
  isO200k: boolean,
): number {
  if (!Array.isArray(messages)) throw wrongType("messages", "an array", messages);
  if (!Array.isArray(tools)) throw wrongType("tools", "an array", tools);
  let sum = PRIMING;
  messages.forEach((message, index) =>
    sum += PER_MESSAGE + ofMessage(message, `messages[${index}]`, count)
  );
  if (tools.length === 0) return sum;
  const start = isO200k ? TOOL_START.o200k : TOOL_START.cl100k;
  tools.forEach((tool, index) => sum += start + ofTool(tool, `tools[${index}]`, count));
  return sum + TOOLS_END;
}

function fields(value: unknown, name: string): Fields {
  if (value === null || typeof value !== "object") throw wrongType(name, "an object", value);
  return value as Fields;
}

/** The tokens of every text in a message, as the cookbook adds them up. */
function ofMessage(message: unknown, name: string, count: (text: string) => number): number {
  let sum = 0;
  for (const [key, value] of Object.entries(fields(message, name))) {
    const inner = `${name}.${key}`;
    if (value === undefined || value === null) continue;
    if (key === "content" && Array.isArray(value)) {
      value.forEach((part, index) => sum += ofPart(part, `${inner}[${index}]`, count));
    } else if (key === "tool_calls" && Array.isArray(value)) {
      value.forEach((call, index) => sum += ofCall(call, `${inner}[${index}]`, count));
    } else {
      checkString(value, inner);
      sum += count(value);
      if (key === "name") sum += PER_NAME;
    }
  }
  return sum;
}

function ofPart(part: unknown, name: string, count: (text: string) => number): number {
  const { type, text, refusal } = fields(part, name);
  const words = text ?? refusal;
  if (typeof words !== "string") {
    throw wrongValue(name, "a part with text (only text is made of tokens of a vocabulary)", type);
  }
  return count(words);
}

/** A call: the texts that the model wrote. */
function ofCall(call: unknown, name: string, count: (text: string) => number): number {
  const { function: called } = fields(call, name);
  const { name: tool, arguments: given } = fields(called, `${name}.function`);
  checkString(tool, `${name}.function.name`);
  checkString(given, `${name}.function.arguments`);
  return PER_MESSAGE + count(tool) + count(given);
}

function ofTool(tool: unknown, name: string, count: (text: string) => number): number {
  const outer = fields(tool, name);
  // Both the form of the API and the function alone.
  const { name: title, description, parameters } = outer["function"] === undefined
    ? outer
    : fields(outer["function"], `${name}.function`);
  checkString(title, `${name}.function.name`);
  const line = count(`${title}:${sentence(description, `${name}.function.description`)}`);
  return line + ofProperties(parameters, `${name}.function.parameters`, count);
}

/** The properties of a schema, also those further in. */
function ofProperties(schema: unknown, name: string, count: (text: string) => number): number {
  if (schema === undefined || schema === null) return 0;
  const { properties } = fields(schema, name);
  const entries = Object.entries(fields(properties ?? {}, `${name}.properties`));
  let sum = entries.length > 0 ? PROPERTIES_START : 0;
  for (const [key, value] of entries) {
    const inner = `${name}.properties.${key}`;
    const property = fields(value, inner);
    const { type, description, enum: words, items } = property;
    sum += PER_PROPERTY;
    if (Array.isArray(words)) {
      sum += ENUM_START;
      for (const word of words) sum += PER_ENUM_VALUE + count(String(word));
    }
    const kind = Array.isArray(type) ? type.join("|") : String(type ?? "");
    sum += count(`${key}:${kind}:${sentence(description, `${inner}.description`)}`);
    sum += ofProperties(property, inner, count) + ofProperties(items, `${inner}.items`, count);
  }
  return sum;
}

/** A description without the stop at its end. */
function sentence(description: unknown, name: string): string {
  if (description === undefined || description === null) return "";
  checkString(description, name);
  return description.replace(/\.$/, "");
}
