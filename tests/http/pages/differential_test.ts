/** The two twins on the same random and hostile bodies. */

import assert from "assertions";
import fc from "fast-check";
import type { Converter, Fetched } from "../../../src/http/pages/converter.ts";
import { CASES, checkAsync } from "../../support/arbitraries.ts";
import { testOfBoth, twins } from "../../support/twins.ts";
import { anyPage, anySoup } from "../../markdown/arbitraries.ts";
import { converterOf, fetched, outcomeOf } from "./client.ts";

const both = twins("http");

/** Names of encodings, by the families that the Encoding standard has labels in. */
function labels(): string[] {
  const found = [
    "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 ibm866 cp866 866 csibm866",
    "koi8-r koi koi8 koi8_r cskoi8r koi8-u koi8-ru macintosh mac csmacintosh x-mac-roman x-mac-cyrillic",
    "x-mac-ukrainian tis-620 dos-874 iso8859-11 windows-874 ascii us-ascii latin1 l1 cp819 ibm819 l9",
    "ansi_x3.4-1968 iso-ir-100 csisolatin1 x-cp1252 iso_8859-1:1987 gbk gb2312 gb_2312 gb_2312-80",
    "chinese csgb2312 csiso58gb231280 iso-ir-58 x-gbk gb18030 big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc-jp cseucpkdfmtjapanese x-euc-jp iso-2022-jp csiso2022jp shift_jis shift-jis sjis ms932 ms_kanji",
    "windows-31j x-sjis csshiftjis euc-kr korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601",
    "windows-949 cseuckr csksc56011987 iso-ir-149 utf-16 utf-16le utf-16be unicode ucs-2 iso-10646-ucs-2",
    "csunicode unicodefeff unicodefffe x-user-defined logical visual hebrew greek8 arabic cyrillic",
    "iso-8859-8-i iso-8859-8-e csiso88598i csiso88596e ecma-114 ecma-118 asmo-708 elot_928 sun_eu_greek",
    "iso-2022-kr hz-gb-2312 iso-2022-cn replacement utf-7 utf-32 ebcdic x-nothing",
  ].join(" ").split(" ");
  for (let part = 1; part <= 16; part++) {
    for (
      const name of ["iso-8859-", "iso8859-", "iso8859", "iso_8859-", "csisolatin", "latin", "l"]
    ) {
      found.push(`${name}${part}`);
    }
  }
  for (let page = 1250; page <= 1258; page++) {
    found.push(`windows-${page}`, `cp${page}`, `x-cp${page}`);
  }
  return found;
}

const LABELS = labels();
const anyLabel = fc.constantFrom(...LABELS);

/** Bytes that are lead, trail and wrong bytes of many encodings. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.array(
    fc.constantFrom(
      0x1b,
      0x24,
      0x28,
      0x42,
      0x4a,
      0x80,
      0x81,
      0x8e,
      0x8f,
      0xa1,
      0xe0,
      0xf0,
      0xfe,
      0x41,
    ),
    { maxLength: 40 },
  ).map((bytes) => Uint8Array.from(bytes)),
);

const anyMark = fc.constantFrom([], [], [0xef, 0xbb, 0xbf], [0xfe, 0xff], [0xff, 0xfe]);
const anyType = fc.oneof(
  fc.constantFrom(
    null,
    "",
    "text/html",
    "text/html;charset",
    "text/plain",
    "a/json",
    "x",
    "text/html,text/plain",
  ),
  fc.tuple(
    fc.constantFrom("text/html", "text/plain", "application/json", "application/xhtml+xml"),
    anyLabel,
    fc.constantFrom("", '"', "'"),
  ).map(([type, label, quote]) => `${type}; charset=${quote}${label}${quote}`),
);

const DECLARATIONS = [
  "<meta charset=L>",
  "<META CharSet = 'L' />",
  "<meta http-equiv=Content-Type content='text/html; charset=L'>",
  "<meta content='x; charset =\"L' http-equiv=content-type>",
  "<meta name=a content='charset=charset=L'>",
  "<!-- <meta charset=L> -->",
  "<!--><meta charset=L>",
  "</p meta charset=L><meta/charset=L>",
  "<?xml version='1.0' encoding = \"L\"?>",
  "<p title='<meta charset=L>",
  '<title>a &amp;\n b</title><meta name=description content="L &lt;">',
  "<html lang=L><svg><title>L</title></svg>",
  "<script>'<title>'</script ><title>L</tITLE/><body>",
  "<meta property=og:title content=L><meta charset",
  "<",
  "</",
  "<a b='",
];
const anyDeclaration = fc.tuple(fc.constantFrom(...DECLARATIONS), anyLabel).map(([text, label]) =>
  text.replaceAll("L", label)
);
const anyHead = fc.array(anyDeclaration, { maxLength: 4 }).map((parts) => parts.join(""));

const anyBody = fc.tuple(
  anyMark,
  anyHead,
  fc.oneof(anySoup, anyPage.map(({ html }) => html)),
  anyBytes,
).map(([mark, head, html, bytes]) => {
  const text = new TextEncoder().encode(head + html);
  return Uint8Array.from([...mark, ...text, ...bytes]);
});

async function pair(options = {}): Promise<[native: Converter, pure: Converter]> {
  return [await converterOf("native", options), await converterOf("pure", options)];
}

async function same([native, pure]: [Converter, Converter], body: Fetched): Promise<void> {
  const [one, two] = [await outcomeOf(native, body), await outcomeOf(pure, body)];
  const bytes = String.fromCharCode(...body.body as Uint8Array);
  assert.deepEqual(one, two, `${body.type} ${JSON.stringify(bytes)}`);
}

testOfBoth("pages", both, "bodies of random types, charsets and content", async () => {
  const converters = await pair({ main: false });
  try {
    await checkAsync(fc.asyncProperty(anyBody, anyType, async (body, type) => {
      await same(converters, fetched(body, type));
    }));
  } finally {
    converters.forEach((converter) => converter[Symbol.dispose]());
  }
});

testOfBoth("pages", both, "main content and chunks", async () => {
  const converters = await pair({ maxTokens: 16 });
  try {
    await checkAsync(
      fc.asyncProperty(fc.array(anySoup, { maxLength: 6 }), anyHead, async (soups, head) => {
        await same(converters, fetched(head + soups.join("<p>")));
      }),
      CASES / 4,
    );
  } finally {
    converters.forEach((converter) => converter[Symbol.dispose]());
  }
});

testOfBoth("pages", both, "every label with every pair of bytes", async () => {
  const converters = await pair();
  const pairs = new Uint8Array(3 * 256 * 256);
  for (let index = 0; index < 256 * 256; index++) {
    pairs.set([index >> 8, index & 255, 10], 3 * index);
  }
  try {
    for (const label of new Set(LABELS)) {
      const body = fetched(
        label.length < 4 ? pairs.subarray(0x8000 * 3) : pairs,
        `text/plain; charset=${label}`,
      );
      const [one, two] = [
        await outcomeOf(converters[0], body),
        await outcomeOf(converters[1], body),
      ];
      // assert.deepEqual would print all of it.
      assert(JSON.stringify(one) === JSON.stringify(two), label);
    }
  } finally {
    converters.forEach((converter) => converter[Symbol.dispose]());
  }
});
