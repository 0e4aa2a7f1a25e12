/**
 * The bench's end of `programs/scan_machine.ts`: a program that may do everything, which this one may not, scans at a
 * word.
 */

import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./programs/scan_machine.ts", import.meta.url));
const LOSSY = fileURLToPath(
  new URL("../../tests/security/scan/lossy_program.ts", import.meta.url),
);
const ALL = ["run", "--no-prompt", "--allow-all"];

const SERVICES = fileURLToPath(new URL("./programs/services.ts", import.meta.url));

/** What `programs/services.ts` tells. */
export interface Identified {
  /** How many servers there are here, and how many of them tell their version. */
  products: number;
  versions: number;
  own: { products: number; versions: number };
  nmap: { products: number; versions: number };
}

/** How right services of real servers are told; undefined where none can be started. */
export async function identified(): Promise<Identified | undefined> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...ALL, SERVICES],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output();
  if (!success) return undefined;
  const told = JSON.parse(new TextDecoder().decode(stdout)) as Identified;
  return told.products === 0 ? undefined : told;
}

/** Which of the programs to compare with are not there. */
export function missingPrograms(): { nmap: boolean; bare: boolean } {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: [...ALL, PROGRAM, "missing"],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A program that scans. */
export class Scanner {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...ALL, PROGRAM],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Scans the first ports of loopback by a twin or another program: milliseconds, and how many are open. */
  async scan(how: string, ports: number): Promise<{ ms: number; open: number }> {
    const [ms, open] = (await this.#ask(`${how} ${ports}`)).split(" ").map(Number);
    return { ms: ms!, open: open! };
  }

  async #ask(word: string): Promise<string> {
    await this.#writer.write(new TextEncoder().encode(`${word}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("the program that scans has ended");
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }

  /** Ends the program. */
  async close(): Promise<void> {
    await this.#writer.close();
    await this.#child.status;
  }
}

/** What a scan behind a link with delay and loss found, or undefined where there can be no such link. */
export async function lossyScan(
  how: "native" | "nmap",
): Promise<{ ms: number; recall: number } | undefined> {
  const script = `exec unshare --net --map-root-user sh -c 'ip link set lo up; exec "$@"' sh "$@"`;
  const starter = `const { code, stdout } = await new Deno.Command("sh", { args: ["-c", ${
    JSON.stringify(script)
  }, "sh", Deno.execPath(), ...Deno.args], stdin: "null", stdout: "piped", stderr: "null" }).output();
Deno.stdout.writeSync(stdout); Deno.exit(code);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      starter,
      "--",
      ...[...ALL, "--no-check", LOSSY, "scan", how, "all", "10", "0.01", "1"],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  const { success, stdout } = await child.output();
  if (!success) return undefined;
  const { own, results: [result] } = JSON.parse(new TextDecoder().decode(stdout)) as {
    own: number[];
    results: { found: number[]; ms: number }[];
  };
  const found = own.filter((port) => result!.found.includes(port)).length;
  return { ms: result!.ms, recall: found / own.length * 100 };
}
