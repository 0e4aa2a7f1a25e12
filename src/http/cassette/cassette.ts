/**
 * A cassette at work: gives recorded responses, records those that are missing, or does only one of both.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { streamOf } from "../cache/recording.ts";
import { FieldList } from "../fields.ts";
import type { IncomingResponse, OutgoingRequest, Send } from "../transport/types.ts";
import { bytesOfContent, contentOf } from "./content.ts";
import { nearest } from "./difference.ts";
import type { ReadOptions } from "./access.ts";
import { keptFields, type Recorded, type RecordedRequest, requestOf } from "./recording.ts";
import { scrubUrl } from "./scrub.ts";
import { wholeBody, withTail } from "./streams.ts";
import { Tape } from "./tape.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An open cassette. */
export interface Cassette {
  /** Gives the recorded response, or sends the request on and records what comes. */
  send(request: OutgoingRequest, next: Send): Promise<IncomingResponse>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** Opens a cassette; its file is read with the first request. */
export function openCassette({ path, mode, matched }: ReadOptions): Cassette {
  const tape = new Tape(path, mode);
  const send = async (given: OutgoingRequest, next: Send): Promise<IncomingResponse> => {
    given.signal?.throwIfAborted();
    const request = await withWholeBody(given);
    const asked = requestOf(request, matched);
    await tape.load();
    // Nothing is awaited from here on until the place is taken: equal requests keep their order.
    const { recorded, place } = tape.take(asked);
    if (recorded !== undefined) return replayed(recorded, request, path);
    if (mode === "replay") throw missing(tape.recordings(), asked, path);
    // A body that stays in native memory could not be recorded.
    const response = await next({ ...request, hold: undefined });
    return await recording(response, request, (body, truncated) =>
      place({
        request: asked,
        response: {
          status: response.status,
          headers: keptFields(response.headers.entries(), request.url),
          body: contentOf(body, response.headers.get("content-type") ?? ""),
          ...(truncated ? { truncated } : {}),
        },
      }));
  };
  return { send, close: () => tape.written() };
}

/** A body that is a stream is read: it has to be compared. */
async function withWholeBody(request: OutgoingRequest): Promise<OutgoingRequest> {
  const { body } = request;
  return body instanceof ReadableStream ? { ...request, body: await wholeBody(body) } : request;
}

/** A response from the cassette. */
function replayed(
  { response }: Recorded,
  request: OutgoingRequest,
  path: string,
): IncomingResponse {
  const { status, headers, body } = response;
  const bytes = bytesOfContent(body);
  if (bytes === undefined) {
    throw new AgentError(
      "UNSUPPORTED",
      `The body of ${request.method} ${scrubUrl(request.url)} was left out of ${path}: it holds ` +
        "what looks like a secret, and bytes cannot be redacted",
      { what: "replaying a body that was left out" },
    );
  }
  const none = request.method === "HEAD" || status === 204 || status === 205 || status === 304;
  return {
    status,
    headers: new FieldList(headers),
    url: request.url.href,
    body: none ? null : request.wholeBody ? bytes : streamOf(bytes),
    attempts: 0,
    fromCache: false,
  };
}

/** A response on its way to the caller, recorded as it passes. */
async function recording(
  response: IncomingResponse,
  request: OutgoingRequest,
  record: (body: Bytes | null, truncated: boolean) => Promise<void>,
): Promise<IncomingResponse> {
  const { body } = response;
  if (!(body instanceof ReadableStream)) {
    await record(body, false);
    return response;
  }
  const { status, headers, url, attempts, fromCache } = response;
  const what = `${request.method} ${scrubUrl(request.url)}`;
  return { status, headers, url, body: withTail(body, what, record), attempts, fromCache };
}

/** The error of a request that was not recorded. */
function missing(
  recordings: Iterable<Recorded>,
  asked: RecordedRequest,
  path: string,
): AgentError<"NOT_FOUND"> {
  const what = `${asked.method} ${asked.url}`;
  const found = nearest(recordings, asked);
  const near = found === undefined
    ? "it has no recordings"
    : `the nearest one is ${found.recording.request.method} ${found.recording.request.url}, which ` +
      `differs in ${found.difference.text}`;
  return new AgentError(
    "NOT_FOUND",
    `${path} has no recording of ${what}: ${near}. Mode "auto" records what is missing`,
    { what },
  );
}
