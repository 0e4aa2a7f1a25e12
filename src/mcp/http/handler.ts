/**
 * A server over streamable HTTP, in the stateless 2026-07-28 revision and, in sessions, in those of 2025.
 *
 * @module
 */

import { loadServer, type ServerFactory, type ServerSdk } from "../sdk.ts";
import { factoryOf } from "../server/factory.ts";
import { readOffer } from "../server/offer.ts";
import type { McpHandler, McpHandlerOptions } from "../types.ts";
import { MOST_BODY, readBody } from "./body.ts";
import { Guard, refused } from "./guard.ts";
import { type SessionBounds, Sessions } from "./sessions.ts";

/** Requests at the same time; streams that stay open count until they end. */
const MOST_REQUESTS = 256;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/**
 * Makes what answers HTTP requests of MCP clients; mount it at one path, such as `/mcp`. The package behind it is loaded with
 * the first request.
 *
 * @param options What is offered, to whom, and within which bounds.
 * @returns The handler, with its token.
 * @throws {TypeError} If a tool or the token is not of the right kind.
 * @throws {RangeError} If `allow` or `ask` names no tool, or a bound is below 1.
 *
 * @example
 * ```ts
 * import { createMcpHandler } from "@agent/runtime/mcp";
 * import { openKnowledge } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * using knowledge = openKnowledge();
 * await using handler = createMcpHandler({ knowledge });
 * const answer = await handler.fetch(new Request("http://127.0.0.1:8080/mcp", { method: "POST" }));
 * assert.equal(answer.status, 401);
 * ```
 */
export function createMcpHandler(options: McpHandlerOptions): McpHandler {
  const { access = {}, sessions = 64, sessionMs = 600_000 } = options;
  const offer = readOffer(options);
  const guard = access === "checked" ? undefined : new Guard(access);
  const bounds = { most: sessions, idleMs: sessionMs };
  let eras: Promise<Eras> | undefined;
  let isClosed = false;
  const answer = new Answering(
    guard,
    () => eras ??= loadServer().then((sdk) => new Eras(sdk, factoryOf(sdk, offer), bounds)),
  );
  const close = async (): Promise<void> => {
    isClosed = true;
    await (await eras)?.close();
  };
  return {
    token: guard?.token,
    fetch: async (request) => isClosed ? refused(503, "it is closed") : await answer.to(request),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Both eras of a server: which one answers is decided by each request. */
export class Eras {
  readonly #sdk: ServerSdk;
  readonly #sessions: Sessions;
  readonly #stateless: ReturnType<ServerSdk["createMcpHandler"]>;

  /**
   * @param sdk The module.
   * @param factory Makes servers.
   * @param bounds Of sessions.
   */
  constructor(sdk: ServerSdk, factory: ServerFactory, bounds: SessionBounds) {
    this.#sdk = sdk;
    this.#sessions = new Sessions(sdk, factory, bounds);
    this.#stateless = sdk.createMcpHandler(factory, {
      legacy: "reject",
      maxSubscriptions: 64,
      maxRequestBodySize: MOST_BODY,
    });
  }

  /** Answers a request whose body was read. */
  async fetch(request: Request, parsedBody: unknown): Promise<Response> {
    return await this.#sdk.isLegacyRequest(request, parsedBody)
      ? await this.#sessions.fetch(request, parsedBody)
      : await this.#stateless.fetch(request, { parsedBody });
  }

  /** Ends all of it. */
  async close(): Promise<void> {
    await Promise.all([this.#sessions.close(), this.#stateless.close()]);
  }
}

/** Answers requests that have come in, once it was looked at who sends them. */
export class Answering {
  readonly #guard: Guard | undefined;
  readonly #eras: () => Promise<Eras>;
  #open = 0;

  /**
   * @param guard Who may come in; everybody where it is left out.
   * @param eras What answers.
   */
  constructor(guard: Guard | undefined, eras: () => Promise<Eras>) {
    this.#guard = guard;
    this.#eras = eras;
  }

  /** The answer to a request. */
  async to(request: Request): Promise<Response> {
    const refusal = this.#guard?.refusal(request);
    if (refusal !== undefined) {
      await request.body?.cancel().catch(() => undefined);
      return refusal;
    }
    if (this.#open >= MOST_REQUESTS) {
      return refused(503, "too many requests are open", { "retry-after": "1" });
    }
    this.#open++;
    let response: Response | undefined;
    try {
      return response = this.#counted(await this.#answer(request));
    } finally {
      if (response === undefined) this.#open--;
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { method, headers } = request;
    if (method !== "POST" && method !== "GET" && method !== "DELETE") {
      return refused(405, "only POST, GET and DELETE are answered", { allow: "GET, POST, DELETE" });
    }
    if (method !== "POST") return await (await this.#eras()).fetch(request, undefined);
    const type = (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
    if (type !== "application/json") {
      await request.body?.cancel().catch(() => undefined);
      return refused(415, "send application/json");
    }
    const body = await readBody(request);
    if ("status" in body) {
      return refused(body.status, `the body is not read: at most ${MOST_BODY} bytes of UTF-8`);
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.text);
    } catch {
      return refused(400, "the body is no JSON", {}, PARSE_ERROR);
    }
    if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
      return refused(400, "send one message of JSON-RPC, no batch", {}, INVALID_REQUEST);
    }
    return await (await this.#eras()).fetch(request, parsed);
  }

  /** The answer, counted until all of it was read. */
  #counted(response: Response): Response {
    if (response.body === null) {
      this.#open--;
      return response;
    }
    const end = (): void => {
      this.#open--;
    };
    const reader = response.body.getReader();
    let isOver = false;
    const over = (): void => {
      if (!isOver) end();
      isOver = true;
    };
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => {
          over();
          throw error;
        });
        if (!done) return controller.enqueue(value);
        over();
        controller.close();
      },
      async cancel(reason) {
        over();
        await reader.cancel(reason);
      },
    });
    return new Response(body, response);
  }
}
