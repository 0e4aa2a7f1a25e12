import assert from "assertions";
import fc from "fast-check";
import { Documents } from "../../src/mcp/server/documents.ts";
import { connect, knowledgeOf, modern, post, serve } from "./support.ts";

const HERE = "/srv/notes/lamp.md";
const address = (name: string): string => `knowledge://document/${encodeURIComponent(name)}`;

Deno.test("only documents below the roots are listed, completed and read", async () => {
  using knowledge = await knowledgeOf({
    [HERE]: "The lamp.",
    "/srv/notes-private/key.md": "A secret.",
    "/srv/notes/../key.md": "Another.",
    "relative.md": "No path.",
  });
  const documents = new Documents(knowledge, ["/srv/notes"], 1_000);
  assert.deepEqual(documents.list(undefined)?.resources.map(({ name }) => name), [HERE]);
  assert.equal(documents.complete("").total, 1);
  assert.deepEqual(documents.read(address(HERE)), {
    ...{ uri: address(HERE), mimeType: "text/markdown", text: "The lamp." },
  });
  for (const name of knowledge.documents().map(({ document }) => document)) {
    if (name !== HERE) assert.equal(documents.read(address(name)), undefined, name);
  }
});

Deno.test("no spelling of an address reaches a file", async () => {
  using knowledge = await knowledgeOf({ [HERE]: "The lamp." });
  const documents = new Documents(knowledge, ["/srv/notes"], 1_000);
  const spellings = [
    ...["/etc/passwd", "../../etc/passwd", "/srv/notes/../../etc/passwd", "..\\..\\etc\\passwd"]
      .flatMap((path) => [path, address(path), `file://${path}`, `knowledge://document/${path}`]),
    "knowledge://document/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "knowledge://document/%252e%252e%252fetc%252fpasswd",
    "knowledge://document/..%c0%af..%c0%afetc%c0%afpasswd",
    "knowledge://document/%00",
    `${address(HERE)}%00`,
    `${address(HERE)}/../key.md`,
    `${address(HERE)}#x`,
    `${address(HERE)}?start=-1`,
    `${address(HERE)}?start=0&start=1e3`,
    `${address(HERE)}?path=/etc/passwd`,
    `KNOWLEDGE://document/${encodeURIComponent(HERE)}`,
    "knowledge://document/",
    "knowledge://other/x",
    "",
  ];
  for (const uri of spellings) assert.equal(documents.read(uri), undefined, uri);
  // Whatever is read is the one document that is there.
  fc.assert(fc.property(fc.string(), fc.string(), (name, query) => {
    for (const uri of [name, `knowledge://document/${name}`, `${address(HERE)}?${query}`]) {
      const found = documents.read(uri);
      if (found !== undefined && "text" in found) assert.ok("The lamp.".includes(found.text));
    }
  }));
});

Deno.test("a document that is too long is read in parts", async () => {
  using knowledge = await knowledgeOf({ "long.md": "x".repeat(25) });
  const documents = new Documents(knowledge, undefined, 10);
  assert.match(JSON.stringify(documents.read(address("long.md"))), /\?start=0&end=10/);
  assert.match(JSON.stringify(documents.read(`${address("long.md")}?start=20&end=30`)), /25/);
  const part = documents.read(`${address("long.md")}?start=20`);
  assert.deepEqual(part !== undefined && "text" in part && part.text, "xxxxx");
});

Deno.test("lists come in pages, and a cursor that is none is refused", async () => {
  using knowledge = await knowledgeOf(
    Object.fromEntries(Array.from({ length: 230 }, (_, at) => [`${at}.md`, `Number ${at}`])),
  );
  await using server = serve({ knowledge });
  await using client = await connect(server, "2026-07-28");
  assert.equal((await client.listResources()).resources.length, 230);
  for (const cursor of ["", "-1", "x", "1e99", "NaN", "1.5"]) {
    await assert.rejects(client.listResources({ cursor }), /cursor/, cursor);
  }
});

Deno.test("names of documents with scripts and control signs are harmless words", async () => {
  const name = '<script>alert("x")</script>\u202e\u0007\n.md';
  using knowledge = await knowledgeOf({ [name]: "# <img src=x onerror=alert(1)>\u202e\n\nHello." });
  await using server = serve({ knowledge });
  const { body, headers } = modern("resources/list");
  const response = await post(server, body, headers);
  assert.equal(response.headers.get("content-type"), "application/json");
  const { result } = await response.json();
  const [listed] = result.resources;
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(listed.name + listed.title, /[\u0000-\u001f\u202e]/);
  assert.doesNotMatch(listed.uri, /[<>"\s\u202e]/);
  const { body: read, headers: fields } = modern("resources/read", { uri: listed.uri });
  const found = await (await post(server, read, fields)).json();
  assert.match(found.result.contents[0].text, /Hello/);
});

Deno.test("results of the stateless revision say how long they may be kept", async () => {
  using knowledge = await knowledgeOf({ "a.md": "A" });
  await using server = serve({ knowledge });
  for (
    const [method, ttlMs] of [["server/discover", 3_600_000], ["resources/list", 5_000], [
      "prompts/list",
      300_000,
    ]] as const
  ) {
    const { body, headers } = modern(method);
    const { result } = await (await post(server, body, headers)).json();
    assert.deepEqual([result.ttlMs, result.cacheScope], [ttlMs, "private"], method);
  }
});
