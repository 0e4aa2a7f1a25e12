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

async function start(scratch: Scratch, docs: string, data: string): Promise<Running> {
  const child = new Deno.Command(`${ROOT}scripts/agent`, {
    args: ["serve", "--docs", docs, "--data", data, "--port", "0", "--json"],
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
    const more of [[], ["--docs", docs], ["--listen", "::1"], ["--listen=0.0.0.0", "--docs", docs]]
  ) {
    const args = ["serve", ...more];
    const flags = await permissions(scratch, args);
    const printed = await direct(scratch, ["--allow-env"], [...args, "--print-permissions"]);
    assert.deepEqual(flags, printed.stdout.trimEnd().split("\n"), args.join(" "));
    const read = flags.filter((flag) => flag === `--allow-read=${docs}`);
    assert.equal(read.length, more.includes(docs) ? 1 : 0);
  }
});
