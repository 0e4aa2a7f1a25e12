/**
 * A server that is a child process. It gets the environment that it was given and no other, what it says is bounded, its
 * standard error is not shown, and it ends with the connection: told by the end of its input, then by SIGTERM, then by SIGKILL.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { ClientSdk, ClientTransport, Message } from "../sdk.ts";
import type { McpCommand } from "./types.ts";

/** Of one message, in bytes. */
const MOST_MESSAGE = 16 * 2 ** 20;
/** How long it may take to end, for each way of telling it. */
const PATIENCE_MS = 2_000;
/** What is handed on of this program's environment. */
const HANDED_ON = ["PATH", "HOME"];

/** Messages to and from a child process. */
export class ProcessTransport implements ClientTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: ClientTransport["onmessage"];
  readonly #sdk: ClientSdk;
  readonly #command: McpCommand;
  #child: Deno.ChildProcess | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param sdk The module.
   * @param command What is started.
   */
  constructor(sdk: ClientSdk, command: McpCommand) {
    this.#sdk = sdk;
    this.#command = command;
  }

  /** Starts it. */
  start(): Promise<void> {
    const { command, args = [], env = {}, cwd } = this.#command;
    try {
      this.#child = new Deno.Command(command, {
        args: [...args],
        env: { ...inherited(), ...env },
        clearEnv: true,
        ...(cwd !== undefined && { cwd }),
        ...{ stdin: "piped", stdout: "piped", stderr: "null" },
      }).spawn();
    } catch (error) {
      return Promise.reject(notStarted(command, error));
    }
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => undefined);
    this.#read(this.#child.stdout).catch((error) => this.onerror?.(error)).finally(() =>
      this.close()
    );
    return Promise.resolve();
  }

  /** Says something to it. */
  async send(message: Message): Promise<void> {
    if (this.#writer === undefined || this.#closing !== undefined) {
      throw new AgentError("CLOSED", "The server's program has ended", { object: "MCP server" });
    }
    await this.#writer.write(new TextEncoder().encode(this.#sdk.serializeMessage(message)));
  }

  /** Ends it. */
  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      await this.#writer?.close().catch(() => undefined);
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        if (await endedWithin(child, PATIENCE_MS)) break;
        try {
          child.kill(signal);
        } catch {
          // It has ended meanwhile.
        }
      }
      await child.status;
    }
    this.onclose?.();
  }

  async #read(stdout: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let parts: string[] = [];
    let length = 0;
    for await (const bytes of stdout) {
      const [first = "", ...lines] = decoder.decode(bytes, { stream: true }).split("\n");
      parts.push(first);
      length += first.length;
      if (length > MOST_MESSAGE) throw new Error(`a message is longer than ${MOST_MESSAGE}`);
      for (const line of lines) {
        this.#take(parts.join(""));
        parts = [line];
        length = line.length;
      }
    }
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    try {
      this.onmessage?.(this.#sdk.deserializeMessage(line));
    } catch {
      // Servers print other things by mistake; what is no message is passed over.
      this.onerror?.(new Error("the server wrote what is no message"));
    }
  }
}

async function endedWithin(child: Deno.ChildProcess, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), ms));
  const isOver = await Promise.race([child.status.then(() => true), late]);
  clearTimeout(timer);
  return isOver;
}

/** What may be read of it, without asking a person. */
function inherited(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const variable of HANDED_ON) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value !== undefined) found[variable] = value;
  }
  return found;
}

function notStarted(command: string, cause: unknown): Error {
  if (cause instanceof Deno.errors.NotCapable) {
    return new AgentError(
      "PERMISSION",
      `Deno may not start "${command}": allow it with --allow-run=${command}`,
      { permission: "run", target: command },
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AgentError("UNAVAILABLE", `The MCP server "${command}" cannot be started: ${why}`, {
    server: command,
  }, { cause });
}
