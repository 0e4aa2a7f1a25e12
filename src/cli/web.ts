/**
 * What the commands share that fetch pages: their options, the client, and what a person can do about a failure.
 *
 * @module
 */

import { shown } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { HttpClient, PageOptions } from "../http/mod.ts";
import type { OptionSpec } from "./command.ts";
import { type Options, UsageError } from "./options.ts";

/** The options of every command that fetches pages. */
export const WEB_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  "allow-host": {
    value: "HOST",
    many: true,
    help: "A host that redirects may lead to, besides those of the addresses",
  },
  "allow-private": { help: "Also addresses of this machine and of private networks" },
  "no-robots": { help: "Do not ask the servers' robots.txt" },
};

/** The checked addresses; a mistake in one is one of the command line. */
export function webAddresses(urls: readonly string[], command: string): string[] {
  return urls.map((given) => {
    const url = URL.parse(given);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new UsageError(
        `${shown(given)} is no address of a page: one begins with http:// or https://`,
        command,
      );
    }
    url.hash = "";
    return url.href;
  });
}

/**
 * The client that the options ask for. `--implementation` says who converts: how bytes come here is the client's own
 * choice, because TLS in native code has to read the list of authorities, which is a permission more.
 */
export async function openClient(options: Options): Promise<HttpClient> {
  const { createHttpClient } = await import("../http/mod.ts");
  return createHttpClient({ allowPrivate: options.on("allow-private") });
}

/** What the options say of pages. */
export function pageOptions(options: Options, signal: AbortSignal): PageOptions {
  return { signal, robots: !options.on("no-robots"), ...options.implementation() };
}

/** A failure as a document has it and a person reads it. */
export interface WebFailure {
  code: string;
  message: string;
}

/** What is said of a failure: the message, in the words of the command line where the program's are others. */
export function failureOf(error: unknown, url: string): WebFailure {
  const message = inOurWords(error instanceof Error ? error.message : String(error));
  if (AgentError.is(error, "PERMISSION") && error.details.permission === "net") {
    const host = error.details.target.replace(/:\d+$/, "");
    const leads = URL.parse(url)?.hostname === host ? "is at" : "leads to";
    return {
      code: error.code,
      message: `${url} ${leads} ${error.details.target}, which may not be reached: ` +
        `allow it with --allow-host ${host}`,
    };
  }
  if (AgentError.is(error, "SCOPE") && error.details.reason.startsWith("robots.txt")) {
    return { code: error.code, message: `${message} (--no-robots does not ask)` };
  }
  const code = AgentError.is(error) ? error.code : error instanceof Error ? error.name : "Error";
  return { code, message };
}

/** What the command line says in place of an option of the program's; "" where it has none. */
const WORDS: readonly (readonly [option: RegExp, word: string])[] = [
  [/; allowPrivate opens it/g, "; --allow-private opens it"],
  [/goes into caCerts/g, "goes into a file that the environment variable DENO_CERT names"],
  [/; maxBodyBytes allows more/g, ""],
];

function inOurWords(message: string): string {
  return WORDS.reduce((text, [option, word]) => text.replace(option, word), message);
}
