/**
 * Compares encodings of `tokenizer.json` files with the `tokenizers` package of Python, on seeded texts of many scripts, of
 * random Unicode and of code:
 *
 *     deno run --allow-read --allow-write --allow-env --allow-ffi --allow-run=python3 scripts/compare_tokenizers.ts FOLDER [COUNT] [PYTHON]
 *
 * Every file below FOLDER that is called `tokenizer.json` is compared, with both twins. Needs `pip install tokenizers`.
 */

import { loadEncoding } from "../src/text/tokens/mod.ts";

const PROGRAM = `
import json, sys
from tokenizers import Tokenizer
texts = json.load(open(sys.argv[2]))
t = Tokenizer.from_file(sys.argv[1])
def ids(special):
    t.encode_special_tokens = not special
    return [e.ids for e in t.encode_batch(texts, add_special_tokens=False)]
plain, special = ids(False), ids(True)
json.dump({"plain": plain, "special": special, "decoded": [t.decode(i, skip_special_tokens=False) for i in plain]}, open(sys.argv[3], "w"))
`;

const [folder = ".", count = "20000", python = "python3"] = Deno.args;

let state = 12345;
/** A number from 0 up and under `limit`, by the minimal standard generator. */
function random(limit: number): number {
  state = state * 48271 % 2147483647;
  return state % limit;
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;

const SENTENCES = [
  "The quick brown fox jumps over the lazy dog, doesn't it? I'LL say they'Re here; we've won.",
  "Ein süßer Ärger: Füße größer als 12.345,67 € — „Straße“ & Weißbier.",
  "L'été dernier, c'était l'œuvre d'Émile où ça n'a pas plu.",
  "El niño comió piñas; ¿cuándo? ¡Mañana!",
  "Быстрая коричневая лиса перепрыгивает через ленивую собаку, №42.",
  "Η γρήγορη αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
  "第一句话在这里。第二句话也在这里！数字１２３和ABC混排。",
  "日本語の文章です。カタカナとひらがな、漢字も「混ざる」。ﾊﾝｶｸ",
  "빠른 갈색 여우가 게으른 개를 뛰어넘습니다. 한글",
  "الثعلب البني السريع يقفز فوق الكلب الكسول، ١٢٣.",
  "השועל החום המהיר קופץ מעל הכלב העצלן.",
  "तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है। १२३",
  "সুদ্রুত বাদামী শিয়াল অলস কুকুরের উপর লাফ দেয়।",
  "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ",
  "வேகமான பழுப்பு நரி சோம்பேறி நாய் மீது தாவுகிறது.",
  "ፈጣኑ ቡናማ ቀበሮ። ქართული ენა. Հայերեն լեզու։",
  "Zażółć gęślą jaźń; příliš žluťoučký kůň; İstanbul'da ılık ırmak.",
  "😀👩‍👩‍👧‍👦🇩🇪🏽 ☃️ ✈ ♞ ½ ⅷ ² ㈠ ﷺ ﬁ ǅ",
];
const CODE = [
  "function f(x) {\n\treturn x === 0 ? `${x}` : f(x - 1); // done\n}\n",
  'def f(x: int) -> str:\n    """Doc."""\n    return f\'{x:>10}\' if x else None\n\n\n',
  "for (int i=0;i<1000000;++i){a[i]=b[i]*3.14159e-10;}\r\n",
  "SELECT * FROM users WHERE id = 42 AND name LIKE '%o''x%';\n",
  '<div class="a b">&nbsp;<p>x</p></div>\n',
  '{"key": [1, 22, 333, 4444, 55555], "nested": {"a": null}}\n',
  "https://example.com/path/to?query=1&b=%20x#frag /usr/local/bin/../lib $HOME\n",
  "0xDEADBEEF 1_000_000 --flag=value -O3 ~/.ssh/id_rsa @decorator #include <stdio.h>\n",
];
const SPACES = [
  " ",
  "  ",
  "\n",
  "\n\n",
  "\r\n",
  "\t",
  "   \n",
  " \u00a0",
  "\u3000",
  "\u0085",
  "\ufeff",
  "\u200b",
  "\u2028",
  "",
];
const SPECIALS = [
  "<|endoftext|>",
  "<|im_start|>",
  "<think>",
  "</think>",
  "<tool_call>",
  "<｜User｜>",
  "<|eot_id|>",
];

function anyCharacter(): string {
  for (;;) {
    const code = pick([
      () => random(0x80),
      () => random(0x800),
      () => random(0x10000),
      () => 0x10000 + random(0x10000),
      () => 0x1e000 + random(0x2000),
      () => 0x20000 + random(0x12000),
      () => random(0x110000),
      () => 0x300 + random(0x70),
      () => 0x1100 + random(0x100),
    ])();
    if (code < 0xd800 || code > 0xdfff) return String.fromCodePoint(code);
  }
}

function part(): string {
  switch (random(9)) {
    case 0:
    case 1:
    case 2: {
      const sentence = Array.from(pick(SENTENCES));
      const from = random(sentence.length);
      return sentence.slice(from, from + 1 + random(sentence.length)).join("");
    }
    case 3:
    case 4:
      return pick(CODE).slice(random(10));
    case 5:
      return Array.from({ length: 1 + random(12) }, anyCharacter).join("");
    case 6:
      return Array.from({ length: 1 + random(6) }, () => pick(SPACES)).join("");
    case 7:
      return pick([
        "'s",
        "'LL",
        "'ſ",
        "123456789".slice(random(9)),
        "e\u0301",
        "A\u030a",
        "x".repeat(random(200)),
        "!?...",
        "–—",
        "a".repeat(random(30)),
        "=".repeat(random(90)),
      ]);
    default:
      return random(3) === 0 ? pick(SPECIALS) : pick(SENTENCES).normalize("NFD");
  }
}

const texts = Array.from(
  { length: Number(count) },
  () => Array.from({ length: 1 + random(6) }, part).join(random(2) === 0 ? "" : " "),
);

function* tokenizers(path: string): Generator<string> {
  for (const entry of Deno.readDirSync(path)) {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory) yield* tokenizers(inner);
    else if (entry.name === "tokenizer.json") yield inner;
  }
}

