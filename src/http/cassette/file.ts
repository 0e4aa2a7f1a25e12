/**
 * The file of a cassette: JSON in a stable order, mode 0600, written beside and renamed, so that there is always a whole
 * one. Links are not followed. Believes nothing that it reads.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { bytesOfContent, type Content, order } from "./content.ts";
import { parseJson } from "./json.ts";
import { keyOf, type Recorded } from "./recording.ts";

const FORMAT = "agent-cassette";
const VERSION = 1;
/** The largest file that is read. */
const MOST_BYTES = 256 * 2 ** 20;

/** The recordings of a file; undefined if there is no file. */
export async function readCassette(path: string): Promise<Recorded[] | undefined> {
  let text: string;
  try {
    const info = await Deno.lstat(path);
    refuseOdd(path, info);
    if (info.size > MOST_BYTES) {
      throw new AgentError(
        "TOO_LARGE",
        `The cassette ${path} has ${info.size} bytes; at most ${MOST_BYTES} are read`,
        { what: "the cassette", size: info.size, limit: MOST_BYTES },
      );
    }
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, path, "read");
  }
  return parse(text, path);
}

function refuseOdd(path: string, info: Deno.FileInfo): void {
  if (info.isFile) return;
  const what = info.isSymlink ? "a link, which is not followed" : "no file";
  throw new AgentError("IO", `The cassette ${path} is ${what}; name the file itself`, {
    path,
    operation: "open",
  });
}

/** Writes all recordings, in the place of what the file had. */
export async function writeCassette(path: string, recordings: readonly Recorded[]): Promise<void> {
  const keyed = recordings.map((each): [string, Recorded] => [keyOf(each.request), each]);
  // Equal requests stay in the order in which they were sent.
  const list = keyed.sort(([a], [b]) => order(a, b)).map(([, { request, response }]) => ({
    request: {
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers).sort(([a], [b]) => order(a, b))),
    },
    response,
  }));
  const text = `${
    JSON.stringify({ format: FORMAT, version: VERSION, recordings: list }, null, 2)
  }\n`;
  const partial = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const old = await Deno.lstat(path).catch(() => undefined);
    if (old !== undefined) refuseOdd(path, old);
    try {
      using file = await Deno.open(partial, { write: true, createNew: true, mode: 0o600 });
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      throw error;
    }
    await Deno.rename(partial, path).catch(async (error) => {
      await Deno.remove(partial).catch(() => {});
      throw error;
    });
  } catch (error) {
    throw fileError(error, path, "write");
  }
}

function fileError(error: unknown, path: string, operation: string): unknown {
  if (AgentError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
    const permission = operation === "read" ? "read" : "write";
    return new AgentError(
      "PERMISSION",
      `The cassette ${path} cannot be ${operation === "read" ? "read" : "written"}: ${message}`,
      { permission, target: path },
      { cause: error },
    );
  }
  return new AgentError("IO", `The cassette ${path} failed to ${operation}: ${message}`, {
    path,
    operation,
  }, { cause: error });
}

function parse(text: string, path: string): Recorded[] {
  const corrupt = (what: string): AgentError =>
    new AgentError("CORRUPT", `The cassette ${path} ${what}; record it anew`, { path });
  const read = parseJson(text);
  if (read === undefined) throw corrupt("is not JSON");
  const file: unknown = read.json;
  if (!isObject(file) || file["format"] !== FORMAT) throw corrupt("is no cassette");
  if (file["version"] !== VERSION) {
    throw corrupt(`is of version ${String(file["version"]).slice(0, 20)}, and ${VERSION} is read`);
  }
  if (!Array.isArray(file["recordings"])) throw corrupt("has no recordings");
  return file["recordings"].map((each, i) => {
    if (!isRecorded(each)) throw corrupt(`has something else than a recording at ${i}`);
    return each;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecorded(value: unknown): value is Recorded {
  if (!isObject(value) || !isObject(value["request"]) || !isObject(value["response"])) return false;
  const { method, url, headers, body } = value["request"];
  const { status, headers: fields, body: content, truncated } = value["response"];
  return typeof method === "string" && typeof url === "string" && isObject(headers) &&
    Object.values(headers).every((field) => typeof field === "string") && isContent(body) &&
    Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599 &&
    Array.isArray(fields) && fields.every(isField) && isContent(content) &&
    (truncated === undefined || truncated === true);
}

function isField(value: unknown): boolean {
  return isPair(value) && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(value[0]) && !/[\0\r\n]/.test(value[1]);
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 &&
    value.every((each) => typeof each === "string");
}

function isContent(value: unknown): value is Content {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const known = "json" in value || typeof value["text"] === "string" ||
    typeof value["base64"] === "string" ||
    Array.isArray(value["form"]) && value["form"].every(isPair) ||
    typeof value["omitted"] === "string" && typeof value["bytes"] === "number";
  if (!known) return false;
  try {
    bytesOfContent(value as Content);
    return true;
  } catch {
    return false;
  }
}
