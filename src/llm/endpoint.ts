/**
 * A model behind an address: one request a reply, over the HTTP client and, if there is one, the limiter.
 *
 * Reaches the configured origin and no other; what the server sends is bounded, and errors carry no key.
 *
 * @module
 */

import { createHttpClient, parseEvents } from "../http/mod.ts";
import type { HttpClient, HttpResponse } from "../http/types.ts";
import { AgentError } from "../shared/errors.ts";
import { ProtocolFault, type ProtocolRequest } from "./protocols/types.ts";
import { shorten } from "./protocols/read.ts";
import { type Endpoint, readModel } from "./options.ts";
import type {
  ChatEvent,
  ChatOptions,
  ChatReply,
  Message,
  ModelOptions,
  OpenModel,
} from "./types.ts";

/** A reply of tokens never is as long. */
const MOST_BODY_BYTES = 32 * 2 ** 20;
/** Of what a server says of its failure. */
const MOST_ERROR_BYTES = 64 * 1024;
/** A token is some four characters where nobody counted; the limiter is settled by what it really took. */
const CHARACTERS_A_TOKEN = 4;
const DEFAULT_OUTPUT_TOKENS = 1_000;

/**
 * A model at an address as a provider.
 *
 * @param options Address, model, key, protocol, limits.
 * @returns The provider; closing it closes its connections. It needs `--allow-net` for the address.
 * @throws {TypeError | RangeError} If an option is wrong.
 *
 * @example
 * ```ts
 * import { openModel } from "@agent/runtime/agent";
 * import assert from "node:assert/strict";
 *
 * await using model = openModel({ url: "http://127.0.0.1:11434", model: "llama3.2" });
 * assert.equal(model.name, "llama3.2");
 * ```
 */
export function openModel(options: ModelOptions): OpenModel {
  return new EndpointProvider(readModel(options));
}

class EndpointProvider implements OpenModel {
  readonly name: string;
  readonly model: string;
  readonly tools: boolean;
  readonly contextTokens: number | undefined;
  readonly price: OpenModel["price"];
  readonly #endpoint: Endpoint;
  #http: HttpClient | undefined;

  constructor(endpoint: Endpoint) {
    this.name = endpoint.name;
    this.model = endpoint.model;
    this.tools = endpoint.tools;
    this.contextTokens = endpoint.contextTokens;
    this.price = endpoint.price;
    this.#endpoint = endpoint;
  }

