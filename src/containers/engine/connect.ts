/**
 * Connects to an engine: finds it, asks who it is, settles the version that is spoken.
 *
 * @module
 */

import { checkOptions } from "../../shared/arguments.ts";
import { timeLimit, withDeadline } from "../../shared/deadline.ts";
import {
  type AddressOptions,
  allowEngine,
  nameEngine,
  openTransport,
  withUnread,
} from "./address.ts";
import { readCapabilities } from "./capabilities.ts";
import { EngineClient } from "./client.ts";
import { explain, statusError } from "./errors.ts";
import type { EngineHost } from "../host.ts";
import { negotiate, noEngine, parseApiVersion, readPing } from "./negotiate.ts";
import { readWhole } from "./read.ts";
import type { EngineAddress, EngineTransport } from "./types.ts";
import type { WireInfo, WireVersion } from "./wire.ts";

/** Options of {@linkcode connectEngine}. */
export interface ConnectOptions extends AddressOptions {
  /** Milliseconds until connecting is given up. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Ends the attempt early. */
  signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** An engine that is gone is an error within this. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Connects to an engine.
 *
 * @param options Which engine, by which twin.
 * @returns A client, which must be disposed.
 * @throws {AgentError} `NOT_FOUND` if there is no engine; `PERMISSION`; `IO`; `TIMEOUT`; `UNSUPPORTED` if what answers is
 * no engine, or one of an API that is too old or too new.
 */
export async function connectEngine(options: ConnectOptions = {}): Promise<EngineClient> {
  checkOptions(options);
  try {
    return await connectNamed(options);
  } catch (error) {
    throw withUnread(options, error);
  }
}

async function connectNamed(options: ConnectOptions): Promise<EngineClient> {
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  const address = await allowEngine(nameEngine(options), CONNECT_TIMEOUT_MS);
  options.signal?.throwIfAborted();
  let transport: EngineTransport | undefined;
  try {
    const opened = transport = await openTransport(address, options.implementation);
    return await withDeadline(
      { operation: "connectEngine", timeoutMs, signal: options.signal },
      (signal) => greet(address, opened, signal),
    );
  } catch (error) {
    await transport?.[Symbol.asyncDispose]();
    throw explain(address.host, "GET /_ping", error);
  }
}

async function greet(
  { host }: EngineAddress,
  transport: EngineTransport,
  signal: AbortSignal,
): Promise<EngineClient> {
  const ask = async (path: string) => {
    const response = await transport.request({ method: "GET", path, signal });
    const body = await readWhole(response.body, 16_777_216);
    if (response.status === 200) return { response, body };
    if (path === "/_ping" && response.status < 500 && ![401, 403].includes(response.status)) {
      throw noEngine(host, `it answers GET ${path} with status ${response.status}`);
    }
    throw statusError(host, `GET ${path}`, response.status, body);
  };
  const { engine, newest, version: own } = readPing(host, (await ask("/_ping")).response);
  // Podman has told its version, and refuses none of ours; asked more it looks up the packages of its programs first.
  const version: Partial<WireVersion> = own === undefined
    ? parsed<WireVersion>(host, (await ask("/version")).body)
    : { Version: own };
  const apiVersion = negotiate(host, newest, parseApiVersion(version.MinAPIVersion));
  const info = parsed<WireInfo>(host, (await ask(`/v${apiVersion}/info`)).body);
  return new EngineClient({
    host,
    transport,
    engine,
    version: version.Version ?? "",
    apiVersion,
    capabilities: readCapabilities(info, engine),
  });
}

function parsed<T extends object>(host: EngineHost, body: Uint8Array): Partial<T> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value === "object" && value !== null) return value as Partial<T>;
  } catch {
    // Said below.
  }
  throw noEngine(host, "its answer is no JSON object");
}
