/** `loadEncoding` of `tokenizer.json` files: against byte-pair encoding as it is defined, twin against twin, and what is refused. */

import assert from "assertions";
import fc from "fast-check";
import { AgentError } from "@agent/runtime";
import { type Encoding, loadEncoding } from "@agent/runtime/text";
import { anyString, CASES, check } from "../support/arbitraries.ts";
import { DENO, ROOT, start, temporary } from "../support/programs.ts";
import { testOf, twins } from "../support/twins.ts";
import { splitChecked } from "./conformance_split.ts";
import { chunksOf, partsOf } from "./conformance_streams.ts";
import { KINDS, trained } from "./tiny_tokenizer.ts";

const PIECES = [
  ..."aAbB129 .,!'/\n\r\t#-=|_",
  ..."日語のéßд́😀½\u00a0\u0085\ufeff\u0301\u0327",
  "the ",
  "there",
  "zebra",
  "it's",
  "'LL",
  "12345",
  "e\u0301",
  "한국어",
  "\u1112\u1161\u11ab",
  "ﬁ",
  "Å",
  "  ",
  "\r\n",
  "<think>",
  "<|endoftext|>",
  "<｜end▁of▁text｜>",
  "x".repeat(100),
  "the".repeat(60),
];
const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40, size: "max" }).map((parts) =>
    parts.join("")
  ),
  anyString(60).map((text) => text.toWellFormed()),
);
/** The definition is ECMAScript's here, whose normal forms know later characters than the package. */
const LATER =
  /\p{Cn}|[\u{10000}-\u{1d0ff}\u{1e000}-\u{1ffff}\u0800-\u08ff\u1ab0-\u1aff\u1df0-\u1dff\ua000-\uabff]/u;

async function withFile(json: string, body: (path: string) => Promise<void>): Promise<void> {
  await temporary(async (folder) => {
    const path = `${folder}/tokenizer.json`;
    await Deno.writeTextFile(path, json);
    await body(path);
  });
}

