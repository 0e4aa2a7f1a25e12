/**
 * Makes pages of bodies: chooses the twin, holds its vocabulary, tidies what it found. One for each call of `pages`.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { tokensOpen } from "../../native/generated/tokens.ts";
import { closeHandle } from "../../native/handle.ts";
import { AgentError } from "../../shared/errors.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { blocksOf, headingText } from "../../text/outline/mod.ts";
import { type Encoding, type EncodingName, loadEncoding } from "../../text/tokens/mod.ts";
import type { HeldBody } from "../transport/types.ts";
import { contentTypeOf, kindOf } from "./content_type.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { Page, PageRequest, RawPage } from "./types.ts";

/** What is wanted of every page. */
export interface ConverterOptions {
  encoding: EncodingName;
  main: boolean;
  maxTokens: number | undefined;
  implementation: Implementation | undefined;
}

/** A body with what its server said of it. */
export interface Fetched {
  body: Uint8Array<ArrayBuffer> | HeldBody;
  /** The address that answered. */
  url: string;
  /** The `content-type`. */
  type: string | null;
}

/** Within so much of a page its first heading is looked for. */
const HEAD_UNITS = 20_000;

/** Converts pages. */
export class Converter implements Disposable {
  readonly #options: ConverterOptions;
  readonly #encoding: Encoding;
  /** The native vocabulary; undefined for the TypeScript twin. */
  readonly #vocabulary: number | undefined;

  private constructor(options: ConverterOptions, encoding: Encoding) {
    this.#options = options;
    this.#encoding = encoding;
    if (encoding.implementation === "native") this.#vocabulary = tokensOpen(encoding.name);
  }

  /**
   * Makes one; loads the vocabulary.
   *
   * @throws {AgentError} As `loadEncoding`.
   */
  static async open(options: ConverterOptions, signal: AbortSignal): Promise<Converter> {
    const implementation = pick("http", Infinity, 0, options.implementation) ? "native" : "pure";
    const encoding = await loadEncoding(options.encoding, { implementation, signal });
    return new Converter(options, encoding);
  }

  /** Which twin works. */
  get implementation(): "native" | "pure" {
    return this.#encoding.implementation;
  }

  /**
   * Converts a body.
   *
   * @throws {AgentError} `UNSUPPORTED` for what no page is; `TOO_LARGE` as `toMarkdown`.
   */
  async convert({ body, url, type }: Fetched, signal?: AbortSignal): Promise<Page> {
    const { essence, label } = contentTypeOf(type);
    const kind = kindOf(essence);
    if (kind === undefined) throw unsupported(url, essence, essence);
    const end = url.indexOf("#");
    const request: PageRequest = {
      kind,
      label,
      url: end < 0 ? url : url.slice(0, end),
      main: this.#options.main,
    };
    const raw = this.#vocabulary === undefined
      ? pure.convert(bytesOf(body), request, (text) => this.#encoding.count(text))
      : await native.convert(body, request, this.#vocabulary, signal);
    if (raw.charset === "binary") {
      throw unsupported(url, "no text, and of a type that it does not name", "binary data");
    }
    if (raw.charset === "replacement") {
      throw new AgentError(
        "UNSUPPORTED",
        `${url} is in an encoding that the Encoding standard forbids to decode (such as ISO-2022-KR)`,
        { what: "charset" },
      );
    }
    return this.#tidied(raw, request.url);
  }

  #tidied(raw: RawPage, url: string): Page {
    const { markdown, tokens, links, charset } = raw;
    const { maxTokens } = this.#options;
    return {
      url,
      title: oneLine(raw.title) || oneLine(raw.ogTitle) || firstHeading(markdown),
      markdown,
      tokens,
      links,
      ...(maxTokens !== undefined && { chunks: this.#encoding.split(markdown, { maxTokens }) }),
      description: oneLine(raw.description),
      language: oneLine(raw.language),
      charset,
    };
  }

  /** Lets the vocabulary go. */
  [Symbol.dispose](): void {
    if (this.#vocabulary !== undefined) closeHandle("core-utils", this.#vocabulary);
    this.#encoding.close();
  }
}

/** Only the native twin is given bodies in native memory. */
function bytesOf(body: Fetched["body"]): Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return body;
  throw new TypeError("A body in native memory is for the native twin");
}

function unsupported(url: string, is: string, what: string): AgentError<"UNSUPPORTED"> {
  return new AgentError(
    "UNSUPPORTED",
    `${url} is ${is}: pages are HTML, XHTML, text, Markdown and JSON; fetch() gives other bodies`,
    { what },
  );
}

/** A text on one line; no part of a longer one, which would keep that in memory. */
function oneLine(text: string): string {
  const line = text.replaceAll("\0", "").replace(/\s+/g, " ").trim();
  return line === "" ? "" : [line, ""].join("\n").slice(0, -1);
}

function firstHeading(markdown: string): string {
  const head = markdown.slice(0, HEAD_UNITS);
  const heading = blocksOf(head, "markdown").find((block) =>
    block.kind === "heading" && block.level === 1
  );
  return heading === undefined ? "" : oneLine(headingText(head, heading));
}