  async chat(messages: readonly Message[], options: ChatOptions): Promise<ChatReply> {
    const reply = await this.#reserved(messages, options, async (body) => {
      const response = await this.#send(body, options);
      return this.#read(await response.text(), options);
    });
    return reply;
  }

  async *stream(messages: readonly Message[], options: ChatOptions): AsyncGenerator<ChatEvent> {
    const body = this.#body(messages, options, true);
    const reservation = await this.#reserve(body, options);
    let taken: number | undefined;
    try {
      const response = await this.#send(body, options);
      for await (const event of this.#events(response, options)) {
        if (event.type === "done") {
          const { usage } = event.reply;
          taken = usage && usage.inputTokens + usage.outputTokens;
        }
        yield event;
      }
    } finally {
      await reservation?.settle(taken);
    }
  }

  async close(): Promise<void> {
    // One that the caller gave is the caller's.
    if (this.#endpoint.http === undefined) await this.#http?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#events(response: HttpResponse, options: ChatOptions): AsyncGenerator<ChatEvent> {
    if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
      // A server that knows no streams gives all at once.
      const reply = this.#read(await response.text(), options);
      if (reply.text !== "") yield { type: "text", text: reply.text };
      yield { type: "done", reply };
      return;
    }
    const reader = this.#endpoint.protocol.reader(options);
    let sent = 0;
    try {
      for await (const event of parseEvents(response)) {
        sent += event.data.length;
        if (sent > MOST_BODY_BYTES) {
          throw new ProtocolFault(`more than ${MOST_BODY_BYTES} characters`);
        }
        yield* reader.take(event);
      }
    } catch (error) {
      throw this.#failure(error);
    }
    const reply = reader.reply();
    if (reply === undefined) throw this.#unavailable("ended its reply before it was whole");
    yield { type: "done", reply };
  }

  async #reserved(
    messages: readonly Message[],
    options: ChatOptions,
    work: (body: string) => Promise<ChatReply>,
  ): Promise<ChatReply> {
    const body = this.#body(messages, options, false);
    const reservation = await this.#reserve(body, options);
    let reply: ChatReply | undefined;
    try {
      return reply = await work(body);
    } finally {
      const usage = reply?.usage;
      await reservation?.settle(usage && usage.inputTokens + usage.outputTokens);
    }
  }

  #body(messages: readonly Message[], options: ChatOptions, isStreamed: boolean): string {
    const { tools, protocol, model, base, name } = this.#endpoint;
    if (!tools && options.tools !== undefined && options.tools.length > 0) {
      throw new AgentError("UNSUPPORTED", `The model ${name} takes no tools`, { what: "tools" });
    }
    const host = base.hostname;
    const request: ProtocolRequest = { model, messages, options, isStreamed, host };
    return JSON.stringify(protocol.body(request));
  }

  #reserve(body: string, { signal, maxOutputTokens }: ChatOptions) {
    const { limiter } = this.#endpoint;
    const input = Math.ceil(body.length / CHARACTERS_A_TOKEN);
    return limiter?.reserve(input + (maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS), {
      ...(signal && { signal }),
    });
  }

  async #send(body: string, options: ChatOptions): Promise<HttpResponse> {
    const { protocol, base, headers, apiKey, timeoutMs, retries, limiter } = this.#endpoint;
    options.signal?.throwIfAborted();
    this.#http ??= this.#endpoint.http ?? createHttpClient({
      // The address is what somebody configured, and no other is followed to.
      allowPrivate: true,
      timeoutMs,
      timeouts: { firstByteMs: timeoutMs, bodyMs: timeoutMs },
      maxBodyBytes: MOST_BODY_BYTES,
    });
    const response = await this.#http.fetch(new URL(protocol.path, base), {
      method: "POST",
      headers: { "content-type": "application/json", ...protocol.headers(apiKey), ...headers },
      body,
      redirect: "error",
      timeoutMs,
      retries,
      idempotencyKey: true,
      ...(options.signal && { signal: options.signal }),
    });
    await limiter?.observe(response);
    if (response.ok) return response;
    throw this.#unavailable(`answered ${response.status}: ${await this.#reasonOf(response)}`);
  }

  async #reasonOf(response: HttpResponse): Promise<string> {
    let said = "";
    try {
      const bytes = new Uint8Array(await response.arrayBuffer());
      said = new TextDecoder().decode(bytes.subarray(0, MOST_ERROR_BYTES));
      const { error } = JSON.parse(said) as { error?: { message?: unknown } | string };
      const message = typeof error === "string" ? error : error?.message;
      if (typeof message === "string") said = message;
    } catch {
      // It is told as it is.
    }
    return shorten(said.replaceAll(/\s+/g, " ").trim()) || response.statusText ||
      "without a reason";
  }

  #read(body: string, options: ChatOptions): ChatReply {
    try {
      return this.#endpoint.protocol.reply(JSON.parse(body), options);
    } catch (error) {
      if (error instanceof SyntaxError) {
        throw this.#unavailable(`answered with what is no JSON: ${shorten(body)}`);
      }
      throw this.#failure(error);
    }
  }

  /** What the client says stays as it is, the caller's own abort too. */
  #failure(error: unknown): unknown {
    return error instanceof ProtocolFault ? this.#unavailable(`failed: ${error.message}`) : error;
  }

  #unavailable(what: string): AgentError<"UNAVAILABLE"> {
    const { base, name, secrets } = this.#endpoint;
    // deno-lint-ignore no-control-regex -- they are what is taken out
    let clean = what.replaceAll(/[\0-\x1f\x7f-\x9f]/g, " ");
    for (const secret of secrets) clean = clean.replaceAll(secret, "[KEY]");
    return new AgentError("UNAVAILABLE", `The model ${name} at ${base.origin} ${clean}`, {
      server: base.origin,
    });
  }
}
