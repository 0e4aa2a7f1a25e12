/**
 * The loop: a model's turn, the calls that it asks for, the next turn, until it asks for none or a bound is reached.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { firstOf, streamOf } from "../../llm/fallback.ts";
import type { ChatOptions, ChatProvider, ChatReply, Message } from "../../llm/types.ts";
import { canonical, readArguments } from "./arguments.ts";
import { type Bounds, checkPrices, Meter } from "./budget.ts";
import { type CallSurroundings, settle, type Stop } from "./calls.ts";
import { fit } from "./context.ts";
import { TRUST_NOTE, untrusted } from "./results.ts";
import type { Session } from "./journal.ts";
import { checkedReply } from "./replies.ts";
import { type Entry, RunState } from "./state.ts";
import type { ReadyTool } from "./tools.ts";
import type { RunSpan, Span, Tracing } from "./trace_types.ts";
import type { Approve, Finish, RunDomain, RunEvent, RunResult } from "./types.ts";

/** What a run is made of. */
export interface Run {
  readonly models: readonly ChatProvider[];
  readonly tools: ReadonlyMap<string, ReadyTool>;
  readonly bounds: Bounds;
  readonly approve: Approve | undefined;
  readonly signal: AbortSignal | undefined;
  readonly session: Session | undefined;
  /** What the model is told before all else. */
  readonly instructions: string | undefined;
  /** Told of it, if somebody wants to know. */
  readonly tracing: Tracing | undefined;
  /** The domain, told first. */
  readonly domain: RunDomain | undefined;
  /** Whether the model's words come piece by piece. */
  readonly isStreamed: boolean;
}

/** A run under way. */
export class Loop {
  readonly #run: Run;
  readonly #state: RunState;
  readonly #meter: Meter;
  readonly #model: ChatProvider;
  #used: ChatProvider;
  #span: RunSpan | undefined;

