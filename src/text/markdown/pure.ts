/**
 * The TypeScript twin of the conversion, which defines what comes out. Twin: `native.ts`.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import { Pace } from "../../shared/pace.ts";
import { hideAround } from "./around.ts";
import { MAX_UNITS } from "./blocks.ts";
import { mainContent } from "./content.ts";
import { baseOf, type BaseUrl, target } from "./link.ts";
import { Parser } from "./parse.ts";
import { markLayout } from "./tables.ts";
import { HREF, Tree } from "./tree.ts";
import type { MarkdownRequest, PageContent } from "./types.ts";
import { Walker } from "./walk.ts";

// Kept between calls, which never overlap.
let tree: Tree | undefined;
let parser: Parser | undefined;

/** See `toMarkdown` in `mod.ts`. */
export function toMarkdown(html: string, request: MarkdownRequest): string {
  return converted(html, request, (walker) => walker.take());
}

/** See `readPage` in `page.ts`. */
export function toPage(html: string, request: MarkdownRequest): PageContent {
  return converted(html, request, (walker) => {
    const links = walker.links();
    return { markdown: walker.take(), links };
  });
}

function converted<T>(html: string, request: MarkdownRequest, take: (walker: Walker) => T): T {
  tree ??= new Tree();
  parser ??= new Parser(tree);
  try {
    parser.parse(html.toWellFormed());
    hideAround(tree);
    return take(write(tree, request));
  } catch (error) {
    // V8's own bound of strings is met before ours where a single block is over it.
    if (error instanceof RangeError && error.message === "Invalid string length") {
      throw new AgentError(
        "TOO_LARGE",
        `The Markdown is over ${MAX_UNITS} characters; split the page`,
        { what: "Markdown", size: MAX_UNITS + 1, limit: MAX_UNITS },
      );
    }
    throw error;
  } finally {
    tree.release();
  }
}

function write(tree: Tree, { main, baseUrl }: MarkdownRequest): Walker {
  const walker = new Walker(tree, baseOfPage(tree, baseUrl));
  const all = { from: 0, to: tree.count };
  // Of one node nothing can be left out.
  const { title, body } = main && tree.count > 1
    ? mainContent(tree)
    : { title: undefined, body: all };
  if (tree.tables > 0) markLayout(tree, body.from, body.to);
  if (title !== undefined) walker.walk(title.from, title.to);
  walker.walk(body.from, body.to);
  return walker;
}

function baseOfPage(tree: Tree, baseUrl: string): BaseUrl | undefined {
  const base = baseUrl === "" ? undefined : baseOf(baseUrl);
  if (tree.baseTo === 0) return base;
  const own = tree.valueAt(tree.find(tree.baseFrom, tree.baseTo, HREF))!;
  return baseOf(target(own, base)) ?? base;
}

/** See `toMarkdownMany` in `mod.ts`. */
export async function toMarkdownMany(
  htmls: readonly string[],
  request: MarkdownRequest,
  options: CallOptions,
): Promise<string[]> {
  const inputs = [...htmls];
  const pace = new Pace(options, inputs.length);
  const results: string[] = [];
  for (const html of inputs) {
    results.push(toMarkdown(html, request));
    if (pace.due()) await pace.giveWay(results.length);
  }
  pace.finish();
  return results;
}
