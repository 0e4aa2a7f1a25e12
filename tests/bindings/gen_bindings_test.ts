/**
 * The bindings generator: golden pairs of header and tables, headers that it must refuse and with
 * which words, and the comparison that the gate relies on. `golden/` holds the pairs; after a wanted
 * change of the output, look at the difference and replace them.
 */

import assert from "assertions";
import { digestOf } from "../../scripts/bindings/digest.ts";
import { emitAll, type Source } from "../../scripts/bindings/emit.ts";
import { HeaderError, parseHeader } from "../../scripts/bindings/header.ts";
import { type Module, MODULES } from "../../scripts/bindings/modules.ts";
import { differing, formatted, generate } from "../../scripts/gen_bindings.ts";

const FOLDER = new URL("./golden/", import.meta.url);
const PATH = "rust/sample.h";

const TOOLKIT: Module = { prefix: "agent_ffi_", header: "rust/toolkit.h" };
const SAMPLE: Module = {
  prefix: "agent_sample_",
  header: PATH,
  file: "sample.ts",
  library: "core-utils",
};

function sourceOf(module: Module, text: string): Source {
  return { module, header: parseHeader(module.header, text), text };
}

/** What is generated from a sample header; the toolkit's is the golden one. */
function emit(text: string): Map<string, string> {
  const toolkit = Deno.readTextFileSync(new URL("toolkit.h", FOLDER));
  return emitAll([sourceOf(TOOLKIT, toolkit), sourceOf(SAMPLE, text)]);
}

Deno.test("emitAll() gives the golden modules", async () => {
  const files = emit(Deno.readTextFileSync(new URL("sample.h", FOLDER)));
  assert.deepEqual([...files.keys()], ["ffi.ts", "status_codes.ts", "symbols.ts", "sample.ts"]);
  for (const [name, content] of files) {
    const golden = Deno.readTextFileSync(new URL(`${name}.golden`, FOLDER));
    assert.equal(await formatted(content), golden, name);
  }
});

Deno.test("digestOf() does not see comments and white space, and is that of FNV-1a", () => {
  assert.equal(digestOf([""]), 0x811c9dc5);
  assert.equal(digestOf(["foobar"]), 0xbf9cf968); // from the authors' table of test vectors
  assert.equal(digestOf(["foo", " /* a\n * b */ b\tar\r\n"]), 0xbf9cf968);
  assert.notEqual(digestOf(["int32_t a(void);"]), digestOf(["int32_t b(void);"]));
});

