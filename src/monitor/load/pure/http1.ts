/**
 * A connection of HTTP/1.1 that carries one request after the other, and takes no more of an answer than its length, its
 * status and whether it is whole. Bodies are counted and dropped.
 *
 * @module
 */

import { connectTcp } from "../../../shared/connect.ts";
import { type LoadJob, MOST_FIELDS, MOST_HEAD } from "../job.ts";
import type { Wire } from "./dial.ts";
import { connectFault, Fault } from "./fault.ts";
import type { Answer, Line } from "./line.ts";

const LATIN = new TextDecoder("latin1");
const BUFFER = MOST_HEAD + 4_096;
const BEGINNING = "HTTP/1.";
/** Where the end of a body is known by the connection's. */
const UNTIL_END = Infinity;

/** How an answer goes on after its head. */
interface Head {
  readonly status: number;
  /** Bytes of the body; -1 if it is in chunks. */
  readonly length: number;
  /** Whether the connection stays. */
  readonly keeps: boolean;
}

/** A line of HTTP/1.1. */
export class Line1 implements Line {
  readonly #job: LoadJob;
  readonly #request: Uint8Array<ArrayBuffer>;
  readonly #buffer = new Uint8Array(BUFFER);
  #connection: Wire | undefined;
  #from = 0;
  #to = 0;
  /** A read that waits while nobody does, by which the end of the connection is seen. */
  #reading: Promise<number | null> | undefined;
  #idle = false;
  #over = true;

  /** @param job What is sent. */
  constructor(job: LoadJob) {
    this.#job = job;
    this.#request = written(job);
  }

