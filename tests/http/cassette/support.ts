/** A cassette in a folder of its own, before a server of the tests. */

import { type CassetteLayer, cassetteLayer } from "../../../src/http/cassette/mod.ts";
import { type Field, FieldList } from "../../../src/http/fields.ts";
import type { IncomingResponse, OutgoingRequest } from "../../../src/http/transport/types.ts";
import type { CassetteOptions } from "../../../src/http/types.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** What the server answers. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Bytes | ReadableStream<Bytes> | null;
}

/** What a test asks. */
export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Bytes | ReadableStream<Bytes>;
  wholeBody?: boolean;
  signal?: AbortSignal;
}

export const API = "https://api.test/v1/chat";

const encoder = new TextEncoder();

/** A folder for cassettes, and programs that use them one after the other. */
export class Studio implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "agent-cassette-" });
  readonly path: string = `${this.folder}/tape.json`;
  /** What came to the server. */
  readonly requests: OutgoingRequest[] = [];
  answer: (request: OutgoingRequest, n: number) => Answer | Promise<Answer>;
  readonly #layers: CassetteLayer[] = [];

  constructor(answer: Studio["answer"] = (_, n) => ({ body: `answer ${n}` })) {
    this.answer = answer;
  }

  /** A program with a cassette. */
  program(
    mode: CassetteOptions["mode"],
    options: Partial<CassetteOptions> = {},
  ): (url: string, ask?: Ask) => Promise<IncomingResponse> {
    const layer = cassetteLayer({ path: this.path, mode, ...options });
    this.#layers.push(layer);
    const send = layer((request) => this.#serve(request));
    return (url, { method, headers = {}, body, wholeBody = false, signal } = {}) =>
      send({
        method: method ?? (body === undefined ? "GET" : "POST"),
        url: new URL(url),
        headers: Object.entries(headers).map(([name, value]): Field => [name.toLowerCase(), value]),
        body: typeof body === "string" ? encoder.encode(body) : body,
        signal,
        wholeBody,
      });
  }

  /** What is in the file. */
  text(): string {
    return Deno.readTextFileSync(this.path);
  }

  /** The recordings of the file. */
  // deno-lint-ignore no-explicit-any
  recordings(): any[] {
    return JSON.parse(this.text()).recordings;
  }

  async #serve(request: OutgoingRequest): Promise<IncomingResponse> {
    this.requests.push(request);
    const { status = 200, headers = {}, body } = await this.answer(request, this.requests.length);
    const content = typeof body === "string" ? encoder.encode(body) : body ?? null;
    return {
      status,
      headers: new FieldList(Object.entries(headers)),
      url: request.url.href,
      body: content instanceof Uint8Array && !request.wholeBody
        ? ReadableStream.from([content])
        : content,
      attempts: 1,
      fromCache: false,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const layer of this.#layers) await layer.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A response's body as text. */
export async function textOf({ body }: IncomingResponse): Promise<string> {
  return body === null ? "" : await new Response(body).text();
}
