/**
 * Writes one generated call: packing of its arguments, the buffer for its result, what the result becomes.
 */

import type { Annotations } from "./annotations.ts";
import { type FunctionItem, HeaderError } from "./header.ts";
import type { Argument, Shape } from "./shapes.ts";

/** A generated call and what it takes from `call.ts`. */
export interface Call {
  readonly lines: readonly string[];
  /** Names from `../call.ts`. */
  readonly uses: ReadonlySet<string>;
  /** Whether it needs `errorFromBuffer`, `errorFromDetail`, the ring, or the type of packed lists. */
  readonly buffer: boolean;
  readonly detail: boolean;
  readonly ring: boolean;
  readonly packed: boolean;
}

const BYTES = "Uint8Array<ArrayBuffer>";

const TYPES: Readonly<Record<Argument["kind"], string>> = {
  number: "number",
  count: "number",
  flag: "boolean",
  text: "string",
  bytes: "Uint8Array",
  content: "string | Uint8Array",
  u32s: "Uint32Array<ArrayBuffer>",
  f64s: "Float64Array<ArrayBuffer>",
  strings: "readonly string[]",
  contents: "readonly (string | Uint8Array)[]",
  packed: "Packed",
};

/** What a result is in TypeScript. */
const RESULT_TYPES: Readonly<Record<string, string>> = {
  none: "void",
  written: "number",
  view: BYTES,
  text: "string",
  json: "unknown",
  handle: "number",
  u32s: "Uint32Array<ArrayBuffer>",
  f64s: "Float64Array<ArrayBuffer>",
  strings: "string[]",
};

/** Names that a generated call has itself, and words that no parameter can be called by. */
const TAKEN = new Set(
  ("call out written answer expected symbol kit saturated room larger cut arguments await break case catch class const continue debugger default delete do else enum eval " +
    "export extends false finally for function if implements import in instanceof interface let new " +
    "null package private protected public return static super switch this throw true try typeof " +
    "undefined var void while with yield").split(" "),
);

/** The same where a call starts an operation. */
const TAKEN_BY_SUBMISSIONS = new Set(
  "ring operation capacity status payload options decode".split(" "),
);

