/** Seeded random pages: well-formed ones whose text is known, and soups of what makes parsers differ. */

import fc from "fast-check";

/** A page with the text that its reader sees; white space does not count. */
export interface Page {
  html: string;
  text: string;
}

const WORDS = [
  ..."*_`[]()#+-=~|!\\<>&:.1a",
  "**",
  "***",
  "__init__",
  "snake_case",
  "[x](y)",
  "![i](j)",
  "[r]: /u",
  "[ ]",
  "# h",
  "1. one",
  "2) two",
  "- item",
  "+ item",
  "> quote",
  "---",
  "===",
  "~~~",
  "~~gone~~",
  "```",
  "``",
  "<b>",
  "</p>",
  "<!-- c -->",
  "&amp;",
  "&copy",
  "&#35;",
  "a | b",
  "| --- |",
  ":--",
  "http://x.example/_a_",
  "www.example.org",
  "me@example.org",
  "word",
  "two words",
  "été",
  "日本語",
  "“quoted”",
  "—",
  "…",
  "😀",
  "€5",
  "x²",
  "5*3",
  "*a*b",
  "wow!",
  "(",
  ")",
];

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const word: fc.Arbitrary<Page> = fc.constantFrom(...WORDS).map((text) => ({
  html: escaped(text),
  text,
}));

function all(parts: readonly Page[], between = ""): Page {
  return {
    html: parts.map(({ html }) => html).join(between),
    text: parts.map(({ text }) => text).join(" "),
  };
}

function wrapped(tag: string, page: Page, attributes = ""): Page {
  return { html: `<${tag}${attributes}>${page.html}</${tag}>`, text: page.text };
}

const INLINE = ["b", "strong", "i", "em", "s", "del", "code", "span", "u", "kbd", "mark"];

const { inline, flow } = fc.letrec<{ inline: Page; flow: Page }>((tie) => ({
  inline: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.tuple(word, fc.constantFrom("", " ", "\n")).map(([page, space]) => ({
      html: `${space}${page.html}`,
      text: page.text,
    })),
    fc.tuple(fc.constantFrom(...INLINE), fc.array(tie("inline"), { maxLength: 3 }), fc.boolean())
      .map(([tag, parts, space]) => wrapped(tag, all(parts, space ? " " : ""))),
    fc.tuple(
      fc.array(tie("inline"), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(
        "/a",
        "b_c*d",
        "http://x.example/(a",
        "?q=1&amp;copy=2&amp;lt;",
        "http://x.example/",
      ),
      fc.constantFrom("", " title='t &quot;q&quot; \\'", " title='*t*'"),
    ).map(([parts, href, title]) => wrapped("a", noLinks(all(parts)), ` href="${href}"${title}`)),
    fc.constantFrom("pic", "a ] b", "*").map((alt) => ({
      html: `<img src="i.png" alt="${alt}">`,
      text: alt,
    })),
    fc.constantFrom("<br>", "<wbr>", "<!-- * -->").map((html) => ({ html, text: "" })),
  ),
  flow: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.tuple(
      fc.constantFrom("p", "div", "h1", "h3", "h6", "section", "figcaption"),
      fc.array(tie("inline"), { maxLength: 5 }),
    ).map(([tag, parts]) => wrapped(tag, all(parts))),
    fc.array(tie("inline"), { minLength: 1, maxLength: 3 }).map((parts) => all(parts)),
    fc.tuple(
      fc.constantFrom("ul", "ol", "ol start=0", "ol start=7"),
      fc.array(fc.array(tie("flow"), { maxLength: 3 }), { maxLength: 3 }),
    ).map(([tag, items]) => {
      const page = all(items.map((parts) => wrapped("li", all(parts))));
      return { html: `<${tag}>${page.html}</${tag.slice(0, 2)}>`, text: page.text };
    }),
    fc.array(tie("flow"), { maxLength: 3 }).map((parts) => wrapped("blockquote", all(parts))),
    fc.tuple(fc.array(word, { maxLength: 4 }), fc.constantFrom("", " class=language-js"))
      .map(([parts, attributes]) => wrapped("pre", all(parts, "\n"), attributes)),
    fc.array(fc.tuple(tie("flow"), tie("flow")), { maxLength: 2 }).map((pairs) =>
      wrapped(
        "dl",
        all(pairs.flatMap(([term, text]) => [wrapped("dt", term), wrapped("dd", text)])),
      )
    ),
    fc.tuple(
      fc.array(fc.array(fc.array(tie("inline"), { maxLength: 2 }), { maxLength: 3 }), {
        maxLength: 3,
      }),
      fc.constantFrom("td", "th"),
    ).map(([rows, cell]) =>
      wrapped(
        "table",
        all(
          rows.map((cells) => wrapped("tr", all(cells.map((parts) => wrapped(cell, all(parts)))))),
        ),
      )
    ),
    fc.array(fc.array(tie("flow"), { maxLength: 2 }), { maxLength: 2 }).map((cells) =>
      wrapped("table", wrapped("tr", all(cells.map((parts) => wrapped("td", all(parts))))))
    ),
    fc.constantFrom("<hr>", "<script>*x*</script>", "<p hidden>no</p>", "<style>p{}</style>")
      .map((html) => ({ html, text: "" })),
  ),
}));

