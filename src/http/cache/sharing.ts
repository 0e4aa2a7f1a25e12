/**
 * Exchanges of the cache with the server: one for equal requests at once, which others join where its response is for
 * them too; and those behind the callers, which renew what was served stale.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { AgentError } from "../../shared/errors.ts";
import { within } from "../client/waiting.ts";
import type { IncomingResponse, OutgoingRequest } from "../transport/types.ts";
import { exchange, type ExchangeContext, type Outcome } from "./exchange.ts";
import { Flight, landed, type Landing, NOTHING } from "./flight.ts";
import { Recording } from "./recording.ts";
import type { Variant } from "./record.ts";
import { isWhole, served, withBody } from "./serve.ts";
import { isFor } from "./store.ts";
import { wholeDigest } from "./vary.ts";
import { judge, mayServeOnError, type Wish } from "./wish.ts";

/** How many addresses are remembered whose last response could not be shared. */
const MOST_UNSHARED = 1_000;

/** The longest body of a redirect that is read for the cache alone. */
const REDIRECT_BYTES = 65_536;

/** A request that what is stored does not answer. */
export interface Asking {
  /** The key of its entry. */
  readonly key: string;
  readonly request: OutgoingRequest;
  readonly wish: Wish;
  /** What is stored for it. */
  readonly found: Variant | undefined;
}

/** Who takes part in an exchange, and how it is told. */
interface Plan {
  readonly key: string;
  readonly flight: Flight | undefined;
  /** Whether what is stored was not made invalid meanwhile. */
  readonly current: () => boolean;
  /** Called when nothing more can be shared or stored; more than once does no harm. */
  readonly over: () => void;
  /** Who began it wants no more. */
  readonly release: (reason?: unknown) => void;
  /** The signal of who began it. */
  readonly signal: AbortSignal | undefined;
}

/** The exchanges of one cache. */
export class Exchanges {
  readonly #context: ExchangeContext;
  readonly #most: number;
  readonly #closing: AbortSignal;
  readonly #behind = new Set<Promise<void>>();
  readonly #flights = new Map<string, Flight>();
  /** Keys whose last response could not be shared: waiting for the next one would only take time. */
  readonly #unshared = new Set<string>();

  /** Keeps bodies of at most `most` bytes; `closing` ends what goes on behind the callers. */
  constructor(context: ExchangeContext, most: number, closing: AbortSignal) {
    this.#context = context;
    this.#most = most;
    this.#closing = closing;
  }

