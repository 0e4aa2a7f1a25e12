/**
 * The `agent text markdown` command: HTML pages as Markdown.
 *
 * @module
 */

import { shown } from "../shared/arguments.ts";
import type { MarkdownOptions } from "../text/mod.ts";
import { UsageError } from "./options.ts";
import type { Call, Command } from "./command.ts";
import { readText } from "./input.ts";
import { displayPath, STDIN } from "./paths.ts";

const NAME = "text markdown";

/** `agent text markdown`. */
export const markdown: Command = {
  name: NAME,
  summary: "Prints HTML pages as Markdown, without navigation and other boilerplate",
  usage: "[FILE...]",
  options: {
    "base-url": { value: "URL", help: "Where the page is from, which makes its links absolute" },
    all: { help: "The whole page, not only its main content" },
  },
  positionals: [0, Infinity],
  details: "Each page is read whole. Of several, each begins with a comment that names its file.",
  examples: [
    "scripts/agent text markdown page.html --base-url https://example.org/page",
    "scripts/agent text markdown --all --json < page.html",
  ],
  async run({ options, positionals, output }: Call): Promise<number> {
    const { toMarkdown } = await import("../text/mod.ts");
    const baseUrl = options.text("base-url");
    const request: MarkdownOptions = {
      content: options.on("all") ? "all" : "main",
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...options.implementation(),
    };
    try {
      toMarkdown("", request);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(
        `Option --base-url must be an absolute address, got ${shown(baseUrl)}`,
        NAME,
      );
    }
    const files = positionals.length === 0 ? [STDIN] : positionals;
    const results: { file: string; markdown: string }[] = [];
    for (const [index, file] of files.entries()) {
      const text = toMarkdown(await readText(file, output), request);
      if (output.json) {
        results.push({ file, markdown: text });
      } else if (files.length === 1) {
        output.write(text === "" ? "" : `${text}\n`);
      } else {
        // A name must not end the comment.
        const name = displayPath(file).replaceAll("--", "- -");
        output.write(`${index === 0 ? "" : "\n"}<!-- ${name} -->\n\n${text}\n`);
      }
    }
    if (output.json) output.document(results);
    return 0;
  },
};
