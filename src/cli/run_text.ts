/**
 * A run for a person: each step as it happens on standard error, the model's last words on standard output.
 *
 * @module
 */

import type { RunEvent, RunResult } from "../agent/loop/types.ts";
import { harmless } from "./harmless.ts";
import type { Output } from "./output.ts";
import { isTerminal } from "./terminal.ts";

/** Of an input or a result, on one line. */
const MOST_LINE = 200;

/** Tells events as they come. */
export class RunText {
  readonly #output: Output;
  /** On a terminal words are shown as they come; elsewhere only the last ones are the result. */
  readonly #isLive: boolean;
  #isInLine = false;

  /** @param output Where it goes. */
  constructor(output: Output) {
    this.#output = output;
    this.#isLive = isTerminal(Deno.stdout);
  }

  /** Tells one. */
  event(event: RunEvent): void {
    switch (event.type) {
      case "text":
        if (this.#isLive) this.#words(event.text);
        return;
      case "tool-call":
        this.#line(`step ${event.step}: ${event.call.name} ${oneLine(event.call.arguments)}`);
        return;
      case "tool-result": {
        const { outcome, result, durationMs } = event;
        const took = durationMs >= 1_000 ? `, ${(durationMs / 1_000).toFixed(1)} s` : "";
        const name = outcome === "done" ? "" : `${event.call.name} `;
        this.#line(`  ${name}${outcome}${took}: ${oneLine(result)}`);
        return;
      }
      case "context-cut":
        this.#line(event.detail);
        return;
      case "done":
        this.#end(event.result);
    }
  }

  /** Begins a new line, if words were not at their end. */
  fresh(): void {
    if (this.#isInLine) this.#output.line();
    this.#isInLine = false;
  }

  #end({ text, finish, usage }: RunResult): void {
    if (!this.#isLive && finish.reason === "done") this.#output.line(harmless(text));
    this.fresh();
    const { inputTokens, outputTokens, usd } = usage;
    if (inputTokens + outputTokens > 0) {
      const dollars = usd === null ? "" : `, $${usd.toFixed(4)}`;
      this.#line(`${inputTokens} tokens read, ${outputTokens} written${dollars}`);
    }
    if (finish.reason !== "done") {
      const detail = finish.detail === undefined ? "" : `: ${finish.detail}`;
      this.#line(`not finished (${finish.reason})${detail}`);
    }
  }

  #words(text: string): void {
    this.#output.write(harmless(text));
    this.#isInLine = text === "" ? this.#isInLine : !text.endsWith("\n");
  }

  #line(text: string): void {
    this.fresh();
    this.#output.note(text);
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const cut = Array.from(line.slice(0, MOST_LINE + 1));
  return line.length > MOST_LINE ? `${cut.slice(0, MOST_LINE).join("")}...` : line;
}
