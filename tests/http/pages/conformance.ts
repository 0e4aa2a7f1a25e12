/** What a conversion must do, on either twin. */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { countTokens } from "@agent/runtime/text";
import type { Fetched } from "../../../src/http/pages/converter.ts";
import type { Page } from "../../../src/http/pages/mod.ts";
import { testOf, type Twin } from "../../support/twins.ts";
import { converterOf, fetched } from "./client.ts";

/** Registers the suite for a twin. */
export function conversionConformance(twin: Twin): void {
  const test = (name: string, body: () => Promise<void>): void => testOf("pages", twin, name, body);
  const convert = async (body: Fetched, options = {}): Promise<Page> => {
    using converter = await converterOf(twin.name, options);
    assert.equal(converter.implementation, twin.name);
    return await converter.convert(body);
  };
  const text = async (bytes: number[], type: string, head = ""): Promise<string> => {
    const body = Uint8Array.from([...new TextEncoder().encode(head), ...bytes]);
    return (await convert(fetched(body, type))).markdown;
  };

  test("a page has title, content, links and tokens", async () => {
    const html = `<!doctype html><html lang=en><head><title>Tea &amp;\n more</title>
      <meta name="description" content="How to &lt;boil&gt;"><meta property=og:title content=Other></head>
      <body><nav><a href=/home>Home</a></nav><main><h1>Tea</h1><p>Boil <a href="water#hot">water</a>, then
      <a href="#top">go up</a>, <a href="?c">here</a> or <a href=water>again</a>, see <a href="//x.example/">x</a>
      and <a href="mailto:a@h.example">mail</a>.</p></main></body></html>`;
    const page = await convert(fetched(html, "text/html; charset=utf-8"));
    const markdown = "# Tea\n\nBoil [water](https://h.example/a/water#hot), then " +
      "[go up](https://h.example/a/b?c#top), [here](https://h.example/a/b?c) or " +
      "[again](https://h.example/a/water), see [x](https://x.example/) and [mail](mailto:a@h.example).";
    assert.deepEqual(page, {
      url: "https://h.example/a/b?c",
      title: "Tea & more",
      markdown,
      tokens: await countTokens(markdown),
      links: ["https://h.example/a/water", "https://x.example/"],
      description: "How to <boil>",
      language: "en",
      charset: "utf-8",
    });
  });

  test("all of a page on demand, by another vocabulary", async () => {
    const html = "<nav><a href=/h>Home</a></nav><main><p>Content of the page.</p></main>";
    const page = await convert(fetched(html), { main: false, encoding: "cl100k_base" });
    assert.equal(page.markdown, "[Home](https://h.example/h)\n\nContent of the page.");
    assert.deepEqual(page.links, ["https://h.example/h"]);
    assert.equal(page.tokens, await countTokens(page.markdown, { encoding: "cl100k_base" }));
  });

  test("maxTokens gives the chunks of the Markdown", async () => {
    const html = `<h1>A</h1><p>${
      "A sentence of some length. ".repeat(20)
    }</p><h2>B</h2><p>More.</p>`;
    const { markdown, chunks } = await convert(fetched(html), { maxTokens: 40 });
    assert(chunks !== undefined && chunks.length > 3);
    assert.equal(chunks.map((chunk) => chunk.text).join(""), markdown);
    for (const { text, tokens } of chunks) {
      assert(tokens <= 40);
      assert.equal(tokens, await countTokens(text));
    }
  });

  test("the title is og:title or the first heading where there is no other", async () => {
    const title = async (html: string): Promise<string> => (await convert(fetched(html))).title;
    assert.equal(await title("<meta name=og:title content=' a  b '><h1>c</h1>"), "a b");
    assert.equal(await title("<title> </title><p>x</p><h1>The *heading*</h1>"), "The *heading*");
    assert.equal(await title("<pre># not this</pre><h2>nor this</h2>"), "");
    assert.equal(await title("<body><title>late</title>"), "");
    assert.equal(await title("<svg><title>icon</title></svg><title>page</title>"), "page");
    assert.equal(await title("<!-- <title>no</title> --><title>yes"), "");
  });

  test("charsets: the mark, then the server, then the page, then a guess", async () => {
    const cafe = [0x63, 0x61, 0x66, 0xe9];
    assert.equal(await text(cafe, "text/html"), "café");
    assert.equal(await text(cafe, "text/html; charset=windows-1251"), "cafй");
    assert.equal(
      await text(cafe, 'text/html;x="a;charset=koi8-r"; Charset="iso-8859-5"'),
      "cafщ",
    );
    assert.equal(await text(cafe, 'text/html; charset= "windows-1251"'), "café");
    assert.equal(await text(cafe, "text/html", "<meta charset=windows-1251>"), "cafй");
    assert.equal(
      await text(
        cafe,
        "text/html",
        "<meta content='text/html; charset=windows-1251' http-equiv=content-type>",
      ),
      "cafй",
    );
    assert.equal(await text(cafe, "text/html", "<meta content='charset=windows-1251'>"), "café");
    assert.equal(await text(cafe, "text/html", "<meta charset=utf-16>"), "caf\ufffd");
    assert.equal(
      await text(cafe, "application/xhtml+xml", '<?xml encoding="windows-1251"?>'),
      "cafй",
    );
    assert.equal(await text([0xef, 0xbb, 0xbf, 0x63], "text/html; charset=utf-16le"), "c");
    assert.equal(await text([0xff, 0xfe, 0x63, 0], "text/plain; charset=utf-8"), "c");
    assert.equal(await text([0xfe, 0xff, 0, 0x63], "text/plain"), "c");
    assert.equal(await text([0x93, 0xfa, 0x96, 0x7b], "text/html; charset=Shift_JIS"), "日本");
    assert.equal(await text([0xc7, 0xd1], "text/html; charset=euc-kr"), "한");
    assert.equal(await text([0xd6, 0xd0], "text/html; charset=gb2312"), "中");
    assert.equal(await text([0xa4, 0xa4], "text/html; charset=big5"), "中");
    assert.equal(await text(cafe, "text/plain; charset=nonsense"), "café");
  });

  test("text and Markdown stay as they are, JSON is a block of code", async () => {
    const of = async (body: string, type: string | null): Promise<string> =>
      (await convert(fetched(body, type))).markdown;
    assert.equal(await of("# T\r\n\r\na <b>\r* c\n\n", "text/markdown"), "# T\n\na <b>\n* c");
    assert.equal(await of("  a\n", "text/plain"), "  a");
    assert.equal(await of('\n{"a": 1}\n', "application/json"), '```json\n{"a": 1}\n```');
    assert.equal(await of('"```"', "application/ld+json"), '````json\n"```"\n````');
    assert.equal((await convert(fetched("# T\n\nx", "text/plain"))).title, "T");
    assert.deepEqual((await convert(fetched("", "text/html"))).markdown, "");
  });

  test("without a type the body says what it is", async () => {
    assert.equal((await convert(fetched(" \n<p>a &amp; b", null))).markdown, "a & b");
    assert.equal((await convert(fetched("1 < 2 &amp;", null))).markdown, "1 < 2 &amp;");
    await assert.rejects(
      convert(fetched(Uint8Array.of(0x7f, 0x45, 0, 1), null)),
      (error) => AgentError.is(error, "UNSUPPORTED") && error.details.what === "binary data",
    );
  });

  test("what no page is, is UNSUPPORTED and named", async () => {
    for (const type of ["application/pdf", "image/png", "text/css"]) {
      await assert.rejects(
        convert(fetched("x", `${type}; charset=utf-8`)),
        (error) => AgentError.is(error, "UNSUPPORTED") && error.details.what === type,
      );
    }
    await assert.rejects(
      convert(fetched("x", "text/html; charset=iso-2022-kr")),
      (error) => AgentError.is(error, "UNSUPPORTED") && error.details.what === "charset",
    );
  });

  test("a page of too many elements is TOO_LARGE", async () => {
    await assert.rejects(
      convert(fetched(`${"<br>".repeat((1 << 23) + 1)}x`)),
      (error) => AgentError.is(error, "TOO_LARGE") && error.details.what === "elements",
    );
  });
}
