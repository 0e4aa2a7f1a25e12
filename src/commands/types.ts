/**
 * The shapes of commands: what can be asked of this program by name, over any surface. Types only.
 *
 * @module
 */

import type { Agent } from "../agent/types.ts";
import type { ToolRuntime } from "../agent/tools/types.ts";
import type * as containers from "../containers/mod.ts";
import type { JsonSchema } from "../llm/types.ts";
import type * as monitor from "../monitor/mod.ts";
import type { JsonValue } from "../shared/json.ts";
import type * as text from "../text/mod.ts";

/** Where a command can be given. */
export type Surface = "cli" | "http" | "mcp";

/** What is known of a command before it runs, in the words of the Model Context Protocol. */
export interface CommandAnnotations {
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** It may take something away that cannot be had back. */
  readonly destructive: boolean;
  /** Giving it again with the same input changes nothing more. */
  readonly idempotent: boolean;
  /** It deals with what is outside of this program and its data: networks, engines. */
  readonly openWorld: boolean;
}

/** A kind of Deno permission; how much of it a call needs follows from its input. */
export type PermissionKind = "read" | "write" | "net" | "sys" | "env" | "run" | "ffi";

/** The parts of a runtime that commands use; `createRuntime()` has all of them. */
export interface CommandRuntime extends ToolRuntime {
  /** Answers, runs, counts. */
  readonly agent: Agent;
  /** A cache, which says what it holds. */
  readonly cache: { stats(): object };
  /** A queue, which says what it holds. */
  readonly queue: { stats(): Promise<object> };
  /** Container engines. */
  readonly containers: Pick<typeof containers, "connectContainers">;
  /** The machine's figures, and load. */
  readonly monitor: Pick<typeof monitor, "createMonitor" | "loadTest">;
  /** Texts. */
  readonly text: Pick<
    typeof text,
    "countTokens" | "redact" | "similarity" | "keywords" | "hash" | "toMarkdown"
  >;
}

/** What a caller who is not at this machine's terminal may reach; named when the program starts, never by a call. */
export interface CommandBounds {
  /** Folders; a path of a call has to be in one of them. None: no path is taken. */
  readonly roots?: readonly string[] | undefined;
  /**
   * Addresses, networks (CIDR) and host names that may be scanned and put under load. Default: this machine by its loopback
   * addresses and the name `localhost`.
   */
  readonly scope?: readonly string[] | undefined;
}

/** How far a call has come. */
export interface CommandProgress {
  /** Done so far. */
  readonly done: number;
  /** Of so many; null if that is not known. */
  readonly total: number | null;
  /** What is being done. */
  readonly message?: string | undefined;
}

/** What a call runs with. */
export interface CommandContext {
  /** What the work is done with. */
  readonly runtime: CommandRuntime;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Where the call came from. Of all but `cli` only what the command lets a remote caller say is taken. */
  readonly surface: Surface;
  /** Told how far it has come. */
  readonly onProgress?: ((progress: CommandProgress) => void) | undefined;
  /** What a remote caller may reach. */
  readonly bounds?: CommandBounds | undefined;
}

/** Something that happens while a command runs. The last one is `done` and has the result. */
export type CommandEvent =
  | { readonly type: "done"; readonly result: JsonValue }
  | { readonly type: string; readonly [field: string]: JsonValue };

/** How a command stands on the command line. */
export interface CommandLineForm {
  /** Its words, such as `containers list`. */
  readonly name: string;
  /** The fields that are arguments, in their order; the last one takes all that follow if it is a list. */
  readonly arguments?: readonly string[] | undefined;
  /** Options whose name is not that of the field with dashes. */
  readonly flags?: Readonly<Record<string, string>> | undefined;
}

/** A command of the registry. */
export interface RegisteredCommand {
  /** Its name: lower case words with `_` between, which are tools' and routes' names too. */
  readonly name: string;
  /** One line: what it does, without a full stop. */
  readonly summary: string;
  /** More than that, in sentences. */
  readonly details?: string | undefined;
  /** Inputs that work, with what they are for. */
  readonly examples: readonly { readonly title: string; readonly input: JsonValue }[];
  /** The shape of its input, an object. */
  readonly input: JsonSchema;
  /** The shape of its result, an object. */
  readonly output: JsonSchema;
  /** The shape of its events, if it tells what happens. */
  readonly events?: JsonSchema | undefined;
  /** What is known of it before it runs. */
  readonly annotations: CommandAnnotations;
  /** What it needs of Deno. */
  readonly permissions: readonly PermissionKind[];
  /** Where it is offered. */
  readonly surfaces: readonly Surface[];
  /** The fields of its input that a remote caller may set. */
  readonly remote: readonly string[];
  /** Fields that are paths: of a remote caller they have to be below a root. */
  readonly paths: readonly string[];
  /** Fields that are hosts, networks or addresses of the web to be probed: of a remote caller they have to be in the scope. */
  readonly targets: readonly string[];
  /** How it stands on the command line, if it does. */
  readonly cli?: CommandLineForm | undefined;
  /**
   * Does it, with an input that was checked. Call {@linkcode callCommand}, which checks.
   *
   * @throws Whatever the work throws.
   */
  run(input: Readonly<Record<string, unknown>>, context: CommandContext): Promise<unknown>;
  /** The same as it happens, if it can tell; the last event is `done`. Call {@linkcode streamCommand}. */
  stream?(
    input: Readonly<Record<string, unknown>>,
    context: CommandContext,
  ): AsyncIterable<unknown>;
}
