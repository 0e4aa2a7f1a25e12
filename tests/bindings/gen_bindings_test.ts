/**
 * The bindings generator: golden pairs of header and tables, headers that it must refuse and with
 * which words, and the comparison that the gate relies on. `golden/` holds the pairs; after a wanted
 * change of the output, look at the difference and replace them.
 */

import assert from "node:assert/strict";
import type { Area } from "../../scripts/bindings/areas.ts";
import { emitAll } from "../../scripts/bindings/emit.ts";
import { HeaderError, parseHeader } from "../../scripts/bindings/header.ts";
import { differing, generate } from "../../scripts/gen_bindings.ts";

const FOLDER = new URL("./golden/", import.meta.url);
/** The generator takes status codes from this path only, so the sample poses as that header. */
const PATH = "rust/agent-ffi/include/agent_ffi.h";

const AREAS: readonly Area[] = [
  {
    prefix: "agent_ffi_",
    header: PATH,
    file: "ffi.ts",
    table: "ffiSymbols",
    title: "Common exports.",
  },
  {
    prefix: "agent_sample_",
    header: PATH,
    file: "sample.ts",
    table: "sampleSymbols",
    title: "A sample area.",
  },
  {
    prefix: "agent_empty_",
    header: PATH,
    file: "empty.ts",
    table: "emptySymbols",
    title: "An area that exports nothing yet.",
  },
];

function emit(text: string): Map<string, string> {
  return emitAll([parseHeader(PATH, text)], AREAS);
}

Deno.test("emitAll() gives the golden tables", () => {
  const files = emit(Deno.readTextFileSync(new URL("sample.h", FOLDER)));
  assert.deepEqual([...files.keys()], ["ffi.ts", "sample.ts", "empty.ts", "status.ts"]);
  for (const [name, content] of files) {
    assert.equal(content, Deno.readTextFileSync(new URL(name, FOLDER)), name);
  }
});

Deno.test("emitAll() gives a symbol to the area with the longest prefix, one of two perhaps", () => {
  const [, sample] = AREAS;
  const areas = [
    sample!,
    { ...sample!, prefix: "agent_sample_test_", also: "agent_sample_many_", file: "more.ts" },
  ];
  const text = ["a", "test_b", "many_c", "d_test_e"]
    .map((name) => `uint32_t agent_sample_${name}(void);\n`).join("\n");
  const files = emitAll([parseHeader(PATH, text)], areas);
  const symbols = (file: string): string[] =>
    [...files.get(file)!.matchAll(/^ {2}agent_sample_(\w+):/gm)].map(([, name]) => name!);
  assert.deepEqual(symbols("sample.ts"), ["a", "d_test_e"]);
  assert.deepEqual(symbols("more.ts"), ["test_b", "many_c"]);
});

Deno.test("parseHeader() reads the same from a header with CRLF", () => {
  const text = Deno.readTextFileSync(new URL("sample.h", FOLDER));
  assert.deepEqual(parseHeader(PATH, text.replaceAll("\n", "\r\n")), parseHeader(PATH, text));
});

