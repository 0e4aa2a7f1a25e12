/** `agent serve` as a person starts it: from nothing to a cited answer, to its end, after a kill, and on a folder that is no good. */

import assert from "assertions";
import { ROOT } from "../support/programs.ts";
import { agent, direct, documents, permissions, Scratch } from "./helpers.ts";

/** A server that was started by the launcher. */
interface Running {
  url: string;
  signIn: string;
  token: string;
  child: Deno.ChildProcess;
  /** Ends it with a signal; what it wrote in all. */
  end(signal: Deno.Signal): Promise<{ code: number; output: string }>;
}

async function start(
  scratch: Scratch,
  docs: string,
  data: string,
  ...more: string[]
): Promise<Running> {
  const child = new Deno.Command(`${ROOT}scripts/agent`, {
    args: ["serve", "--docs", docs, "--data", data, "--port", "0", "--json", ...more],
    clearEnv: true,
    env: scratch.env(),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  const read = async (): Promise<boolean> => {
    const { done, value = "" } = await reader.read();
    printed += value;
    return !done;
  };
  // The document may come in pieces.
  while (!/\}\s*$/.test(printed)) {
    if (!await read()) throw new Error(await errors);
  }
  const { url, signIn, tokenFile } = JSON.parse(printed);
  return {
    ...{ url, signIn, child },
    token: (await Deno.readTextFile(tokenFile)).trim(),
    async end(signal) {
      child.kill(signal);
      while (await read());
      const { code } = await child.status;
      return { code, output: printed + await errors };
    },
  };
}

function ask({ url, token }: Running, question: string): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "agent", messages: [{ role: "user", content: question }] }),
  });
}

async function command(
  { url, token }: Running,
  name: string,
  input: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}/api/commands/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: await response.json() };
}

const QUESTION = "Which port does the orchestrator listen on?";

Deno.test("serve: a cited answer, one server a folder, no secret in its logs, and a clean end", async () => {
  using scratch = new Scratch();
  const data = `${scratch.path}/data`;
  const running = await start(scratch, documents(scratch), data);
  const answer = await (await ask(running, QUESTION)).json();
  assert.match(answer.choices[0].message.content, /7341/);
  assert.equal(answer.choices[0].message.annotations[0].type, "url_citation");
  const second = await agent(scratch, ["serve", "--docs", documents(scratch), "--data", data]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /Another server uses the folder/);
  const page = await fetch(running.signIn, { redirect: "manual" });
  await page.body?.cancel();
  assert.equal(page.status, 303);
  const mcp = await fetch(`${running.url}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${running.token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
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
  assert.match(await mcp.text(), /"serverInfo":\{"name":"agent"/);
  const wrong = await fetch(`${running.url}/api/status`, {
    headers: { authorization: "Bearer not-the-token-at-all" },
  });
  await wrong.body?.cancel();
  const { code, output } = await running.end("SIGTERM");
  assert.equal(code, 0);
  assert.ok(!output.includes(running.token), "the token");
  assert.ok(!output.includes("not-the-token-at-all") && !output.includes(QUESTION));
});

Deno.test("serve: killed in the middle of asks, it starts again with what it had", async () => {
  using scratch = new Scratch();
  const data = `${scratch.path}/data`;
  const docs = documents(scratch);
  const first = await start(scratch, docs, data);
  const asks = Array.from(
    { length: 50 },
    (_, at) =>
      ask(first, `${QUESTION} ${at}`).then((response) => response.text()).catch(() => "cut"),
  );
  await Promise.race(asks);
  await first.end("SIGKILL");
  await Promise.all(asks);
  const again = await start(scratch, docs, data);
  assert.equal(again.token, first.token);
  const answer = await (await ask(again, QUESTION)).json();
  assert.match(answer.choices[0].message.content, /7341/);
  assert.equal((await again.end("SIGTERM")).code, 0);
});

Deno.test("serve: a model at an address words answers, and its calls wait for somebody's word", async () => {
  using scratch = new Scratch();
  const keys: (string | null)[] = [];
  await using model = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      keys.push(request.headers.get("authorization"));
      const { messages, tools = [], stream } = await request.json();
      const isRun = tools.length > 0;
      const isFirst = messages.at(-1).role === "user";
      const call = {
        ...{ index: 0, id: "call_1", type: "function" },
        function: { name: "write_file", arguments: '{"path":"made.txt","text":"by a model"}' },
      };
      const message = isRun && isFirst
        ? { role: "assistant", content: null, tool_calls: [call] }
        : { role: "assistant", content: isRun ? "It is written." : "It listens on 7341 [1]." };
      const finish_reason = isRun && isFirst ? "tool_calls" : "stop";
      if (stream !== true) {
        return Response.json({ choices: [{ index: 0, message, finish_reason }] });
      }
      const chunk = { choices: [{ index: 0, delta: message, finish_reason }] };
      return new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    },
  );
  const docs = documents(scratch);
  const folder = `${scratch.path}/folder`;
  await Deno.mkdir(folder);
  const key = scratch.file("key", "the-key-of-the-test\n");
  const running = await start(
    ...[scratch, docs, `${scratch.path}/data`] as const,
    ...["--model", `http://127.0.0.1:${model.addr.port}/v1`, "--model-name", "m"],
    ...["--key-file", key, "--folder", folder],
  );
  const answer = await (await ask(running, QUESTION)).json();
  assert.equal(answer.choices[0].message.content, "It listens on 7341 [1].");
  assert.deepEqual(new Set(keys), new Set(["Bearer the-key-of-the-test"]));
  const waits = await command(running, "run", { task: "Write it", session: "one" });
  const finish = waits.body["finish"] as { reason: string; pending: { name: string }[] };
  assert.equal(finish.reason, "waiting", JSON.stringify(waits.body));
  assert.equal(finish.pending[0]!.name, "write_file");
  await assert.rejects(Deno.stat(`${folder}/made.txt`));
  const done = await command(running, "resume", {
    session: "one",
    decisions: { call_1: "allow" },
  });
  assert.equal(done.body["text"], "It is written.");
  assert.equal(await Deno.readTextFile(`${folder}/made.txt`), "by a model");
  const { code, output } = await running.end("SIGTERM");
  assert.equal(code, 0, output);
  assert.ok(!output.includes("the-key-of-the-test"));
});