/** Links within links end each other; the text stays the same. */
function noLinks(page: Page): Page {
  return { html: page.html.replace(/<\/?a\b[^>]*>/g, ""), text: page.text };
}

/** Paragraphs with much in them. */
export const anyParagraph: fc.Arbitrary<Page> = fc.array(inline, { maxLength: 12, size: "max" })
  .map((parts) => wrapped("p", all(parts)));

/** Well-formed pages. */
export const anyPage: fc.Arbitrary<Page> = fc.array(flow, { maxLength: 5, size: "max" })
  .map((parts) => all(parts));

const TAGS =
  "a b i em strong code s p div span h1 h2 ul ol li dl dt dd table thead tbody tr td th caption pre blockquote br hr img input main article nav aside header footer section form button svg math foreignObject template select option title textarea script style noscript iframe object xmp x-y plaintext html body details dialog del font center"
    .split(" ");

const ATTRIBUTES = [
  "href=/x",
  "href='javascript:x'",
  "href=' JAVA&Tab;script&colon;x'",
  'href="http://h.example/a b"',
  "href=?q",
  "href=../up/./x#f",
  "title=t",
  "title='a\"b'",
  "src=i.png",
  "src=data:x",
  "data-src=j.png",
  "alt='a*b'",
  "alt",
  "class=nav",
  "class='post-content sharedWidget'",
  "class=siteNav",
  "id=sidebar",
  "class='language-js x'",
  "class=sr-only",
  "role=main",
  "role=navigation",
  "hidden",
  "hidden=until-found",
  "aria-hidden=true",
  "style='DISPLAY : none'",
  "style=color:red",
  "start=7",
  "start=-1",
  "value=99",
  "type=checkbox",
  "checked",
  "colspan=3",
  "rowspan=2",
  "colspan=9999",
  "align=right",
  "style=text-align:center",
  "width=1",
  "alttext='x*y'",
  "open",
  "data-lang=rs",
  "=x",
  "a==b",
  "/",
  "x='",
];

const TEXTS = [
  ...WORDS,
  " ",
  "\n",
  "\r\n",
  "\r",
  "\t",
  "\f",
  "\0",
  "\u00a0",
  "\u3000",
  "\u2028",
  "\ufeff",
  "\ud800",
  "\udc00",
  "&amp;",
  "&lt;",
  "&gt",
  "&nbsp;",
  "&notin;",
  "&notit;",
  "&#42;",
  "&#x80;",
  "&#0;",
  "&#xD800;",
  "&#99999999;",
  "&#;",
  "&#x;",
  "&NotEqualTilde;",
  "&fjlig;",
  "&",
  "<",
  "</",
  "<!",
  "<!-",
  "<!--",
  "-->",
  "--!>",
  "<!-->",
  "<!--->",
  "<![CDATA[x]]>",
  "<?p?>",
  "<!DOCTYPE html>",
  "</>",
  "</ x>",
  ">",
  '"',
  "'",
  "=",
  "]]>",
  "A sentence that is long enough to count as good text, with a comma in it. ",
  "Une phrase assez longue pour être du bon texte, naïve et 日本語も少し。 ",
];

const tag: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom(...TAGS),
  fc.array(fc.constantFrom(...ATTRIBUTES), { maxLength: 3 }),
  fc.constantFrom(">", ">", ">", ">", ">", "/>", " >", "", "\n>"),
  fc.boolean(),
).map(([name, attributes, end, upper]) =>
  `<${[upper ? name.toUpperCase() : name, ...attributes].join(" ")}${end}`
);

const endTag: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom(...TAGS),
  fc.constantFrom(">", ">", ">", " >", " x=y>", ""),
).map(([name, end]) => `</${name}${end}`);

/** Anything that a parser may be given. */
export const anySoup: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.oneof(tag, endTag, fc.constantFrom(...TEXTS)), { maxLength: 60, size: "max" }),
  fc.array(
    fc.oneof(
      fc.constantFrom(
        "<td>",
        "<tr>",
        "<table>",
        "</table>",
        "</td>",
        "<p>",
        "x",
        "<li>",
        "<ul>",
        "</ul>",
        "<b>",
        "</b>",
        "<a href=u>",
        "</a>",
        "<div>",
        "</div>",
        "<pre>",
        "<h2>",
      ),
    ),
    {
      maxLength: 60,
      size: "max",
    },
  ),
  fc.array(fc.string({ unit: "binary", maxLength: 5 }), { maxLength: 30 }),
).map((parts) => parts.join(""));