/** `agent_core_text_submit_rank_many` to `textRankMany`. */
export function callName(symbol: string): string {
  return camel(symbol.replace(/^agent_(core_)?/, "").replace("_submit_", "_"));
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Writes the call of an export. */
export function emitCall(
  path: string,
  item: FunctionItem,
  notes: Annotations,
  shape: Shape,
): Call {
  return new CallWriter(path, item, notes, shape).write();
}

class CallWriter {
  readonly #path: string;
  readonly #item: FunctionItem;
  readonly #notes: Annotations;
  readonly #shape: Shape;
  readonly #name: string;
  readonly #uses = new Set<string>();
  /** Statements that pack, names of what is let go afterwards, and what is passed. */
  readonly #packing: string[] = [];
  readonly #releases: string[] = [];
  readonly #passed: string[] = [];
  #texts = 0;
  #lists = 0;

  constructor(path: string, item: FunctionItem, notes: Annotations, shape: Shape) {
    this.#path = path;
    this.#item = item;
    this.#notes = notes;
    this.#shape = shape;
    this.#name = callName(item.name);
  }

  write(): Call {
    const names = this.#shape.arguments.flatMap(({ name, kind }) => {
      const value = camel(name);
      const packed = kind === "strings" || kind === "contents";
      const encoded = kind === "text" || kind === "content";
      return [
        value,
        ...(packed ? [`${value}Packed`] : encoded ? [`${value}Length`, `${value}Bytes`] : []),
      ];
    });
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) this.#fail(`would have the name "${twice}" twice`);
    for (const argument of this.#shape.arguments) {
      const name = camel(argument.name);
      if (TAKEN.has(name) || (this.#shape.submits && TAKEN_BY_SUBMISSIONS.has(name))) {
        this.#fail(`has a parameter "${argument.name}", a name that calls cannot give it`);
      }
      this.#pack(argument);
    }
    const body = this.#shape.submits
      ? this.#submission()
      : this.#shape.writes
      ? this.#written()
      : this.#number();
    const lines = [
      `let ${this.#variable}: Call<"${this.#item.name}"> | undefined;`,
      "",
      ...jsdoc(this.#notes.doc, ""),
      `export function ${this.#name}${this.#typeParameter}(${
        this.#parameters().join(", ")
      }): ${this.#returns()} {`,
      `const call = ${this.#variable} ??= symbol("${this.#item.name}");`,
      ...body,
      "}",
    ];
    const { submits, writes } = this.#shape;
    return {
      lines,
      uses: this.#uses,
      buffer: writes && !submits,
      detail: !writes && !this.#notes.signed && this.#item.returns !== "uint32_t",
      ring: submits,
      packed: this.#shape.arguments.some(({ kind }) => kind === "packed"),
    };
  }

  get #variable(): string {
    return `${this.#name}Call`;
  }

  get #decodes(): boolean {
    return this.#shape.submits && this.#notes.result === "view";
  }

  get #typeParameter(): string {
    return this.#decodes ? "<T>" : "";
  }

  #fail(message: string): never {
    throw new HeaderError(this.#path, this.#item.line, `"${this.#item.name}" ${message}`);
  }

  #use(name: string): string {
    this.#uses.add(name);
    return name;
  }

  #parameters(): string[] {
    const list = this.#shape.arguments.map(({ name, kind }) => `${camel(name)}: ${TYPES[kind]}`);
    if (this.#notes.expect === "caller") list.push("expected: number");
    if (this.#decodes) list.push("decode: (payload: Uint8Array) => T");
    if (this.#shape.submits) list.push("options?: SubmitOptions");
    return list;
  }

  #returns(): string {
    const { result } = this.#notes;
    if (this.#decodes) return "Promise<T>";
    const type = result === undefined
      ? (this.#item.returns === "void" ? "void" : "number")
      : RESULT_TYPES[result]!;
    return this.#shape.submits ? `Promise<${type}>` : type;
  }

  #pack({ name, kind }: Argument): void {
    const value = camel(name);
    switch (kind) {
      case "number":
        this.#passed.push(value);
        break;
      case "flag":
        this.#passed.push(`${value} ? 1 : 0`);
        break;
      case "count":
        this.#passed.push(`${this.#use("saturated")}(${value})`);
        break;
      case "text": {
        const scratch = this.#text();
        this.#packing.push(`const ${value}Length = ${scratch}.encode(${value});`);
        this.#passed.push(`${scratch}.bytes`, `${value}Length`);
        break;
      }
      case "bytes":
        this.#passed.push(`${value} as ${BYTES}`, `${value}.length`);
        break;
      case "content": {
        const scratch = this.#text();
        this.#packing.push(
          `const ${value}Length = typeof ${value} === "string" ? ${scratch}.encode(${value}) : ${value}.length;`,
          `const ${value}Bytes = typeof ${value} === "string" ? ${scratch}.bytes : ${value} as ${BYTES};`,
        );
        this.#passed.push(`${value}Bytes`, `${value}Length`);
        break;
      }
      case "u32s":
      case "f64s":
        this.#passed.push(value, `${value}.length`);
        break;
      case "strings":
      case "contents": {
        const packer = this.#use(kind === "contents" ? "CONTENTS" : `LIST${this.#lists++}`);
        if (this.#lists > 2) this.#fail("takes more than two lists of strings");
        if (this.#releases.includes(packer)) this.#fail("takes more than one list of contents");
        this.#releases.push(packer);
        this.#packing.push(`const ${value}Packed = ${packer}.pack(${value});`);
        this.#passPacked(`${value}Packed`);
        break;
      }
      case "packed":
        this.#passPacked(value);
    }
  }

  #text(): string {
    if (this.#texts === 3) this.#fail("takes more than three texts");
    const scratch = this.#use(`TEXT${this.#texts++}`);
    this.#releases.push(scratch);
    return scratch;
  }

  #passPacked(value: string): void {
    this.#passed.push(
      `${value}.bytes`,
      `${value}.byteLength`,
      `${value}.lengths`,
      `${value}.count`,
    );
  }

  #released(): string[] {
    return this.#releases.map((name) => `${name}.release();`);
  }

  /** A call that answers with a number. */
  #number(): string[] {
    const call = `call(${this.#passed.join(", ")})`;
    const plain = this.#releases.length === 0;
    if (this.#item.returns === "void") return [...this.#packing, `${call};`, ...this.#released()];
    if (plain && (this.#notes.signed || this.#item.returns === "uint32_t")) {
      return [...this.#packing, `return ${call};`];
    }
    const out = [...this.#packing, `const answer = ${call};`, ...this.#released()];
    if (!this.#notes.signed && this.#item.returns !== "uint32_t") {
      out.push(`if (answer < 0) throw errorFromDetail("${this.#name}", answer);`);
    }
    return [...out, "return answer;"];
  }

  /** A call that writes its result into a buffer. */
  #written(): string[] {
    const held = this.#notes.result === "written";
    const call = (out: string): string =>
      `call(${[...this.#passed, out, "out.length"].join(", ")})`;
    const enlarge = held ? `${this.#use("RESULT")}.enlarge()` : `${this.#use("larger")}(out)`;
    const first = this.#notes.expect === undefined
      ? `${this.#use("RESULT")}.bytes`
      : `${this.#use("room")}(${this.#expected()})`;
    return [
      ...this.#packing,
      `let out = ${first};`,
      `let written = ${call("out")};`,
      `while (written === ${this.#use("TOO_SMALL")}) written = ${call(`out = ${enlarge}`)};`,
      ...this.#released(),
      `if (written < 0) throw errorFromBuffer("${this.#name}", written, out);`,
      ...this.#answer(),
    ];
  }

  #answer(): string[] {
    switch (this.#notes.result!) {
      case "none":
        return [];
      case "written":
        return ["return written;"];
      case "view":
        return ["return out.subarray(0, written);"];
      case "u32s":
        return ["return new Uint32Array(out.buffer, 0, written >> 2);"];
      case "f64s":
        return ["return new Float64Array(out.buffer, 0, written >> 3);"];
      default:
        return [`return ${this.#decoded("out.subarray(0, written)")};`];
    }
  }

  #decoded(bytes: string): string {
    switch (this.#notes.result!) {
      case "text":
        return `${this.#use("decodeText")}(${bytes})`;
      case "json":
        return `${this.#use("decodeJson")}(${bytes})`;
      case "handle":
        return `${this.#use("decodeHandle")}(${bytes})`;
      case "u32s":
        return `${this.#use("decodeWords")}(${bytes})`;
      case "strings": {
        const list = this.#shape.arguments.filter(({ kind }) => kind === "strings");
        if (list.length !== 1) this.#fail('has "@result strings", so it must take one list');
        return `${this.#use("decodeStrings")}(${bytes}, ${camel(list[0]!.name)}.length)`;
      }
      default:
        return this.#fail(
          `has "@result ${this.#notes.result}", which its kind of call cannot have`,
        );
    }
  }

  /** The expected size: numbers, parameters, `+ * /`, `min`. */
  #expected(): string {
    const expression = this.#notes.expect!;
    if (expression === "caller") return "expected";
    const names = new Map<string, string>();
    for (const { name, kind, parameters } of this.#shape.arguments) {
      const value = camel(name);
      if (kind === "count") names.set(name, `saturated(${value})`);
      if (kind === "text") names.set(parameters[1]!, `${value}Length`);
      if (kind === "u32s") names.set(parameters[1]!, `${value}.length`);
      if (kind !== "strings") continue;
      names.set(parameters[1]!, `${value}Packed.byteLength`);
      names.set(parameters[3]!, `${value}Packed.count`);
    }
    const bare = expression.replace(/min\(([\w\s+*/]+),([\w\s+*/]+)\)/g, "$1 + $2");
    if (!/^[\w\s+*/]+$/.test(bare)) this.#fail(`expects "${expression}"`);
    return expression.replace(
      /[a-z_]+/g,
      (word) =>
        word === "min"
          ? "Math.min"
          : names.get(word) ?? this.#fail(`expects "${expression}": what is "${word}"?`),
    );
  }

  /** A call that starts an operation of the ring. Packing is inside: it may have to be sent again. */
  #submission(): string[] {
    const args = ["ring", "operation", ...this.#passed, "out", "capacity"];
    const start = this.#releases.length === 0
      ? [`(ring, operation, out, capacity) => call(${args.join(", ")}),`]
      : [
        "(ring, operation, out, capacity) => {",
        ...this.#packing,
        `const status = call(${args.join(", ")});`,
        ...this.#released(),
        "return status;",
        "},",
      ];
    return [
      `return ringOf(LIBRARY).submit(`,
      `"${this.#name}",`,
      ...start,
      `${this.#completion()},`,
      "options,",
      ");",
    ];
  }

  #completion(): string {
    if (this.#decodes) return "decode";
    if (this.#notes.result === "none") return "() => {}";
    return `(payload) => ${this.#decoded("payload")}`;
  }
}

/** A documentation comment. */
export function jsdoc(doc: readonly string[], indent: string): string[] {
  if (doc.length === 0) return [];
  if (doc.length === 1) return [`${indent}/** ${doc[0]} */`];
  return [
    `${indent}/**`,
    ...doc.map((line) => `${indent} * ${line}`.trimEnd()),
    `${indent} */`,
  ];
}
