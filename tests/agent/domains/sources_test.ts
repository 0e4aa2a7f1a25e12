/** The tools that read sources and documents: figures counted by hand, declarations, headings, bounds. */

import assert from "assertions";
import { languageOf } from "../../../src/agent/domains/developer/languages.ts";
import { FILL, mask } from "../../../src/agent/domains/developer/mask.ts";
import { declarationsOf } from "../../../src/agent/domains/developer/symbols.ts";
import { preloadNative } from "../../../src/native/status.ts";
import { loadPackage } from "../../../src/shared/packages.ts";
import { temporary } from "../../support/programs.ts";
import { done, once } from "./support.ts";

// Before the sanitizers look.
preloadNative();
await loadPackage("@cfworker/json-schema", "These tests");

/** Written apart, so that it is no mark of this file. */
const OPEN = "TO" + "DO";

function codeOf(text: string, path: string): string {
  return mask(text, languageOf(path)!).code.replaceAll(FILL, ".");
}

/** `name kind line-end [in]` of each. */
function found(text: string, path: string): string[] {
  const language = languageOf(path)!;
  return declarationsOf(mask(text, language).code, language.family!).map((one) =>
    `${one.name} ${one.kind} ${one.line}-${one.end}${one.in === undefined ? "" : ` in ${one.in}`}`
  );
}

Deno.test("sources: comments and texts are told from code", () => {
  assert.equal(codeOf('a("// no") // yes', "a.ts"), "a(.......)       ");
  assert.equal(codeOf("x = a / b / c; // d", "a.js"), "x = a / b / c;     ");
  assert.equal(
    codeOf("x = /[/*]/.test(y) /* z */;", "a.js"),
    "x = ......test(y)        ;".replace("......", "......."),
  );
  assert.equal(codeOf("`a${ {b: `}`} }c` // d", "a.ts"), "....".slice(0, 4) + " {b: ...} ...     ");
  assert.equal(codeOf("x = '#' # y", "a.py"), "x = ...    ");
  assert.equal(codeOf('"""doc"""\nx = """no doc"""', "a.py"), ".........\nx = ............");
  assert.equal(codeOf("/* a /* b */ c */ d", "a.rs"), "                  d");
  assert.equal(codeOf("/* a /* b */ c */ d", "a.c"), "             c */ d");
  assert.equal(
    codeOf("fn f<'a>(c: &'a str) { '\"'; r#\"//\"#; }", "a.rs"),
    "fn f<'a>(c: &'a str) { ...; .......; }",
  );
  assert.equal(codeOf("echo a#b # c", "a.sh"), "echo a#b    ");
  // What never ends, ends with the source.
  for (const text of ["/*", '"""', "`${", "'a\n/", "${`", 'r#"', "/["]) {
    for (const path of ["a.ts", "a.py", "a.rs", "a.go", "a.c"]) {
      assert.equal(codeOf(text, path).length, text.length);
    }
  }
});

