/**
 * The shapes of runs: tools, budgets, steps, results, events. Types only.
 *
 * @module
 */

import type { ChatProvider, JsonSchema, Message, TokenUsage, ToolCall } from "../../llm/types.ts";

export type { JsonSchema, Message, TokenUsage, ToolCall } from "../../llm/types.ts";

/** A schema of any library that follows Standard Schema 1 (zod, valibot, arktype, ...). */
export interface StandardSchema {
  /** The interface of the standard. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => StandardResult | Promise<StandardResult>;
    /** The same as JSON Schema, where the library can say it. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
    } | undefined;
  };
}

/** What a schema says of a value. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
    }[];
  };

/** What a tool is told beside its input. */
export interface ToolContext {
  /** Aborted when the run is cancelled or its time is over. */
  readonly signal: AbortSignal;
  /** The session's name, if the run has one. */
  readonly session: string | undefined;
  /** The call: the same id after a crash, so that a tool may know what it did before. */
  readonly call: ToolCall;
}

/** What calls of a tool do to the world; what is left out is not known. */
export interface ToolEffects {
  /** Nothing is changed by it. */
  readonly readOnly?: boolean | undefined;
  /** It may take away or replace what is there. */
  readonly destructive?: boolean | undefined;
  /** It reaches what is outside of this machine. */
  readonly openWorld?: boolean | undefined;
}

/** Something that a model may have done. */
export interface Tool {
  /** 1 to 64 letters, digits, `_` and `-`. */
  readonly name: string;
  /** What it does and when it is of use, for the model. */
  readonly description: string;
  /** The shape of its input, which is checked before it runs. */
  readonly input: JsonSchema | StandardSchema;
  /**
   * Whether somebody must agree before it runs. Default `"never"`; the built-in tools for code, scans, fetches and files, and
   * those of foreign servers, have `"always"`.
   */
  readonly approval?: "never" | "always" | ((input: unknown) => boolean) | undefined;
  /** `"safe"`: it may run again after a crash in which it may have run. Default `"never"`. */
  readonly retry?: "safe" | "never" | undefined;
  /** What it needs of Deno, for an input if that decides it; it is refused where one is not granted. */
  readonly permissions?:
    | readonly Deno.PermissionDescriptor[]
    | ((input: unknown) => readonly Deno.PermissionDescriptor[])
    | undefined;
  /** The shape of what it returns, for programs that want to know; the model is not told. */
  readonly output?: JsonSchema | undefined;
  /** What it does to the world, for clients of the MCP server. */
  readonly effects?: ToolEffects | undefined;
  /** Does it. What it returns is told to the model as text (JSON where it is no string), marked as untrusted. */
  run(input: unknown, context: ToolContext): unknown;
}

/** The bounds of a run. What is over one ends it with the reason; what was done is in the result. */
export interface Budget {
  /** Model turns. Default 20. */
  readonly steps?: number | undefined;
  /** Tokens read, over all turns. */
  readonly inputTokens?: number | undefined;
  /** Tokens written, over all turns. */
  readonly outputTokens?: number | undefined;
  /** US dollars, by the prices that are known; a model without one refuses to start. */
  readonly usd?: number | undefined;
  /** Milliseconds. */
  readonly wallMs?: number | undefined;
  /** Tool calls. Default 100. */
  readonly toolCalls?: number | undefined;
  /** Calls of the same tool with the same input. Default 3. */
  readonly repeated?: number | undefined;
}

/** What somebody says of a call that needs their word: yes, no with the reason, or yes with other input. */
export type Decision = "allow" | { readonly deny: string } | { readonly allow: unknown };

/** Asked before a tool runs that needs somebody's word; undefined leaves the run waiting. */
export type Approve = (
  call: ToolCall & { readonly input: unknown; readonly tool: Tool },
  options: { readonly signal: AbortSignal },
) => Decision | undefined | Promise<Decision | undefined>;

/** What came of a tool call. */
export type ToolOutcome =
  | "done"
  | "failed"
  | "denied"
  | "refused"
  | "invalid"
  | "unknown-tool"
  | "unknown";

/** One model turn with what came of its calls. */
export interface Step {
  /** From 1. */
  readonly number: number;
  /** The model's words. */
  readonly text: string;
  /** The calls with their results, in the order in which the model asked. */
  readonly calls: readonly {
    readonly call: ToolCall;
    readonly outcome: ToolOutcome;
    /** What the model was told. */
    readonly result: string;
    readonly durationMs: number;
  }[];
  /** What the turn took; null if the provider does not say. */
  readonly usage: TokenUsage | null;
  /** The provider that answered. */
  readonly provider: string;
  /** Of the model's turn, in milliseconds. */
  readonly durationMs: number;
}

/** Why a run ended. */
export interface Finish {
  /** `repeated`: the same call too often; `waiting`: somebody's word is needed, see `pending`. */
  readonly reason:
    | "done"
    | "steps"
    | "tokens"
    | "usd"
    | "time"
    | "calls"
    | "repeated"
    | "waiting"
    | "cancelled"
    | "failed";
  /** More about it, in words. */
  readonly detail?: string | undefined;
  /** The calls that wait for somebody's word. */
  readonly pending?: readonly ToolCall[] | undefined;
}

/** What came of a run. */
export interface RunResult {
  /** The model's last words. */
  readonly text: string;
  /** The whole conversation. */
  readonly messages: readonly Message[];
  /** The turns of this call and of those before it in the session. */
  readonly steps: readonly Step[];
  /** What all turns took. `usd` is null if a price is not known. */
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly usd: number | null;
  };
  /** Why it ended. */
  readonly finish: Finish;
  /** The session's name, by which `resume` goes on. */
  readonly session?: string | undefined;
  /** The domain that the run was of, and why. */
  readonly domain?: RunDomain | undefined;
}

