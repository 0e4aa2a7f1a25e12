/**
 * The routes. This module alone imports Hono, at the first request.
 *
 * @module
 */

import type * as hono from "npm:hono@4.13.19";
import config from "../../deno.json" with { type: "json" };
import type { Agent } from "../agent/types.ts";
import type { Monitor } from "../monitor/monitor_types.ts";
import { defaultEmbedder } from "../knowledge/embedding/default_embedder.ts";
import { tableEmbedder } from "../knowledge/embedding/open.ts";
import { loadPackage } from "../shared/packages.ts";
import { called, type Calls, commandOf, eventFailure, events, listed } from "./commands.ts";
import { documentPart } from "./document.ts";
import { badField, faultBody, faultOf, faultResponse, HttpFault, wrongMethod } from "./faults.ts";
import type { Bodies } from "./bodies.ts";
import type { Limits, Place } from "./limits.ts";
import type { Live } from "./live.ts";
import { chunkFailure, chunks, completion, readChat } from "./openai/chat.ts";
import { embeddings, models } from "./openai/embeddings.ts";
import { type Asked, checkLength } from "./openai/question.ts";
import { openApi } from "./openapi.ts";
import { readResponse, response, responseEvents, responseFailure } from "./openai/responses.ts";
import { eventStream, type ServerEvent } from "./sse.ts";
import { statusOf } from "./status.ts";
import type { Tally } from "./tally.ts";
import type { FetchShaped, TextEmbedder } from "./types.ts";

/** What the routes work with. */
export interface AppParts {
  /** Answers. */
  readonly agent: Agent;
  /** Counts operations, and gives the figures of `/metrics`. */
  readonly monitor: Monitor;
  /** What commands are called with. */
  readonly calls: Calls;
  /** Answers what is asked at `/mcp`. */
  readonly mcp: FetchShaped | undefined;
  /** Watches the machine for the page. */
  readonly live: Live;
  /** Reads bodies. */
  readonly bodies: Bodies;
  /** Counts tokens. */
  readonly tally: Tally;
  /** Makes vectors. */
  readonly embedder: TextEmbedder | "default" | undefined;
  /** Bounds. */
  readonly limits: Limits;
  /** What the server itself counts, in Prometheus' text format. */
  readonly counted: () => string;
}

/** What is known of a request before a route sees it. */
export interface Passed {
  /** Its place among what is in work. */
  readonly place: Place;
  /** The origin under which the server was asked. */
  readonly origin: string;
  /** Aborted when the server closes. */
  readonly closing: AbortSignal;
  /** Aborted when the client has gone or the server closes. */
  readonly signal: () => AbortSignal;
}

/** The routes as one function. */
export type App = (request: Request, passed: Passed) => Promise<Response>;

interface Env {
  Bindings: Passed;
}
type Context = hono.Context<Env>;

