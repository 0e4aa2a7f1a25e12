/**
 * One queue of a queue file whose truth is with the native thread of that file: see `rust/areas/queue/src/file`.
 *
 * @module
 */

import {
  queueFileClose,
  queueFileOpen,
  queueFileRun,
  queueFileSync,
  queueFileWait,
  queueFileWake,
} from "../../../native/generated/queue.ts";
import { NativeHandle } from "../../../native/handle.ts";
import { otherTwin } from "../../../shared/database_claims.ts";
import { AgentError } from "../../../shared/errors.ts";
import { cannotUse, foreign, newer, translate } from "../failures.ts";
import type { Location } from "../location.ts";
import { SCHEMA_VERSION } from "../sql.ts";
import type { Outcome, Session, SessionOptions, Unit } from "../units.ts";
import { decode, encode, type RawFailure } from "./wire.ts";

/** A queue. */
export class NativeSession extends NativeHandle implements Session {
  readonly implementation = "native";
  readonly #named: string;
  #call: (() => void) | undefined;
  #waiting = false;
  #closing: Promise<void> | undefined;

  /** Opens a queue of a file, which is made where there is none. */
  constructor({ named, path }: Location, options: SessionOptions) {
    const { name, leaseMs, doneMs, doneCount } = options;
    let handle: number;
    try {
      handle = queueFileOpen(path, name, leaseMs, doneMs, doneCount);
    } catch (error) {
      throw fromNative(error, named);
    }
    super("core-utils", handle, "queue");
    this.#named = named;
  }

  async run(units: readonly Unit[], now: number): Promise<Outcome> {
    const { numbers, strings } = encode(units);
    const failure = (raw: RawFailure): unknown => fromRaw(raw, this.#named);
    try {
      return await queueFileRun(
        this.handle,
        now,
        numbers,
        strings,
        (payload) => decode(payload, units, failure),
      );
    } catch (error) {
      throw fromNative(error, this.#named);
    }
  }

  async sync(): Promise<void> {
    try {
      await queueFileSync(this.handle);
    } catch (error) {
      throw fromNative(error, this.#named);
    }
  }

  changed(call: () => void): () => void {
    this.#call = call;
    this.#wait();
    return () => {
      if (this.#call !== call) return;
      this.#call = undefined;
      if (this.#waiting && !this.closed) queueFileWake(this.handle);
    };
  }

  #wait(): void {
    if (this.#waiting || this.#closing !== undefined) return;
    this.#waiting = true;
    queueFileWait(this.handle).catch(() => {
      // The thread ended, or the isolate does; requests say why.
    }).finally(() => {
      this.#waiting = false;
      const call = this.#call;
      this.#call = undefined;
      call?.();
    });
  }

  override close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#call = undefined;
    try {
      await queueFileClose(this.handle);
    } finally {
      super.close();
    }
  }
}

/** An error of the boundary: what the file refused comes as three lines. */
function fromNative(error: unknown, named: string): unknown {
  if (!AgentError.is(error, "IO")) return error;
  const [kind = "", code = "0", ...message] = error.message.split("\n");
  return fromRaw({ kind, code: Number(code), message: message.join("\n") }, named);
}

function fromRaw({ kind, code, message }: RawFailure, named: string): unknown {
  switch (kind) {
    case "foreign":
      return foreign(named, "a database of another program");
    case "newer":
      return newer(named, code, SCHEMA_VERSION);
    case "taken":
      return otherTwin(named, "pure");
    case "system":
      return code === 1
        ? translate(new Deno.errors.PermissionDenied(message), named)
        : cannotUse(named, message);
    default:
      return translate(Object.assign(new Error(message), { errcode: code }), named);
  }
}
