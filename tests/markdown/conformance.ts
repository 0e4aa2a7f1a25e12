/**
 * What the conversion to Markdown must do, whichever twin does it. How often progress is reported is no part of any result.
 */

import assert from "assertions";
import { AgentError } from "@agent/runtime";
import { type MarkdownOptions, toMarkdown, toMarkdownMany } from "@agent/runtime/text";
import vectors from "../vectors/markdown.json" with { type: "json" };
import { markdownBounds } from "./conformance_bounds.ts";
import { markdownParsing } from "./conformance_parsing.ts";
import { testOf, type Twin } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

/** Registers the suite for one twin. */
export function markdownConformance(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("markdown", twin, name, body);
  const convert = (html: string, options: MarkdownOptions = {}): string =>
    toMarkdown(html, { ...options, implementation });
  const all = (html: string): string => convert(html, { content: "all" });

  for (const { name: what, html, markdown } of vectors.pages) {
    test(`the main content of ${what}`, () => {
      assert.equal(convert(html), markdown);
    });
  }

  for (const { name: what, cases } of vectors.groups) {
    test(what, () => {
      for (const [html, markdown] of cases as [string, string][]) {
        assert.equal(all(html), markdown, html);
      }
    });
  }

  markdownParsing(twin);
  markdownBounds(twin);

  test("fragments never vanish", () => {
    for (
      const html of [
        "<p>hi</p>",
        "hi",
        "<nav>hi</nav>",
        "<div class=sidebar>hi</div>",
        "<form>hi</form>",
        "<header>hi",
        "<div role=navigation>hi",
        "<main></main>hi",
        "<article></article><p>hi",
        "<footer><p>hi</footer>",
        "<button>hi</button>",
      ]
    ) {
      assert.equal(convert(html), "hi", html);
    }
    assert.equal(convert(""), "");
    assert.equal(convert(" \n<p> </p>"), "");
    assert.equal(convert("<nav>Menu</nav><p>hi</p>"), "hi");
    assert.equal(convert("<img src=a.png alt=x>"), "![x](a.png)");
  });

  test("words of class and id are whole words, and do not drop what is most of the page", () => {
    const text = "The text that this page is about, which is long enough to be told from the rest.";
    const page = (attributes: string): string => `<div ${attributes}>Hm.</div><p>${text}</p>`;
    for (
      const attributes of ["class='a share b'", "id=cookieBanner", "class=site__nav", "class=AD"]
    ) {
      const expected = attributes === "id=cookieBanner" || attributes !== "" ? text : "";
      assert.equal(convert(page(attributes)), expected, attributes);
    }
    for (const attributes of ["class=shared", "id=adapter", "class=navy", "id=headers"]) {
      assert.equal(convert(page(attributes)), `Hm.\n\n${text}`, attributes);
    }
    assert.equal(convert(`<div class=has-sidebar><p>${text}</p></div>`), text);
    assert.equal(convert(`<p class=sr-only>Hm.</p><p>${text}</p>`), text);
    assert.equal(all(`<p class=sr-only>Hm.</p><p>${text}</p>`), `Hm.\n\n${text}`);
  });

  test("baseUrl resolves links and images, with <base href>", () => {
    const base = "https://h.example/a/b/c?q=1#f";
    const resolved = (href: string, baseUrl = base, head = ""): string => {
      const markdown = convert(`${head}<a href="${href}">x</a>`, { baseUrl, content: "all" });
      assert.match(markdown, /^\[x\]\(.*\)$/);
      return markdown.slice(4, -1);
    };
    // RFC 3986, section 5.4, with the base above.
    for (
      const [href, expected] of [
        ["g", "https://h.example/a/b/g"],
        ["./g", "https://h.example/a/b/g"],
        ["g/", "https://h.example/a/b/g/"],
        ["/g", "https://h.example/g"],
        ["//g", "https://g"],
        ["?y", "https://h.example/a/b/c?y"],
        ["g?y", "https://h.example/a/b/g?y"],
        ["#s", "https://h.example/a/b/c?q=1#s"],
        ["g?y#s", "https://h.example/a/b/g?y#s"],
        [";x", "https://h.example/a/b/;x"],
        [".", "https://h.example/a/b/"],
        ["./", "https://h.example/a/b/"],
        ["..", "https://h.example/a/"],
        ["../g", "https://h.example/a/g"],
        ["../..", "https://h.example/"],
        ["../../../g", "https://h.example/g"],
        ["g;x=1/../y", "https://h.example/a/b/y"],
        ["g?y/../x", "https://h.example/a/b/g?y/../x"],
        ["g.", "https://h.example/a/b/g."],
        ["..g", "https://h.example/a/b/..g"],
        ["mailto:a@b", "mailto:a@b"],
        ["  h t&#10;tp://x.example ", "https://h.example/a/b/h%20ttp://x.example"],
      ] as const
    ) {
      assert.equal(resolved(href), expected, href);
    }
    assert.equal(resolved("g", "https://h.example"), "https://h.example/g");
    assert.equal(
      resolved("g", base, "<base href='/d/e/'><base href='/no/'>"),
      "https://h.example/d/e/g",
    );
    assert.equal(resolved("g", base, "<base href='javascript:x'>"), "https://h.example/a/b/g");
    assert.equal(convert("<base href=/d/><a href=g>x</a>"), "[x](g)");
    assert.equal(convert("<img src=i.png>", { baseUrl: base }), "![](https://h.example/a/b/i.png)");
  });

  test("wrong arguments are refused", () => {
    assert.throws(() => convert(wrong(1)), {
      name: "TypeError",
      message: "html must be a string, got 1 (number)",
    });
    assert.throws(() => convert("", { content: wrong("most") }), {
      name: "TypeError",
      message: 'options.content must be "main" or "all", got "most"',
    });
    assert.throws(() => convert("", { baseUrl: wrong(null) }), TypeError);
    for (const baseUrl of ["", "page.html", "/a", "mailto:a@b", "data:text/html,x"]) {
      assert.throws(() => convert("", { baseUrl }), RangeError, baseUrl);
    }
    assert.throws(() => convert("", { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
  });

  test("toMarkdownMany() gives what toMarkdown() gives, in order", async () => {
    const pages = [
      ...vectors.pages.map(({ html }) => html),
      "",
      "\n",
      "a\ud800b",
      "<p>\ud83d\n<p>\ude00",
    ];
    const progress: number[] = [];
    const results = await toMarkdownMany(pages, {
      implementation,
      baseUrl: "https://h.example/x",
      onProgress: ({ done, total }) => {
        assert.equal(total, pages.length);
        progress.push(done);
      },
    });
    assert.deepEqual(
      results,
      pages.map((html) => convert(html, { baseUrl: "https://h.example/x" })),
    );
    assert.equal(progress.at(-1), pages.length);
    assert.deepEqual(await toMarkdownMany([], { implementation }), []);
    const both = await toMarkdownMany(["<nav>a</nav>b"], { implementation, content: "all" });
    assert.deepEqual(both, ["a\n\nb"]);
    await twin.idle();
  });

  test("toMarkdownMany() is not disturbed by what happens to its list", async () => {
    const pages = Array.from({ length: 3000 }, (_, index) => `<p>${index}`);
    const promise = toMarkdownMany(pages, { implementation });
    pages.fill("changed");
    const results = await promise;
    assert.ok(results.every((text, index) => text === String(index)));
    await twin.idle();
  });

  test("toMarkdownMany() ends when its signal says so", async () => {
    const page = `<div class=a><p>${"Some text, <b>bold</b>, and more. ".repeat(3000)}</p></div>`;
    const pages = Array.from({ length: 400 }, () => page);
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const promise = toMarkdownMany(pages, { implementation, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(promise, (error) => error === reason);
    await assert.rejects(
      toMarkdownMany(pages, { implementation, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    await assert.rejects(toMarkdownMany(wrong(["", 1])), {
      name: "TypeError",
      message: "htmls[1] must be a string, got 1 (number)",
    });
    await twin.idle();
  });

  test("too many elements are an error that says so", () => {
    const html = "<p>".repeat((1 << 23) + 1);
    const expected = {
      code: "TOO_LARGE",
      message: "The page has more than 8388608 elements, texts or attributes; split it",
      details: { what: "elements", size: (1 << 23) + 1, limit: 1 << 23 },
    };
    const same = (error: unknown): boolean => {
      assert.ok(AgentError.is(error, "TOO_LARGE"));
      const { code, message, details } = error;
      assert.deepEqual({ code, message, details }, expected);
      return true;
    };
    assert.throws(() => convert(html), same);
    assert.equal(convert("<p>after"), "after");
  });
}