  /** Takes up a run where its journal ends. */
  constructor(run: Run) {
    checkPrices(run.bounds, run.models);
    this.#run = run;
    this.#meter = new Meter(run.bounds);
    this.#used = run.models[0]!;
    this.#model = firstOf(run.models, (provider) => {
      this.#used = provider;
    });
    // What a tool gave is data; what we say of a call is not.
    this.#state = new RunState(({ name }, { outcome, result }) =>
      outcome === "done" || outcome === "failed" ? untrusted(name, result) : result
    );
    for (const entry of run.session?.entries ?? []) this.#state.apply(entry);
    this.#replay();
  }

  /** Where it stands. */
  get state(): RunState {
    return this.#state;
  }

  /** Takes over what happened: kept first, then counted. */
  note(...entries: readonly Entry[]): void {
    this.#run.session?.write(...entries);
    for (const entry of entries) this.#state.apply(entry);
  }

  /** Ends the calls of a turn that somebody stopped, so that something new can be asked. */
  abandon(): void {
    const { turn } = this.#state;
    for (const { id } of turn?.calls ?? []) {
      if (turn!.ends.has(id)) continue;
      const [outcome, result] = turn!.begun.has(id)
        ? ["unknown", "It was stopped while it ran: whether it did its work is not known."] as const
        : ["refused", "It was not run: the run was stopped before."] as const;
      this.note({ kind: "call", call: id, outcome, result, durationMs: 0 });
    }
    this.#state.close();
  }

  /** What came of it so far. */
  result(finish: Finish): RunResult {
    const { steps, turn } = this.#state;
    return {
      text: turn?.reply.text ?? steps.at(-1)?.text ?? "",
      messages: this.#state.conversation(),
      steps: [...steps],
      usage: this.#meter.usage(),
      finish,
      ...(this.#run.session && { session: this.#run.session.name }),
      ...(this.#run.domain && { domain: this.#run.domain }),
    };
  }

  /** Runs it to its end. */
  events(): AsyncGenerator<RunEvent> {
    const { tracing } = this.#run;
    return tracing === undefined ? this.#events() : this.#traced(tracing);
  }

  async *#traced(tracing: Tracing): AsyncGenerator<RunEvent> {
    const { session, domain } = this.#run;
    const span = this.#span = tracing.run(session?.name, domain?.name);
    try {
      for await (const event of this.#events()) {
        if (event.type === "done") span.done(event.result);
        yield event;
      }
    } catch (error) {
      span.fail(error);
      throw error;
    } finally {
      span.end();
    }
  }

  async *#events(): AsyncGenerator<RunEvent> {
    const { bounds, signal, domain } = this.#run;
    if (domain !== undefined) yield { type: "domain", domain };
    // Made only where there is a limit: a timer is dearer than a turn.
    const limit = bounds.wallMs === Infinity ? undefined : AbortSignal.timeout(bounds.wallMs);
    const signals = [signal, limit].filter((one) => one !== undefined);
    const all = signals.length === 1 ? signals[0]! : AbortSignal.any(signals);
    let finish: Finish;
    try {
      finish = yield* this.#turns(all);
    } catch (error) {
      if (signal?.aborted === true) {
        finish = { reason: "cancelled", detail: wordsOf(signal.reason) };
      } else if (limit?.aborted === true) {
        finish = { reason: "time", detail: `${bounds.wallMs} ms are over` };
      } else throw error;
    }
    this.note({ kind: "finish", finish });
    yield { type: "done", result: this.result(finish) };
  }

  async *#turns(signal: AbortSignal): AsyncGenerator<RunEvent, Finish> {
    for (;;) {
      const { turn } = this.#state;
      if (turn !== undefined) {
        const stop = yield* settle(turn, this.#around(signal));
        if (this.#state.close()) yield { type: "step-end", step: this.#state.steps.at(-1)! };
        if (stop !== undefined) return finishOf(stop);
      } else if (hasEnded(this.#state)) return endOf(this.#state);
      signal.throwIfAborted();
      const over = this.#meter.over();
      if (over !== undefined) return over;
      yield* this.#ask(signal);
    }
  }

  async *#ask(signal: AbortSignal): AsyncGenerator<RunEvent> {
    const step = this.#state.next;
    const definitions = Array.from(this.#run.tools.values(), ({ definition }) => definition);
    const window = { model: this.#used.model ?? "", contextTokens: this.#model.contextTokens };
    const fitted = await fit(this.#messages(), definitions, window);
    if (fitted.cut !== undefined) yield { type: "context-cut", step, detail: fitted.cut };
    const options: ChatOptions = {
      signal,
      ...(definitions.length > 0 && { tools: definitions }),
    };
    this.note({ kind: "turn-begun", step });
    yield { type: "step-start", step };
    const begun = performance.now();
    const span = this.#span?.turn(step, this.#used, fitted.messages);
    let reply: ChatReply | undefined;
    try {
      if (this.#run.isStreamed) {
        const stream = streamOf(this.#model, fitted.messages, options);
        for await (const event of span === undefined ? stream : traced(stream, span)) {
          signal.throwIfAborted();
          if (event.type === "text") yield { type: "text", step, text: event.text };
          else if (event.type === "done") reply = event.reply;
        }
      } else {
        const chat = () => this.#model.chat(fitted.messages, options);
        reply = await unlessAborted(span === undefined ? chat() : span.within(chat), signal);
      }
      reply = this.#state.named(checkedReply(reply, this.#used.name));
      span?.done(reply, this.#used);
    } catch (error) {
      span?.fail(error);
      throw error;
    } finally {
      span?.end();
    }
    const { name: provider, price } = this.#used;
    const durationMs = performance.now() - begun;
    this.note({ kind: "turn", step, reply, provider, durationMs });
    this.#meter.turn(reply.usage, price);
    if (this.#state.turn === undefined) {
      yield { type: "step-end", step: this.#state.steps.at(-1)! };
    }
  }

  /** The conversation as the model is told it. */
  #messages(): readonly Message[] {
    const { instructions, tools } = this.#run;
    const said = [instructions, tools.size > 0 ? TRUST_NOTE : undefined].filter((one) => one);
    if (said.length === 0) return this.#state.messages;
    return [{ role: "system", content: said.join("\n\n") }, ...this.#state.messages];
  }

  #around(signal: AbortSignal): CallSurroundings {
    const { tools, approve, session } = this.#run;
    return {
      ...{ state: this.#state, tools, meter: this.#meter, approve, signal, session: session?.name },
      span: this.#span,
      note: (...entries) => this.note(...entries),
    };
  }

  /** What was used before this process is counted as if it had been used in it. */
  #replay(): void {
    const { models } = this.#run;
    const priceOf = (name: string) => models.find((one) => one.name === name)?.price;
    const { steps, turn } = this.#state;
    this.#meter.replay(steps, priceOf);
    for (const { calls } of steps) {
      for (const { call } of calls) {
        const read = readArguments(call.arguments);
        this.#meter.call(call.name, "value" in read ? canonical(read.value) : call.arguments);
      }
    }
    if (turn !== undefined) this.#meter.turn(turn.reply.usage, priceOf(turn.provider));
  }
}

/** Each piece is asked for as a part of the span. */
async function* traced<T>(stream: AsyncIterable<T>, span: Span): AsyncGenerator<T> {
  const pieces = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await span.within(() => pieces.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    await pieces.return?.();
  }
}

/** The model has said its last words: it asked for nothing more. */
function hasEnded({ messages, steps }: RunState): boolean {
  return messages.at(-1)?.role === "assistant" && steps.at(-1)?.calls.length === 0;
}

function endOf({ steps }: RunState): Finish {
  const { text } = steps.at(-1)!;
  if (text !== "") return { reason: "done" };
  return { reason: "failed", detail: "the model said nothing and asked for nothing" };
}

function finishOf(stop: Stop): Finish {
  if ("over" in stop) return stop.over;
  const { pending } = stop;
  const names = pending.map(({ name, id }) => `${name} (${id})`).join(", ");
  return { reason: "waiting", detail: `somebody's word is needed for ${names}`, pending };
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
