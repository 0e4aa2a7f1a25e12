/** `ask` and `index` on folders as people have them: what is cited, what is left out, what is empty. */

import assert from "assertions";
import { type Finished, ROOT } from "../support/programs.ts";
import { agent, documents, Scratch } from "./helpers.ts";

interface Report {
  indexed: { added: number; skipped: { path: string; reason: string; message: string }[] };
  sources: { document: string; line: number | null; heading: string[]; anchor?: string }[];
  error?: { code: string; message: string };
}

function json({ stdout }: Finished): Record<string, unknown> {
  return JSON.parse(stdout);
}

Deno.test("ask: a page is cited with its section, within 80 columns", async () => {
  using scratch = new Scratch();
  scratch.file(
    "docs/manual.html",
    `<title>Manual</title><main><h1 id="top">The barrier</h1><p>About it.</p><h2 id="key">The key</h2>
    <p>The key of the barrier hangs at the door of the porter, on a green hook, below the old calendar.</p></main>`,
  );
  const args = ["ask", "Where does the key of the barrier hang?", "--docs", `${scratch.path}/docs`];
  const { stdout, stderr } = await agent(scratch, args, { cwd: scratch.path });
  assert.match(stdout, /^\[1\] docs\/manual\.html#key$/m, stderr);
  assert.match(stdout, /^ {4}Manual › The barrier › The key$/m);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
  const answer = json(await agent(scratch, [...args, "--json"])) as unknown as Report;
  assert.deepEqual(answer.sources[0]?.heading, ["The barrier", "The key"]);
  assert.equal(answer.sources[0]?.anchor, "key");
});

Deno.test("ask: the question of the README is answered from the documents that come with it", async () => {
  using scratch = new Scratch();
  const question = /^scripts\/agent ask "([^"]+)" --docs docs$/m.exec(
    Deno.readTextFileSync(`${ROOT}README.md`),
  )?.[1];
  const args = ["ask", question!, "--docs", `${ROOT}docs`, "--json"];
  const answer = json(await agent(scratch, args)) as unknown as Report;
  assert.match(answer.sources[0]?.document ?? "", /docs\/command_line\.md$/);
  assert.deepEqual(answer.sources[0]?.heading, ["The command line", "Permissions"]);
});

Deno.test("ask: escape sequences of a document stay out of the terminal", async () => {
  using scratch = new Scratch();
  const docs = documents(scratch);
  const text = Deno.readTextFileSync(`${docs}/ports.md`);
  Deno.writeTextFileSync(
    `${docs}/ports.md`,
    text.replace("port 7341", "port \x1b]0;owned\x07 7341"),
  );
  const args = ["ask", "Which port does the orchestrator listen on?", "--docs", docs];
  const { stdout } = await agent(scratch, args);
  assert.match(stdout, /port\s<1B>\]0;owned<07> 7341/);
  assert.ok(!stdout.includes("\x1b"));
});

Deno.test("ask: a folder without documents says that nothing was indexed, and why", async () => {
  using scratch = new Scratch();
  scratch.folder("empty");
  scratch.file("pictures/a.svg", "<svg/>");
  const ask = (folder: string, ...more: string[]) =>
    agent(scratch, ["ask", "What?", "--docs", `${scratch.path}/${folder}`, ...more]);
  const empty = await ask("empty");
  assert.equal(empty.code, 1);
  assert.match(empty.stderr, /Nothing was indexed of ".*empty": there is no file in it/);
  assert.equal(empty.stdout, "");
  const pictures = json(await ask("pictures", "--json")) as unknown as Report;
  assert.equal(pictures.error?.code, "NOT_FOUND");
  assert.match(pictures.error.message, /was not read \(1 ending\)/);
  assert.deepEqual(pictures.indexed.skipped.map(({ reason }) => reason), ["ending"]);
});

Deno.test("ask and index: --exclude and .gitignore leave out, and both say what", async () => {
  using scratch = new Scratch();
  const docs = `${scratch.path}/docs`;
  scratch.file("docs/guide.md", "# Guide\n\nThe fuse lies under the lid.");
  scratch.file("docs/drafts/old.md", "The fuse lies in the river.");
  scratch.file("docs/notes.log", "The fuse lies in the sea.");
  scratch.file("docs/.gitignore", "*.log\n");
  scratch.file("docs/broken.pdf", "no PDF");
  const index = await agent(scratch, ["index", docs, "--exclude", "drafts/", "--exclude=*.xyz"]);
  assert.match(index.stdout, /1 added/, index.stderr);
  assert.match(index.stderr, /^agent: not read: .*broken\.pdf \(The PDF cannot be read/m);
  assert.match(
    index.stderr,
    /^agent: not read: 3 more \(2 excluded, 1 hidden\); --json names each$/m,
  );
  const ask = ["ask", "Where does the fuse lie?", "--docs", docs, "--exclude", "drafts/", "--json"];
  const answer = json(await agent(scratch, ask)) as unknown as Report;
  assert.deepEqual(
    answer.indexed.skipped.map(({ path, reason }) => `${path.slice(docs.length + 1)} ${reason}`),
    [".gitignore hidden", "broken.pdf damaged", "drafts excluded", "notes.log excluded"],
  );
  const all = await agent(scratch, ["index", docs, "--no-gitignore", "--json"]);
  assert.equal(json(all)["added"], 2);
});