/** Prints how many of two lists differ, and the first difference. */
function report(what: string, got: readonly unknown[], wanted: readonly unknown[]): void {
  const wrong = got.findIndex((_, i) => JSON.stringify(got[i]) !== JSON.stringify(wanted[i]));
  const all = got.filter((_, i) => JSON.stringify(got[i]) !== JSON.stringify(wanted[i])).length;
  const example = wrong < 0
    ? ""
    : `\n    ${JSON.stringify(texts[wrong])}\n    got    ${
      JSON.stringify(got[wrong])
    }\n    wanted ${JSON.stringify(wanted[wrong])}`;
  // What a program for developers prints is its result.
  // deno-lint-ignore no-console
  console.log(`  ${what}: ${all} of ${got.length} differ${example.slice(0, 3000)}`);
}

const temporary = await Deno.makeTempDir();
await Deno.writeTextFile(`${temporary}/texts.json`, JSON.stringify(texts));
for (const path of tokenizers(folder)) {
  // deno-lint-ignore no-console
  console.log(path);
  const args = ["-c", PROGRAM, path, `${temporary}/texts.json`, `${temporary}/ids.json`];
  const { success } = await new Deno.Command(python, { args, stderr: "inherit" }).output();
  if (!success) continue;
  const wanted = JSON.parse(await Deno.readTextFile(`${temporary}/ids.json`));
  for (const implementation of ["pure", "native"] as const) {
    try {
      using encoding = await loadEncoding(path, { implementation });
      const ids = texts.map((text) => Array.from(encoding.encode(text)));
      report(`${implementation} encode`, ids, wanted.plain);
      const special = texts.map((text) =>
        Array.from(encoding.encode(text, { allowedSpecial: "all" }))
      );
      report(`${implementation} encode with special tokens`, special, wanted.special);
      report(`${implementation} decode`, ids.map((some) => encoding.decode(some)), wanted.decoded);
      report(
        `${implementation} countMany`,
        await encoding.countMany(texts),
        ids.map((some) => some.length),
      );
      report(
        `${implementation} count`,
        texts.map((text) => encoding.count(text)),
        ids.map((some) => some.length),
      );
    } catch (error) {
      // deno-lint-ignore no-console
      console.log(`  ${implementation}: ${error}`);
    }
  }
}
await Deno.remove(temporary, { recursive: true });
