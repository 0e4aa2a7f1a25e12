/**
 * Pages as the web has them, made from a seed.
 */

import type { Random } from "./random.ts";

/** A page like those of the web: head, navigation, article, comments, footer; about so long. */
export function webPage(random: Random, size: number): string {
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