Deno.test("parseHeader() reads the same from a header with CRLF", () => {
  const text = Deno.readTextFileSync(new URL("toolkit.h", FOLDER));
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
    "foreign prefix",
    "void agent_other_a(void);",
    `1: "agent_other_a" has not the prefix of this header (agent_sample_)`,
  ],
  [
    "constant with a foreign prefix",
    "#define LIMIT 3",
    `1: "LIMIT" has not the prefix of this header (AGENT_SAMPLE_)`,
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
    `2: "agent_sample_a" has the annotation "@blocking", which is none that is known`,
  ],
  [
    "annotation of what is no parameter",
    "/** @flag fast */\nvoid agent_sample_a(uint32_t slow);",
    `2: "agent_sample_a" has "@flag fast", but no parameter of that name`,
  ],
  [
    "unknown kind of result",
    "/** @result tree */\nint32_t agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `2: "agent_sample_a" has "@result tree"; known are none, written,`,
  ],
  [
    "result without its kind",
    "int32_t agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `1: "agent_sample_a" needs a line "@result KIND"`,
  ],
  [
    "kind of a result without a buffer",
    "/** @result text */\nint32_t agent_sample_a(void);",
    `2: "agent_sample_a" has "@result", but no "out"`,
  ],
  [
    "operation that is no submission",
    "/** @result none */\nint32_t agent_sample_a(double ring, uint32_t op, uint8_t *out, uint32_t out_cap);",
    `2: "agent_sample_a" must begin with "ring" and "op" if its name has "_submit_"`,
  ],
  [
    "submission without a buffer",
    "int32_t agent_sample_submit_a(double ring, uint32_t op);",
    `1: "agent_sample_submit_a" starts an operation, so it must end with "out" and "out_cap"`,
  ],
  [
    "result of another type",
    "/** @result none */\ndouble agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `2: "agent_sample_a" writes into "out", so it must return int32_t`,
  ],
  [
    "buffer that is not the result's",
    "void agent_sample_a(uint8_t *more, uint32_t more_cap);",
    `1: "agent_sample_a" takes "more" in a shape that is not known`,
  ],
  [
    "name that a call has itself",
    "uint32_t agent_sample_a(uint32_t call);",
    `1: "agent_sample_a" has a parameter "call", a name that calls cannot give it`,
  ],
  [
    "name that is a word of the language",
    "uint32_t agent_sample_a(uint32_t new);",
    `1: "agent_sample_a" has a parameter "new", a name that calls cannot give it`,
  ],
  [
    "annotation that does not fit",
    "/** @flag text */\nuint32_t agent_sample_a(const uint8_t *text, uint32_t text_len);",
    `2: "agent_sample_a" has "@flag text", which does not fit what that is`,
  ],
  [
    "annotation behind the section for Rust, all the same",
    "/**\n * # Safety\n * None.\n *\n * @flag text\n */\nuint32_t agent_sample_a(const uint8_t *text, uint32_t text_len);",
    `7: "agent_sample_a" has "@flag text", which does not fit what that is`,
  ],
  [
    "two results",
    "/**\n * @result none\n * @result text\n */\nint32_t agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `5: "agent_sample_a" has two results`,
  ],
  [
    "two lists of contents",
    "/** @content a b */\nuint32_t agent_sample_a(const uint8_t *a, uint32_t a_len, const uint32_t *a_lengths, " +
    "uint32_t a_lengths_count, const uint8_t *b, uint32_t b_len, const uint32_t *b_lengths, uint32_t b_lengths_count);",
    `2: "agent_sample_a" takes more than one list of contents`,
  ],
  [
    "two arguments of one name",
    "uint32_t agent_sample_a(uint32_t a_b, uint32_t aB);",
    `1: "agent_sample_a" would have the name "aB" twice`,
  ],
  [
    "parameter that a submission has itself",
    "/** @result none */\nint32_t agent_sample_submit_a(double ring, uint32_t op, uint32_t capacity, uint8_t *out, uint32_t out_cap);",
    `2: "agent_sample_submit_a" has a parameter "capacity", a name that calls cannot give it`,
  ],
  [
    "expectation with a comma",
    "/**\n * @result view\n * @expect n, 5\n */\nint32_t agent_sample_a(uint32_t n, uint8_t *out, uint32_t out_cap);",
    `5: "agent_sample_a" expects "n, 5"`,
  ],
  [
    "octal constant",
    "#define AGENT_SAMPLE_OCTAL 010",
    `1: "AGENT_SAMPLE_OCTAL" is "010"; only integers`,
  ],
  [
    "constant twice",
    "#define AGENT_SAMPLE_A 1\n#define AGENT_SAMPLE_A 2",
    `2: "AGENT_SAMPLE_A" stands twice`,
  ],
  [
    "two calls of one name",
    "/** @result none */\nint32_t agent_sample_a(uint8_t *out, uint32_t out_cap);\n" +
    "/** @result none */\nint32_t agent_sample_submit_a(double ring, uint32_t op, uint8_t *out, uint32_t out_cap);",
    `4: "agent_sample_submit_a" and "agent_sample_a" would both be called "sampleA"`,
  ],
  [
    "expectation of what is not there",
    "/**\n * @result view\n * @expect 4 * size\n */\nint32_t agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `5: "agent_sample_a" expects "4 * size": what is "size"?`,
  ],
  [
    "expectation that is code",
    "/**\n * @result view\n * @expect f();g\n */\nint32_t agent_sample_a(uint8_t *out, uint32_t out_cap);",
    `5: "agent_sample_a" expects "f();g"`,
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

Deno.test("the committed modules are those of the committed headers", async () => {
  const root = new URL("../../", import.meta.url);
  const files = await generate(root.pathname.replace(/\/$/, ""));
  assert.deepEqual(differing(files, new URL("src/native/generated", root).pathname), []);
});

Deno.test("the program with --check exits 1 and names the file that differs", async () => {
  const root = new URL("../../", import.meta.url);
  const copy = Deno.makeTempDirSync();
  try {
    for (const { header } of MODULES) {
      Deno.mkdirSync(`${copy}/${header.slice(0, header.lastIndexOf("/"))}`, { recursive: true });
      Deno.copyFileSync(new URL(header, root), `${copy}/${header}`);
    }
    Deno.mkdirSync(`${copy}/src/native/generated`, { recursive: true });
    const run = async (...args: string[]): Promise<{ code: number; text: string }> => {
      const output = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--allow-read=rust,src/native/generated",
          `--allow-run=${Deno.execPath()}`,
          "--allow-write=src/native/generated",
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
    Deno.writeTextFileSync(`${copy}/src/native/generated/monitor.ts`, "// edited by hand\n");
    const checked = await run("--check");
    assert.equal(checked.code, 1);
    assert.match(
      checked.text,
      /^src\/native\/generated\/monitor\.ts differs from what the headers give\n/,
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
