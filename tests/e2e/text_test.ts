/** The commands `text count`, `text split` and `text redact`, and what all text commands do with streams. */

import assert from "assertions";
import { hash as digits } from "@agent/runtime/text";
import { noTerminal, testNeeding } from "../support/needs.ts";
import { DENO, ROOT, start } from "../support/programs.ts";
import { agent, direct, permissions, Scratch } from "./helpers.ts";

/** The JSON document that a call prints. */
async function json(
  scratch: Scratch,
  args: string[],
  stdin?: string,
): Promise<Record<string, unknown>> {
  const options = stdin === undefined ? {} : { stdin };
  const { code, stdout, stderr } = await agent(scratch, [...args, "--json"], options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("text count: files, standard input, both vocabularies", async () => {
  using scratch = new Scratch();
  const file = scratch.file("hello file", "Hello, world!");
  const both = await agent(scratch, ["text", "count", file, "-"], { stdin: "one two" });
  assert.equal(both.stdout, `4  ${file}\n2  -\n6  total\n`, both.stderr);
  const piped = await agent(scratch, ["text", "count"], { stdin: "naïve café" });
  assert.match(piped.stdout, /^\d+ {2}-\n$/);
  const args = ["text", "count", file, "--encoding", "cl100k_base"];
  assert.deepEqual(await json(scratch, args), {
    encoding: "cl100k_base",
    files: [{ file, tokens: 4 }],
    total: 4,
  });
  assert.equal((await json(scratch, ["text", "count"], ""))["total"], 0);
});

Deno.test("text split: a line a chunk, or one document", async () => {
  using scratch = new Scratch();
  const text = "# A\n\nFirst one. Second one.\n\n# B\n\nThird one. 😀";
  const split = ["text", "split", "--max-tokens", "8"];
  const { stdout } = await agent(scratch, split, { stdin: text });
  const chunks = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(chunks.map((chunk) => chunk.text), [
    "# A\n\nFirst one. ",
    "Second one.\n\n",
    "# B\n\nThird one. 😀",
  ]);
  for (const { text: part, start, end } of chunks) assert.equal(text.slice(start, end), part);
  const file = scratch.file("text.md", text);
  const document = await json(scratch, [...split, file, "--overlap", "3"]);
  assert.deepEqual([document["maxTokens"], document["overlapTokens"]], [8, 3]);
  assert((document["chunks"] as unknown[]).length >= 3);
  assert.equal((await agent(scratch, split, { stdin: "" })).stdout, "");
});

Deno.test("text redact: rules, literals, patterns, a report that gives nothing away", async () => {
  using scratch = new Scratch();
  const text = "Ann (ann@example.org) at 10.1.2.3, ticket OPS-12\n";
  const plain = await agent(scratch, ["text", "redact", "--report"], { stdin: text });
  assert.equal(plain.stdout, "Ann ([EMAIL]) at [IPV4], ticket OPS-12\n");
  assert.equal(plain.stderr, "agent: 2 redacted: email 1, ipv4 1\n");
  const own = [
    ["--rule", "ipv4", "--rule=email"],
    ["--literals", scratch.file("names", "ann\n\nbob\r\n"), "--ignore-case"],
    ["--pattern", "OPS-\\d+", "--pattern", "ticket", "--placeholder", "<{label}>"],
  ].flat();
  const all = await agent(scratch, ["text", "redact", ...own], { stdin: text });
  assert.equal(all.stdout, "<LITERAL> (<EMAIL>) at <IPV4>, <PATTERN> <PATTERN>\n", all.stderr);
  assert.equal(all.stderr, "");
  assert.deepEqual(await json(scratch, ["text", "redact", "--rule", "ipv4"], text), {
    file: "-",
    text: "Ann (ann@example.org) at [IPV4], ticket OPS-12\n",
    matches: [{ rule: "ipv4", start: 25, end: 33 }],
    counts: { ipv4: 1 },
  });
  const none = await agent(scratch, ["text", "redact", "--rule", "none", "--report"], {
    stdin: text,
  });
  assert.deepEqual([none.stdout, none.stderr], [text, "agent: 0 redacted\n"]);
});

Deno.test("text markdown: the main content, or all of it", async () => {
  using scratch = new Scratch();
  const page = "<nav>Home</nav><main><h1>Tea</h1><p>Boil <a href=/w>water</a>.</main>";
  const main = await agent(scratch, ["text", "markdown", "--base-url", "https://tea.example/a"], {
    stdin: page,
  });
  assert.equal(main.stdout, "# Tea\n\nBoil [water](https://tea.example/w).\n", main.stderr);
  const file = scratch.file("a--b page.html", page);
  const all = await agent(scratch, ["text", "markdown", "--all", file, "-"], { stdin: "<p>x" });
  assert.match(
    all.stdout,
    /^<!-- .*a- -b page\.html -->\n\nHome\n\n# Tea\n[^]*\n<!-- - -->\n\nx\n$/,
  );
  const document = await agent(scratch, ["text", "markdown", "--json"], { stdin: "<b>x" });
  assert.deepEqual(JSON.parse(document.stdout), [{ file: "-", markdown: "**x**" }]);
  assert.equal((await agent(scratch, ["text", "markdown"], { stdin: "" })).stdout, "");
});

Deno.test("text count, split, redact: mistakes are exit code 2", async () => {
  using scratch = new Scratch();
  const cases: [string[], RegExp][] = [
    [["count", "--encoding", "gpt2"], /o200k_base, cl100k_base, got "gpt2"/],
    [["count", "--encoding", "o200k_base", "--encoding", "o200k_base"], /given twice/],
    [["split"], /--max-tokens/],
    [["split", "--max-tokens", "0"], /from 1 to/],
    [["split", "--max-tokens", "5", "--overlap", "5"], /--overlap .* from 0 to 4, got "5"/],
    [["redact", "--rule", "none", "--rule", "email"], /no other --rule/],
    [["redact", "--rule", "names"], /private-key.*got "names"/],
    [["redact", "--pattern", "a", "--pattern", ""], /--pattern is empty/],
    [["redact", "--pattern", "(a"], /"\(a" cannot be used/],
    [["markdown", "--base-url", "page.html"], /absolute address, got "page\.html"/],
    [["redact", "--pattern", "a*"], /matches where there is nothing/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await agent(scratch, ["text", ...args]);
    assert.deepEqual([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
  }
});

Deno.test("text: input that is not UTF-8, wherever it is, ends each command with 1", async () => {
  using scratch = new Scratch();
  const text = new TextEncoder().encode("a word and one more\n".repeat(20_000));
  const late = new Uint8Array(text.length + 1);
  late.set(text);
  late[text.length] = 0xc3;
  const early = Uint8Array.of(0x61, 0xff, 0x62);
  for (
    const args of [
      ["count"],
      ["split", "--max-tokens", "50"],
      ["redact"],
      ["rank", "word"],
      ["transform", "trim"],
      ["keywords"],
      ["markdown"],
    ]
  ) {
    for (const stdin of [early, late]) {
      const { code, stderr } = await agent(scratch, ["text", ...args], { stdin });
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, /Standard input is not UTF-8 text/);
    }
    const { code, stdout } = await agent(scratch, ["text", ...args, "--json"], { stdin: late });
    assert.deepEqual([code, JSON.parse(stdout).error.code], [1, "CORRUPT"], args.join(" "));
  }
});

Deno.test("text rank and transform: lines over any part's border", async () => {
  using scratch = new Scratch();
  const words = Array.from({ length: 60_000 }, (_, at) => `word number ${at}${"é".repeat(at % 7)}`);
  const stdin = words.join("\r\n");
  const upper = await agent(scratch, ["text", "transform", "uppercase"], { stdin });
  assert.equal(upper.stdout, words.map((word) => `${word.toUpperCase()}\n`).join(""));
  const rank = ["text", "rank", "word number 59990", "--limit", "3", "--json"];
  const ranked = JSON.parse((await agent(scratch, rank, { stdin })).stdout);
  assert.deepEqual(ranked[0], {
    index: 59_990,
    choice: words[59_990],
    score: 1,
    line: 59_991,
  });
  const same = { stdin: "same\n".repeat(100_000) };
  const first = JSON.parse(
    (await agent(scratch, ["text", "rank", "same", "--limit", "2", "--json"], same)).stdout,
  );
  assert.deepEqual(first.map(({ line }: { line: number }) => line), [1, 2]);
  const piped = await agent(scratch, ["text", "similarity", "kitten", "-"], { stdin: "sitting\n" });
  assert.equal(Number(piped.stdout).toFixed(6), (4 / 7).toFixed(6));
});

Deno.test("text: streams far larger than V8's memory", async () => {
  using scratch = new Scratch();
  // No divisor of any part's size: keys are cut at every place.
  const line = "key sk_live_4eC39HqLyjWDarjtT1zdp7dc of größe, mail ada.lovelace@example.org\n";
  const clean = "key [API_KEY] of größe, mail [EMAIL]\n";
  const times = 800_000;
  const stdin = new TextEncoder().encode(line.repeat(times));
  const limited = async (args: string[]): Promise<string> => {
    const flags = [...await permissions(scratch, args), "--v8-flags=--max-old-space-size=40"];
    const { code, stdout, stderr } = await direct(scratch, flags, args, { stdin });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.equal(await limited(["text", "redact"]) === clean.repeat(times), true);
  const upper = await limited(["text", "transform", "uppercase"]);
  assert.equal(upper === line.toUpperCase().repeat(times), true);
  const hash = (bytes: Uint8Array): string => digits(bytes, { implementation: "pure" });
  assert.equal(await limited(["text", "hash"]), `${hash(stdin)}  -\n`);
  const large = scratch.file("large.txt");
  Deno.writeFileSync(large, stdin);
  const small = scratch.file("small.txt", "small");
  const hashed = await limited(["text", "hash", small, large, small]);
  assert.equal(
    hashed,
    [small, large, small].map((file) => `${hash(Deno.readFileSync(file))}  ${file}\n`).join(""),
  );
  const one = JSON.parse(
    (await agent(scratch, ["text", "count", "--json"], { stdin: line })).stdout,
  );
  // Lines that end in a word are counted each by itself.
  assert.equal(await limited(["text", "count"]), `${one.total * times}  -\n`);
});

Deno.test("text redact, split: a reader that leaves early ends them quietly", async () => {
  using scratch = new Scratch();
  for (
    const [args, first] of [
      ["redact", "mail [EMAIL]\n"],
      ["split --max-tokens 9", '{"text":"mail ann@example.org\\nmail'],
    ] as const
  ) {
    // The writer never ends by itself: it is the closed pipe that ends it.
    const command = `yes 'mail ann@example.org' | '${ROOT}scripts/agent' text ${args} | head -n 1`;
    const { code, stdout, stderr } = await start("sh", ["-c", command], { env: scratch.env() });
    assert.equal(code, 0);
    assert(stdout.startsWith(first), stdout);
    assert.doesNotMatch(stderr, /agent:/);
  }
});

Deno.test("text redact, count: Ctrl-C while waiting for input", async () => {
  using scratch = new Scratch();
  for (const args of [["text", "redact"], ["text", "count", "--json"]]) {
    const flags = await permissions(scratch, args);
    const run = ["run", "--no-prompt", "--config", `${ROOT}deno.json`, ...flags];
    const child = new Deno.Command(DENO, {
      args: [...run, `${ROOT}src/cli/main.ts`, ...args],
      clearEnv: true,
      env: scratch.env(),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("mail ann@example.org now\n"));
    const reader = child.stdout.getReader();
    let seen = "";
    if (args[1] === "redact") {
      // Something came out: it reads, and hears signals.
      const { value } = await reader.read();
      seen = new TextDecoder().decode(value);
      assert.equal(seen, "mail [EMAIL] now\n");
    } else {
      // More than the pipe holds: what is written has been read.
      await writer.write(new Uint8Array(1 << 20).fill(10));
    }
    child.kill("SIGINT");
    reader.releaseLock();
    const { code, stdout, stderr } = await child.output();
    assert.equal(code, 130, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stderr), "agent: stopped\n");
    const rest = new TextDecoder().decode(stdout);
    if (args.includes("--json")) assert.equal(JSON.parse(rest).error.code, "INTERRUPTED");
    await writer.abort().catch(() => {});
  }
});

testNeeding(
  [noTerminal],
  "text count: a bar on a terminal for long work",
  async () => {
    using scratch = new Scratch();
    const file = scratch.file("long.txt", "some words and a line end\n".repeat(700_000));
    const words = [`${ROOT}scripts/agent`, "text", "count", file];
    const command = words.map((word) => `'${word}'`).join(" ");
    const { code, stdout } = await start("script", ["-qec", command, "/dev/null"], {
      env: { ...scratch.env(), SHELL: "/bin/sh", TERM: "xterm" },
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /counting \[#+\.*\] \d+\/18 MiB/);
    assert.match(stdout, /\d+ {2}\S/);
  },
);
