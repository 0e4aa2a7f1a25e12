/** What the commands print: results, JSON, help, mistakes and exit codes. */

import assert from "assertions";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { Finished } from "../support/programs.ts";
import { agent, documents, Scratch } from "./helpers.ts";

/** Exactly one JSON document on standard output. */
function json(finished: Finished): Record<string, unknown> {
  assert(finished.stdout.endsWith("\n"), finished.stdout + finished.stderr);
  return JSON.parse(finished.stdout);
}

Deno.test("--help: each command explains itself, with examples", async () => {
  using scratch = new Scratch();
  for (const { name, options, examples } of COMMANDS) {
    const { code, stdout, stderr } = await agent(scratch, [...name.split(" "), "--help"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^Usage: scripts/agent ${name}`, "m"));
    for (const option of [...Object.keys(options), "json", "print-permissions"]) {
      assert(stdout.includes(`--${option}`), `${name}: ${option}`);
    }
    assert(examples.length > 0);
    for (const example of examples) assert(stdout.includes(example), `${name}: ${example}`);
    const asJson = json(await agent(scratch, [...name.split(" "), "--help", "--json"]));
    assert.equal(asJson["command"], name);
  }
});

Deno.test("--help and --version: of the program and of a group", async () => {
  using scratch = new Scratch();
  const help = await agent(scratch, ["--help"]);
  assert.equal(help.code, 0);
  for (const { name } of COMMANDS) assert(help.stdout.includes(`  ${name} `), name);
  const group = await agent(scratch, ["text", "--help"]);
  assert.equal(group.code, 0);
  assert.match(group.stdout, /text transform/);
  assert.doesNotMatch(group.stdout, /doctor/);
  const version = await agent(scratch, ["--version"]);
  assert.match(version.stdout, /^agent \d+\.\d+\.\d+ \(Deno \d+\.\d+\.\d+\)\n$/);
  assert.equal(json(await agent(scratch, ["--version", "--json"]))["deno"], Deno.version.deno);
  assert.equal((await agent(scratch, [])).code, 2);
  assert.equal((await agent(scratch, ["text"])).code, 2);
});

Deno.test("mistakes: one line, a hint, exit code 2, nothing on standard output", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const cases: [string[], RegExp][] = [
    [["asq"], /no command "asq"; did you mean ask\?/],
    [["hash"], /no command "hash"; did you mean text hash\?/],
    [["quickstart"], /no command "quickstart"; there are ask, index/],
    [["text", "hsah"], /no command "text hsah"; did you mean hash\?/],
    [["--jsno"], /before the option --jsno/],
    [["ask"], /question is missing/],
    [["ask", "q"], /--docs/],
    [["ask", "q", "--docs"], /--docs needs a value/],
    [["ask", "q", "--docs", "--json"], /--docs needs a value/],
    [["ask", "q", "--docs="], /--docs is empty/],
    [["ask", "q", "--docs", docs, "--docs", docs], /--docs is given twice/],
    [["ask", "two", "words", "--docs", docs], /"words" is one too many/],
    [["ask", "q", "--docs", docs, "--bogus"], /--bogus is unknown/],
    [["ask", "q", "--docs", docs, "--json=yes"], /--json takes no value/],
    [["ask", "q", "--docs", docs, "--implementation", "rust"], /auto, native, pure, got "rust"/],
    [["index"], /folder or the address to read is missing/],
    [["doctor", "everything"], /"everything" is one too many/],
    [["text", "rank", "q", "--limit", "many"], /--limit .* got "many"/],
    [["text", "rank", "q", "--limit", "1.5"], /whole number/],
    [["text", "rank", "q", "--cutoff", "2"], /from 0 to 1, got "2"/],
    [["text", "similarity", "a", "b", "--metric", "vibes"], /levenshtein.*got "vibes"/],
    [["text", "transform", "shout"], /lowercase.*got "shout"/],
    [["text", "similarity", "-", "-"], /Only one of the texts/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await agent(scratch, args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    const wantsJson = args.some((arg) => arg === "--json");
    if (!wantsJson) assert.equal(stdout, "", args.join(" "));
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines.length, 2, stderr);
    assert.match(lines[0] ?? "", message);
    assert.match(lines[1] ?? "", /^agent: scripts\/agent .*--help shows how$/);
  }
});

Deno.test("--json: a failure is one document too, with code and message", async () => {
  using scratch = new Scratch();
  const usage = await agent(scratch, ["ask", "--json"]);
  assert.equal(usage.code, 2);
  assert.equal((json(usage)["error"] as Record<string, unknown>)["code"], "USAGE");
  const absent = await agent(scratch, ["index", "/no/such/folder", "--json"]);
  assert.equal(absent.code, 1);
  assert.deepEqual(json(absent), {
    error: { code: "NOT_FOUND", message: 'There is no file or folder "/no/such/folder"' },
  });
});

Deno.test("ask: answers with file and line, then from what it kept", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const args = ["ask", "Which port does the orchestrator listen on?", "--docs", "docs"];
  const first = await agent(scratch, args, { cwd: scratch.path });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /port 7341/);
  assert.match(first.stdout, /^\[1\] docs\/ports\.md:5\b/m);
  assert.match(first.stdout, /^confidence [01]\.\d\d, domain general$/m);
  const second = json(await agent(scratch, [...args, "--json"], { cwd: scratch.path }));
  assert.equal(second["cached"], true);
  for (
    const field of [
      "answer",
      "domain",
      "confidence",
      "sources",
      "reasoning",
      "keywords",
      "timestamp",
    ]
  ) {
    assert(field in second, field);
  }
  const [source] = second["sources"] as Record<string, unknown>[];
  assert.equal(source?.["document"], `${docs}/ports.md`);
  assert.equal(source?.["line"], 5);
  const { start, end, quote } = source as { start: number; end: number; quote: string };
  assert.equal(Deno.readTextFileSync(`${docs}/ports.md`).slice(start, end), quote);
});

Deno.test("ask: of HTML there is no line", async () => {
  using scratch = new Scratch();
  const args = [
    "ask",
    "When does the status lamp turn violet?",
    "--docs",
    documents(scratch),
    "--json",
  ];
  const { sources } = json(await agent(scratch, args)) as {
    sources: { document: string; line: unknown }[];
  };
  assert.match(sources[0]?.document ?? "", /colours\.html$/);
  assert.equal(sources[0]?.line, null);
});

Deno.test("ask: says so when the documents hold no answer", async () => {
  using scratch = new Scratch();
  const args = [
    "ask",
    "Who painted the ceiling of the chapel?",
    "--docs",
    documents(scratch),
    "--json",
  ];
  const finished = await agent(scratch, args);
  assert.equal(finished.code, 0);
  const answer = json(finished) as { sources: unknown[]; confidence: number };
  assert.deepEqual(answer.sources, []);
  assert(answer.confidence < 0.3, String(answer.confidence));
});

Deno.test("ask: sees a changed document", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const args = ["ask", "Which port does the orchestrator listen on?", "--docs", docs];
  assert.match((await agent(scratch, args)).stdout, /7341/);
  const changed = Deno.readTextFileSync(`${docs}/ports.md`).replace("7341", "9902 or so");
  Deno.writeTextFileSync(`${docs}/ports.md`, changed);
  const { stdout } = await agent(scratch, args);
  assert.match(stdout, /9902/);
  assert.doesNotMatch(stdout, /7341|answered before/);
});

Deno.test("index: counts, and reads again only what changed", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  Deno.writeFileSync(`${docs}/picture.txt`, new Uint8Array([0, 1, 2, 255, 254, 0, 0, 7]));
  const first = json(await agent(scratch, ["index", docs, "--json"]));
  assert.deepEqual([first["added"], first["unchanged"], first["removed"]], [3, 0, 0]);
  Deno.removeSync(`${docs}/backup.txt`);
  const human = await agent(scratch, ["index", docs]);
  assert.match(human.stdout, /0 added, 0 updated, 1 removed, 2 unchanged/);
  assert.match(human.stderr, /^agent: not read: .*picture\.txt/m);
  const file = String(first["file"]);
  assert(file.startsWith(`${scratch.path}/home/.local/share/agent/knowledge-`), file);
  assert.equal((Deno.statSync(file.slice(0, file.lastIndexOf("/"))).mode ?? 0) & 0o077, 0);
});

Deno.test("index: a knowledge file that is none is an error that names it", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const file = String(json(await agent(scratch, ["index", docs, "--json"]))["file"]);
  for (const end of ["-wal", "-shm"]) {
    try {
      Deno.removeSync(file + end);
    } catch {
      // Closed cleanly: there is none.
    }
  }
  Deno.writeTextFileSync(file, "this is no database ".repeat(500));
  const { code, stderr } = await agent(scratch, ["index", docs]);
  assert.equal(code, 1);
  assert.match(stderr, /knowledge-[0-9a-f]{16}\.sqlite/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

Deno.test("data folder: without a home it must be named", async () => {
  using scratch = new Scratch();
  const { HOME: _, ...env } = scratch.env();
  const { code, stderr } = await agent(scratch, ["index", documents(scratch)], { env });
  assert.equal(code, 1);
  assert.match(stderr, /--data DIR/);
  const named = ["index", documents(scratch), "--data", `${scratch.path}/new/data`];
  assert.equal((await agent(scratch, named, { env })).code, 0);
});

Deno.test("text hash: files, standard input, a file that is not there", async () => {
  using scratch = new Scratch();
  // BLAKE3 of the empty input, from the reference implementation's test vectors.
  const empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
  const file = scratch.file("empty file", "");
  const { stdout } = await agent(scratch, ["text", "hash", file, "-"]);
  assert.equal(stdout, `${empty}  ${file}\n${empty}  -\n`);
  const [result] = JSON.parse((await agent(scratch, ["text", "hash", "--json"])).stdout);
  assert.deepEqual(result, { file: "-", hash: empty });
  const absent = await agent(scratch, ["text", "hash", `${scratch.path}/absent`]);
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /no file or folder ".*absent"/);
});

Deno.test("text similarity, rank, keywords, transform: results", async () => {
  using scratch = new Scratch();
  const similarity = await agent(scratch, ["text", "similarity", "kitten", "sitting"]);
  assert.equal(Number(similarity.stdout).toFixed(6), (4 / 7).toFixed(6));
  const choices = { stdin: "table\r\napple\nmaple\n" };
  const ranked = await agent(scratch, ["text", "rank", "aple", "--limit", "2"], choices);
  assert.equal(ranked.stdout, "0.8000  2  apple\n0.8000  3  maple\n");
  const cut = await agent(scratch, ["text", "rank", "aple", "--cutoff", "0.9", "--json"], choices);
  assert.deepEqual(JSON.parse(cut.stdout), []);
  const text = { stdin: "The lighthouse keeper lit the lighthouse lamp.\n" };
  const keywords = await agent(scratch, ["text", "keywords", "--limit", "1"], text);
  assert.match(keywords.stdout, /^1\.0000 {2}lighthouse\n$/);
  const lines = { stdin: " Straße \r\nend" };
  const upper = await agent(scratch, ["text", "transform", "uppercase"], lines);
  assert.equal(upper.stdout, " STRASSE \nEND\n");
  const trimmed = await agent(scratch, ["text", "transform", "trim", "--json"], lines);
  assert.deepEqual(JSON.parse(trimmed.stdout), { operation: "trim", lines: ["Straße", "end"] });
});

Deno.test("text: input that is not UTF-8 is refused, not mangled", async () => {
  using scratch = new Scratch();
  const stdin = new Uint8Array([0x61, 0xff, 0x62]);
  const { code, stdout, stderr } = await agent(scratch, ["text", "transform", "trim"], { stdin });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /Standard input is not UTF-8/);
});

Deno.test("doctor: lists libraries, Deno, services and data, with a fix for what is off", async () => {
  using scratch = new Scratch();
  const env = scratch.env({
    DOCKER_HOST: `unix://${scratch.path}/no.sock`,
    AGENT_REDIS_URL: "redis://127.0.0.1:1",
    AGENT_IMPLEMENTATION: "pure",
  });
  const finished = await agent(scratch, ["doctor", "--json"], { env });
  assert.equal(finished.code, 0, finished.stderr);
  const report = json(finished) as {
    deno: { ok: boolean };
    libraries: { library: string; state: string; fix?: string }[];
    services: { name: string; ok: boolean; fix?: string }[];
  };
  assert.equal(report.deno.ok, true);
  assert.equal(report.libraries.length, 4);
  for (const { state, fix } of report.libraries) {
    assert.notEqual(state, "loaded");
    assert(fix !== undefined && !fix.includes("\n"));
  }
  assert.deepEqual(report.services.map(({ name, ok }) => [name, ok]), [["docker", false], [
    "redis",
    false,
  ]]);
  const human = await agent(scratch, ["doctor"], { env });
  assert.match(human.stdout, /^-- {2}redis .*connection refused/m);
});

Deno.test("doctor: talks to a real socket, with a password", async () => {
  using scratch = new Scratch();
  const docker = await answering({ transport: "unix", path: `${scratch.path}/d.sock` }, () => {
    const body =
      '{"ApiVersion":"1.47","MinAPIVersion":"1.24","Version":"27.5.1","Os":"linux","Arch":"amd64"}';
    const head =
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
    return `HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\n${head}\r\n\r\n${body}`;
  });
  const redis = await answering(
    { port: 0, hostname: "127.0.0.1" },
    (question) =>
      question === "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\np@ss\r\n*1\r\n$4\r\nPING\r\n"
        ? "+OK\r\n+PONG\r\n"
        : "-NOAUTH Authentication required.\r\n",
  );
  try {
    const at = `127.0.0.1:${(redis.listener.addr as Deno.NetAddr).port}`;
    const ask = async (url: string): Promise<string> => {
      const env = scratch.env({
        DOCKER_HOST: `unix://${scratch.path}/d.sock`,
        AGENT_REDIS_URL: url,
      });
      return (await agent(scratch, ["doctor"], { env })).stdout;
    };
    const good = await ask(`redis://me:p%40ss@${at}`);
    assert.match(good, /^ok {2}docker +reachable \(engine 27\.5\.1, API 1\.47, linux, amd64/m);
    assert.match(good, /^ok {2}redis +reachable/m);
    assert.match(await ask(`redis://${at}`), /^-- {2}redis .*NOAUTH/m);
  } finally {
    await docker.close();
    await redis.close();
  }
});

/** A server that gives one answer to what it first reads from each connection. */
async function answering(
  address: Deno.UnixListenOptions & { transport: "unix" } | Deno.TcpListenOptions,
  answer: (question: string) => string,
): Promise<{ listener: Deno.Listener; close: () => Promise<void> }> {
  const listener = "path" in address ? Deno.listen(address) : Deno.listen(address);
  const served = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer) ?? 0;
      const question = new TextDecoder().decode(buffer.subarray(0, count));
      await connection.write(new TextEncoder().encode(answer(question)));
      connection.close();
    }
  })();
  await Promise.resolve();
  return {
    listener: listener as Deno.Listener,
    close: async () => {
      listener.close();
      await served;
    },
  };
}