/** What is wrong, the header's text, and what the error must say after the path. */
const REFUSED: readonly [name: string, text: string, message: string][] = [
  [
    "64-bit parameter",
    "void agent_sample_a(uint64_t size);",
    `1: "agent_sample_a" takes "size" of type "uint64_t"; known are`,
  ],
  [
    "size_t parameter",
    "\n\nvoid agent_sample_a(uint32_t ok, size_t size);",
    `3: "agent_sample_a" takes "size" of type "size_t"; known are`,
  ],
  [
    "64-bit result",
    "int64_t agent_sample_a(void);",
    `1: "agent_sample_a" returns "int64_t"; known are void,`,
  ],
  [
    "returned pointer",
    "const uint8_t *agent_sample_a(void);",
    `1: "agent_sample_a" returns "const uint8_t *"; known are void,`,
  ],
  [
    "pointer to a pointer",
    "void agent_sample_a(uint8_t **data, uint32_t data_len);",
    `1: "agent_sample_a" takes "data" of type "uint8_t * *"; known are`,
  ],
  [
    "pointer to 64-bit items",
    "void agent_sample_a(const uint64_t *data, uint32_t data_count);",
    `1: "agent_sample_a" takes "data" of type "const uint64_t *"; known are`,
  ],
  [
    "void pointer",
    "void agent_sample_a(void *data, uint32_t data_len);",
    `1: "agent_sample_a" takes "data" of type "void *"; known are`,
  ],
  [
    "struct by value",
    "void agent_sample_a(struct Point point);",
    `1: "agent_sample_a" takes "point" of type "struct Point"; known are`,
  ],
  [
    "struct",
    "typedef struct Point {\n  double x;\n} Point;",
    `1: "Point" is declared with "typedef"; the boundary has functions, enums and integers only`,
  ],
  [
    "opaque struct",
    "typedef struct Cache Cache;",
    `1: "Cache" is declared with "typedef"; the boundary has`,
  ],
  [
    "alias of no enum",
    "typedef int32_t Status;",
    `1: "Status" is declared with "typedef"; the boundary has`,
  ],
  [
    "variable",
    "extern const uint32_t AGENT_SAMPLE_X;",
    `1: "AGENT_SAMPLE_X" is declared with "extern"; the boundary has`,
  ],
  [
    "function pointer",
    "void agent_sample_a(void (*done)(uint32_t));",
    `1: "agent_sample_a" takes a function pointer in "void (*done)(uint32_t)"; completions go`,
  ],
  [
    "macro with parameters",
    "#define AGENT_SAMPLE_MAX(a, b) 3",
    `1: "AGENT_SAMPLE_MAX(a," is a macro with parameters; export a function instead`,
  ],
  [
    "constant that is no integer",
    `#define AGENT_SAMPLE_NAME "x"`,
    `1: "AGENT_SAMPLE_NAME" is ""x""; only integers`,
  ],
  [
    "constant over 53 bits",
    "#define AGENT_SAMPLE_BIG 18446744073709551615",
    `1: "AGENT_SAMPLE_BIG" is "18446744073709551615"; only integers that a number holds exactly`,
  ],
  ["directive", "#pragma pack(1)", `1: A directive that is not understood: "#pragma pack(1)"`],
  [
    "condition",
    "#if defined(LINUX)",
    `1: A condition that is not understood: "#if defined(LINUX)"`,
  ],
  [
    "condition without its end",
    "#if __STDC_VERSION__ >= 202311L\nint32_t agent_sample_a(void);",
    "2: A condition without its #endif",
  ],
  [
    "enum that counts by itself",
    "enum agent_sample_kind {\n  AGENT_SAMPLE_A,\n};",
    `2: A variant of "agent_sample_kind" without a value of its own: "AGENT_SAMPLE_A,"`,
  ],
  [
    "enum without its end",
    "enum agent_sample_kind {\n  AGENT_SAMPLE_A = 1,",
    `3: The enum "agent_sample_kind" without its end`,
  ],
  [
    "parameter without a name",
    "void agent_sample_a(uint32_t);",
    `1: "agent_sample_a" has a parameter without a name: "uint32_t"`,
  ],
  [
    "declaration without its end",
    "void agent_sample_a(void)",
    `1: A declaration without its ";": "void agent_sample_a(void)"`,
  ],
  ["comment without its end", "/** never", "1: A comment without its end"],
  [
    "code after a comment",
    "/* a */ void agent_sample_a(void);",
    `1: Code after a comment on one line: "/* a */ void agent_sample_a(void);"`,
  ],
  [
    "prefix of no area",
    "void agent_other_a(void);",
    `1: "agent_other_a" has the prefix of no area of this header (agent_ffi_, agent_sample_, agent_empty_)`,
  ],
  [
    "constant of no area",
    "#define LIMIT 3",
    `1: "LIMIT" has the prefix of no area of this header (AGENT_FFI_, AGENT_SAMPLE_, AGENT_EMPTY_, AGENT_STATUS_)`,
  ],
  [
    "pointer without a length",
    "void agent_sample_a(const uint8_t *data, uint32_t size);",
    `1: "agent_sample_a" takes the pointer "data" of type "const uint8_t *" without a "uint32_t data_len",`,
  ],
  [
    "pointer at the end",
    "void agent_sample_a(uint8_t *out);",
    `1: "agent_sample_a" takes the pointer "out" of type "uint8_t *" without a "uint32_t out_len",`,
  ],
  [
    "length of another type",
    "void agent_sample_a(const uint8_t *data, int32_t data_len);",
    `1: "agent_sample_a" takes the pointer "data" of type "const uint8_t *" without a "uint32_t data_len",`,
  ],
  [
    "fixed size of what is no pointer",
    "/** @fixed size 4 */\nvoid agent_sample_a(uint32_t size);",
    `2: "agent_sample_a" has "@fixed size", but no pointer parameter of that name`,
  ],
  [
    "unknown annotation",
    "/** @blocking */\nvoid agent_sample_a(void);",
    `2: "agent_sample_a" has the annotation "@blocking"; known are "@nonblocking" and "@fixed name bytes"`,
  ],
];

