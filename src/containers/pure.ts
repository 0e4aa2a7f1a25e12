/**
 * Container engines in TypeScript, on `node:http`; defines what the twin in `native.ts` must do.
 *
 * `node:http` and not `fetch`: over a Unix socket `fetch` also wants a permission for a host that it
 * never reaches, and it may send what goes to TCP through a proxy of the environment.
 *
 * @module
 */

import type { IncomingMessage, RequestOptions } from "node:http";
import { type AllowedHost, mayDial } from "../shared/access.ts";
import { withDeadline } from "../shared/deadline.ts";
import { AgentError } from "../shared/errors.ts";
import type { EngineHost } from "./host.ts";
import type { EngineInfo } from "./types.ts";

/** The newest API version that is spoken, major and minor. The native twin has the same number. */
const CLIENT_API: readonly [number, number] = [1, 53];

/** The error's name for the operation. */
const OPERATION = "pingEngine";

/** A question to an engine that may be asked: host checked, time limit read. */
export interface Question {
  /** Where to. */
  readonly host: EngineHost;
  /** The addresses of a TCP host; undefined for a socket. */
  readonly allowed: AllowedHost | undefined;
  /** Whole milliseconds. */
  readonly timeoutMs: number;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
}

/**
 * One `GET /version`, and the API version that both sides speak.
 *
 * @param question Where to, and for how long.
 * @returns Who the engine is.
 * @throws {AgentError} `NOT_FOUND`, `IO`, `UNSUPPORTED` or `TIMEOUT`; the signal's reason.
 */
export async function ping(question: Question): Promise<EngineInfo> {
  const { host, timeoutMs, signal } = question;
  const answer = await withDeadline(
    { operation: OPERATION, timeoutMs, signal },
    (inner) => ask(question, inner),
  );
  const accepted = (answer.status >= 200 && answer.status < 300) || answer.status === 304;
  if (!accepted) {
    throw failed(host, `it answered with status ${answer.status}: ${messageIn(answer.body)}`);
  }
  return { host: host.text, ...readVersion(host, answer.body) };
}

/** The body of `GET /version` as the fields that are wanted. */
export function readVersion(host: EngineHost, body: Uint8Array): Omit<EngineInfo, "host"> {
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
    if (field === null || (typeof field === "string" && field.isWellFormed())) return field;
    throw noEngine(host, `its ${name} is not text`);
  };
  const theirs = /^(\d{1,6})\.(\d{1,6})$/.exec(text("ApiVersion") ?? "");
  if (theirs === null) throw noEngine(host, "it names no API version");
  const [major, minor] = lower([Number(theirs[1]), Number(theirs[2])], CLIENT_API);
  return {
    apiVersion: `${major}.${minor}`,
    version: text("Version"),
    os: text("Os"),
    arch: text("Arch"),
  };
}

function lower(
  a: readonly [number, number],
  b: readonly [number, number],
): readonly [number, number] {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? a : b;
}

async function ask(
  { host, allowed }: Question,
  signal: AbortSignal,
): Promise<{ status: number; body: Uint8Array }> {
  // Loaded by those who ask: its start-up is dearer than the rest of the package.
  const { get } = await import("node:http");
  return await new Promise((resolve, reject) => {
    const options: RequestOptions = {
      path: "/version",
      // A connection of its own, closed after the answer: no idle one outlives the call.
      agent: false,
      signal,
      ...(host.kind === "unix" ? { socketPath: host.path } : dial(host, allowed)),
    };
    const request = get(options, (response) => collect(response).then(resolve, refuse));
    const refuse = (error: unknown): void => reject(explain(host, error));
    request.on("error", refuse);
  });
}

/** The first checked address, or the name where only that may be dialled. */
function dial(
  host: EngineHost & { kind: "tcp" },
  allowed: AllowedHost | undefined,
): { host: string; port: number } {
  const address = allowed?.addresses[0];
  const literal = address !== undefined && mayDial(address, host.port);
  return { host: literal ? address : host.host, port: host.port };
}

async function collect(response: IncomingMessage): Promise<{ status: number; body: Uint8Array }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response) pieces.push(piece as Uint8Array);
  if (!response.complete) throw new Error("the answer ended early");
  return {
    status: response.statusCode ?? 0,
    body: new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
  };
}

function messageIn(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}

/** What a failure of the transport means to the caller. */
function explain(host: EngineHost, error: unknown): AgentError {
  if (host.kind === "unix" && (error as { code?: string }).code === "ENOENT") {
    return new AgentError(
      "NOT_FOUND",
      `There is no socket at ${host.path}; start the engine, or name its host`,
      { what: host.path },
      { cause: error },
    );
  }
  return failed(host, error instanceof Error ? error.message : String(error), error);
}

function failed(host: EngineHost, why: string, cause?: unknown): AgentError<"IO"> {
  return new AgentError(
    "IO",
    `The engine at ${host.text} cannot be asked: ${why}`,
    { path: host.text, operation: OPERATION },
    { cause },
  );
}

function noEngine(host: EngineHost, why: string): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `What answers at ${host.text} is not a container engine: ${why}`,
    { what: host.text },
  );
}
