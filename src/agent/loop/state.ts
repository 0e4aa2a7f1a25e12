/**
 * Where a run stands: what was said, which turns are done, which calls are open. It is the sum of the entries of its journal, so
 * that a run that goes on is no other than one that never stopped.
 *
 * @module
 */

import type { ChatReply, Message, ToolCall } from "../../llm/types.ts";
import type { Decision, Finish, Step, ToolOutcome } from "./types.ts";

/** What happened, as it is kept. */
export type Entry =
  | { readonly kind: "input"; readonly messages: readonly Message[] }
  | { readonly kind: "turn-begun"; readonly step: number }
  | {
    readonly kind: "turn";
    readonly step: number;
    readonly reply: ChatReply;
    readonly provider: string;
    readonly durationMs: number;
  }
  /** Somebody is asked for their word. */
  | { readonly kind: "asked"; readonly calls: readonly string[] }
  | { readonly kind: "decided"; readonly call: string; readonly decision: Decision }
  | { readonly kind: "call-begun"; readonly call: string }
  | {
    readonly kind: "call";
    readonly call: string;
    readonly outcome: ToolOutcome;
    /** What the tool gave, as text. */
    readonly result: string;
    readonly durationMs: number;
  }
  | { readonly kind: "finish"; readonly finish: Finish };

/** What came of a call. */
export interface CallEnd {
  readonly outcome: ToolOutcome;
  readonly result: string;
  readonly durationMs: number;
}

/** A turn whose calls may be open. */
export interface Turn {
  readonly step: number;
  readonly reply: ChatReply;
  readonly provider: string;
  readonly durationMs: number;
  readonly calls: readonly ToolCall[];
  readonly ends: Map<string, CallEnd>;
  /** Calls that began, in this process or another. */
  readonly begun: Set<string>;
  readonly decisions: Map<string, Decision>;
}

/** How results are told to the model. */
export type Telling = (call: ToolCall, end: CallEnd) => string;

/** The state of a run. */
export class RunState {
  /** What was said before the last turn and its results, for the model. */
  readonly messages: Message[] = [];
  /** Turns whose calls have all ended. */
  readonly steps: Step[] = [];
  /** The last turn, while calls of it are open. */
  turn: Turn | undefined;
  /** How the run ended the last time it did. */
  finish: Finish | undefined;
  readonly #tell: Telling;
  /** Of all calls so far. */
  readonly #ids = new Set<string>();

  /** Begins with nothing. */
  constructor(tell: Telling) {
    this.#tell = tell;
  }

  /** The number of the next turn. */
  get next(): number {
    return this.steps.length + 1;
  }

  /**
   * The reply of the next turn with calls that no other has the name of: what somebody decides of a call by its name is never
   * taken for another that came later.
   */
  named(reply: ChatReply): ChatReply {
    if (reply.toolCalls === undefined || reply.toolCalls.length === 0) return reply;
    return { ...reply, toolCalls: uniqueCalls(reply.toolCalls, this.next, new Set(this.#ids)) };
  }

  /** Takes over what happened. */
  apply(entry: Entry): void {
    if (entry.kind !== "finish") this.finish = undefined;
    // Read from a journal, a turn is over when the next thing begins.
    if (entry.kind === "input" || entry.kind === "turn-begun" || entry.kind === "turn") {
      this.close();
    }
    const turn = this.turn;
    switch (entry.kind) {
      case "input":
        this.messages.push(...entry.messages);
        break;
      case "turn": {
        const { step, reply, provider, durationMs } = entry;
        const calls = uniqueCalls(reply.toolCalls ?? [], step, new Set());
        for (const { id } of calls) this.#ids.add(id);
        this.turn = {
          ...{ step, reply, provider, durationMs, calls },
          ...{ ends: new Map(), begun: new Set(), decisions: new Map() },
        };
        this.close();
        break;
      }
      case "decided":
        turn?.decisions.set(entry.call, entry.decision);
        break;
      case "call-begun":
        turn?.begun.add(entry.call);
        break;
      case "call":
        turn?.ends.set(entry.call, entry);
        break;
      case "finish":
        this.finish = entry.finish;
        break;
      case "turn-begun":
      case "asked":
        break;
    }
  }

  /** Puts the last turn among the steps if all its calls have ended; whether it did. */
  close(): boolean {
    const turn = this.turn;
    if (turn === undefined || turn.ends.size < turn.calls.length) return false;
    const { step, reply, provider, durationMs, calls, ends } = turn;
    this.messages.push({
      role: "assistant",
      content: reply.text,
      ...(calls.length > 0 && { toolCalls: calls }),
    });
    for (const call of calls) {
      const end = ends.get(call.id)!;
      this.messages.push({
        role: "tool",
        toolCallId: call.id,
        name: call.name,
        content: this.#tell(call, end),
        ...(end.outcome !== "done" && { isError: true }),
      });
    }
    this.steps.push({
      number: step,
      text: reply.text,
      calls: calls.map((call) => {
        const { outcome, result, durationMs } = ends.get(call.id)!;
        return { call, outcome, result, durationMs };
      }),
      usage: reply.usage ?? null,
      provider,
      durationMs,
    });
    this.turn = undefined;
    return true;
  }

  /** The whole conversation, an open turn included. */
  conversation(): Message[] {
    if (this.turn === undefined) return [...this.messages];
    const { reply, calls } = this.turn;
    return [...this.messages, { role: "assistant", content: reply.text, toolCalls: calls }];
  }
}

/** A model may give two calls one id, or none; here each has its own, the same on every reading. */
function uniqueCalls(calls: readonly ToolCall[], step: number, seen: Set<string>): ToolCall[] {
  return calls.map((call, at) => {
    let { id } = call;
    // The id that is made may be one that the model gave before.
    while (id === "" || seen.has(id)) id = `${id || "call"}_${step}_${at}`;
    seen.add(id);
    return id === call.id ? call : { ...call, id };
  });
}
