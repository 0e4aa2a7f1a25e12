/**
 * The client of an engine: JSON, lines, frames and raw streams over either transport. It asks Deno for the permission
 * before each exchange, so that native code never goes round it, and makes the errors.
 *
 * @module
 */

import type { JsonValue } from "../../shared/json.ts";
import { allowName, allowSocket } from "../../shared/access.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineCapabilities } from "./capabilities.ts";
import { EngineError, EngineFault, explain, statusError } from "./errors.ts";
import { type Frame, readFrames } from "./frames.ts";
import { readLines, readWhole } from "./read.ts";
import type { EngineHost } from "../host.ts";
import { type Query, target } from "./target.ts";
import type { EngineRequest, EngineResponse, EngineStream, EngineTransport } from "./types.ts";
import { type Begin, watchedTransport } from "./watched.ts";

type Method = EngineRequest["method"];

/** What every exchange takes. */
export interface EngineCall {
  /** Parameters; undefined ones are left out, objects go as JSON (filters). */
  readonly query?: Query | undefined;
  readonly headers?: readonly (readonly [string, string])[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the head of the answer is there; no limit if left out. */
  readonly timeoutMs?: number | undefined;
  /** Statuses beside 200 to 299 that are no errors. */
  readonly accept?: readonly number[] | undefined;
  /** The version in the path, where it is not the one that was settled: Podman's own interface has others. */
  readonly apiVersion?: string | undefined;
}

/** With JSON as the body. */
export interface JsonCall extends EngineCall {
  readonly body?: JsonValue | undefined;
}

/** With bytes as the body. */
export interface BytesCall extends EngineCall {
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Default: `application/x-tar` where there is a body. */
  readonly contentType?: string | undefined;
}

/** With either, for streams of lines. */
export interface LinesCall extends EngineCall {
  readonly body?: JsonValue | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly contentType?: string | undefined;
}

/** With JSON as the body, answered by frames. */
export interface FramesCall extends JsonCall {
  /** Whether the process has a terminal: there are no frames then, and all is stdout. */
  readonly tty?: boolean | undefined;
}

/** A process with its streams. */
export interface Attached {
  readonly frames: AsyncIterable<Frame>;
  /** Writes to its stdin. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its stdin. */
  closeWrite(): Promise<void>;
  /** Ends the connection, not the process. */
  close(): void;
}

/** What a client is made of, once the engine was asked who it is. */
export interface EngineParts {
  readonly host: EngineHost;
  readonly transport: EngineTransport;
  readonly engine: "docker" | "podman";
  readonly version: string;
  readonly apiVersion: string;
  readonly capabilities: EngineCapabilities;
}

/** JSON answers are small; more than this is none. */
const MOST_JSON_BYTES = 67_108_864;

/** An engine that can be asked. Made by `connectEngine` of `connect.ts`. */
export class EngineClient implements AsyncDisposable {
  readonly host: EngineHost;
  readonly engine: "docker" | "podman";
  /** The engine's own version; empty if it does not say. */
  readonly version: string;
  /** The version that is spoken, such as `1.41`; every request names it. */
  readonly apiVersion: string;
  readonly capabilities: EngineCapabilities;
  readonly #transport: EngineTransport;
  #hasFailed = false;

  /** Wraps a transport to an engine that is known. */
  constructor(parts: EngineParts) {
    this.host = parts.host;
    this.engine = parts.engine;
    this.version = parts.version;
    this.apiVersion = parts.apiVersion;
    this.capabilities = parts.capabilities;
    this.#transport = parts.transport;
  }

  /** The same connection as a client of its own, which says when an exchange of it begins and ends. */
  watched(begin: Begin): EngineClient {
    const { host, engine, version, apiVersion, capabilities } = this;
    const transport = watchedTransport(this.#transport, begin);
    return new EngineClient({ host, engine, version, apiVersion, capabilities, transport });
  }

  /** Whether something that was asked for was not done, or may not have been. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Which twin does the exchanges. */
  get implementation(): "native" | "pure" {
    return this.#transport.implementation;
  }

  /**
   * Asks for JSON.
   *
   * @param method The method.
   * @param path Without version: `/containers/create`; values in it by `segment()` of `target.ts`.
   * @param options The call.
   * @returns The answer; null where its body is empty.
   * @throws {AgentError} As `errors.ts` says.
   */
  async json<T>(method: Method, path: string, options: JsonCall = {}): Promise<T> {
    return await this.#told(method, path, async (operation) => {
      const response = await this.#ask(method, path, operation, jsonOf(options));
      const bytes = await readWhole(response.body, MOST_JSON_BYTES);
      if (bytes.length === 0) return null as T;
      try {
        return JSON.parse(new TextDecoder().decode(bytes)) as T;
      } catch (cause) {
        const message = `The engine at ${this.host.text} answered ${operation} with no JSON`;
        throw new AgentError("IO", message, { path: this.host.text, operation }, { cause });
      }
    });
  }

  /**
   * Makes something.
   *
   * @param path Such as `/containers/create`.
   * @param options The call.
   * @returns The engine's id of it.
   */
  async made(path: string, options: JsonCall = {}): Promise<string> {
    const answer = await this.json<{ Id?: unknown; ID?: unknown } | null>("POST", path, options);
    const id = answer?.Id ?? answer?.ID;
    if (typeof id === "string" && id !== "") return id;
    const operation = `POST ${path}`;
    const message = `The engine at ${this.host.text} answered ${operation} without the id of it`;
    throw new AgentError("IO", message, { path: this.host.text, operation });
  }

