/**
 * Connections of HTTP/2, on `node:http2`: each carries the requests of several workers.
 *
 * @module
 */

import type http2 from "node:http2";
import { nodeHttp2 } from "../../../shared/builtin.ts";
import { type LoadJob, MOST_HEAD } from "../job.ts";
import { dial } from "./dial.ts";
import { Fault } from "./fault.ts";
import type { Answer, Line } from "./line.ts";

/** A connection that workers share. */
export class Connection2 {
  readonly #job: LoadJob;
  #session: http2.ClientHttp2Session | undefined;
  #opening: Promise<http2.ClientHttp2Session> | undefined;

  /** @param job What is sent. */
  constructor(job: LoadJob) {
    this.#job = job;
  }

  /** The connection, made if there is none. */
  session(signal: AbortSignal): Promise<http2.ClientHttp2Session> {
    const session = this.#session;
    if (session !== undefined && !session.closed && !session.destroyed) {
      return Promise.resolve(session);
    }
    return this.#opening ??= this.#open(signal).finally(() => this.#opening = undefined);
  }

  async #open(signal: AbortSignal): Promise<http2.ClientHttp2Session> {
    const { authority, tls: isTls } = this.#job;
    const socket = await dial(this.#job, "h2", signal);
    const session = nodeHttp2().connect(`${isTls ? "https" : "http"}://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: MOST_HEAD },
    });
    // Its error comes out at the requests too.
    session.on("error", () => {});
    return this.#session = session;
  }

  /** Ends it. */
  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }
}

/** A worker's part of a connection of HTTP/2. */
export class Line2 implements Line {
  readonly #job: LoadJob;
  readonly #connection: Connection2;
  #stream: http2.ClientHttp2Stream | undefined;

  /**
   * @param job What is sent.
   * @param connection The connection.
   */
  constructor(job: LoadJob, connection: Connection2) {
    this.#job = job;
    this.#connection = connection;
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#connection.session(signal);
  }

  async exchange(signal: AbortSignal): Promise<Answer> {
    const session = await this.#connection.session(signal);
    const { method, path, authority, tls: isTls, headers, body, maxBodyBytes } = this.#job;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    let stream: http2.ClientHttp2Stream;
    try {
      stream = session.request({
        ":method": method,
        ":path": path,
        ":scheme": isTls ? "https" : "http",
        ":authority": authority,
        ...Object.fromEntries(headers),
        ...(body.length > 0 && { "content-length": String(body.length) }),
      }, { endStream: body.length === 0 });
    } catch {
      throw new Fault("reset");
    }
    this.#stream = stream;
    // One that the server lets wait for its turn tells nothing when it is closed.
    const abort = (): void => reject(new Fault("timeout"));
    signal.addEventListener("abort", abort, { once: true });
    let status = 0;
    let bytes = 0;
    let isWhole = false;
    const broken = (): Fault => new Fault(status === 0 ? "reset" : "incomplete");
    stream.on("response", (fields) => status = Number(fields[":status"] ?? 0));
    stream.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) return;
      reject(new Fault("too-large"));
      stream.close(nodeHttp2().constants.NGHTTP2_CANCEL);
    });
    stream.on("end", () => isWhole = true);
    stream.on("error", ({ code }: { code?: string }) =>
      // That of the connection: what came on it is not HTTP/2.
      reject(code === "ERR_HTTP2_ERROR" ? new Fault("protocol") : broken()));
    stream.on("close", () => {
      const isFine = isWhole && status > 0 &&
        stream.rstCode === nodeHttp2().constants.NGHTTP2_NO_ERROR;
      if (isFine) resolve({ status, bytes });
      else reject(broken());
    });
    if (body.length > 0) stream.end(body);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  close(): void {
    this.#stream?.close(nodeHttp2().constants.NGHTTP2_CANCEL);
    this.#stream = undefined;
  }
}
