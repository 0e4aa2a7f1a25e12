/** Several processes on one data file. */

import assert from "assertions";
import { openKnowledge } from "@agent/runtime/knowledge";
import { finish, type Finished, temporary } from "../support/programs.ts";
import { startChild, writeFiles } from "./support.ts";
import "../support/default_twin.ts";

const COUNT = 300;

async function writeDocuments(folder: string): Promise<void> {
  await writeFiles(
    folder,
    Object.fromEntries(
      Array.from(
        { length: COUNT },
        (_, i) => [`${i}.md`, `# File ${i}\n\n${`text${i} lorem ipsum. `.repeat(30)}`],
      ),
    ),
  );
}

function parse(result: Finished): Record<string, number> & { stats: { documents: number } } {
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stderr, "");
  return JSON.parse(result.stdout);
}

Deno.test("several processes that index one folder into one new file end with one of each document", () =>
  temporary(async (folder) => {
    const [docs, data] = [`${folder}/docs`, `${folder}/data`];
    await writeDocuments(docs);
    await Deno.mkdir(data);
    const path = `${data}/k.db`;
    const permissions = [`--allow-read=${folder}`, `--allow-write=${data}`];
    const children = Array.from(
      { length: 4 },
      () => startChild(permissions, ["index", path, docs]),
    );
    const results = (await Promise.all(children.map(finish))).map(parse);
    const added = results.reduce((sum, result) => sum + result.added!, 0);
    assert.equal(added, COUNT, "every document is added by one of them");
    for (const result of results) {
      assert.equal(result.added! + result.unchanged!, COUNT);
      assert.equal(result.updated, 0);
    }
    using knowledge = openKnowledge({ path });
    assert.equal(knowledge.stats().documents, COUNT);
    for (let i = 0; i < COUNT; i += 17) {
      assert.deepEqual(knowledge.searchText(`text${i}`).map(({ document }) => document), [
        `${docs}/${i}.md`,
      ]);
    }
  }));

Deno.test("a process sees what another one has changed", () =>
  temporary(async (folder) => {
    const [docs, data] = [`${folder}/docs`, `${folder}/data`];
    await writeDocuments(docs);
    await Deno.mkdir(data);
    const path = `${data}/k.db`;
    using knowledge = openKnowledge({ path });
    assert.deepEqual(knowledge.searchText("text7"), []);
    knowledge.derived.set("key", "value", knowledge.stats().revision);
    assert.equal(knowledge.derived.get("key"), "value");
    const permissions = [`--allow-read=${folder}`, `--allow-write=${data}`];
    parse(await finish(startChild(permissions, ["index", path, docs])));
    assert.equal(knowledge.searchText("text7").length, 1);
    assert.equal(knowledge.terms("text7")[0]?.chunks, 1);
    assert.equal(knowledge.derived.get("key"), undefined, "computed from the documents before");
  }));

Deno.test("a process that is killed while indexing leaves a whole file", () =>
  temporary(async (folder) => {
    const [docs, data] = [`${folder}/docs`, `${folder}/data`];
    await writeDocuments(docs);
    await Deno.mkdir(data);
    const path = `${data}/k.db`;
    const permissions = [`--allow-read=${folder}`, `--allow-write=${data}`];
    for (let round = 0; round < 4; round++) {
      const child = startChild(permissions, ["index", path, docs]);
      // Later in each round, from before the file exists to after the end.
      await new Promise((resolve) => setTimeout(resolve, 60 + round * 60));
      try {
        child.kill("SIGKILL");
      } catch {
        // it was done already
      }
      await finish(child);
      using knowledge = openKnowledge({ path });
      for (const { document, length } of knowledge.documents()) {
        assert.equal(knowledge.text(document)?.length, length);
      }
    }
    const report = parse(await finish(startChild(permissions, ["index", path, docs])));
    assert.equal(report.added! + report.unchanged!, COUNT);
    assert.equal(report.stats.documents, COUNT);
  }));
