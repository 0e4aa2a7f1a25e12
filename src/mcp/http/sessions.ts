/**
 * Sessions of the 2025 revisions: each has a server of its own, which can ask its client, and ends when it is not used.
 *
 * @module
 */

import type { Server, ServerFactory, ServerSdk } from "../sdk.ts";
import { MOST_BODY } from "./body.ts";
import { SessionEvents } from "./events.ts";
import { refused } from "./guard.ts";

/** One session. */
interface Session {
  readonly transport: InstanceType<ServerSdk["WebStandardStreamableHTTPServerTransport"]>;
  readonly server: { close(): Promise<void> };
  used: number;
}

/** Bounds on sessions. */
export interface SessionBounds {
  /** At the same time. */
  readonly most: number;
  /** Unused, in milliseconds. */
  readonly idleMs: number;
}

/** All of them. */
export class Sessions {
  readonly #sdk: ServerSdk;
  readonly #factory: ServerFactory;
  readonly #bounds: SessionBounds;
  /** The one unused for longest first. */
  readonly #open = new Map<string, Session>();
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(sdk: ServerSdk, factory: ServerFactory, bounds: SessionBounds) {
    this.#sdk = sdk;
    this.#factory = factory;
    this.#bounds = bounds;
  }

  /** Answers a request of such a client. */
  async fetch(request: Request, parsedBody: unknown): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) {
      if (!this.#sdk.isInitializeRequest(parsedBody)) {
        return refused(400, "begin with initialize, and send the Mcp-Session-Id that it gives");
      }
      const { transport } = await this.#begin();
      return await transport.handleRequest(request, { parsedBody });
    }
    const session = this.#open.get(id);
    // Clients begin anew when they are told that theirs is gone.
    if (session === undefined) {
      return refused(404, "the session has ended: begin with initialize", {}, -32001);
    }
    this.#open.delete(id);
    session.used = Date.now();
    this.#open.set(id, session);
    return await session.transport.handleRequest(
      request,
      parsedBody === undefined ? {} : { parsedBody },
    );
  }

  /** Ends all. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map(({ server }) => server.close()));
  }

  async #begin(): Promise<Session> {
    const server = await this.#factory({ era: "legacy" }) as Server;
    const transport = new this.#sdk.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: new SessionEvents(),
      maxRequestBodySize: MOST_BODY,
      onsessioninitialized: (id) => {
        this.#open.set(id, session);
        this.#sweep();
      },
      onsessionclosed: (id) => {
        this.#open.delete(id);
      },
    });
    const session: Session = { transport, server, used: Date.now() };
    await server.connect(transport);
    return session;
  }

  /** Ends what was not used for long, and what is too much; looks again from time to time while there are some. */
  #sweep(): void {
    const { most, idleMs } = this.#bounds;
    const before = Date.now() - idleMs;
    for (const [id, session] of this.#open) {
      if (this.#open.size <= most && session.used > before) break;
      this.#open.delete(id);
      session.server.close().catch(() => undefined);
    }
    if (this.#open.size === 0) {
      clearInterval(this.#sweeping);
      this.#sweeping = undefined;
    } else if (this.#sweeping === undefined) {
      this.#sweeping = setInterval(() => this.#sweep(), Math.min(idleMs, 30_000));
      Deno.unrefTimer(this.#sweeping);
    }
  }
}
