/**
 * What `pingEngine` does, apart from `mod.ts` so that importing the package does not load it: one `GET /version`, over
 * the transport of either twin.
 *
 * @module
 */

import { timeLimit, withDeadline } from "../shared/deadline.ts";
import { allowEngine, nameEngine, openTransport, withUnread } from "./engine/address.ts";
import { EngineError, explain, messageIn } from "./engine/errors.ts";
import { compareApi, NEWEST_API, noEngine, parseApiVersion } from "./engine/negotiate.ts";
import { readWhole } from "./engine/read.ts";
import type { EngineTransport } from "./engine/types.ts";
import type { EngineHost } from "./host.ts";
import type { EngineInfo, PingOptions } from "./types.ts";

const DEFAULT_TIMEOUT_MS = 5_000;
const MOST_ANSWER_BYTES = 16_777_216;
const OPERATION = "pingEngine";

/** See `pingEngine` in `mod.ts`. */
export async function askEngine(options: PingOptions): Promise<EngineInfo> {
  try {
    return await askNamed(options);
  } catch (error) {
    throw withUnread(options, error);
  }
}

async function askNamed(options: PingOptions): Promise<EngineInfo> {
  const { signal } = options;
  const named = nameEngine(options);
  const timeoutMs = timeLimit(options.timeoutMs, DEFAULT_TIMEOUT_MS);
  signal?.throwIfAborted();
  // The limit of the whole question comes first.
  const address = await allowEngine(named, timeoutMs + 1_000);
  signal?.throwIfAborted();
  let transport: EngineTransport | undefined;
  try {
    const opened = transport = await openTransport(address, options.implementation);
    return await withDeadline(
      { operation: OPERATION, timeoutMs, signal },
      (inner) => ask(opened, named.host, inner),
    );
  } catch (error) {
    throw explain(named.host, OPERATION, error);
  } finally {
    await transport?.[Symbol.asyncDispose]();
  }
}

async function ask(
  transport: EngineTransport,
  host: EngineHost,
  signal: AbortSignal,
): Promise<EngineInfo> {
  const response = await transport.request({ method: "GET", path: "/version", signal });
  const body = await readWhole(response.body, MOST_ANSWER_BYTES);
  const { status } = response;
  if ((status >= 200 && status < 300) || status === 304) {
    return { host: host.text, ...readVersion(host, body) };
  }
  throw new EngineError(
    "IO",
    `The engine at ${host.text} cannot be asked: it answered with status ${status}: ` +
      messageIn(body),
    { path: host.text, operation: OPERATION },
    status,
  );
}

/** The body of `GET /version` as the fields that are wanted. */
function readVersion(host: EngineHost, body: Uint8Array): Omit<EngineInfo, "host"> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    throw noEngine(host, "its answer is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw noEngine(host, "its answer is not a JSON object");
  }
  const fields = value as Record<string, unknown>;
  const text = (name: string): string | null => {
    const field = fields[name] ?? null;
    if (field === null || (typeof field === "string" && field.isWellFormed())) {
      return field as string | null;
    }
    throw noEngine(host, `its ${name} is not text`);
  };
  const theirs = parseApiVersion(text("ApiVersion"));
  if (theirs === undefined) throw noEngine(host, "it names no API version");
  const spoken = compareApi(theirs, NEWEST_API) < 0 ? theirs : NEWEST_API;
  return {
    apiVersion: spoken.join("."),
    version: text("Version"),
    os: text("Os"),
    arch: text("Arch"),
  };
}
