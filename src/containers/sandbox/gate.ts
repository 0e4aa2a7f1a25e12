/**
 * A box that is started before its command is known: a shell waits for one line on its stdin and becomes the command. So
 * the command is the container's own program, with all that the engine knows of such (exit code, memory, kill), and
 * costs no process of the engine's making. What follows the line is the command's stdin.
 *
 * @module
 */

import type { Attached } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";

/** The program of a box that waits. `read` takes no byte more than the line. */
export const GATE: readonly string[] = ["sh", "-c", 'n="\n"; IFS= read -r line && eval "$line"'];

/**
 * The line that makes a shell become a command.
 *
 * @param command The program and its arguments.
 * @param env Variables that are set before.
 * @param folder Where it starts; where the shell is if left out.
 */
export function gateLine(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string | undefined,
): Uint8Array {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = [
    ...(folder === undefined ? [] : [`cd ${quoted(folder)}`]),
    // Every word before any variable, and all of these at once: one of them may be that of the line break.
    `set -- ${command.map(quoted).join(" ")}`,
    ...(variables.length === 0 ? [] : [`export ${variables.join(" ")}`]),
    // A program that begins with a dash is no option; there alone, as some shells know no end of options here.
    command[0]!.startsWith("-") ? 'exec -- "$@"' : 'exec "$@"',
  ];
  return new TextEncoder().encode(`${words.join(" && ")}\n`);
}

/** A word of a shell; within single quotes nothing has a meaning, and a line break comes by name. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''").replaceAll("\n", "'\"$n\"'")}'`;
}

/** The streams of a box that waits, which says nothing while it does. */
export class Waiting {
  readonly #attached: Attached;
  readonly #frames: AsyncIterator<Frame>;
  readonly #first: Promise<IteratorResult<Frame>>;
  #alive = true;

  /** @param attached The streams of a box that was just started. */
  constructor(attached: Attached) {
    this.#attached = attached;
    this.#frames = attached.frames[Symbol.asyncIterator]();
    this.#first = this.#frames.next();
    const ended = (): void => {
      this.#alive = false;
    };
    this.#first.then(ended, ended);
  }

  /** Whether it still waits: its streams have neither ended nor said anything. */
  get alive(): boolean {
    return this.#alive;
  }

  /** The same streams, the line to be written before all else: whoever goes with the command bounds the time of that. */
  open(line: Uint8Array): Attached {
    let opening: Promise<void> | undefined;
    const attached = this.#attached;
    const open = (): Promise<void> => opening ??= attached.write(line);
    return {
      ...attached,
      frames: this.#all(),
      write: (bytes) => open().then(() => attached.write(bytes)),
      closeWrite: () => open().then(() => attached.closeWrite()),
    };
  }

  /** Ends the connection. */
  close(): void {
    this.#attached.close();
  }

  async *#all(): AsyncGenerator<Frame, void> {
    try {
      const first = await this.#first;
      if (first.done) return;
      yield first.value;
      for (;;) {
        const { done, value } = await this.#frames.next();
        if (done) return;
        yield value;
      }
    } finally {
      await this.#frames.return?.();
    }
  }
}
