/**
 * Runs as OpenTelemetry spans, by the semantic conventions for generative AI: one of the run (`invoke_agent`), one of each turn of a
 * model (`chat`), one of each work of a tool (`execute_tool`). Deno itself exports them where it was started with `OTEL_DENO=true`; so
 * does whatever else the program registered. What was said is in them only if that was asked for.
 *
 * @module
 */

import type * as api from "npm:@opentelemetry/api@1.10.0";
import config from "../../deno.json" with { type: "json" };
import { AgentError } from "../shared/errors.ts";
import { loadPackage } from "../shared/packages.ts";
import type { RunSpan, Span, ToolSpan, Tracing, TurnSpan } from "./loop/trace_types.ts";
import type { ChatReply, Message, TracingOptions } from "./types.ts";

/** Where the API keeps what takes traces, in all of its versions 1. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");
/** The name of the agent in the spans. */
const AGENT = "agent";

type Attributes = Record<string, string | number | readonly string[] | undefined>;

/**
 * Makes spans from now on; undefined if nothing takes any, and then nothing is loaded.
 *
 * @throws {AgentError} `UNAVAILABLE` if the package of the API cannot be had.
 */
export async function openTracing(
  { content = false }: TracingOptions,
): Promise<Tracing | undefined> {
  const registered = (globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED];
  if (registered?.trace === undefined) return undefined;
  const otel = await loadPackage<typeof api>("@opentelemetry/api", "Tracing of runs");
  const tracer = otel.trace.getTracer(config.name, config.version);
  return {
    run(session, domain) {
      const context = otel.context.active();
      return runSpan(new Tracer(otel, tracer, content, context), session, domain);
    },
  };
}

/** Makes spans of one parent. */
class Tracer {
  constructor(
    readonly otel: typeof api,
    readonly tracer: api.Tracer,
    readonly content: boolean,
    readonly parent: api.Context,
  ) {}

  begin(name: string, kind: "INTERNAL" | "CLIENT", attributes: Attributes): Open {
    const span = this.tracer.startSpan(
      name,
      { kind: this.otel.SpanKind[kind], attributes: known(attributes) },
      this.parent,
    );
    return new Open(this, span, this.otel.trace.setSpan(this.parent, span));
  }
}

/** A span that has begun. */
class Open implements Span {
  #isOpen = true;

  constructor(
    readonly tracer: Tracer,
    readonly span: api.Span,
    readonly context: api.Context,
  ) {}

  within<T>(work: () => T): T {
    return this.tracer.otel.context.with(this.context, work);
  }

  fail(error: unknown): void {
    this.close({ "error.type": typeOf(error) }, wordsOf(error, this.tracer.content));
  }

  end(): void {
    this.close({});
  }

  close(attributes: Attributes, failure?: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.span.setAttributes(known(attributes));
    if (failure !== undefined) {
      this.span.setStatus({ code: this.tracer.otel.SpanStatusCode.ERROR, message: failure });
    }
    this.span.end();
  }
}

function runSpan(tracer: Tracer, session: string | undefined, domain: string | undefined): RunSpan {
  const open = tracer.begin(`invoke_agent ${AGENT}`, "INTERNAL", {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": AGENT,
    "gen_ai.conversation.id": session,
    "agent.domain": domain,
  });
  const inner = new Tracer(tracer.otel, tracer.tracer, tracer.content, open.context);
  return {
    ...spanOf(open),
    turn: (step, provider, messages) => turnSpan(inner, step, provider, messages),
    tool: (call, tool) => toolSpan(inner, call, tool),
    done({ usage: { inputTokens, outputTokens }, steps, finish: { reason, detail } }) {
      const isFailed = reason === "failed";
      open.close({
        "gen_ai.usage.input_tokens": inputTokens,
        "gen_ai.usage.output_tokens": outputTokens,
        "agent.steps": steps.length,
        "agent.finish_reason": reason,
        "error.type": isFailed ? "failed" : undefined,
      }, isFailed ? wordsOf(detail, tracer.content) : undefined);
    },
  };
}

function turnSpan(
  tracer: Tracer,
  step: number,
  { name, model }: { name: string; model?: string | undefined },
  messages: readonly Message[],
): TurnSpan {
  const open = tracer.begin(`chat ${model ?? name}`, "CLIENT", {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": name,
    "gen_ai.request.model": model ?? name,
    "agent.step": step,
    "gen_ai.input.messages": tracer.content ? JSON.stringify(messages.map(partsOf)) : undefined,
  });
  return {
    ...spanOf(open),
    done(reply, { name }) {
      const { usage, finishReason, model } = reply;
      open.close({
        "gen_ai.provider.name": name,
        "gen_ai.response.model": model,
        "gen_ai.response.finish_reasons": finishReason && [finishReason.replaceAll("-", "_")],
        "gen_ai.usage.input_tokens": usage?.inputTokens,
        "gen_ai.usage.output_tokens": usage?.outputTokens,
        "gen_ai.usage.cache_read.input_tokens": usage?.cachedInputTokens,
        "gen_ai.output.messages": tracer.content ? JSON.stringify([answerOf(reply)]) : undefined,
      });
    },
  };
}

function toolSpan(
  tracer: Tracer,
  call: { id: string; name: string; arguments: string },
  tool: { description: string },
): ToolSpan {
  const { content } = tracer;
  const open = tracer.begin(`execute_tool ${call.name}`, "INTERNAL", {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": call.name,
    "gen_ai.tool.call.id": call.id,
    "gen_ai.tool.type": "function",
    "gen_ai.tool.description": tool.description,
    "gen_ai.tool.call.arguments": content ? call.arguments : undefined,
  });
  return {
    ...spanOf(open),
    done(outcome, result) {
      const isDone = outcome === "done";
      open.close({
        "error.type": isDone ? undefined : outcome,
        "gen_ai.tool.call.result": content ? result : undefined,
      }, isDone ? undefined : wordsOf(result, content));
    },
  };
}

function spanOf(open: Open): Span {
  return {
    within: (work) => open.within(work),
    fail: (error) => open.fail(error),
    end: () => open.end(),
  };
}

/** A message as the conventions write it. */
function partsOf(message: Message): object {
  const { role, content } = message;
  if (message.role === "tool") {
    return {
      role,
      parts: [{ type: "tool_call_response", id: message.toolCallId, response: content }],
    };
  }
  return { role, parts: [...textOf(content), ...callsOf(message.toolCalls)] };
}

function answerOf({ text, toolCalls, finishReason }: ChatReply): object {
  return {
    role: "assistant",
    parts: [...textOf(text), ...callsOf(toolCalls)],
    finish_reason: finishReason?.replaceAll("-", "_") ?? "stop",
  };
}

function textOf(content: string): object[] {
  return content === "" ? [] : [{ type: "text", content }];
}

function callsOf(calls: ChatReply["toolCalls"] = []): object[] {
  return calls.map(({ id, name, arguments: given }) => ({
    ...{ type: "tool_call", id, name, arguments: given },
  }));
}

function known(attributes: Attributes): api.Attributes {
  const kept = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as api.Attributes;
}

function typeOf(error: unknown): string {
  if (AgentError.is(error)) return error.code;
  return error instanceof Error ? error.name : "_OTHER";
}

/** What an error says may be what a page, a tool or a model said. */
function wordsOf(error: unknown, content: boolean): string {
  if (!content) return typeof error === "string" ? "failed" : typeOf(error);
  return error instanceof Error ? error.message : String(error);
}