Deno.test("sources: declarations of each family, with their ends", () => {
  const script = [
    ...[
      "export class Lamp<T> extends Light {",
      "  #on = false;",
      "  async turn(to: boolean): Promise<void> {",
    ],
    ...["    if (to) { await this.#go(); }", "  }", "  get on() { return this.#on; }", "}"],
    ...["export const dim = async (by = 1) => {", "  return by;", "};", "const LEVELS = [1, 2];"],
    ...[
      "export default function main() {}",
      "interface Shape { kind(): string }",
      "type Kind = 'a' | 'b';",
    ],
    ...["// function no() {}", "const text = `function no() {}`;"],
  ].join("\n");
  assert.deepEqual(found(script, "a.ts"), [
    ...["Lamp class 1-7", "turn method 3-5 in Lamp", "on method 6-6 in Lamp", "dim function 8-10"],
    ...["LEVELS constant 11-11", "main function 12-12", "Shape interface 13-13", "Kind type 14-14"],
    ...["text constant 16-16"],
  ]);
  const typed = [
    ...["function look(a: string): Promise<{", "  b: number;", "}> {", "  return go(a);", "}"],
    ...[
      "class Box {",
      "  [Symbol.dispose](): void {",
      "    this.#end();",
      "  }",
      "  size(): [",
      "    number,",
    ],
    ...[
      "  ] {",
      "    return [1];",
      "  }",
      "}",
      "type Shape =",
      "  | { a: 1;",
      "    b: 2 }",
      "  | string;",
      "let x: 1;",
    ],
  ].join("\n");
  assert.deepEqual(found(typed, "a.ts"), [
    ...["look function 1-5", "Box class 6-15", "[Symbol.dispose] method 7-9 in Box"],
    ...["size method 10-14 in Box", "Shape type 16-19", "x constant 20-20"],
  ]);
  const python = [
    ...[
      "LIMIT = 3",
      "class Lamp:",
      '    """A lamp.',
      "def no(): pass",
      '"""',
      "    def turn(",
      "        self,",
    ],
    ...["    ):", "        return 1", "", "async def main():", "    pass", "x = 1"],
  ].join("\n");
  assert.deepEqual(found(python, "a.py"), [
    ...["LIMIT constant 1-1", "Lamp class 2-9", "turn method 6-9 in Lamp", "main function 11-12"],
  ]);
  assert.deepEqual(found('class A:\n    """Only\n    this."""\nB = 1', "a.py"), ["A class 1-3"]);
  const rust = [
    ...[
      "pub struct Lamp<'a> {",
      "    name: &'a str,",
      "}",
      "impl<'a> Lamp<'a> {",
      "    pub const fn on(&self) -> bool {",
    ],
    ...[
      "        true",
      "    }",
      "}",
      "pub(crate) async fn run<T: Fn()>(f: T) { f() }",
      "trait Light { fn go(&self); }",
    ],
    ...["mod inner;", "enum Kind { A, B }"],
  ].join("\n");
  assert.deepEqual(found(rust, "a.rs"), [
    ...[
      "Lamp struct 1-3",
      "Lamp<'a> impl 4-8",
      "on method 5-7 in Lamp<'a>",
      "run function 9-9",
      "Light trait 10-10",
    ],
    ...["inner mod 11-11", "Kind enum 12-12"],
  ]);
  const go = [
    ...[
      "type Lamp struct {",
      "\tOn bool",
      "}",
      "func (l *Lamp) Turn(to bool) error {",
      "\treturn nil",
      "}",
    ],
    ...["func main() {", "}", "type Name string", "const Limit = 3"],
  ].join("\n");
  assert.deepEqual(found(go, "a.go"), [
    ...[
      "Lamp struct 1-3",
      "Turn method 4-6",
      "main function 7-8",
      "Name type 9-9",
      "Limit const 10-10",
    ],
  ]);
  const c = [
    ...[
      "#define LIMIT 3",
      "struct lamp {",
      "  int on;",
      "};",
      "int later(int a);",
      "static int *turn(struct lamp *l,",
    ],
    ...["                 int to) {", "  if (to) { return 0; }", "  return later(to);", "}"],
  ].join("\n");
  assert.deepEqual(found(c, "a.c"), ["LIMIT macro 1-1", "lamp struct 2-4", "turn function 6-10"]);
  const java =
    "public class Lamp {\n  private int on;\n  public void turn(int to) throws Fault {\n    on = to;\n  }\n}";
  assert.deepEqual(found(java, "Lamp.java"), ["Lamp class 1-6", "turn method 3-5 in Lamp"]);
});

