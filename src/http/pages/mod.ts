/**
 * The way into pages: checks what was asked for.
 *
 * @module
 */

import {
  checkBoolean,
  checkOptions,
  checkParts,
  checkWord,
  fieldsOf,
  wholeNumber,
  wrongType,
} from "../../shared/arguments.ts";
import { VOCABULARIES } from "../../text/tokens/vocabularies.ts";
import type { EncodingName } from "../../text/tokens/types.ts";
import type { Implementation } from "../../shared/implementation.ts";
import type { PageClient, RunOptions } from "./run.ts";
import type { PageOptions, PageOutcome } from "./types.ts";

export type { PageClient } from "./run.ts";
export type { Page, PageOptions, PageOutcome } from "./types.ts";

/** Requests at once to one host: what a polite crawler does, and browsers do. */
const PER_HOST = 6;
const TOKEN = "agent-runtime";

/**
 * See `pages` in `http/mod.ts`. What converts is loaded when the first page is asked for.
 *
 * @param client Who fetches.
 * @param urls The addresses.
 * @param options What is wanted of each page.
 * @param wish Which twin converts, if the options do not say.
 */
export function pagesOf(
  client: PageClient,
  urls: Iterable<string | URL> | AsyncIterable<string | URL>,
  options?: PageOptions,
  wish?: Implementation,
): AsyncGenerator<PageOutcome, void, undefined> {
  checkParts(urls, "urls");
  return lazily(client, urls, checked(options, wish));
}

async function* lazily(
  client: PageClient,
  urls: Iterable<string | URL> | AsyncIterable<string | URL>,
  options: RunOptions,
): AsyncGenerator<PageOutcome, void, undefined> {
  const { run } = await import("./run.ts");
  yield* run(client, urls, options);
}

function checked(
  options: PageOptions | undefined,
  wish: Implementation | undefined,
): RunOptions {
  checkOptions(options);
  const given: PageOptions = fieldsOf(options, "options");
  const { content = "main", encoding = "o200k_base", robots = true } = given;
  checkWord(content, "options.content", ["main", "all"]);
  checkWord(encoding, "options.encoding", Object.keys(VOCABULARIES) as EncodingName[]);
  if (typeof robots === "string") {
    if (!/^[A-Za-z_-]+$/.test(robots)) {
      throw wrongType("options.robots", "a boolean or a product token (letters, - and _)", robots);
    }
  } else checkBoolean(robots, "options.robots");
  const { maxTokens, concurrency } = given;
  return {
    main: content === "main",
    encoding,
    maxTokens: maxTokens === undefined
      ? undefined
      : wholeNumber(maxTokens, "options.maxTokens", { least: 1 }),
    robots: robots === true ? TOKEN : robots === false ? undefined : robots,
    perHost: wholeNumber(given.perHost, "options.perHost", { fallback: PER_HOST, least: 1 }),
    concurrency: concurrency === undefined
      ? undefined
      : wholeNumber(concurrency, "options.concurrency", { least: 1 }),
    implementation: given.implementation ?? wish,
    signal: given.signal,
    onProgress: given.onProgress,
  };
}
