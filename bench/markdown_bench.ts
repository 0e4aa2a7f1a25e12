/**
 * HTML to Markdown on both twins, and turndown with its own DOM. turndown has no main content: it is compared with
 * all of the page, and the default of ours, the main content, is measured too.
 */

import { type MarkdownOptions, toMarkdown, toMarkdownMany } from "../src/text/mod.ts";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./harness.ts";
import type { Random } from "./random.ts";

const ALL = "all of a page";
const MAIN = "the main content of a page";
const MANY = "the main content of 200 pages of 25 KB, together";
const LOOP = "native, one after the other";
const LARGE = 250_000;

/** The groups. */
export async function groups(context: Context): Promise<Group[]> {
  const peer = await context.peers.turndown?.();
  const sizes = [0, 100, 2_500, 25_000, LARGE];
  return [
    ...sizes.map((size) => one(context, ALL, size, "all", peer)),
    ...sizes.map((size) => one(context, MAIN, size, "main", undefined)),
    many(context),
  ];
}

/** A page like those of the web: head, navigation, article, comments, footer; about so long. */
export function page(random: Random, size: number): string {
  if (size < 1000) return `<p>${random.prose(size)}`.slice(0, size);
  const link = (): string =>
    `<a class="link" href="/${random.word()}/${random.below(1e6)}">${random.word()}</a>`;
  const links = (count: number): string =>
    Array.from({ length: count }, () => `\n<li class="menu-item">${link()}</li>`).join("");
  const parts = [
    `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${random.word()}</title>
<script>window.data = ${
      JSON.stringify(random.prose(200))
    };</script><style>.a > b { color: red }</style></head>
<body class="page"><header class="top"><nav><ul>${
      links(8)
    }</ul></nav></header><main><article><h1>${random.word()}</h1>`,
  ];
  let length = parts[0]!.length;
  while (length < size - 400) {
    const part = section(random, link);
    parts.push(part);
    length += part.length;
  }
  parts.push(
    `</article></main><aside><ul>${links(5)}</ul></aside><footer>${link()}</footer></body></html>`,
  );
  return parts.join("\n");
}

function section(random: Random, link: () => string): string {
  const words = (size: number): string => random.prose(size);
  switch (random.below(8)) {
    case 0:
      return `<h2 id="${random.word()}">${words(30)}</h2>`;
    case 1:
      return `<ul>${[1, 2, 3].map(() => `<li>${words(40)} ${link()}</li>`).join("\n")}</ul>`;
    case 2:
      return `<table class="t"><thead><tr><th>${random.word()}</th><th>${random.word()}</th></tr></thead><tbody>${
        [1, 2, 3].map(() => `<tr><td>${words(20)}</td><td>${random.below(1000)}</td></tr>`).join(
          "\n",
        )
      }</tbody></table>`;
    case 3:
      return `<pre><code class="language-js">const ${random.word()} = &quot;${
        words(40)
      }&quot;;\nif (a &lt; b) call();</code></pre>`;
    case 4:
      return `<figure class="image"><img src="/img/${random.word()}.jpg" alt="${
        words(20)
      }" width="640" height="480"><figcaption>${words(40)}</figcaption></figure>`;
    default:
      return `<div class="text"><p>${words(150)} <strong>${words(12)}</strong> ${
        words(80)
      } ${link()}, ${words(60)} <em>${random.word()}</em> &amp; ${words(90)}.</p></div>`;
  }
}

function one(
  context: Context,
  operation: string,
  size: number,
  content: MarkdownOptions["content"],
  peer: ((html: string) => string) | undefined,
): Group {
  let html = "";
  const row = (name: string, role: Row["role"], convert: (html: string) => string): Row => ({
    name,
    role,
    run(calls): number {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += convert(html).length;
      return sum;
    },
  });
  return {
    operation,
    size,
    unit: "characters",
    rows: [
      ...context.twins.map((implementation) => {
        const options = { implementation, content };
        return row(implementation, implementation, (html) => toMarkdown(html, options));
      }),
      ...(peer === undefined ? [] : [row("turndown", "peer", peer)]),
    ],
    prepare(random): void {
      html = page(random, size);
    },
  };
}

function many(context: Context): Group {
  let pages: string[] = [];
  const rows: Row[] = context.twins.map((implementation) => ({
    name: implementation,
    role: implementation,
    async run(calls): Promise<number> {
      let sum = 0;
      for (let i = 0; i < calls; i++) {
        sum += (await toMarkdownMany(pages, { implementation }))[0]!.length;
      }
      return sum;
    },
  }));
  if (context.twins.includes("native")) {
    rows.push({
      name: LOOP,
      role: "reference",
      run(calls): number {
        let sum = 0;
        for (let i = 0; i < calls; i++) {
          for (const html of pages) sum += toMarkdown(html, { implementation: "native" }).length;
        }
        return sum;
      },
    });
  }
  return {
    operation: MANY,
    size: 200,
    unit: "pages",
    maxCalls: 1,
    maxRounds: 15,
    rows,
    prepare(random): void {
      pages = Array.from({ length: 200 }, () => page(random, 25_000));
    },
  };
}

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const ratio = (size: number, name: string): number | undefined =>
    figures.row(ALL, size, name)?.toPeer?.value;
  return [
    atLeast("A page of 250 KB: at least 10 times turndown", ratio(LARGE, "auto"), 10),
    atLeast("The same in TypeScript: at least 10 times turndown", ratio(LARGE, "pure"), 10),
    atLeast("A page of 2.5 KB: at least 10 times turndown", ratio(2_500, "auto"), 10),
  ];
}