for (const twin of twins("text").each) {
  const options = { implementation: twin.name };
  for (const [name, kind] of Object.entries(KINDS)) {
    testOf("tokens", twin, `a file like ${name}'s encodes as it is defined`, async () => {
      const tiny = trained(kind);
      await withFile(tiny.json, async (path) => {
        using encoding = await loadEncoding(path, options);
        check(
          fc.property(anyText, (text) => {
            if (LATER.test(text.normalize("NFKD"))) return;
            const ids = Array.from(encoding.encode(text));
            assert.deepEqual(ids, tiny.encode(text), JSON.stringify(text));
            assert.equal(encoding.count(text), ids.length);
            const whole = kind.form === undefined ? text : encoding.decode(ids);
            assert.equal(encoding.decode(ids), whole);
            if (kind.form === undefined) assert.equal(whole, text);
          }),
          CASES / 2,
        );
      });
    });

    testOf("tokens", twin, `a file like ${name}'s splits, truncates and counts`, async () => {
      await withFile(trained(kind).json, async (path) => {
        using encoding = await loadEncoding(path, options);
        check(
          fc.property(anyText, fc.integer({ min: 12, max: 40 }), (text, maxTokens) => {
            splitSafely(encoding, text, maxTokens);
            const short = encoding.truncate(text, { maxTokens });
            assert.ok(encoding.count(short) <= maxTokens);
            assert.equal(encoding.isWithin(text, maxTokens), encoding.count(text) <= maxTokens);
          }),
          CASES / 10,
        );
        const text = fc.sample(anyText, { numRuns: 400, seed: 7 }).join("\n\n");
        const counts = await encoding.countMany([text, "", "there", "<think>a"]);
        assert.deepEqual(counts, [
          encoding.count(text),
          0,
          encoding.count("there"),
          encoding.count("a") + 1,
        ]);
        const parts = partsOf(text, [1, 700, 3]);
        assert.equal(await encoding.countStream(parts), counts[0]);
        const bounds = { maxTokens: 60 };
        assert.deepEqual(await chunksOf(encoding, parts, bounds), encoding.split(text, bounds));
        const large = text.repeat(Math.ceil(300_000 / text.length));
        assert.equal(encoding.count(large), encoding.encode(large).length);
        assert.equal((await encoding.countMany([large]))[0], encoding.count(large));
      });
    });
  }

  testOf(
    "tokens",
    twin,
    "a file's tokens that are special, and those that always count",
    async () => {
      await withFile(trained(KINDS["llama3"]!).json, async (path) => {
        using encoding = await loadEncoding(path, options);
        const { specials } = encoding;
        assert.deepEqual(Object.keys(specials), ["<|endoftext|>", "<｜end▁of▁text｜>"]);
        assert.equal(encoding.name, path);
        const text = "a<|endoftext|>b<think>";
        const all = encoding.encode(text, { allowedSpecial: "all" });
        assert.equal(all.length, 4);
        assert.equal(all[1], specials["<|endoftext|>"]);
        assert.equal(encoding.decode(all), text);
        assert.ok(encoding.count(text) > 6);
        assert.equal(encoding.size, specials["<｜end▁of▁text｜>"]! + 1);
        const hole = specials["<|endoftext|>"]! - 1;
        assert.throws(() => encoding.decode([hole]), RangeError);
        assert.deepEqual(encoding.encode("zebra").length, 1, "a whole token, whatever the merges");
        using url = await loadEncoding(new URL(`file://${path}`), options);
        assert.deepEqual(url.encode(text), encoding.encode(text));
      });
      await withFile(trained(KINDS["gpt2"]!).json, async (path) => {
        using encoding = await loadEncoding(path, options);
        assert.ok(encoding.encode("zebra").length > 1, "no merge gives it");
      });
    },
  );

  const file = (change: (json: Record<string, unknown>) => void): string => {
    const json = JSON.parse(trained(KINDS["gpt2"]!, 5).json);
    change(json);
    return JSON.stringify(json);
  };
  const model = (json: Record<string, unknown>): Record<string, unknown> =>
    json["model"] as Record<string, unknown>;
  const split = (Regex: string, behavior = "Isolated"): unknown => ({
    type: "Sequence",
    pretokenizers: [{ type: "Split", pattern: { Regex }, behavior, invert: false }, {
      type: "ByteLevel",
      use_regex: false,
      add_prefix_space: false,
    }],
  });
  const REFUSED: [change: (json: Record<string, unknown>) => void, named: RegExp][] = [
    [(json) => model(json)["type"] = "Unigram", /model of the type "Unigram"/],
    [(json) => model(json)["type"] = "WordPiece", /WordPiece/],
    [(json) => model(json)["byte_fallback"] = true, /byte_fallback/],
    [(json) => model(json)["dropout"] = 0.1, /dropout/],
    [(json) => model(json)["end_of_word_suffix"] = "</w>", /end_of_word_suffix/],
    [(json) => json["normalizer"] = { type: "Lowercase" }, /normalizer of the type "Lowercase"/],
    [(json) => json["pre_tokenizer"] = { type: "Metaspace" }, /ByteLevel/],
    [(json) => json["pre_tokenizer"] = null, /ByteLevel/],
    [(json) => json["pre_tokenizer"] = split("a", "MergedWithNext"), /MergedWithNext/],
    [(json) => json["pre_tokenizer"] = split("(?<=a)b"), /a group of this kind at 1/],
    [(json) => json["pre_tokenizer"] = split("a*"), /matches nothing at all/],
    [(json) => json["pre_tokenizer"] = split("\\p{L}++"), /possessive/],
    [(json) => json["pre_tokenizer"] = split("^a"), /anchor/],
    [(json) => json["pre_tokenizer"] = split("(a|b)*c{1,900}(a|b|c){900}"), /too (large|many)/],
    [
      (json) =>
        json["pre_tokenizer"] = { type: "ByteLevel", add_prefix_space: true, use_regex: true },
      /add_prefix_space/,
    ],
    [(json) => json["decoder"] = { type: "Metaspace" }, /decoder of the type "Metaspace"/],
    [
      (json) => delete (model(json)["vocab"] as Record<string, number>)["A"],
      /no token for the byte 0x41/,
    ],
  ];

  testOf(
    "tokens",
    twin,
    "what a file asks for and cannot be done is an error that names it",
    async () => {
      for (const [change, named] of REFUSED) {
        await withFile(file(change), async (path) => {
          await assert.rejects(loadEncoding(path, options), (error) => {
            assert.ok(AgentError.is(error, "UNSUPPORTED"), `${named}: ${error}`);
            assert.match(error.message, named);
            assert.ok(error.message.includes(path));
            return true;
          });
        });
      }
      const corrupt = [
        "{",
        "[]",
        "\xff",
        "{}",
        file((json) => model(json)["vocab"] = { a: -1 }),
        file((json) => model(json)["merges"] = ["a"]),
        file((json) => model(json)["merges"] = ["zz zz"]),
        file((json) => json["added_tokens"] = [{ id: 1 }]),
      ];
      for (const json of corrupt) {
        await withFile(json, async (path) => {
          await assert.rejects(loadEncoding(path, options), (error) => {
            // An object without a model may be the file of another library.
            assert.ok(AgentError.is(error, "CORRUPT"), `${json.slice(0, 40)}: ${error}`);
            return true;
          });
        });
      }
      await assert.rejects(
        loadEncoding("/nowhere/tokenizer.json", options),
        (error) => AgentError.is(error, "NOT_FOUND"),
      );
      await assert.rejects(
        loadEncoding("https://host.example/tokenizer.json", options),
        RangeError,
      );
      await assert.rejects(loadEncoding("o300k_base", options), TypeError);
    },
  );
}

Deno.test("tokens: a file is read only where Deno allows it", async () => {
  await withFile(trained(KINDS["gpt2"]!, 5).json, async (path) => {
    const program = `
      import { loadEncoding } from "@agent/runtime/text";
      try { await loadEncoding(${
      JSON.stringify(path)
    }, { implementation: "pure" }); console.log("read"); }
      catch (error) { console.log(error.code, error.message); }`;
    const { stdout } = await start(DENO, ["run", "--no-prompt", "-"], {
      stdin: program,
      cwd: ROOT,
    });
    assert.match(stdout, /^PERMISSION .*--allow-read=/);
  });
});

/** Splits and checks; a character alone may be over the bound. */
function splitSafely(encoding: Encoding, text: string, maxTokens: number): void {
  try {
    splitChecked(encoding, text, { maxTokens });
    splitChecked(encoding, text, { maxTokens, overlapTokens: 5 });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
