/**
 * The transport in Rust, on bollard: twin of `pure.ts`, which says what it must do. Permissions and names are settled
 * before; the library gets a socket's path or literal addresses.
 *
 * @module
 */

import { authority } from "../../shared/access.ts";
import { containersEngine, containersExchange } from "../../native/generated/containers.ts";
import { NativeHandle } from "../../native/handle.ts";
import type { Flow, SubmitOptions } from "../../native/ring.ts";
import { EngineFault, RefusedUpgrade } from "./errors.ts";
import { AHEAD, NativeBody } from "./native/body.ts";
import { NativeUpload } from "./native/upload.ts";
import { type NativeHead, readEnd, readNativeHead } from "./native/wire.ts";
import { readWhole } from "./read.ts";
import { trustOf } from "./trust.ts";
import type {
  EngineAddress,
  EngineRequest,
  EngineResponse,
  EngineStream,
  EngineTransport,
} from "./types.ts";

/** Connections that are kept for the next exchange; as in the pure twin. */
const MOST_IDLE = 8;
/** What is kept of the body of an upgrade that was refused; as in the pure twin. */
const MOST_REFUSAL_BYTES = 65_536;
const NOTHING = new Uint8Array(0);

/** Opens a transport; nothing is connected before the first exchange. */
export async function openNativeTransport(address: EngineAddress): Promise<EngineTransport> {
  const { host, allowed, tls, connectTimeoutMs } = address;
  const trust = tls === undefined ? null : await trustOf();
  const settings = {
    ...(host.kind === "unix" ? { path: host.path, authority: "localhost" } : {
      addresses: allowed?.addresses ?? [],
      port: host.port,
      authority: authority(host.host, host.port),
    }),
    tls: host.kind === "tcp" && trust !== null ? { name: host.host, ...trust, ...tls } : null,
    connectMs: connectTimeoutMs,
    mostIdle: MOST_IDLE,
  };
  try {
    return new NativeTransport(containersEngine(JSON.stringify(settings)));
  } catch (error) {
    // The pure twin finds out when it connects; the callers' error is the same.
    if (tls === undefined || !(error instanceof TypeError)) throw error;
    throw new EngineFault("tls", error.message);
  }
}

/** An exchange under way. */
interface Running {
  readonly head: NativeHead;
  readonly body: NativeBody;
}

class NativeTransport extends NativeHandle implements EngineTransport {
  readonly implementation = "native";
  readonly #flows = new Set<(reason: unknown) => void>();

  constructor(handle: number) {
    super("container-orchestrator", handle, "connection to the container engine");
  }

  async request(request: EngineRequest): Promise<EngineResponse> {
    const { body } = request;
    const isStream = body !== undefined && !(body instanceof Uint8Array);
    const upload = isStream ? new NativeUpload() : undefined;
    const send = upload === undefined
      ? undefined
      : (fail: (reason: unknown) => void) => upload.run(body as AsyncIterable<Uint8Array>, fail);
    const running = await this.#start(request, upload, send, false);
    return {
      status: running.head.status,
      header: (name) => running.head.fields.get(name.toLowerCase()) ?? null,
      body: running.body,
    };
  }

  async upgrade(request: EngineRequest): Promise<EngineStream> {
    const headers = [
      ...request.headers ?? [],
      ["connection", "Upgrade"],
      ["upgrade", "tcp"],
    ] as const;
    const upload = new NativeUpload();
    const { head, body } = await this.#start({ ...request, headers }, upload, undefined, true);
    if (head.status !== 101) {
      // A stream that was not asked for has no end that could be waited for.
      const words = head.status === 200 ? NOTHING : await readWhole(body, MOST_REFUSAL_BYTES, true);
      await body.return();
      throw new RefusedUpgrade(head.status, words);
    }
    return {
      readable: body,
      write: (bytes) => upload.writeAll(bytes),
      closeWrite: () => upload.end(),
      close: () => void body.return(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new EngineFault("closed", "the transport was closed");
    for (const end of [...this.#flows]) end(reason);
    this.close();
    // What was told to stop has stopped in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  #start(
    request: EngineRequest,
    upload: NativeUpload | undefined,
    send: ((fail: (reason: unknown) => void) => void) | undefined,
    upgrades: boolean,
  ): Promise<Running> {
    const { signal, timeoutMs } = request;
    return new Promise<Running>((resolve, reject) => {
      if (this.closed) throw new EngineFault("closed", "the transport was closed");
      signal?.throwIfAborted();
      let body: NativeBody | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let flow: Flow;
      const end = (reason: unknown): void => {
        body?.fail(reason);
        flow.cancel(reason);
      };
      const options: SubmitOptions = {
        credit: AHEAD + 1,
        onStart: (started) => {
          flow = started;
          this.#flows.add(end);
          if (timeoutMs !== undefined) {
            const fault = new EngineFault("head-timeout", String(timeoutMs));
            timer = setTimeout(() => end(fault), timeoutMs);
          }
          signal?.addEventListener("abort", abort, { once: true });
          send?.(end);
        },
        onPiece: (piece) => {
          if (body !== undefined) return body.piece(piece);
          clearTimeout(timer);
          body = new NativeBody(flow, new EngineFault("reset", "the answer was given up"));
          resolve({ head: readNativeHead(piece), body });
        },
      };
      const abort = (): void => end(signal!.reason);
      containersExchange(
        this.handle,
        orderOf(request),
        request.body instanceof Uint8Array ? request.body : NOTHING,
        request.body instanceof Uint8Array,
        upload?.handle ?? 0,
        upgrades,
        readEnd,
        options,
      ).then(
        () => body?.end(),
        (reason) => body === undefined ? reject(reason) : body.end({ reason }),
      ).finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#flows.delete(end);
        upload?.stop();
      });
    }).catch((error) => {
      upload?.stop();
      throw error;
    });
  }
}

/** What the library is told: see `Order` in `rust/areas/containers/src/order.rs`. */
function orderOf({ method, path, headers = [] }: EngineRequest): string {
  return [`${method}\n${path}`, ...headers.map(([name, value]) => `${name}:${value}`)].join("\n");
}
