/**
 * A body as a stream: the engine sends as many pieces ahead as the stream has room for.
 *
 * @module
 */

import type { Flow } from "../../../native/ring.ts";
import { TransportFault } from "../fault.ts";

/** Pieces of at most 60 KiB that may wait to be read. */
const AHEAD = 4;

/** A body on its way. */
export class StreamedBody {
  /** What its reader sees. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #flow: Flow;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Pieces that were allowed and have not come. */
  #allowed = 0;
  #isOver = false;
  #fault: TransportFault | undefined;

  /** Begins; `flow` is that of the exchange. */
  constructor(flow: Flow) {
    this.#flow = flow;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        this.#allow();
      },
      pull: () => this.#fault === undefined ? this.#allow() : this.#break(this.#fault),
      cancel: () => {
        this.#isOver = true;
        flow.cancel(new TransportFault("reset", "the body was given up"));
      },
    }, { highWaterMark: AHEAD });
  }

  /** Takes a piece; the view is good during the call only. */
  piece(piece: Uint8Array): void {
    this.#allowed--;
    if (this.#isOver) return;
    this.#controller.enqueue(piece.slice() as Uint8Array<ArrayBuffer>);
    this.#allow();
  }

  /** It is whole. */
  end(): void {
    if (!this.#isOver) this.#controller.close();
    this.#isOver = true;
  }

  /** It is not going to be whole. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (reason instanceof TransportFault) this.#break(reason);
    else this.#controller.error(reason);
  }

  /** Fails when what came before was read: a stream that fails forgets what is in it. */
  #break(fault: TransportFault): void {
    this.#fault = fault;
    if (this.#controller.desiredSize === AHEAD) this.#controller.error(fault);
  }

  #allow(): void {
    const more = (this.#controller.desiredSize ?? 0) - this.#allowed;
    if (more <= 0 || this.#isOver) return;
    this.#allowed += more;
    this.#flow.grant(more);
  }
}
