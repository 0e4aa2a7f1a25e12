/** Starts the other side, `plain.mjs`: BullMQ without anything of ours, under Node and under Deno. */

import type { JsonValue } from "../../../src/queue/mod.ts";
import { programMissing } from "../../support/needs.ts";
import { bareEnvironment, DENO, ROOT } from "../../support/programs.ts";

const PROGRAM = `${ROOT}tests/queue/redis/plain.mjs`;
const PACKAGES = `${ROOT}bench/peers/`;

/** What runs it. */
export type Runtime = "Node" | "Deno";

/** Why there is no Node with BullMQ here; undefined if there is. */
function nodeMissing(): string | undefined {
  const node = programMissing("node", "nodejs");
  if (node !== undefined) return node;
  try {
    Deno.statSync(`${PACKAGES}node_modules/bullmq/package.json`);
    return undefined;
  } catch {
    return "bullmq is not installed for Node (deno task bench:peers)";
  }
}

/** Why each of them cannot be started here; undefined if it can. */
export const runtimes: Record<Runtime, string | undefined> = {
  Node: nodeMissing(),
  Deno: undefined,
};

/** The other side, running. */
export class Plain implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts it on a queue of a server of this machine. */
  static start(runtime: Runtime, port: number, queue: string): Plain {
    const [program, args] = runtime === "Node"
      ? ["node", [PROGRAM, `${port}`, queue, PACKAGES]]
      : [DENO, [
        ...["run", "--no-prompt", "--quiet", "--config", `${ROOT}deno.json`, "-A"],
        ...[PROGRAM, `${port}`, queue],
      ]];
    const process = new Deno.Command(program, {
      args,
      cwd: ROOT,
      clearEnv: true,
      env: { ...bareEnvironment(), PATH: Deno.env.get("PATH") ?? "" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return new Plain(process);
  }

  /** Gives it a command and waits for its answer; what went wrong there is thrown here. */
  async do<T = JsonValue>(command: string, rest: Record<string, JsonValue> = {}): Promise<T> {
    const line = `${JSON.stringify({ do: command, ...rest })}\n`;
    await this.#writer.write(new TextEncoder().encode(line));
    while (!this.#text.includes("\n")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("the other side has ended");
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const answer = JSON.parse(this.#text.slice(0, end)) as { value?: T; error?: string };
    this.#text = this.#text.slice(end + 1);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.do("end").catch(() => {});
    await this.#writer.close().catch(() => {});
    await this.#reader.cancel();
    await this.#process.status;
  }
}
