/**
 * The shapes of the test kit. Types only.
 *
 * @module
 */

import type {
  ChatOptions,
  ChatProvider,
  FinishReason,
  Message,
  TokenPrice,
  TokenUsage,
} from "../../llm/types.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { Tool } from "../loop/types.ts";

/** A call that a scripted model asks for. */
export interface ScriptedCall {
  /** The tool's name; there need be none of that name. */
  readonly name: string;
  /** Its input. Default `{}`. */
  readonly input?: JsonValue | undefined;
  /** The same as the model wrote it, for what is no JSON; not beside `input`. */
  readonly arguments?: string | undefined;
  /** The call's id. Default: made of the turn and the place, such as `"call_1_1"`, the same in each process. */
  readonly id?: string | undefined;
}

/** How a scripted turn fails. */
export interface ScriptedError {
  /** What the error says. */
  readonly message: string;
  /** How often the turn fails before it gives what else stands in it. Default: always. */
  readonly times?: number | undefined;
  /** So many characters of the text are streamed before: half an answer, and then the end. Default 0. */
  readonly afterCharacters?: number | undefined;
}

/** What the model says in a turn, and how. */
export interface ScriptedReply {
  /** Its words. Default none. */
  readonly text?: string | undefined;
  /** What it asks to be called. */
  readonly toolCalls?: readonly ScriptedCall[] | undefined;
  /** What it says that it took. Default: nothing is said. */
  readonly usage?: TokenUsage | undefined;
  /** Why it ended. Default `"tool-calls"` where it asks for some, else `"stop"`. */
  readonly finishReason?: FinishReason | undefined;
  /** Milliseconds before it answers; a signal ends them. Default 0. */
  readonly delayMs?: number | undefined;
  /** Characters of a streamed piece. Default 8. */
  readonly pieceCharacters?: number | undefined;
  /** It fails: in words (an `AgentError` of code `UNAVAILABLE`), with more about it, or with an error of yours. */
  readonly error?: string | ScriptedError | Error | undefined;
}

/** A turn of a script: words, a reply, or a function that looks at what was asked and gives one of both. */
export type ScriptedTurn =
  | string
  | ScriptedReply
  | ((
    messages: readonly Message[],
    options: ChatOptions,
  ) => string | ScriptedReply | Promise<string | ScriptedReply>);

/** Options of {@linkcode scriptedProvider}. */
export interface ScriptedOptions {
  /** Its name. Default `"scripted"`. */
  readonly name?: string | undefined;
  /** The model's name, by which encodings are looked up. */
  readonly model?: string | undefined;
  /** Whether it takes tools. Default true. */
  readonly tools?: boolean | undefined;
  /** How many tokens fit into it. Default: no bound. */
  readonly contextTokens?: number | undefined;
  /** What it costs. */
  readonly price?: TokenPrice | undefined;
}

/** What a scripted model was asked. */
export interface ScriptedRequest {
  /** The conversation. */
  readonly messages: readonly Message[];
  /** Tools, the shape of the reply and the like. */
  readonly options: ChatOptions;
  /** The turn of the script that answered, from 0. */
  readonly turn: number;
}

/** A model that says what its script says. */
export interface ScriptedProvider extends ChatProvider {
  /** Whatever it was asked, in that order. */
  readonly requests: readonly ScriptedRequest[];
  /** The same piece by piece. */
  stream: NonNullable<ChatProvider["stream"]>;
}

/** Options of {@linkcode cassetteProvider}. */
export interface ModelCassetteOptions {
  /** The file; its folder must be there. Made with mode 0600. */
  readonly path: string;
  /** Default `"auto"`: replayed where there is a recording, else asked and recorded. */
  readonly mode?: "record" | "replay" | "auto" | undefined;
}

/** Options of {@linkcode crashAfter}. */
export interface CrashOptions {
  /** Where in the step. Default `"step"`: behind its last call, before the model is asked again. */
  readonly at?: "answer" | "call" | "step" | undefined;
  /** Default `"throw"`; `"kill"` ends this very process by SIGKILL. */
  readonly how?: "throw" | "kill" | undefined;
}

/** A crash to come, of one run. */
export interface Crash {
  /** Whether it came. A run that ends before the point is not crashed. */
  readonly crashed: boolean;
  /** The model, with the crash in it. Of several models that are tried in order, the next one would answer in its place. */
  model(provider: ChatProvider): ChatProvider;
  /** The tools, with the crash in them. */
  tools(tools: readonly Tool[]): Tool[];
}
