/** Names, addresses, plurals, phrases and stop words of keywords, on both twins. */

import assert from "assertions";
import fc from "fast-check";
import { type KeywordOptions, keywords } from "@agent/runtime/text";
import { LANGUAGES, stopWords } from "../../src/shared/stop_words.ts";
import { anyString, check } from "../support/arbitraries.ts";
import { NATIVE, PURE, testOf, testOfBoth, twins } from "../support/twins.ts";
import { wrong } from "../support/values.ts";

const both = twins("text");

for (const twin of both.each) {
  const test = (what: string, body: () => void): void => testOf("keywords", twin, what, body);
  const of = (text: string, options: KeywordOptions = {}): string[] =>
    keywords(text, { implementation: twin.name, limit: 50, minLength: 2, ...options })
      .map(({ keyword }) => keyword);

  test("names stay whole", () => {
    const names = [
      "COVID-19",
      "SARS-CoV-2",
      "C++",
      "C#",
      ".NET",
      "ASP.NET",
      "node.js",
      "AT&T",
      "R&D",
      "TCP/IP",
      "snake_case",
      "GPT-4o",
      "x86_64",
      "state-of-the-art",
      "e\u2011mail",
      "solar\u00adpanel",

      "vitamin-B12",
    ];
    for (const name of names) {
      const plain = name.toLowerCase().replace("\u2011", "-").replace("\u00ad", "");
      for (
        const text of [
          name,
          `We use ${name} here.`,
          `(${name}), and "${name}"!`,
          `${name}\n${name}`,
        ]
      ) {
        assert.ok(of(text).includes(plain), `${JSON.stringify(text)}: ${of(text)}`);
      }
    }
    assert.deepEqual(
      of("One end.Next begins, e.g. this, i.e. that: red/blue a+b - c--d").sort(),
      ["begins", "blue", "end", "red"].sort(),
    );
  });

  test("a name in capitals is no stop word, and says nothing of the language", () => {
    assert.equal(
      of(
        "AI is changing research. The AI in a hospital helps, and AI models read images; ai is no doctor.",
      )[0],
      "ai",
    );
    assert.equal(
      of("How ai changes work: ai tools help, and ai models learn. Use ai with care.")[0],
      "ai",
    );
    assert.deepEqual(of("The US and the WHO met IT firms.").sort(), [
      "firms",
      "it",
      "met",
      "us",
      "who",
    ]);
    assert.deepEqual(of("THE HOUSE AND THE GARDEN ARE OPEN"), ["house", "garden", "open"]);
    assert.ok(!of("Il cane va ai giardini con gli altri cani della nostra casa").includes("ai"));
  });

  test("addresses and the targets of links are no words", () => {
    const text =
      'See [the guide](https://host.example/path/install "Title") and [more](../other/page.html), ' +
      "https://www.shop.example/item?id=kettle, www.plain.example/x, <mailto:ada@mail.example> or FTP://files.example/y. End";
    assert.deepEqual(of(text, { minLength: 3 }).sort(), ["end", "guide"]);
    assert.deepEqual(
      of(
        '<p class="intro">Tea &nbsp;<b>and</b> milk</p> 1 <a and b> 2 &#39;x&x; <br/><img src="y\n.png">',
      ),
      ["tea", "milk"],
    );
    assert.deepEqual(of("東京https://a.example/b大阪"), ["東京", "大阪"]);
  });

  test("mail addresses are no words, at any letter of theirs", () => {
    const text =
      "Tea bob@mail.example or ann.lee+tag@x-y.mail.example, milk 12345@post.example; müller@höfe.example " +
      "<eve_1%x@mail.example>: cup";
    assert.deepEqual(of(text).sort(), ["cup", "milk", "tea"]);
    assert.deepEqual(of("東京bob@mail.example大阪"), ["東京", "大阪"]);
    // Handles, scales of pictures and what has no name behind its stop are none.
    assert.deepEqual(of("cup@home icon@2x.png tea@ milk@1.5 @handle").sort(), [
      "2x.png",
      "cup",
      "handle",
      "home",
      "icon",
      "milk",
      "tea",
    ]);
  });

  test("plurals count with their singulars", () => {
    assert.deepEqual(
      of("The panel and the panels; panels, city, cities, cities, boxes, box, glass, glasses")
        .sort(),
      ["box", "boxes", "cities", "glass", "panels"].filter((word) => word !== "box").sort(),
    );
    assert.ok(of("news and new").includes("new"));
    assert.ok(of("the news and the new").length === 2);
    assert.equal(of("Der Hund und die Hunds sind nicht auf dem Weg").includes("hund"), true);
  });

  test("composed and decomposed letters are the same word", () => {
    assert.deepEqual(of("Café and cafe\u0301: étude"), ["café", "étude"]);
  });

  test("phrases of several words", () => {
    const text =
      "Machine learning is hard. A machine learning model learns. Machine learning needs data, and data needs care.";
    const list = of(text, { maxWords: 3 });
    assert.equal(list[0], "machine learning");
    assert.ok(!list.includes("machine") && !list.includes("learning"));
    assert.ok(list.includes("data"));
    assert.deepEqual(of("Solar power. Power solar."), ["solar", "power"]);
    // Not over punctuation, stop words, numbers or blank lines.
    for (const between of [". ", " and ", " 12 ", "\n\n", ", ", " | "]) {
      assert.ok(
        !of(`red${between}house`, { maxWords: 2 }).includes("red house"),
        JSON.stringify(between),
      );
    }
    for (const between of [" ", "  ", "\n", " \r\n"]) {
      assert.ok(
        of(`red${between}house`, { maxWords: 2 }).includes("red house"),
        JSON.stringify(between),
      );
    }
    assert.equal(keywords(text, { implementation: twin.name, maxWords: 2 })[0]?.score, 1);
  });

  test("stop words of one's own, and of every language", () => {
    assert.deepEqual(of("Kittens and puppies", { stopWords: ["KITTENS"] }), ["puppies"]);
    assert.deepEqual(of("Zero\u2010sum games", { stopWords: ["zero\u2010sum"] }), ["games"]);
    assert.deepEqual(
      of("Rock\u2019n\u2019roll caf\u00e9 music", {
        stopWords: ["rock\u2019n\u2019roll", "cafe\u0301"],
      }),
      [
        "music",
      ],
    );
    assert.deepEqual(of("機械学習", { stopWords: ["械学"] }), ["機械", "学習"]);
    const lists: string[][] = Array.from({ length: LANGUAGES }, () => []);
    for (const [word, mask] of stopWords()) {
      for (let language = 0; language < LANGUAGES; language++) {
        if ((mask >> language & 1) === 1) lists[language]!.push(word);
      }
    }
    for (const [language, list] of lists.entries()) {
      assert.ok(list.length >= 40, `list ${language}: ${list.length}`);
      const text = `${list.join(" ")} zzyzx ${list.join(" ")}`;
      assert.deepEqual(of(text), ["zzyzx"], `list ${language}`);
    }
    assert.throws(() => of("a", { maxWords: 0 }), RangeError);
    assert.throws(() => of("a", { maxWords: 11 }), RangeError);
    assert.throws(() => of("a", { stopWords: wrong("a") }), TypeError);
  });
}

const PIECES = [
  ..."aAbB1 -.,'/&#+_()[]\n",
  "the ",
  "and ",
  "panel",
  "panels",
  "city ",
  "cities ",
  "AI ",
  "ai ",
  "C++",
  ".NET",
  "](",
  "https://a.b/c",
  "www.",
  "\u2011",
  "\u2019",
  "日本語",
  "ひ",
  "é",
  ". ",
  "\n\n",
  "\ud83d",
];

testOfBoth("keywords", both, "names, links, plurals and phrases", () => {
  const tricky = fc.array(fc.constantFrom(...PIECES), { maxLength: 60, size: "max" }).map((parts) =>
    parts.join("")
  );
  const further = fc.array(fc.constantFrom("panel", "a", "日本", "AI"), { maxLength: 2 });
  check(
    fc.property(
      fc.oneof(tricky, anyString(200)),
      fc.nat(12),
      fc.nat(3),
      fc.integer({ min: 1, max: 4 }),
      further,
      (text, limit, minLength, maxWords, stopWords) => {
        const options = { limit, minLength, maxWords, stopWords };
        assert.deepEqual(
          keywords(text, { ...NATIVE, ...options }),
          keywords(text, { ...PURE, ...options }),
        );
      },
    ),
  );
});