  /** Waits for what goes on behind the callers. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#behind);
  }

  /** Joins an exchange that is under way for the same, or begins one. */
  async ask(asking: Asking): Promise<IncomingResponse> {
    const { key, request, wish } = asking;
    // Who wants the server's own word now does not take what another one was told.
    if (!wish.validate && !wish.reload && wish.maxAge === undefined) {
      // Where another request's response is not for this one, equal ones may still share.
      for (const name of [() => key, () => `${key}:${wholeDigest(request.headers)}`]) {
        if (this.#unshared.has(key)) break;
        const flight = this.#flights.get(name());
        if (flight === undefined || flight.over) return await this.#lead(name(), asking);
        const response = await this.#join(flight, asking);
        if (response !== undefined) return response;
      }
    }
    return await this.#fly(asking, {
      ...{ flight: undefined, signal: request.signal },
      ...{ over: () => {}, release: () => {} },
    });
  }

  /** Renews a stored response that was served stale, behind who got it. */
  renew(asking: Asking): void {
    const { key, request } = asking;
    if (this.#flights.has(key) || this.#closing.aborted) return;
    const flight = new Flight();
    const over = this.#register(key, flight);
    const release = flight.want();
    const stop = (): void => release(this.#closing.reason);
    this.#closing.addEventListener("abort", stop, { once: true });
    const { call } = request;
    // It takes its own time, and is of no batch.
    const own = call && { ...call, deadline: performance.now() + call.timeoutMs, batch: undefined };
    const renewing = { ...request, call: own, signal: flight.signal, wholeBody: false };
    const signal = undefined;
    const run = async (): Promise<void> => {
      try {
        const plan = { flight, over, release: () => {}, signal };
        const { body } = await this.#fly({ ...asking, request: renewing }, plan);
        const { recording, whole } = await flight.landing;
        recording?.hurry();
        await whole;
        if (body instanceof ReadableStream) await body.cancel();
      } catch {
        // Who asks when the stale response may not be served any more will see the error.
      } finally {
        this.#closing.removeEventListener("abort", stop);
        this.#behind.delete(work);
      }
    };
    const work = run();
    this.#behind.add(work);
  }

  /** What another request's exchange brings, if it is for this one too. */
  #join(flight: Flight, asking: Asking): Promise<IncomingResponse | undefined> {
    // The caller waits no longer than for an exchange of his own.
    return flight.wanted(() => within(this.#share(flight, asking), asking.request, this.#closing));
  }

  async #share(flight: Flight, { request, wish }: Asking): Promise<IncomingResponse | undefined> {
    const { now } = this.#context;
    let landing: Landing;
    try {
      landing = await flight.landing;
    } catch (error) {
      // The time that was over was another caller's.
      if (AgentError.is(error, "TIMEOUT") && error.details.operation === "request") {
        return undefined;
      }
      throw error;
    }
    const { variant } = landing;
    if (variant === undefined || !isFor(variant, request)) return undefined;
    const usable = landing.failed
      ? mayServeOnError(variant, wish, now())
      : judge(variant, wish, now()) !== "validate";
    if (!usable) return undefined;
    landing.recording?.hurry();
    const whole = await landing.whole;
    return whole === undefined ? undefined : served(whole, request, 0, now());
  }

  /** An exchange that others may join. */
  async #lead(name: string, asking: Asking): Promise<IncomingResponse> {
    const { signal } = asking.request;
    const flight = new Flight();
    const over = this.#register(name, flight);
    const release = flight.want();
    const request = { ...asking.request, signal: flight.signal };
    const work = this.#fly({ ...asking, request }, { flight, over, release, signal });
    try {
      return await unlessAborted(work, signal);
    } catch (error) {
      release(signal?.aborted ? signal.reason : undefined);
      // Others may still want its body; whoever began it does not.
      work.then(({ body }) => body instanceof ReadableStream ? body.cancel() : undefined)
        .catch(() => {});
      throw error;
    }
  }

  #register(name: string, flight: Flight): () => void {
    this.#flights.set(name, flight);
    return () => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    };
  }

  /** Does the exchange, tells those who wait, and stores. */
  async #fly(asking: Asking, how: Omit<Plan, "key" | "current">): Promise<IncomingResponse> {
    const { key, request } = asking;
    const { flight } = how;
    const work = this.#context.store.begin(key);
    const over = (): void => {
      work.end();
      how.over();
    };
    try {
      const outcome = await exchange(this.#context, { ...asking, current: work.current });
      this.#remember(key, outcome);
      if (outcome.kind === "stored") {
        flight?.land(landed(outcome.variant, outcome.failed));
        over();
        how.release();
        return served(outcome.variant, request, outcome.attempts, this.#context.now());
      }
      const variant = outcome.kind === "keep" ? outcome.variant : undefined;
      const plan = { ...how, key, over, current: work.current };
      return await this.deliver(outcome.response, variant, plan);
    } catch (error) {
      flight?.crash(error);
      over();
      throw error;
    }
  }

  /** Hands a response on, and keeps its body meanwhile if there is a variant to keep. */
  async deliver(
    response: IncomingResponse,
    variant: Variant | undefined,
    plan: Plan,
  ): Promise<IncomingResponse> {
    const { flight, over, release } = plan;
    const { body } = response;
    const whole = Promise.withResolvers<Variant | undefined>();
    const finish = async (bytes: Uint8Array<ArrayBuffer> | undefined): Promise<void> => {
      try {
        if (variant === undefined || bytes === undefined || !isWhole(response, bytes)) return;
        const complete = { ...variant, body: bytes };
        const { store, now } = this.#context;
        if (plan.current()) await store.put(plan.key, complete, now());
        whole.resolve(complete);
      } finally {
        whole.resolve(undefined);
        over();
      }
    };
    const landing = (recording?: Recording): Landing =>
      variant === undefined ? NOTHING : { variant, failed: false, recording, whole: whole.promise };
    if (!(body instanceof ReadableStream)) {
      flight?.land(landing());
      const fits = body === null || body.length <= this.#most;
      // A copy: the caller may write into his.
      await finish(fits ? body?.slice() ?? new Uint8Array(0) : undefined);
      release();
      return response;
    }
    if (variant === undefined && flight === undefined) {
      await finish(undefined);
      return response;
    }
    const { signal } = plan;
    const abandon = (): void => recording.abandon(signal?.reason);
    // Whoever follows a redirect does not read its body, which is short.
    const isRedirect = variant !== undefined && response.status >= 300 && response.status < 400;
    const most = isRedirect ? Math.min(this.#most, REDIRECT_BYTES) : this.#most;
    const recording = new Recording(body, {
      most: variant === undefined ? -1 : most,
      finish,
      after: () => {
        signal?.removeEventListener("abort", abandon);
        release();
      },
      leave: () => {
        release();
        return isRedirect || flight?.isWanted === true;
      },
    });
    // The exchange's own signal is the flight's, which ends when nobody is left; this ends the caller's part.
    if (flight !== undefined && signal !== undefined) {
      if (signal.aborted) abandon();
      else signal.addEventListener("abort", abandon, { once: true });
    }
    flight?.land(landing(recording));
    // Nobody may join any more what is not shared.
    if (variant === undefined) over();
    return withBody(response, recording.stream);
  }

  #remember(key: string, outcome: Outcome): void {
    this.#unshared.delete(key);
    if (outcome.kind !== "pass") return;
    this.#unshared.add(key);
    if (this.#unshared.size > MOST_UNSHARED) {
      this.#unshared.delete(this.#unshared.values().next().value!);
    }
  }
}
