/** The title that an HTML page gives itself. Plain TypeScript beside both twins; linear in the page. @module */

import { decode } from "./references.ts";

/** What begins a comment, the title, or content in which `<title` is none of the page's. */
const BEGINNING = /<(?:!--|(title|script|style|svg|template|noscript|textarea)(?=[\s/>]))/gi;

/** The words of a page's `<title>`, with white space collapsed; "" if it has none. */
export function pageTitle(html: string): string {
  BEGINNING.lastIndex = 0;
  for (let found = BEGINNING.exec(html); found !== null; found = BEGINNING.exec(html)) {
    const name = found[1]?.toLowerCase();
    const from = name === undefined ? found.index + 2 : html.indexOf(">", BEGINNING.lastIndex) + 1;
    const end = name === undefined ? /-->/g : new RegExp(`</${name}(?=[\\s/>])`, "gi");
    end.lastIndex = from;
    const to = from === 0 ? -1 : end.exec(html)?.index ?? -1;
    if (to < 0) return ""; // the rest of the page is inside of it
    if (name === "title") return decode(html.slice(from, to), false).replace(/\s+/g, " ").trim();
    BEGINNING.lastIndex = to;
  }
  return "";
}
