/** HTML documents: what of a page is stored and found, and that offsets count in what is stored. */

import assert from "assertions";
import { createAgent } from "@agent/runtime/agent";
import { openKnowledge } from "@agent/runtime/knowledge";
import { toMarkdown } from "@agent/runtime/text";
import { prepareDocument } from "../../src/knowledge/document.ts";
import { blocksOf } from "../../src/text/outline/mod.ts";
import "../support/default_twin.ts";

/** A page with everything around its content that a reader of the page passes over. */
const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><!-- <title>commenthyena</title> -->
<script>const page = "<title>scriptferret</title>";</script><style>.styleotter { color: red }</style>
<title>Pump P&#45;7 &ndash; operating
  manual</title></head>
<body>
<header class="site-header"><a href="/">Headerbadger Inc.</a></header>
<nav id="menu"><ul><li><a href="/a">Navlemur</a></li><li><a href="/b">Products</a></li></ul></nav>
<div class="cookie-banner" role="dialog"><p>We use cookies: bannergecko and partners store data on your device.</p>
<button>Accept buttonibex</button></div>
<div class="breadcrumbs"><a href="/">Home</a> &gt; <a href="/pumps">Crumbkoala</a></div>
<main id="content">
<h1 id="top">Pump P-7 <a class="headerlink" href="#top" title="Permalink">&para;</a></h1>
<p>The pump moves up to 40 litres a minute &amp; runs on 24&nbsp;V. Its rotor is made of <em>cast</em> bronze.</p>
<h2 id="start">Starting it</h2>
<p hidden>Hiddenquokka secret.</p>
<p style="display: none">Displaymarmot none.</p>
<span aria-hidden="true">Ariapuffin</span>
<noscript>Noscripttapir</noscript><template><p>Templatevole</p></template>
<svg><title>Svgwalrus</title><text>svgtext</text></svg>
<ol><li>Open the valve with the <a href="https://tools.example/key_12">square key</a>.<li>Press the green
switch for three seconds.</ol>
<pre><code class="language-sh">pumpctl --start  P-7
# waits for pressure</code></pre>
<h2 id="limits"><a href="#limits">Limits</a></h2>
<table><tr><th>Part</th><th>Limit</th></tr><tr><td>Inlet pressure</td><td>6 bar</td></tr>
<tr><td>Water temperature</td><td>85 degrees</td></tr></table>
<p>A <code>dry_run</code> of more than 2*30 seconds ruins the seals. The limits are set in <b>config_file.toml</b>.</p>
<form><label>Name</label><input value="inputyak"><select><option>optionzebu</option></select></form>
</main>
<aside class="related"><h3>Related</h3><a href="/x">Asideheron article</a></aside>
<footer class="footer"><p>Copyright Footerdingo 2024. All rights reserved.</p><a href="/imprint">Imprint</a></footer>
</body></html>`;
/** Words of the page that stand outside of its content. */
const PASSED_OVER =
  "commenthyena scriptferret styleotter headerbadger navlemur bannergecko buttonibex crumbkoala hiddenquokka displaymarmot ariapuffin noscripttapir templatevole svgwalrus inputyak optionzebu asideheron footerdingo permalink imprint cookies"
    .split(" ");

Deno.test("of a page the content is stored, as toMarkdown makes it", async () => {
  const { text, title, format, chunks } = await prepareDocument({
    document: "p.html",
    text: PAGE,
  });
  assert.equal(format, "html");
  assert.equal(title, "Pump P-7 – operating manual");
  assert.equal(text, toMarkdown(PAGE));
  assert.equal(chunks.map(({ start, end }) => text.slice(start, end)).join(""), text);
  assert.deepEqual(blocksOf(text, "html").map(({ kind }) => kind), [
    "heading",
    "text",
    "heading",
    "item",
    "item",
    "code",
    "heading",
    "table",
    "text",
  ]);
  const above = chunks.map(({ heading }) => heading);
  assert.deepEqual(above, ["Pump P-7", "Pump P-7 > Starting it", "Pump P-7 > Limits"]);
});

Deno.test("what toMarkdown leaves out is not found", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "p.html", text: PAGE }]);
  for (const word of PASSED_OVER) {
    assert.ok(PAGE.toLowerCase().includes(word), word);
    assert.deepEqual(knowledge.searchText(word), [], word);
    assert.deepEqual(knowledge.terms(word).map(({ chunks }) => chunks), [0], word);
  }
  await using agent = createAgent({ knowledge });
  const answer = await agent.ask("Who has the copyright of Footerdingo?");
  assert.deepEqual(answer.sources, []);
});

Deno.test("hits and quotes of a page are true offsets into its stored text", async () => {
  using knowledge = openKnowledge();
  await knowledge.add([{ document: "p.html", text: PAGE }]);
  const text = knowledge.text("p.html")!;
  const questions: [string, string][] = [
    ["How many litres does the pump move?", "40 litres"],
    ["What is the rotor made of?", "bronze"],
    ["How is the valve opened?", "square key"],
    ["What is the limit of the inlet pressure?", "6 bar"],
    ["What ruins the seals?", "30 seconds"],
  ];
  await using agent = createAgent({ knowledge });
  for (const [question, fact] of questions) {
    for (const { start, end, chunk } of knowledge.searchText(question)) {
      assert.equal(text.slice(start, end), chunk);
    }
    const { sources, answer } = await agent.ask(question);
    for (const { start, end, quote } of sources) assert.equal(text.slice(start, end), quote);
    assert.ok(sources[0]?.quote.includes(fact), `${question}: ${JSON.stringify(sources[0])}`);
    assert.ok(!/\]\(|\\[*_&]|\*\*/.test(answer), answer);
  }
});

Deno.test("HTML that is malformed is read, and scripts stay out of it", async () => {
  const pages: [string, string][] = [
    ["<p>a<p>b", "a\n\nb"],
    ["<div>a</span></div>b", "a\n\nb"],
    ["a <script>leak", "a"],
    ["a <!-- leak", "a"],
    ["a <style>leak</sty", "a"],
    ["<h2>open", "## open"],
    ["<pre>open", "```\nopen\n```"],
    ["<nav>leak</div></nav>after", "after"],
    ["a < b && c > d", "a < b && c > d"],
    ["&#x41;&eacute;&unknown;", "Aé\\&unknown;"],
    ["<li>".repeat(3), ""],
  ];
  for (const [html, text] of pages) {
    const document = await prepareDocument({ document: "p", text: html, format: "html" });
    assert.equal(document.text, text, html);
  }
});

Deno.test("a page is called by its title, else by its first heading", async () => {
  const titles: [string, string | null][] = [
    ["<title> A &amp; B\n&lt;c&gt; </title><h1>H</h1>", "A & B <c>"],
    ["<TITLE lang=de>Ä</TITLE >", "Ä"],
    ["<!--><title>a</title>", "a"],
    [
      "<svg><title>icon</title></svg><h2>See <a href=/x>this</a> &amp; <code>a_b</code></h2>",
      "See this & a_b",
    ],
    ["<title></title><h3>c</h3><h1>a *</h1>", "a *"],
    ["<title>never ends", null],
    ["no title", null],
  ];
  for (const [html, title] of titles) {
    const document = await prepareDocument({ document: "p", text: html, format: "html" });
    assert.equal(document.title, title, html);
  }
});

Deno.test("HTML nested without end is read like any other", async () => {
  const deep = `${"<div>".repeat(1_000_000)}inside`;
  const { text } = await prepareDocument({ document: "p", text: deep, format: "html" });
  assert.equal(text, "inside");
});
