/**
 * HTML to Markdown on both twins, and turndown with its own DOM. turndown has no main content: it is compared with
 * all of the page, and the default of ours, the main content, is measured too; how good it is on real pages, where
 * there are some (`lib/markdown_pages.ts`).
 */

import { type MarkdownOptions, toMarkdown, toMarkdownMany } from "@agent/runtime/text";
import { type Area, atLeast, type Bar, type Context, together } from "./lib/area.ts";
import { type Group, ladder, type Row, twinRows } from "./lib/group.ts";
import { markdownPages } from "./lib/markdown_pages.ts";
import { webPage } from "./lib/web_page.ts";
import { register } from "./lib/register.ts";

const ALL = "toMarkdown, whole page";
const MAIN = "toMarkdown, main content";
const MANY = "toMarkdownMany, 25 KB each";
const LARGE = 250_000;
const PAGES = 200;

/** The area. */
export const area: Area = {
  name: "markdown",
  tools: [["HTML to Markdown", ALL, 25_000]],
  async groups(context) {
    const peer = await context.peers.turndown();
    const sizes = [0, 100, 2_500, 25_000, LARGE];
    return [
      ...ladder(sizes, [100, 2_500, 25_000, LARGE], (size) => one(context, ALL, size, "all", peer)),
      ...ladder(sizes, [2_500, 25_000], (size) => one(context, MAIN, size, "main")),
      many(context),
    ];
  },
  facts: (context) => Promise.resolve(markdownPages(context)),
  bars(figures) {
    const bar = (size: number, name: string) => atLeast(name, figures.times(ALL, size, name), 10);
    return [
      together(
        "Page of 2.5 KB; 250 KB; 250 KB pure; beside turndown",
        bar(2_500, "auto"),
        bar(LARGE, "auto"),
        bar(LARGE, "pure"),
      ),
      together(
        "Main content of Readability's pages held back: recall; F1",
        least("recall", figures.fact("Readability's pages, held back: recall"), 0.98),
        least("F1", figures.fact("Readability's pages, held back: F1"), 0.96),
      ),
      kept(
        figures.fact("headings of manuals, in what they mark as main"),
        figures.fact("headings of manuals, kept of these"),
      ),
    ];
  },
};

/** No heading of a manual may be lost. */
function kept(all: number | undefined, main: number | undefined): Bar {
  const name = "Headings of manuals in the main content";
  return all === undefined || main === undefined
    ? { name, promised: "all" }
    : { name, promised: `all ${all}`, measured: `${main}`, met: main >= all };
}

function least(name: string, value: number | undefined, bar: number): Bar {
  const promised = `\u2265 ${bar}`;
  return value === undefined
    ? { name, promised }
    : { name, promised, measured: value.toFixed(3), met: value >= bar };
}

function one(
  { twins }: Context,
  operation: string,
  size: number,
  content: MarkdownOptions["content"],
  peer?: (html: string) => string,
): Group {
  let html = "";
  const rows = twinRows(twins, ({ implementation }) => {
    const options = { implementation, content };
    return () => toMarkdown(html, options).length;
  });
  if (peer !== undefined) {
    rows.push({
      name: "turndown",
      role: "peer",
      once: () => peer(html).length,
    });
  }
  return {
    operation,
    size,
    unit: "characters",
    rows,
    slow: size === LARGE,
    prepare(random): void {
      html = webPage(random, size);
    },
  };
}

function many({ twins }: Context): Group {
  let pages: string[] = [];
  const native = { implementation: "native" } as const;
  const loop: Row = {
    name: "native, one after the other",
    role: "reference",
    once: () => pages.reduce((sum, html) => sum + toMarkdown(html, native).length, 0),
  };
  return {
    operation: MANY,
    size: PAGES,
    unit: "pages",
    slow: true,
    front: true,
    rows: [
      ...twinRows(
        twins,
        (options) => async () => (await toMarkdownMany(pages, options))[0]!.length,
      ),
      ...(twins.includes("native") ? [loop] : []),
    ],
    prepare(random): void {
      pages = Array.from({ length: PAGES }, () => webPage(random, 25_000));
    },
  };
}

await register(area, import.meta.url);
