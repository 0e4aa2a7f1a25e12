/**
 * What the parser must do: expected values are written from the rules of the WHATWG standard (tokenization and tree
 * construction), not from any implementation.
 */

import assert from "assertions";
import { toMarkdown } from "@agent/runtime/text";
import { testOf, type Twin } from "../support/twins.ts";

/** Pages with the text that is seen. */
const CASES: readonly (readonly [rule: string, html: string, expected: string])[] = [
  ["data: < before no letter is text", "a < b <3 <= <.", "a < b <3 <= <."],
  ["end tag open: </ before no letter is a comment", "a</ b>c</#>d", "acd"],
  ["end tag open: </> is nothing", "a</>b", "ab"],
  ["end tag open: </ at the end is text", "a</", "a\\</"],
  ["bogus comment: <? and <!x up to >", "a<?php x?>b<!x y>c", "abc"],
  ["bogus comment at the end", "a<!x", "a"],
  ["comment", "a<!-- <p>b</p> -- > -->c", "ac"],
  ["comment: abrupt closing", "a<!-->b<!--->c", "abc"],
  ["comment: --!> ends it", "a<!-- b --!>c", "ac"],
  ["comment: dashes before >", "a<!-- b ------>c", "ac"],
  ["comment: --!- goes on", "a<!-- b --!-- > -->c", "ac"],
  ["comment: to the end of the page", "a<!-- b", "a"],
  ["doctype up to >", '<!DOCTYPE html PUBLIC "a>b">c', 'b">c'],
  ["CDATA is a comment in HTML", "a<![CDATA[b>c]]>d", "ac]]>d"],
  ["CDATA is text in foreign content", "<math><mi><![CDATA[a<b]]></mi></math>", "a\\<b"],
  ["tag at the end of the page is dropped", "a<b", "a"],
  ["tag with an open quote is dropped", 'a<p title="b>c', "a"],
  ["names are case-insensitive", "<SCRIPT>a</sCript>b<H2>c</h2>", "b\n\n## c"],
  ["name: / ends it", "<br/>a<br/x>b", "a\\\nb"],
  [
    "attributes: quotes, none, unquoted",
    `<a href='u"1'>a</a><a href=u'2>b</a>`,
    `[a](u"1)[b](u'2)`,
  ],
  ["attributes: > in quotes", '<a title="x>y" href=u>a</a>', '[a](u "x>y")'],
  ["attributes: no space between", `<a title="t"href=u>a</a>`, '[a](u "t")'],
  ["attributes: = at the beginning is a name", "<a =href=v href=u>a</a>", "[a](u)"],
  ["attributes: white space around =", "<a href \n=\t u>a</a>", "[a](u)"],
  ["attributes: missing value", "<a href=>a</a>b", "ab"],
  ["attributes: / is white space but in unquoted values", "<a/href=u/v/>a</a>", "[a](u/v/)"],
  ["attributes: the first of a name counts", "<a href=1 HREF=2>a</a>", "[a](1)"],
  ["attributes: U+0000 becomes U+FFFD", "<a href=a\0b>c</a>", "[c](a\ufffdb)"],
  ["end tags may have attributes", "<h2>a</h2 title='>'>b", "## a\n\nb"],
  ["RAWTEXT ends at its own end tag", "<style><p>a</p></styles></style >b", "b"],
  ["RCDATA: title", "<title><b>a</title>b", "b"],
  ["textarea is not shown", "<textarea><p>a</textarea>b", "b"],
  ["noscript is for browsers without scripts", "<noscript><p>a</p></noscript>b", "b"],
  ["script data", "<script>if (a</b>c) '</scriptx>'</script>b", "b"],
  ["script data: escaped", "<script><!-- </script>b", "b"],
  ["script data: double escaped", "<script><!-- <script> </script> --></script>b", "b"],
  ["script data: double escaped is left with -->", "<script><!-- <script> --> </script>b", "b"],
  ["script data: <!--> is left at once", "<script><!--><script></script>b", "b"],
  ["script data: to the end of the page", "<script><!-- <script> </script> a", ""],
  ["plaintext", "a<plaintext><p>b</plaintext>", "a\n\n```\n<p>b</plaintext>\n```"],
  ["reference: longest name", "&notin; &notit; &not;", "∉ ¬it; ¬"],
  ["reference: without semicolon", "&copy2 &AMP &ampx.", "©2 & &x."],
  ["reference: only with semicolon", "&notin &hellip x", "¬in &hellip x"],
  ["reference: unknown", "&nosuch; & &;", "\\&nosuch; & &;"],
  ["reference: two code points", "&NotEqualTilde;&fjlig;", "≂̸fj"],
  ["reference: numbers", "&#65;&#x42;&#X43;&#68x", "ABCDx"],
  ["reference: windows-1252", "&#128;&#x99;&#x81;", "€™\u0081"],
  ["reference: wrong numbers", "&#0;&#xD800;&#x110000;&#99999999999;", "����"],
  ["reference: no digits", "&#;&#x;", "\\&#;\\&#x;"],
  [
    "reference in an attribute: = or alphanumeric follows",
    "<a href='?a&copy=1&copyb&copy;&lt'>x</a>",
    "[x](?a&copy=1&copyb©%3C)",
  ],
  ["U+0000 in text is nothing", "a\0b", "ab"],
  ["byte order mark at the beginning is nothing", "\ufeffa\ufeff", "a\ufeff"],
  ["line ends", "<pre>\r\na\rb\r\nc\n\rd</pre>", "```\na\nb\nc\n\nd\n```"],
  ["pre: the first line end is nothing", "<pre>\n\na</pre>", "```\n\na\n```"],
  ["p: blocks end it", "<p>a<div>b</div>c", "a\n\nb\n\nc"],
  ["p: </p> without <p> is an empty one", "a</p>b", "a\n\nb"],
  ["p: a button keeps the outer one open", "<p>a<button><p>b</button>c", "a\n\nb\n\nc"],
  ["br: </br> is one", "a</br>b", "a\\\nb"],
  [
    "li ends li, but not through a list",
    "<ul><li>a<li>b<ul><li>c</ul>d<li>e</ul>",
    "- a\n- b\n  - c\n\n  d\n- e",
  ],
  ["li ends li through div", "<ul><li><div>a<li>b</ul>", "- a\n- b"],
  ["dt and dd end each other", "<dl><dt>a<dd>b<dd>c<dt>d</dl>", "a\n- b\n- c\n\nd"],
  ["h1 to h6: any end tag ends any", "<h2>a</h3>b", "## a\n\nb"],
  ["h1 to h6: one ends another", "<h2>a<h3>b</h3>", "## a\n\n### b"],
  [
    "table: cells and rows end each other",
    "<table><tr><th>a<th>b<tr><td>c<td>d</table>e",
    "| a | b |\n| --- | --- |\n| c | d |\n\ne",
  ],
  ["table: parts without a table are nothing", "<td>a</td><tr>b</tr>", "ab"],
  [
    "table: </div> does not leave a cell",
    "<div><table><tr><th>a</div>b<th>c</table>d",
    "| ab | c |\n| --- | --- |\n\nd",
  ],
  [
    "table: a table in a table ends it",
    "<table><table><tr><th>a<th>b</table>",
    "| a | b |\n| --- | --- |",
  ],
  [
    "table: text in it is not lost",
    "<table>a<tr>b<th>c<th>d</table>",
    "a\n\nb\n\n| c | d |\n| --- | --- |",
  ],
  ["formatting goes on after blocks", "<p><b>a<p>b</b>c", "**a**\n\n**b**c"],
  ["formatting: misnested", "<b>a <i>b</b> c</i> d", "**a *b*** *c* d"],
  [
    "formatting ends with its cell",
    "<table><tr><th><b>a<th>c</table>d",
    "| **a** | c |\n| --- | --- |\n\nd",
  ],
  [
    "formatting: an end tag does not leave its cell",
    "<b><table><tr><th>a</b>b<th>c</table>d</b>e",
    "| **ab** | **c** |\n| --- | --- |\n\n**d**e",
  ],
  ["a ends a", "<a href=1>a<a href=2>b</a>c", "[a](1)[b](2)c"],
  ["an ordinary end tag stops at a block", "<span>a<div>b</span>c</div>d", "a\n\nbc\n\nd"],
  ["unmatched end tags are nothing", "a</b></div></ul></xy>b", "ab"],
  ["form: one in another is nothing", "<form>a<form>b</form>c", "ab\n\nc"],
  ["svg is not shown", "a<svg><text>b</text><a>c</a></svg>d", "ad"],
  ["svg: HTML ends it", "a<svg><g><p>b", "a\n\nb"],
  ["svg: self-closing", "a<svg/>b<svg><path/></svg>c", "abc"],
  ["svg: HTML in foreignObject does not", "a<svg><foreignObject><p>b</foreignObject></svg>c", "ac"],
  ["math is text", "<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"],
  ["template is not shown", "a<template><p>b<template>c</template></template>d", "ad"],
  [
    "template: parts of tables stay in it",
    "<table><tr><th>a<template><tr><td>b</template><th>c</table>",
    "| a | c |\n| --- | --- |",
  ],
  ["html, head and body are nothing", "<html hidden><head><body hidden>a</body>b</html>c", "abc"],
  ["hidden", "<p hidden>a</p><p hidden=until-found>b</p><i hidden>c</i>d", "b\n\nd"],
  ["aria-hidden", "<p aria-hidden=true>a</p><p aria-hidden=false>b", "b"],
  [
    "display and visibility",
    "<p style='a:b;DISPLAY : none'>a</p><p style=visibility:hidden>b</p><p style=display:block>c",
    "c",
  ],
  ["unknown elements", "<x-a>a<x-b>b</x-a>c</x-b>d", "abcd"],
];

/** Registers the tests for one twin. */
export function markdownParsing(twin: Twin): void {
  const { name: implementation } = twin;
  const test = (name: string, body: () => void | Promise<void>): void =>
    testOf("markdown", twin, name, body);
  for (const [rule, html, expected] of CASES) {
    test(rule, () => {
      assert.equal(toMarkdown(html, { content: "all", implementation }), expected, html);
    });
  }
}
