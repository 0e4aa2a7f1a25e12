/**
 * `agent fetch URL...`: pages of the web as Markdown.
 *
 * @module
 */

import type { Page, PageOptions } from "../http/mod.ts";
import { VOCABULARIES } from "../text/tokens/vocabularies.ts";
import type { EncodingName } from "../text/mod.ts";
import type { Call, Command } from "./command.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import {
  failureOf,
  openClient,
  pageOptions,
  WEB_OPTIONS,
  webAddresses,
  type WebFailure,
} from "./web.ts";

const ENCODINGS = Object.keys(VOCABULARIES) as EncodingName[];

/** The command. */
export const fetchCommand: Command = {
  name: "fetch",
  summary: "Fetches pages of the web and prints them as Markdown",
  usage: "URL...",
  options: {
    markdown: { help: "Print Markdown (the default)" },
    content: { value: "WHICH", help: "main (default: without navigation and the like) or all" },
    "max-tokens": { value: "N", help: "With --json: also chunks of at most so many tokens" },
    encoding: { value: "NAME", help: `Whose tokens count: ${ENCODINGS.join(", ")}` },
    ...WEB_OPTIONS,
  },
  positionals: [1, Infinity],
  expects: "The address of a page",
  details:
    "HTML, text, Markdown and JSON are pages. Only the hosts of the addresses may be reached. Of\n" +
    "several pages each begins with a comment that names it; --json has tokens, links and more.",
  examples: [
    "scripts/agent fetch https://example.org/",
    "scripts/agent fetch https://example.org/a https://example.net/b --json --max-tokens 512",
    "scripts/agent fetch http://example.org/ --allow-host www.example.org --content all",
  ],
  run,
};

type Result = ({ ok: true } & Page) | { ok: false; url: string; error: WebFailure };

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const urls = webAddresses(positionals, "fetch");
  const request: PageOptions = { ...wanted(options), ...pageOptions(options, interruptible()) };
  await using client = await openClient(options);
  const results = new Array<Result | undefined>(urls.length);
  using bar = new ProgressBar("fetching");
  let done = 0;
  let failed = 0;
  let printed = 0;
  for await (const outcome of client.pages(urls, request)) {
    const { index, ...rest } = outcome;
    const url = urls[index]!;
    results[index] = rest.ok ? rest : { ok: false, url, error: failureOf(rest.error, url) };
    if (!rest.ok) failed++;
    if (urls.length > 1) bar.update(++done, urls.length, url);
    if (output.json) continue;
    // In the order in which they were asked for, each as soon as it can be.
    for (let next; (next = results[printed]) !== undefined; printed++) {
      bar[Symbol.dispose]();
      print(next, printed, urls.length, output);
      results[printed] = undefined;
    }
  }
  if (output.json) output.document(results);
  return failed > 0 ? 1 : 0;
}

function wanted(options: Options): PageOptions {
  const content = options.choice("content", ["main", "all"]);
  const maxTokens = options.number("max-tokens", 1, 1_000_000, "whole");
  const encoding = options.choice("encoding", ENCODINGS);
  return {
    ...(content !== undefined && { content }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(encoding !== undefined && { encoding }),
  };
}

function print(result: Result, index: number, count: number, output: Output): void {
  if (!result.ok) {
    output.note(result.error.message);
    return;
  }
  const { markdown, url } = result;
  if (count === 1) output.write(markdown === "" ? "" : `${markdown}\n`);
  else {
    // An address must not end the comment.
    const name = url.replaceAll("--", "%2D%2D");
    output.write(`${index === 0 ? "" : "\n"}<!-- ${name} -->\n\n${markdown}\n`);
  }
}