for (const [name, text, message] of REFUSED) {
  Deno.test(`emitAll() refuses: ${name}`, () => {
    assert.throws(() => emit(text), (error: unknown) => {
      assert.ok(error instanceof HeaderError, String(error));
      assert.equal(error.message.slice(0, PATH.length + 1 + message.length), `${PATH}:${message}`);
      return true;
    });
  });
}

Deno.test("differing() names missing, changed and surplus files", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const files = new Map([["a.ts", "a\n"], ["b.ts", "b\n"], ["c.ts", "c\n"]]);
    Deno.writeTextFileSync(`${folder}/a.ts`, "a\n");
    Deno.writeTextFileSync(`${folder}/b.ts`, "changed\n");
    Deno.writeTextFileSync(`${folder}/d.ts`, "d\n");
    assert.deepEqual(differing(files, folder), ["b.ts", "c.ts", "d.ts"]);
    Deno.writeTextFileSync(`${folder}/b.ts`, "b\n");
    Deno.writeTextFileSync(`${folder}/c.ts`, "c\n");
    Deno.removeSync(`${folder}/d.ts`);
    assert.deepEqual(differing(files, folder), []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("the committed tables are those of the committed headers", () => {
  const root = new URL("../../", import.meta.url);
  const files = generate(root.pathname.replace(/\/$/, ""));
  assert.deepEqual(differing(files, new URL("src/ffi/generated", root).pathname), []);
});

Deno.test("the program with --check exits 1 and names the file that differs", async () => {
  const root = new URL("../../", import.meta.url);
  const copy = Deno.makeTempDirSync();
  try {
    const headers = [...new Set([...Deno.readDirSync(new URL("rust", root))].map((e) => e.name))];
    for (const crate of headers) {
      const name = `rust/${crate}/include/${crate.replaceAll("-", "_")}.h`;
      const text = readOrNothing(new URL(name, root));
      if (text === undefined) continue;
      Deno.mkdirSync(`${copy}/rust/${crate}/include`, { recursive: true });
      Deno.writeTextFileSync(`${copy}/${name}`, text);
    }
    Deno.mkdirSync(`${copy}/src/ffi/generated`, { recursive: true });
    const run = async (...args: string[]): Promise<{ code: number; text: string }> => {
      const output = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--allow-read=rust,src/ffi/generated",
          "--allow-write=src/ffi/generated",
          new URL("scripts/gen_bindings.ts", root).href,
          ...args,
        ],
        cwd: copy,
        env: { NO_COLOR: "1" },
      }).output();
      return { code: output.code, text: new TextDecoder().decode(output.stderr) };
    };
    assert.deepEqual(await run(), { code: 0, text: "" });
    assert.deepEqual(await run("--check"), { code: 0, text: "" });
    Deno.writeTextFileSync(`${copy}/src/ffi/generated/monitor.ts`, "// edited by hand\n");
    const checked = await run("--check");
    assert.equal(checked.code, 1);
    assert.match(
      checked.text,
      /^src\/ffi\/generated\/monitor\.ts differs from what the headers give\n/,
    );
    assert.equal((await run("--wrong")).code, 2);
    Deno.writeTextFileSync(
      `${copy}/rust/agent-ffi/include/agent_ffi.h`,
      "int64_t agent_ffi_a(void);",
    );
    const refused = await run();
    assert.equal(refused.code, 1);
    assert.match(
      refused.text,
      /^rust\/agent-ffi\/include\/agent_ffi\.h:1: "agent_ffi_a" returns "int64_t"/,
    );
  } finally {
    Deno.removeSync(copy, { recursive: true });
  }
});

function readOrNothing(url: URL): string | undefined {
  try {
    return Deno.readTextFileSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