  async open(signal: AbortSignal): Promise<void> {
    if (!this.#over) return;
    this.close();
    this.#connection = await wireOf(this.#job, signal);
    this.#from = this.#to = 0;
    this.#reading = undefined;
    this.#over = false;
    this.#rest();
  }

  async exchange(signal: AbortSignal): Promise<Answer> {
    await this.open(signal);
    this.#idle = false;
    try {
      const connection = this.#connection!;
      // An answer may come before the request is whole, and its writing then fail.
      const sending = send(connection, this.#request).then(() => true, () => false);
      const head = await this.#head();
      const bytes = await this.#body(head);
      if (!head.keeps || !await sending) this.close();
      else this.#rest();
      return { status: head.status, bytes };
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#over = true;
    const connection = this.#connection;
    this.#connection = undefined;
    try {
      connection?.close();
    } catch {
      // Closed already: by a handshake that failed.
    }
  }

  /** Nobody waits: what comes now ends the line. */
  #rest(): void {
    const connection = this.#connection;
    // It may have been given up in the very moment in which the answer was whole.
    if (connection === undefined || this.#from < this.#to) {
      this.close();
      return;
    }
    this.#idle = true;
    this.#from = this.#to = 0;
    const reading = connection.read(this.#buffer).catch(() => null);
    this.#reading = reading;
    reading.then(() => {
      if (this.#reading === reading && this.#idle) this.close();
    });
  }

  /** Reads more behind what there is; false at the end of the connection. */
  async #more(): Promise<boolean> {
    if (this.#from === this.#to) this.#from = this.#to = 0;
    const waiting = this.#reading;
    this.#reading = undefined;
    const connection = this.#connection;
    if (connection === undefined) return false;
    const count = await (waiting ?? connection.read(this.#buffer.subarray(this.#to)))
      .catch(() => null);
    if (count === null) return false;
    this.#to += count;
    return true;
  }

  async #head(): Promise<Head> {
    for (;;) {
      this.#skipEmptyLines();
      if (!this.#mayBeHttp()) throw new Fault("protocol");
      const end = this.#endOfHead();
      if (end > 0) {
        const text = LATIN.decode(this.#buffer.subarray(this.#from, end));
        this.#from = end;
        const head = readHead(text, this.#job.method);
        if (head !== undefined) return head;
      } else if (this.#to - this.#from >= MOST_HEAD) {
        throw new Fault("too-large");
      } else {
        if (this.#from > 0) {
          this.#buffer.copyWithin(0, this.#from, this.#to);
          this.#to -= this.#from;
          this.#from = 0;
        }
        if (!await this.#more()) throw new Fault("reset");
      }
    }
  }

  /** Some servers send an end of line too many after a body. */
  #skipEmptyLines(): void {
    const buffer = this.#buffer;
    for (;;) {
      const at = buffer[this.#from] === 13 && this.#from + 1 < this.#to
        ? this.#from + 1
        : this.#from;
      if (at >= this.#to || buffer[at] !== 10) return;
      this.#from = at + 1;
    }
  }

  /** Whether what there is begins as an answer does; what never will is not waited for. */
  #mayBeHttp(): boolean {
    const length = Math.min(BEGINNING.length, this.#to - this.#from);
    for (let i = 0; i < length; i++) {
      if (this.#buffer[this.#from + i] !== BEGINNING.charCodeAt(i)) {
        // Half of an end of line.
        return i === 0 && this.#buffer[this.#from] === 13 && this.#to - this.#from === 1;
      }
    }
    return true;
  }

  /** Where the head ends, which is an empty line; 0 if it is not there yet. */
  #endOfHead(): number {
    const { buffer, to } = { buffer: this.#buffer, to: this.#to };
    for (
      let at = buffer.indexOf(10, this.#from);
      at >= 0 && at < to;
      at = buffer.indexOf(10, at + 1)
    ) {
      if (at + 1 < to && buffer[at + 1] === 10) return at + 2;
      if (at + 2 < to && buffer[at + 1] === 13 && buffer[at + 2] === 10) return at + 3;
    }
    return 0;
  }

  async #body({ length }: Head): Promise<number> {
    if (length >= 0) return await this.#take(length, 0);
    let bytes = 0;
    for (;;) {
      const size = /^([0-9a-f]{1,15})[ \t]*(?:;.*)?$/i.exec(await this.#line())?.[1];
      if (size === undefined) throw new Fault("protocol");
      const count = Number.parseInt(size, 16);
      if (count === 0) break;
      bytes = await this.#take(count, bytes);
      if (await this.#line() !== "") throw new Fault("protocol");
    }
    let fields = 0;
    while (await this.#line() !== "") if (++fields > MOST_FIELDS) throw new Fault("protocol");
    return bytes;
  }

  /** Drops so many bytes of a body; gives how many it has now. */
  async #take(length: number, before: number): Promise<number> {
    let left = length;
    let bytes = before;
    for (;;) {
      const here = Math.min(left, this.#to - this.#from);
      this.#from += here;
      left -= here;
      bytes += here;
      if (bytes > this.#job.maxBodyBytes) throw new Fault("too-large");
      if (left === 0) return bytes;
      if (!await this.#more()) {
        if (length === UNTIL_END) return bytes;
        throw new Fault("incomplete");
      }
    }
  }

  /** A line of the chunked coding. */
  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(10, this.#from);
      if (end >= 0 && end < this.#to) {
        const text = LATIN.decode(this.#buffer.subarray(this.#from, end));
        this.#from = end + 1;
        return text.replace(/\r$/, "");
      }
      this.#buffer.copyWithin(0, this.#from, this.#to);
      this.#to -= this.#from;
      this.#from = 0;
      if (this.#to >= MOST_HEAD) throw new Fault("protocol");
      if (!await this.#more()) throw new Fault("incomplete");
    }
  }
}

/** Reads a head; undefined for one that announces another. */
function readHead(text: string, method: string): Head | undefined {
  const [first = "", ...lines] = text.split(/\r?\n/).slice(0, -2);
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r]*)?$/.exec(first) ?? [];
  if (lines.length > MOST_FIELDS) throw new Fault("too-large");
  if (digits === undefined) throw new Fault("protocol");
  let keeps = minor === "1";
  let length: number | undefined;
  let coding = "";
  for (const line of lines) {
    const [, name = "", value = ""] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") throw new Fault("protocol");
    const lower = name.toLowerCase();
    if (lower === "connection") {
      const words = value.toLowerCase().split(/[ \t]*,[ \t]*/);
      if (words.includes("close")) keeps = false;
      else if (words.includes("keep-alive")) keeps = true;
    } else if (lower === "transfer-encoding") coding = value.toLowerCase();
    else if (lower === "content-length") {
      // As a list, too: proxies that join fields make one.
      for (const part of value.split(",")) {
        const digits = part.trim();
        const bytes = /^\d{1,15}$/.test(digits) ? Number(digits) : NaN;
        if (Number.isNaN(bytes) || length !== undefined && length !== bytes) {
          throw new Fault("protocol");
        }
        length = bytes;
      }
    }
  }
  const status = Number(digits);
  if (status === 101) throw new Fault("protocol");
  if (status < 200) return undefined;
  if (method === "HEAD" || status === 204 || status === 304) return { status, length: 0, keeps };
  if (/(^|,)[ \t]*chunked$/.test(coding)) return { status, length: -1, keeps };
  if (coding !== "" || length === undefined) return { status, length: UNTIL_END, keeps: false };
  return { status, length, keeps };
}

/** The request, once for all. */
function written({ method, path, authority, headers, body }: LoadJob): Uint8Array<ArrayBuffer> {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const hasLength = body.length > 0 || /^(POST|PUT|PATCH)$/.test(method);
  const length = hasLength ? `content-length: ${body.length}\r\n` : "";
  const head = new TextEncoder().encode(
    `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n${fields}${length}\r\n`,
  );
  const request = new Uint8Array(head.length + body.length);
  request.set(head);
  request.set(body, head.length);
  return request;
}

async function wireOf(job: LoadJob, signal: AbortSignal): Promise<Wire> {
  if (job.tls) {
    const { dial, SocketWire } = await import("./dial.ts");
    return new SocketWire(await dial(job, "http/1.1", signal));
  }
  const { dial, address, port } = job;
  let connection: Deno.TcpConn;
  try {
    connection = await connectTcp({ hostname: dial, port }, signal);
  } catch (error) {
    throw signal.aborted ? new Fault("timeout") : connectFault(error);
  }
  if (dial === address || connection.remoteAddr.hostname === address) {
    connection.setNoDelay();
    return connection;
  }
  connection.close();
  // The name led to an address that was not checked.
  throw new Fault("connect");
}

async function send(connection: Wire, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