/** Makes the routes. */
export async function makeApp(parts: AppParts): Promise<App> {
  const { Hono } = await loadPackage<typeof hono>("hono", "The server");
  const { agent, calls, mcp, monitor, live, bodies, tally, limits } = parts;
  const embedder = parts.embedder === "default" ? await unitVectors() : parts.embedder;
  const app = new Hono<Env>();
  // Sentences of the documents are found in milliseconds; a model may take minutes, which nobody pays for who has gone.
  const isLong = (await agent.status()).model !== null;
  const asked = ({ env }: Context): Asked => ({
    ...{ agent, limits, tally },
    origin: env.origin,
    signal: isLong ? env.signal() : undefined,
  });
  const stream = (
    { env }: Context,
    make: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
    failed: (error: unknown) => readonly ServerEvent[],
  ): Response => {
    env.place.stream();
    return eventStream(make, {
      signal: env.closing,
      stalledMs: limits.stalledMs,
      failed,
      ended: () => env.place.end(),
    });
  };

  app.post("/v1/chat/completions", async (context) => {
    const request = readChat(await bodies.json(context.req.raw), asked(context));
    if (!request.question.stream) return jsonText(await completion(request, asked(context)));
    return stream(context, (signal) => chunks(request, asked(context), signal), chunkFailure);
  });
  app.post("/v1/responses", async (context) => {
    const question = readResponse(await bodies.json(context.req.raw), asked(context));
    if (!question.stream) return json(await response(question, asked(context)));
    const make = (signal: AbortSignal) => responseEvents(question, asked(context), signal);
    return stream(context, make, responseFailure);
  });
  app.post("/v1/embeddings", async (context) => {
    const body = await bodies.json(context.req.raw);
    return json(await embeddings(body, { embedder, limits, tally, signal: context.env.signal() }));
  });
  app.get("/v1/models", async () => {
    return json({ object: "list", data: models((await agent.status()).domains, embedder) });
  });
  app.get("/v1/models/:model", async (context) => {
    const id = context.req.param("model");
    const list = models((await agent.status()).domains, embedder);
    const found = list.find((model) => "id" in model && model.id === id);
    if (found === undefined) {
      throw new HttpFault(404, "model_not_found", `There is no model ${JSON.stringify(id)}`);
    }
    return json(found);
  });

  app.get("/api/commands", () => json({ commands: listed() }));
  app.get("/api/openapi.json", () => json(openApi(config.version)));
  app.post("/api/commands/:name", async (context) => {
    const command = commandOf(context.req.param("name"));
    const input = await bodies.input(context.req.raw);
    for (const field of ["question", "query"]) checkLength(field, input[field], limits);
    if (!/\btext\/event-stream\b/.test(context.req.header("accept") ?? "")) {
      return jsonText(await called(command, input, calls, context.env.signal()));
    }
    const make = (signal: AbortSignal) => events(command, input, calls, signal);
    return stream(context, make, eventFailure);
  });
  if (mcp !== undefined) {
    app.all("/mcp", async ({ req, env }) => held(await mcp.fetch(req.raw), env.place));
  }

  app.get("/api/status", async () => json(await statusOf(agent, config.version)));
  app.get("/api/live", (context) =>
    stream(context, (signal) => live.events(signal), (error) => [{
      event: "error",
      data: faultBody(faultOf(error)),
    }]));
  app.get("/api/document", (context) => {
    const { name, start = "0", end = start } = context.req.query();
    if (name === undefined) throw badField("name", "name must be that of a document");
    return json(documentPart(agent.knowledge, name, offset(start, "start"), offset(end, "end")));
  });
  app.get("/metrics", async () => {
    const text = `${await monitor.prometheus({ processes: 0 })}${parts.counted()}`;
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4" } });
  });
  const known = app.routes.map(({ method, path }) => ({
    method,
    path: new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+")}$`),
  }));
  app.notFound(({ req }) => {
    const methods = known.filter(({ path }) => path.test(req.path)).map(({ method }) => method);
    if (methods.length === 0) {
      return faultResponse(new HttpFault(404, "not_found", "There is no such address"));
    }
    return wrongMethod(methods);
  });
  app.onError((error) => {
    throw error;
  });
  return async (request, passed) => await app.fetch(request, passed);
}

/** The table that comes with the package, where it can be read; its vectors have the length 1 that clients rely on. */
async function unitVectors(): Promise<TextEmbedder | undefined> {
  return await tableEmbedder() === undefined ? undefined : defaultEmbedder();
}

function json(value: object): Response {
  return jsonText(JSON.stringify(value));
}

function jsonText(text: string): Response {
  return new Response(`${text}\n`, { headers: { "content-type": "application/json" } });
}

/** A stream of another handler's, which holds its place until it ends. */
function held(response: Response, place: Place): Response {
  const isStream = /^text\/event-stream/.test(response.headers.get("content-type") ?? "");
  if (!isStream || response.body === null) return response;
  place.stream();
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        place.end();
        controller.close();
      } catch (error) {
        place.end();
        throw error;
      }
    },
    async cancel(reason) {
      place.end();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(body, response);
}

function offset(text: string, name: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw badField(name, `${name} must be a whole number`);
  return Number(text);
}