Deno.test("sources: figures of a folder, counted by hand", async () => {
  await temporary(async (folder) => {
    Deno.mkdirSync(`${folder}/node_modules`);
    Deno.writeTextFileSync(`${folder}/node_modules/x.js`, "function x() {}");
    Deno.writeTextFileSync(`${folder}/.gitignore`, "made.ts\n");
    Deno.writeTextFileSync(`${folder}/made.ts`, "let x;");
    Deno.writeTextFileSync(
      `${folder}/a.ts`,
      `/** Says\n * ${OPEN}(ada): say more\n */\nfunction a() {\n\n  return "${OPEN} no"; // FIX` +
        `ME: soon\n}\n`,
    );
    Deno.writeTextFileSync(
      `${folder}/b.py`,
      'def b():\n    """Doc."""\n    # one\n    return 1\nx = ("a"\n"b" # two\n)\n',
    );
    Deno.writeFileSync(`${folder}/c.ts`, new Uint8Array([0xff, 0xfe, 0]));
    Deno.writeTextFileSync(`${folder}/d.ts`, " ".repeat(1_000_001));
    const given = { folder };
    assert.deepEqual(await done("developer", "code_metrics", {}, given), {
      languages: [
        { language: "Python", files: 1, functions: 1, lines: 7, code: 5, comment: 2, blank: 0 },
        { language: "TypeScript", files: 1, functions: 1, lines: 7, code: 3, comment: 3, blank: 1 },
      ],
      longestFunctions: [
        { file: "a.ts", name: "a", line: 4, lines: 4 },
        { file: "b.py", name: "b", line: 1, lines: 4 },
      ],
      marks: {
        total: 2,
        first: [
          { file: "a.ts", line: 2, mark: OPEN, text: "say more" },
          { file: "a.ts", line: 6, mark: "FIX" + "ME", text: "soon" },
        ],
      },
      leftOut: { tooLarge: 1, notText: 1, more: false },
    });
    const { symbols } = await done<{ symbols: unknown }>(
      "developer",
      "code_symbols",
      { name: "B" },
      given,
    );
    assert.deepEqual(symbols, [
      { file: "b.py", name: "b", kind: "function", line: 1, end: 4, doc: "Doc." },
    ]);
  });
});

Deno.test("sources: headings of documents", async () => {
  await temporary(async (folder) => {
    Deno.writeTextFileSync(
      `${folder}/a.md`,
      "# One\n\n```\n# no\n```\n\nTwo\n---\n\n### `Three`\n",
    );
    Deno.writeTextFileSync(
      `${folder}/b.html`,
      "<h1>Top</h1><!-- <h2>no</h2> --><p>x<h2>Sub <b>two</b></h2>",
    );
    const { documents, total } = await done<{ documents: unknown; total: number }>(
      ...["developer", "doc_outline", {}, { folder }] as const,
    );
    assert.equal(total, 5);
    assert.deepEqual(documents, [
      {
        file: "a.md",
        headings: [
          { level: 1, title: "One", line: 1 },
          { level: 2, title: "Two", line: 7 },
          { level: 3, title: "Three", line: 10 },
        ],
      },
      { file: "b.html", headings: [{ level: 1, title: "Top" }, { level: 2, title: "Sub two" }] },
    ]);
    const few = await done<{ total: number }>("developer", "doc_outline", { depth: 1, limit: 1 }, {
      folder,
    });
    assert.deepEqual(few.total, 2);
  });
});

Deno.test("sources: no path leads out, and no source takes long or says much", async () => {
  await temporary(async (outer) => {
    const folder = `${outer}/inside`;
    Deno.mkdirSync(folder);
    Deno.writeTextFileSync(`${outer}/secret.ts`, "function secret() {}");
    Deno.symlinkSync(outer, `${folder}/link`);
    Deno.symlinkSync(`${outer}/secret.ts`, `${folder}/file.ts`);
    for (const name of ["code_metrics", "code_symbols", "doc_outline"]) {
      for (const path of ["..", "/etc", "link", "file.ts", "link/secret.ts", "a\0b", "nothing"]) {
        const { outcome } = await once("developer", name, { path }, { folder });
        assert.equal(outcome, "failed", `${name} ${JSON.stringify(path)}`);
      }
      const { result } = await once("developer", name, {}, { folder });
      assert.ok(!result.includes("secret()") && !result.includes('"name":"secret"'));
    }
    const units = [
      "(",
      "{",
      "`${",
      "/",
      "function f(",
      "class A {",
      "a ",
      "\\",
      '"',
      "f(",
      "<",
      "def f(\n",
      "x=(",
      "\n ",
    ];
    for (const unit of units) {
      for (const path of ["a.ts", "a.py", "a.rs", "a.go", "a.cpp"]) {
        const text = unit.repeat(Math.floor(200_000 / unit.length));
        Deno.writeTextFileSync(`${folder}/${path}`, text);
      }
      const { outcome, result } = await once("developer", "code_symbols", {}, { folder });
      assert.equal(outcome, "done", JSON.stringify(unit));
      assert.ok(result.length < 100_000);
    }
  });
});
