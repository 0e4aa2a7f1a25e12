/**
 * The programs in `examples/`, each run with the permissions that its first comment names and no others. What they talk
 * to is on this machine.
 */

import assert from "assertions";
import { DENO, finish, type Finished, ROOT, start, temporary } from "../support/programs.ts";
import { delay } from "../support/values.ts";

/** The flags of a program, as its first comment has them. */
function flagsOf(name: string): string[] {
  const text = Deno.readTextFileSync(`${ROOT}examples/${name}.ts`);
  const line = text.match(new RegExp(`^ \\* deno run (.*) examples/${name}\\.ts`, "m"));
  assert.ok(line, `${name}.ts says how it is run`);
  return line[1]!.split(" ");
}

function argumentsOf(name: string, args: readonly string[], flags = flagsOf(name)): string[] {
  const config = `--config=${ROOT}deno.json`;
  return ["run", "--no-prompt", config, ...flags, `${ROOT}examples/${name}.ts`, ...args];
}

/** Runs one to its end. */
async function run(name: string, args: readonly string[], cwd: string): Promise<Finished> {
  return await start(DENO, argumentsOf(name, args), { cwd });
}

/** Runs one that serves, in whose flags and arguments its usual port becomes a free one. */
async function serving(
  name: string,
  usual: number,
  args: readonly string[],
  body: (origin: string, output: () => string) => Promise<void>,
): Promise<void> {
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const flags = flagsOf(name).map((flag) => flag.replace(`:${usual}`, `:${port}`));
  const child = new Deno.Command(DENO, {
    args: argumentsOf(name, [...args, String(port)], flags),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text): void {
        output += text;
      },
    }),
  );
  const errors = new Response(child.stderr).text();
  try {
    for (let left = 300;; left--) {
      try {
        await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
        break;
      } catch {
        assert.ok(left > 0, `${name} answers`);
        await delay(100);
      }
    }
    await body(`http://127.0.0.1:${port}`, () => output);
  } finally {
    child.kill("SIGTERM");
    await Promise.all([child.status, reading, errors]);
  }
}

Deno.test("cached_fetch.ts takes the second round from the cache", async () => {
  let asked = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    asked++;
    return new Response("tea", { headers: { "cache-control": "max-age=60" } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const { code, stdout, stderr } = await run("cached_fetch", [url], ROOT);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^first .* 200 3 characters from the network\nsecond .* from the cache\n$/);
  assert.equal(asked, 1);
});

Deno.test("folder_answers.ts answers from a folder, and reads it once", async () => {
  await temporary(async (folder) => {
    await Deno.mkdir(`${folder}/notes`);
    await Deno.writeTextFile(
      `${folder}/notes/tea.md`,
      "# Tea\n\nGreen tea steeps for two minutes.\n",
    );
    const args = ["notes", "How long does green tea steep?"];
    const first = await run("folder_answers", args, folder);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /two minutes/);
    assert.match(first.stdout, /notes\/tea\.md > Tea|tea\.md > Tea/);
    assert.match(first.stderr, /^1 read/);
    assert.match((await run("folder_answers", args, folder)).stderr, /^0 read/);
  });
});

Deno.test("redacting_proxy.ts keeps secrets from the model's API and puts them back", async () => {
  let [received, key] = ["", ""];
  await using api = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (request.method !== "POST") return new Response("");
      key = request.headers.get("authorization") ?? "";
      received = await request.text();
      return Response.json({ said: JSON.parse(received).content });
    },
  );
  const upstream = `http://127.0.0.1:${api.addr.port}`;
  await serving("redacting_proxy", 8787, [upstream], async (origin) => {
    const content = "Write to ann@example.org about card 4111 1111 1111 1111.";
    const answer = await fetch(`${origin}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer key" },
      body: JSON.stringify({ content }),
    });
    assert.deepEqual(await answer.json(), { said: content });
    assert.equal(key, "Bearer key");
    assert.doesNotMatch(received, /ann@example|4111/);
    assert.match(received, /\[EMAIL_1\].*\[CREDIT_CARD_1\]/);
  });
});

Deno.test("semantic_cache.ts finds what was asked in other words", async () => {
  const { code, stdout, stderr } = await run("semantic_cache", [], ROOT);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /-> Two minutes\.\n.*black tea.* -> ask the model\n.*Lovelace\? -> ask the model/,
  );
});

Deno.test("durable_agent.ts waits for a word and goes on in another process", async () => {
  for (
    const [word, said] of [["allow", /^done: The letter/], ["deny", /^done: The letter/]] as const
  ) {
    await temporary(async (folder) => {
      const first = await run("durable_agent", [], folder);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^waiting: send_letter .*"to":"Ann"/);
      const second = await run("durable_agent", [word], folder);
      assert.equal(second.code, 0, second.stderr);
      assert.match(second.stdout, said);
    });
  }
});

Deno.test("queue_workers.ts computes in Workers", async () => {
  await temporary(async (folder) => {
    const { code, stdout, stderr } = await run("queue_workers", ["100", "1000"], folder);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "25 primes below 100\n168 primes below 1000\n");
  });
});

Deno.test("port_audit.ts tells what should not be open", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("tea"),
  );
  const port = String(server.addr.port);
  const unexpected = await run("port_audit", [port], ROOT);
  assert.equal(unexpected.code, 1, unexpected.stderr);
  assert.match(unexpected.stdout, new RegExp(`^UNEXPECTED ${port} http`));
  const expected = await run("port_audit", [port, port], ROOT);
  assert.equal(expected.code, 0, expected.stderr);
  assert.match(expected.stdout, new RegExp(`^expected   ${port} http`));
});

Deno.test("prometheus.ts has the machine's figures and its own", async () => {
  await serving("prometheus", 9100, [], async (origin) => {
    await (await fetch(`${origin}/metrics`)).body?.cancel();
    const text = await (await fetch(`${origin}/metrics`)).text();
    assert.match(text, /^node_memory_MemTotal_bytes \d/m);
    assert.match(text, /operation="scrape"/);
  });
});

Deno.test("mcp_server.ts answers a client that has its token", async () => {
  await temporary(async (folder) => {
    await Deno.writeTextFile(`${folder}/tea.md`, "Green tea steeps for two minutes.\n");
    await serving("mcp_server", 8808, [folder], async (origin, output) => {
      const token = /Bearer (\S+)/.exec(output())![1]!;
      const call = async (headers: Record<string, string>) =>
        await fetch(`${origin}/mcp`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            ...headers,
          },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "initialize",
            params: {
              protocolVersion: "2025-06-18",
              capabilities: {},
              clientInfo: { name: "test", version: "1" },
            },
          }),
        });
      const refused = await call({});
      await refused.body?.cancel();
      assert.equal(refused.status, 401);
      const answer = await call({ authorization: `Bearer ${token}` });
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /"serverInfo"/);
    });
  });
});

Deno.test("code_runner.ts says how it is used, and what is missing without an engine", async () => {
  const usage = await run("code_runner", [], ROOT);
  assert.equal(usage.code, 2);
  assert.match(usage.stderr, /^Usage:/);
  await temporary(async (folder) => {
    await Deno.writeTextFile(`${folder}/program.sh`, "echo hello");
    const child = new Deno.Command(DENO, {
      args: argumentsOf("code_runner", ["busybox", "program.sh"]),
      cwd: folder,
      env: { NO_COLOR: "1", DOCKER_HOST: `unix://${folder}/none.sock` },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, stderr } = await finish(child);
    assert.equal(code, 1);
    assert.match(stderr, /AgentError/);
  });
});