/** The domain of a run. */
export interface RunDomain {
  /** Its name. */
  readonly name: string;
  /** Why it was picked, in words. */
  readonly reason: string;
}

/** What happens in a run, as it happens. The last event is `done`; what fails is thrown. */
export type RunEvent =
  | { readonly type: "domain"; readonly domain: RunDomain }
  | { readonly type: "step-start"; readonly step: number }
  | { readonly type: "text"; readonly step: number; readonly text: string }
  | { readonly type: "tool-call"; readonly step: number; readonly call: ToolCall }
  | { readonly type: "approval"; readonly step: number; readonly call: ToolCall }
  | {
    readonly type: "tool-result";
    readonly step: number;
    readonly call: ToolCall;
    readonly outcome: ToolOutcome;
    readonly result: string;
    readonly durationMs: number;
  }
  | { readonly type: "context-cut"; readonly step: number; readonly detail: string }
  | { readonly type: "step-end"; readonly step: Step }
  | { readonly type: "done"; readonly result: RunResult };

/** Options of `run` and `runStream`. */
export interface RunOptions {
  /** A session's name: 1 to 200 characters. Needs `sessions` of the agent. */
  readonly session?: string | undefined;
  /** The tools of this run, in place of the agent's. */
  readonly tools?: readonly Tool[] | undefined;
  /** Bounds of this run, each over the agent's. */
  readonly budget?: Budget | undefined;
  /** The domain whose instructions and tools come to those of the agent; picked by the words if left out. */
  readonly domain?: string | undefined;
  /** Ends it early, with what was done in the result. */
  readonly signal?: AbortSignal | undefined;
}

/** What a loop is made of. */
export interface LoopOptions {
  /** The models, tried in order. */
  readonly models: readonly ChatProvider[];
  /** The tools. */
  readonly tools: readonly Tool[];
  /** The bounds. */
  readonly budget?: Budget | undefined;
  /** Asked for each call that needs somebody's word. */
  readonly approve?: Approve | undefined;
  /** Where sessions are kept. */
  readonly sessions?: { readonly path: string } | undefined;
}