Deno.test("serve: roots and scope are what the one who starts it says, and vectors come with it", async () => {
  using scratch = new Scratch();
  const root = `${scratch.path}/more`;
  await Deno.mkdir(`${root}/notes`, { recursive: true });
  await Deno.writeTextFile(`${root}/notes/owl.md`, "The owl hunts at night.");
  const running = await start(
    ...[scratch, documents(scratch), `${scratch.path}/data`] as const,
    ...["--root", root, "--scope", "198.51.100.7"],
  );
  const { body } = await command(running, "index_folder", { folder: `${root}/notes` });
  assert.equal(body["added"], 1, JSON.stringify(body));
  const outside = await command(running, "index_folder", { folder: scratch.path });
  assert.equal(outside.status, 403);
  // Named here, yet a public address, which needs an authorisation of its own: another refusal than that of the scope.
  const [named, other] = await Promise.all(
    ["198.51.100.7", "198.51.100.8"].map((target) =>
      command(running, "security_scan", { target, ports: "1" })
    ),
  );
  const words = [named!, other!].map(({ body }) => (body["error"] as { message: string }).message);
  assert.match(words[1]!, /not in the scope that this program was started with/);
  assert.doesNotMatch(words[0]!, /not in the scope that this program was started with/);
  // The machine by its name, which is in the scope of everybody: the server may reach it under that name, too.
  const url = running.url.replace("127.0.0.1", "localhost");
  const scanned = await command(running, "security_scan", {
    target: "localhost",
    ports: new URL(url).port,
  });
  assert.equal((scanned.body["ports"] as unknown[]).length, 1, JSON.stringify(scanned.body));
  const loaded = await command(running, "performance_test", { url: `${url}/healthz`, requests: 3 });
  assert.equal(loaded.status, 200, JSON.stringify(loaded.body));
  const response = await fetch(`${running.url}/v1/embeddings`, {
    method: "POST",
    headers: { authorization: `Bearer ${running.token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "minilm-256-2", input: ["tea", "green tea", "an engine"] }),
  });
  const { data } = await response.json();
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, at) => sum + x * b[at]!, 0);
  const [tea, green, engine] = data.map(({ embedding }: { embedding: number[] }) => embedding);
  assert.ok(Math.abs(dot(tea, tea) - 1) < 1e-5);
  assert.ok(dot(tea, green) > dot(tea, engine));
  assert.equal((await running.end("SIGTERM")).code, 0);
});

Deno.test("serve: what means nothing is a mistake in the command line", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  for (
    const [args, said] of [
      [["--tools", "none"], /--tools needs --model/],
      [["--yes", "read_file"], /--yes needs --model/],
      [["--scope", "no such/thing"], /--scope is an address, a network/],
      [["--model", "ftp://x"], /--model is an address/],
      [["--model", "http://127.0.0.1:1/v1"], /--model-name/],
    ] as const
  ) {
    const { code, stderr } = await agent(scratch, ["serve", "--docs", docs, ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});

Deno.test("serve: folders and ports that are no good are one sentence", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const told = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await agent(scratch, ["serve", "--docs", docs, ...args]);
    assert.equal(code, 1, stderr);
    assert.ok(!stderr.includes("    at "), stderr);
    return stderr;
  };
  scratch.file("taken", "a file");
  assert.match(await told("--data", `${scratch.path}/taken`), /folder/);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const data = `${scratch.path}/data`;
  assert.match(await told("--data", data, "--port", `${port}`), /choose another with --port/);
  const { name } = [...Deno.readDirSync(data)].find((entry) => entry.name.endsWith(".sqlite"))!;
  await Deno.writeTextFile(`${data}/${name}`, "no database".repeat(1_000));
  assert.match(await told("--data", data, "--port", "0"), /knowledge-|database|damaged|file/);
});

Deno.test("serve: the launcher gives what the program says, the address that is listened on included", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  for (
    const more of [
      ...[[], ["--docs", docs], ["--listen", "::1"], ["--listen=0.0.0.0", "--docs", docs]],
      ["--root", scratch.path, "--root", docs, "--scope", "192.168.1.0/24", "--scope=::1"],
      ["--model", "http://127.0.0.1:11434/v1", "--model-name", "m", "--key-env", "MY_KEY"],
      ["--model", `script:${scratch.path}/script.json`, "--folder", docs, "--tools", "threats"],
      ["--model=https://example.org/v1", "--allow-host", "a.example", "--key-file", `${docs}/key`],
    ]
  ) {
    const args = ["serve", ...more];
    const flags = await permissions(scratch, args);
    const printed = await direct(scratch, ["--allow-env"], [...args, "--print-permissions"]);
    assert.deepEqual(flags, printed.stdout.trimEnd().split("\n"), args.join(" "));
    const read = flags.filter((flag) => flag === `--allow-read=${docs}`);
    const named = more.filter((word) => word === docs).length;
    assert.equal(read.length, named);
  }
});