  /** Asks for a status alone; a body is passed over. */
  async empty(method: Method, path: string, options: JsonCall = {}): Promise<number> {
    return await this.#told(method, path, async (operation) => {
      const { status, body } = await this.#ask(method, path, operation, jsonOf(options));
      await readWhole(body, MOST_JSON_BYTES);
      return status;
    });
  }

  /** Asks for a head alone: the value of a field, such as `x-docker-container-path-stat`. */
  async head(path: string, field: string, options: EngineCall = {}): Promise<string | null> {
    return await this.#told("HEAD", path, async (operation) => {
      const response = await this.#ask("HEAD", path, operation, options);
      await readWhole(response.body, MOST_JSON_BYTES);
      return response.header(field);
    });
  }

  /** Asks for bytes, sent as they come. Leaving the iteration ends the exchange. */
  async *bytes(
    method: Method,
    path: string,
    options: BytesCall = {},
  ): AsyncGenerator<Uint8Array, void> {
    const operation = `${method} ${path}`;
    try {
      const { body } = await this.#ask(method, path, operation, bytesOf(options));
      yield* body;
    } catch (error) {
      throw explain(this.host, operation, error);
    }
  }

  /** Asks for JSON values, one a line, given as they come. */
  async *lines<T>(
    method: Method,
    path: string,
    options: LinesCall = {},
  ): AsyncGenerator<T, void> {
    const operation = `${method} ${path}`;
    const { body } = options;
    const isBytes = body instanceof Uint8Array ||
      (typeof body === "object" && body !== null && Symbol.asyncIterator in body);
    const call = isBytes ? bytesOf(options as BytesCall) : jsonOf(options as JsonCall);
    try {
      const response = await this.#ask(method, path, operation, call);
      yield* readLines<T>(response.body);
    } catch (error) {
      throw explain(this.host, operation, error);
    }
  }

  /** Asks for what a process writes. */
  async *frames(
    method: Method,
    path: string,
    options: FramesCall = {},
  ): AsyncGenerator<Frame, void> {
    const ask = (operation: string) => this.#ask(method, path, operation, jsonOf(options));
    const { body } = await this.#told(method, path, ask);
    yield* this.#explained(readFrames(body, options.tty === true), `${method} ${path}`);
  }

  /** Upgrades a POST to a raw stream. */
  async attach(path: string, options: FramesCall = {}): Promise<Attached> {
    return await this.#told("POST", path, async (operation) => {
      this.#allow();
      const request = this.#request("POST", path, jsonOf(options));
      const stream: EngineStream = await this.#transport.upgrade(request);
      const told = async (work: Promise<void>): Promise<void> => {
        await work.catch((error) => {
          throw explain(this.host, operation, error);
        });
      };
      return {
        frames: this.#explained(readFrames(stream.readable, options.tty === true), operation),
        write: (bytes) => told(stream.write(bytes)),
        closeWrite: () => told(stream.closeWrite()),
        close: () => stream.close(),
      };
    });
  }

  /** Ends its connections and what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }

  async *#explained(frames: AsyncIterable<Frame>, operation: string): AsyncGenerator<Frame, void> {
    try {
      yield* frames;
    } catch (error) {
      const told = explain(this.host, operation, error);
      if (told instanceof EngineError && error instanceof EngineFault) {
        told.brokeOff = error.kind === "reset";
      }
      throw told;
    }
  }

  async #told<T>(
    method: Method,
    path: string,
    work: (operation: string) => Promise<T>,
  ): Promise<T> {
    const operation = `${method} ${path}`;
    try {
      return await work(operation);
    } catch (error) {
      const told = explain(this.host, operation, error);
      if (!AgentError.is(told, "NOT_FOUND")) this.#hasFailed = true;
      throw told;
    }
  }

  async #ask(
    method: Method,
    path: string,
    operation: string,
    options: RawCall,
  ): Promise<EngineResponse> {
    this.#allow();
    const response = await this.#transport.request(this.#request(method, path, options));
    const { status } = response;
    if (method === "DELETE" && status >= 300 && status !== 404) this.#hasFailed = true;
    if ((status >= 200 && status < 300) || options.accept?.includes(status)) return response;
    throw statusError(this.host, operation, status, await readWhole(response.body, 65_536, true));
  }

  #request(method: Method, path: string, options: RawCall): EngineRequest {
    options.signal?.throwIfAborted();
    const full = target(options.apiVersion ?? this.apiVersion, path, options.query);
    const { headers, body, signal, timeoutMs } = options;
    return { method, path: full, headers, body, signal, timeoutMs };
  }

  #allow(): void {
    if (this.host.kind === "unix") allowSocket(this.host.path);
    else allowName(this.host.host, this.host.port);
  }
}

/** A call whose body is bytes and whose type of it is among the headers. */
interface RawCall extends EngineCall {
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

function jsonOf({ body, ...call }: JsonCall): RawCall {
  if (body === undefined) return call;
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const type = ["content-type", "application/json"] as const;
  return { ...call, body: bytes, headers: [...call.headers ?? [], type] };
}

function bytesOf({ contentType = "application/x-tar", ...call }: BytesCall): RawCall {
  if (call.body === undefined) return call;
  return { ...call, headers: [...call.headers ?? [], ["content-type", contentType]] };
}
