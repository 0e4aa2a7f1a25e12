/**
 * The OpenAPI document: commands by their own schemas, and the other routes.
 *
 * @module
 */

import { commandsOf } from "../commands/mod.ts";
import type { RegisteredCommand } from "../commands/types.ts";
import { ROLES } from "./openai/chat.ts";

type Schema = Readonly<Record<string, unknown>>;

/** The input of a command as far as a remote caller may say it. */
export function remoteSchema({ input, remote }: RegisteredCommand): Schema {
  const { properties = {}, required = [] } = input as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return {
    ...input,
    properties: Object.fromEntries(remote.map((name) => [name, properties[name]])),
    required: required.filter((name) => remote.includes(name)),
    additionalProperties: false,
  };
}

const FAULT = { $ref: "#/components/schemas/Fault" };
const FAULTS: Readonly<Record<number, string>> = {
  400: "The request is not of its shape",
  401: "No token, or a wrong one",
  403: "Out of the bounds that the server was started with, or from another origin",
  404: "There is no such thing",
  405: "The address is not asked in this way",
  408: "The body took too long to arrive",
  413: "The body is too large",
  415: "The body is not declared as JSON",
  421: "The server may not be asked under this host name",
  422: "It cannot be done as the server is set up",
  424: "What it needs is not there, or failed",
  429: "This client has too much in work",
  500: "The server failed at this request",
  503: "The server has too much in work, or is closing",
};

function responses(good: object): object {
  const faults = Object.entries(FAULTS).map(([status, description]) => [
    status,
    { description, content: { "application/json": { schema: FAULT } } },
  ]);
  return { ...Object.fromEntries(faults), 200: { description: "Done", ...good } };
}

function json(schema: Schema): object {
  return { content: { "application/json": { schema } } };
}

const EVENTS = {
  "text/event-stream": {
    schema: {
      type: "object",
      required: ["data"],
      properties: { event: { type: "string" }, data: { type: "string" } },
    },
  },
};
const TEXT = { content: { "text/plain": { schema: { type: "string" } } } };
const THING: Schema = { type: "object" };
const WORDS: Schema = { type: "string" };

function commandRoute(command: RegisteredCommand): object {
  const { name, summary, details, output } = command;
  const input = remoteSchema(command);
  const needs = (input["required"] as string[]).length > 0;
  return {
    post: {
      operationId: name,
      summary,
      ...(details !== undefined && { description: details }),
      tags: ["commands"],
      requestBody: { required: needs, ...json(input) },
      responses: responses({ content: { "application/json": { schema: output }, ...EVENTS } }),
    },
  };
}

const TEXT_OF_SOME: Schema = { type: "string", minLength: 1 };
const ROLE: Schema = { type: "string", enum: ROLES };
const PART: Schema = {
  type: "object",
  required: ["type", "text"],
  properties: {
    type: { type: "string", enum: ["text", "input_text", "output_text"] },
    text: WORDS,
  },
};
const CONTENT: Schema = { anyOf: [WORDS, { type: "array", minItems: 1, items: PART }] };
const MESSAGES: Schema = {
  type: "array",
  minItems: 1,
  items: {
    type: "object",
    required: ["role", "content"],
    properties: { role: ROLE, content: CONTENT },
  },
};

function asked(operationId: string, summary: string, required: readonly string[]): object {
  const fields: Record<string, Schema> = {
    model: { type: "string", minLength: 1 },
    messages: MESSAGES,
    input: operationId === "embeddings"
      ? { anyOf: [TEXT_OF_SOME, { type: "array", minItems: 1, items: TEXT_OF_SOME }] }
      : { anyOf: [TEXT_OF_SOME, MESSAGES] },
    stream: { type: ["boolean", "null"] },
  };
  const properties = Object.fromEntries(
    [...required, "stream"].map((name) => [name, fields[name]]),
  );
  return {
    post: {
      operationId,
      summary,
      tags: ["openai"],
      requestBody: { required: true, ...json({ type: "object", properties, required }) },
      responses: responses({ content: { "application/json": { schema: THING }, ...EVENTS } }),
    },
  };
}

function look(
  operationId: string,
  summary: string,
  good: object,
  parameters: readonly object[] = [],
): object {
  return {
    get: { operationId, summary, tags: ["server"], parameters, responses: responses(good) },
  };
}

const query = (name: string, schema: Schema, required = false): object => ({
  ...{ name, in: "query", required, schema },
});

/** The document. */
export function openApi(version: string): object {
  const whole = { type: "integer", minimum: 0, maximum: 999_999_999_999_999 };
  const commands = commandsOf("http").map((command) => [
    `/api/commands/${command.name}`,
    commandRoute(command),
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "AGENT",
      version,
      description: "Answers from the indexed documents, commands, and the figures of the machine.",
    },
    security: [{ token: [] }],
    paths: {
      ...Object.fromEntries(commands),
      "/api/commands": look("commands", "Lists the commands", json(THING)),
      "/api/status": look("server_status", "Tells how the server is set up", json(THING)),
      "/api/live": look("live", "Tells the machine's figures, each second", { content: EVENTS }),
      "/api/document": look("document", "A part of a document around a place", json(THING), [
        query("name", WORDS, true),
        query("start", whole),
        query("end", whole),
      ]),
      "/v1/chat/completions": asked("chat", "Answers the last message", ["model", "messages"]),
      "/v1/responses": asked("responses", "Answers the last message", ["model", "input"]),
      "/v1/embeddings": asked("embeddings", "Makes vectors of texts", ["model", "input"]),
      "/v1/models": look("models", "Lists the models", json(THING)),
      "/v1/models/{model}": look("model", "A model", json(THING), [
        { name: "model", in: "path", required: true, schema: WORDS },
      ]),
      "/metrics": look("metrics", "Figures in Prometheus' text format", TEXT),
      "/healthz": {
        get: { ...healthy(), security: [] },
      },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: {
        Fault: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["message", "type", "param", "code"],
              properties: {
                message: WORDS,
                type: WORDS,
                param: { type: ["string", "null"] },
                code: WORDS,
              },
            },
          },
        },
      },
    },
  };
}

function healthy(): object {
  return {
    operationId: "health",
    summary: "Whether it is there",
    tags: ["server"],
    responses: responses(TEXT),
  };
}
